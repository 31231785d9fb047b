Invariant: mpr-1
Description: "A completed session has a start and an end."
Severity: #error
Expression: "status != 'completed' or (performed.ofType(Period).start.exists() and performed.ofType(Period).end.exists())"

Invariant: mpr-2
Description: "A session that was stopped or not done says why, in statusReason."
Severity: #error
Expression: "(status != 'not-done' and status != 'stopped') or statusReason.exists()"

Invariant: mpr-3
Description: "A completed session has a performer, and a body site unless it was a full-body massage."
Severity: #error
Expression: "status != 'completed' or (performer.exists() and (bodySite.exists() or code.coding.where(system.endsWith('/CodeSystem/massage-technique') and code = 'full-body').exists()))"

Invariant: mpr-5
Description: "A session does not end before it starts."
Severity: #error
Expression: "performed.ofType(Period).start.empty() or performed.ofType(Period).end.empty() or performed.ofType(Period).start <= performed.ofType(Period).end"

Profile: MassageProcedure
Parent: Procedure
Id: massage-procedure
Title: "Session of medical massage"
Description: """
One session of a course of medical massage: done, stopped or not done. It is what the hospital gets back for each appointment, together with one Observation for each measurement.

**Which session.** `identifier` has one value in the system `…/sid/session`, made of the plan's number and the session's number; writing the same session twice is recognised by it. `basedOn` names exactly one ServiceRequest, the referral. The extension `session-number` counts appointments from 1, also those that came to nothing; `sessions-prescribed` says how many treatments are prescribed. So the number may be above it: of three prescribed treatments the last is number 4 when the patient once did not come.

**Whether.** `status` is completed, stopped, not-done or entered-in-error; nothing else is reported. Stopped and not-done have a `statusReason` of our list (mpr-2), for example patient-no-show. A session that did not take place is news for the prescriber too.

**When.** `performedPeriod`; a completed session has both ends (mpr-1), in the right order (mpr-5).

**What.** `code` says massage; the coding slice technique holds our technique codes, other systems stand beside it. Where a session had several treatments, each is one `treatment` extension with technique, body site, minutes, pressure and medium; `code`, `bodySite` and `pressure` give the same in short for a reader that does not know the extension. `usedCode` names equipment. `modification` tells how the treatment was changed for this patient.

**Where.** `bodySite` with its side in the `laterality` extension; needed for a completed session unless it was a full-body massage (mpr-3).

**Who.** One `performer` or more; `actor` is a Practitioner or, better, a PractitionerRole (MassageTherapistRole), `function` the profession.

**With which result.** `outcome` is successful, partially successful or unsuccessful. `complication` names unwanted effects; the statement that there were none is an Observation of its own (MassageAdverseEventObservation), because silence is not "none". `followUp` and `note` carry advice and remarks. `report` names the summary at the end of the course.
"""
* obeys mpr-1 and mpr-2 and mpr-3 and mpr-5
* extension contains
    SessionNumber named sessionNumber 1..1 MS and
    SessionsPrescribed named sessionsPrescribed 0..1 MS and
    PressureExtension named pressure 0..1 MS and
    ModificationExtension named modification 0..* MS and
    Treatment named treatment 0..* MS
* identifier 1..* MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains session 1..1 MS
* identifier[session].system 1..1
* identifier[session].system = $sid-session
* identifier[session].value 1..1
* basedOn 1..1 MS
* basedOn only Reference(ServiceRequest)
* status MS
* status from SessionStatus (required)
* statusReason MS
* statusReason from NotDoneReasonSet (required)
* category MS
* code 1..1 MS
* code from MassageServiceCode (extensible)
* code.coding 1..*
* code.coding ^slicing.discriminator.type = #value
* code.coding ^slicing.discriminator.path = "system"
* code.coding ^slicing.rules = #open
* code.coding contains technique 0..* MS
* code.coding[technique] from MassageTechniqueSet (required)
* code.coding[technique].system 1..1
* code.coding[technique].system = Canonical(MassageTechnique)
* code.coding[technique].code 1..1
* subject MS
* subject only Reference(Patient)
* performed[x] MS
* performed[x] only Period
* performer 1..* MS
* performer.function MS
* performer.function from PerformerKindSet (required)
* performer.actor MS
* performer.actor only Reference(Practitioner or PractitionerRole)
* location MS
* reasonCode MS
* reasonCode from MassageIndication (extensible)
* reasonReference MS
* bodySite MS
* bodySite from MassageBodySite (extensible)
* bodySite.extension contains Laterality named laterality 0..1 MS
* outcome MS
* outcome from SessionOutcome (required)
* report MS
* complication MS
* complication from AdverseEventSet (extensible)
* followUp MS
* note MS
* usedCode MS
