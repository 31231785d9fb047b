Profile: MassageTherapistRole
Parent: PractitionerRole
Id: massage-therapist-role
Title: "Therapist"
Description: """
A person who may give medical massage, in the practice where this happens.

`practitioner` names the person, `organization` the practice, `code` the profession: licensed massage therapist, physiotherapist and assistant, Masseur und medizinischer Bademeister, chiropractor, and a few neighbours; at least one, only from our list (NUCC taxonomy or our code). A person without a recognised training is not on it, because massage on prescription is given by trained persons only.

`identifier` holds the licence or registration number, `active` whether the person works there now. The extension `qualification` tells further training that some plans require: manual lymphatic drainage, pregnancy, neurological disorders, cancer.
"""
* extension contains Qualification named qualification 0..* MS
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* active 1..1 MS
* practitioner 1..1 MS
* organization MS
* code 1..* MS
* code from PerformerKindSet (required)
* specialty MS

Profile: MassageGoal
Parent: Goal
Id: massage-goal
Title: "Goal of a course of massage"
Description: """
What a course of medical massage is to reach: agreed with the patient before the first session, measured during the course, judged at its end.

`description` says it in words. `target.measure` says by which measure it is judged, `target.detail[x]` the value to reach, `target.due` until when; R4 itself asks for a measure where there is a detail (gol-1), this profile asks for at least one measurable target. `achievementStatus` tells how far it is (HL7 goal-achievement). `addresses` names the referral or the condition, `outcomeReference` the measurements.
"""
* lifecycleStatus MS
* achievementStatus MS
* achievementStatus from http://hl7.org/fhir/ValueSet/goal-achievement (preferred)
* description MS
* subject MS
* subject only Reference(Patient)
* target 1..* MS
* target.measure 1..1 MS
* target.measure from OutcomeMeasure (extensible)
* target.detail[x] MS
* target.due[x] MS
* addresses MS
* addresses only Reference(ServiceRequest or Condition)
* outcomeReference MS

Invariant: mft-1
Description: "A referral that is held, rejected or failed says why, in statusReason."
Severity: #error
Expression: "(status != 'on-hold' and status != 'rejected' and status != 'failed') or statusReason.exists()"

Invariant: mft-2
Description: "A reason has a sentence for the prescriber, not only a code."
Severity: #error
Expression: "statusReason.empty() or statusReason.text.exists()"

Invariant: mft-3
Description: "A referral waits for an answer (business status awaiting-information) only while its Task is received, accepted, in progress or on hold."
Severity: #error
Expression: "businessStatus.coding.where(code = 'awaiting-information').empty() or status = 'received' or status = 'accepted' or status = 'in-progress' or status = 'on-hold'"

Profile: MassageFulfilmentTask
Parent: Task
Id: massage-fulfilment-task
Title: "Answer to a referral"
Description: """
How a hospital learns what became of its referral: whether it was received, accepted, held or rejected, how far the course is, and where the results are. There is one Task for each referral; it changes as the course goes on.

**About what.** `code` fulfill, `intent` order, `focus` the ServiceRequest, `for` the patient, `requester` who is told, `owner` the practice. `identifier` has our number of the plan in the system `…/sid/plan`; the placer's number may stand beside it.

**Where it stands.** `status` follows the path requested, received, accepted, in-progress, completed; rejected before work begins, on-hold while an answer is awaited, failed or cancelled when it ends early. `businessStatus` says the same more finely, for people: awaiting-information, visit-scheduled, session-completed, outcome-final. For a partner that follows HL7 BSeR its number stands beside or instead.

**Why.** on-hold, rejected and failed have a `statusReason` (mft-1): a code of our list and always a sentence (mft-2), so that the prescriber need not look up codes.

**What is asked.** Each `input` of type *question* is one thing that is missing, as a sentence.

**What came of it.** `output` of type *session* names the Procedure of each session, *measurement* an Observation, *progress* the sessions done of those prescribed as a Ratio in {session}, *summary* the DiagnosticReport at the end.
"""
* obeys mft-1 and mft-2 and mft-3
* identifier 1..* MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains plan 1..1 MS
* identifier[plan].system 1..1
* identifier[plan].system = $sid-plan
* identifier[plan].value 1..1
* basedOn MS
* status MS
* status from FulfilmentStatus (required)
* statusReason MS
* statusReason from StatusReasonSet (required)
* businessStatus MS
* businessStatus from BusinessStatusSet (required)
* intent MS
* intent = #order
* code 1..1 MS
* code = $task-code#fulfill
* focus 1..1 MS
* focus only Reference(ServiceRequest)
* for 1..1 MS
* for only Reference(Patient)
* authoredOn MS
* lastModified 1..1 MS
* requester MS
* owner MS
* note MS
* input MS
* input.type from TaskParameterSet (extensible)
* output MS
* output ^slicing.discriminator.type = #pattern
* output ^slicing.discriminator.path = "type"
* output ^slicing.rules = #open
* output contains session 0..* MS and measurement 0..* MS and progress 0..1 MS and summary 0..* MS
* output[session].type = TaskParameter#session
* output[session].value[x] only Reference(Procedure)
* output[measurement].type = TaskParameter#measurement
* output[measurement].value[x] only Reference(Observation)
* output[progress].type = TaskParameter#progress
* output[progress].value[x] only Ratio
* output[summary].type = TaskParameter#summary
* output[summary].value[x] only Reference(DiagnosticReport)

Invariant: mss-1
Description: "Not more sessions were delivered than prescribed."
Severity: #error
Expression: "extension.where(url.endsWith('/StructureDefinition/sessions-prescribed')).value.ofType(positiveInt).first().empty() or extension.where(url.endsWith('/StructureDefinition/sessions-delivered')).value.ofType(unsignedInt).first().empty() or extension.where(url.endsWith('/StructureDefinition/sessions-delivered')).value.ofType(unsignedInt).first() <= extension.where(url.endsWith('/StructureDefinition/sessions-prescribed')).value.ofType(positiveInt).first()"

Profile: MassageSeriesSummary
Parent: DiagnosticReport
Id: massage-series-summary
Title: "Summary of a course of massage"
Description: """
The report to the prescriber at the end of a course, or between (status partial).

`basedOn` names the referral, `effectivePeriod` runs from the first to the last session, `issued` is when it was written, `performer` who answers for it. The extensions tell how many sessions were prescribed, how many delivered (not more than prescribed, mss-1) and how many appointments came to nothing. `result` names the measurements; `conclusion` says in words what was reached: values and their course, no claims beyond them. `presentedForm` may carry the same as a document.
"""
* obeys mss-1
* extension contains
    SessionsPrescribed named sessionsPrescribed 0..1 MS and
    SessionsDelivered named sessionsDelivered 1..1 MS and
    SessionsNotDone named sessionsNotDone 1..1 MS
* identifier 1..* MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains plan 1..1 MS
* identifier[plan].system 1..1
* identifier[plan].system = $sid-plan
* identifier[plan].value 1..1
* basedOn 1..1 MS
* basedOn only Reference(ServiceRequest)
* status MS
* status from SummaryStatus (required)
* code MS
* code = MassageReport#series-summary
* subject 1..1 MS
* subject only Reference(Patient)
* effective[x] 1..1 MS
* effective[x] only Period
* issued 1..1 MS
* performer 1..* MS
* result MS
* conclusion 1..1 MS
* presentedForm MS
