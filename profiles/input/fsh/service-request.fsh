Invariant: msr-1
Description: "A new referral is active: a draft, a revoked or a completed order cannot be carried out."
Severity: #error
Expression: "status = 'active'"

Invariant: msr-2
Description: "A prescription is an order (intent order or original-order): a plan or a proposal does not permit treatment."
Severity: #error
Expression: "intent = 'order' or intent = 'original-order'"

Invariant: msr-3
Description: "A referral asks for a treatment: doNotPerform is absent or false."
Severity: #error
Expression: "doNotPerform.exists().not() or doNotPerform = false"

Invariant: msr-4
Description: "A prescription says why: a reason as code or as reference."
Severity: #error
Expression: "reasonCode.exists() or reasonReference.exists()"

Invariant: msr-5
Description: "A prescription says how many sessions: in occurrenceTiming.repeat.count or in quantityQuantity."
Severity: #error
Expression: "occurrence.ofType(Timing).repeat.count.exists() or quantity.ofType(Quantity).value.exists()"

Invariant: msr-6
Description: "Wellness massage cannot be prescribed: neither category nor code is wellness-massage."
Severity: #error
Expression: "(category | code).coding.where(system.endsWith('/CodeSystem/massage-category') and code = 'wellness-massage').empty()"

Invariant: msr-7
Description: "A prescription names the body site, unless it orders a full-body massage in orderDetail."
Severity: #error
Expression: "bodySite.exists() or orderDetail.coding.where(system.endsWith('/CodeSystem/massage-technique') and code = 'full-body').exists()"

Invariant: msr-8
Description: "Manual lymphatic drainage is usually ordered for lymphedema or another oedema; none is among the reasons."
Severity: #warning
Expression: "orderDetail.coding.where(system.endsWith('/CodeSystem/massage-technique') and code = 'mld').empty() or reasonReference.exists() or reasonCode.coding.where(code = '234097001' or code = '28590005' or code = '33129002' or code = '267038008' or code.startsWith('I89') or code.startsWith('I97.2') or code.startsWith('R60')).exists()"

Invariant: msr-9
Description: "The frequency of sessions is told by day or by week (periodUnit d or wk)."
Severity: #error
Expression: "occurrence.ofType(Timing).repeat.periodUnit.exists().not() or occurrence.ofType(Timing).repeat.periodUnit = 'd' or occurrence.ofType(Timing).repeat.periodUnit = 'wk'"

Invariant: msr-10
Description: "Where the number of sessions stands in both occurrenceTiming and quantityQuantity, it is the same number."
Severity: #error
Expression: "occurrence.ofType(Timing).repeat.count.exists().not() or quantity.ofType(Quantity).value.exists().not() or occurrence.ofType(Timing).repeat.count = quantity.ofType(Quantity).value"

Invariant: msr-11
Description: "The number of sessions in quantityQuantity is a whole number from 1 to 60."
Severity: #error
Expression: "quantity.ofType(Quantity).value.exists().not() or (quantity.ofType(Quantity).value >= 1 and quantity.ofType(Quantity).value <= 60 and quantity.ofType(Quantity).value mod 1 = 0)"

Invariant: msr-12
Description: "The number of sessions in occurrenceTiming.repeat.count is at most 60."
Severity: #error
Expression: "occurrence.ofType(Timing).repeat.count.exists().not() or occurrence.ofType(Timing).repeat.count <= 60"

Invariant: msi-1
Description: "The code of the service has a coding or a text: an empty code orders nothing."
Severity: #error
Expression: "code.empty() or code.coding.exists() or code.text.exists()"

Invariant: msi-2
Description: "The patient can be found: by a reference or by an identifier, not by a display name only."
Severity: #error
Expression: "subject.empty() or subject.reference.exists() or subject.identifier.exists()"

Invariant: msi-3
Description: "The prescriber can be found: by a reference or by an identifier, not by a display name only."
Severity: #error
Expression: "requester.empty() or requester.reference.exists() or requester.identifier.exists()"

Profile: MassageServiceRequestIntake
Parent: ServiceRequest
Id: massage-service-request-intake
Title: "Referral to medical massage, as hospitals send it"
Description: """
A referral to medical massage as it really arrives. Of public orders for physical treatment most carry neither a number of sessions nor a timing, and hardly one a body site. Such an order is accepted; what is missing is asked for afterwards, by a Task that is on hold and says which answer it waits for.

**What must be there, and why.**
`status` active: a draft is no doctor's decision, and a new order that is revoked, on hold or completed cannot be carried out (msr-1).
`code` with a coding or at least a text: without it nobody knows that massage is meant (msi-1).
`subject`, a Patient by reference or identifier: asking "whom?" would mean guessing who the patient is (msi-2).
`requester`, a practitioner by reference or identifier: this is who is asked when something is missing and who gets the outcome (msi-3).
`doNotPerform` must not be true (msr-3): nobody heeds a prohibition that is kept among the orders, so it is refused and the sender knows that it is not here. Wellness massage is refused because it cannot be prescribed (msr-6).

**What may be asked for later.** The placer's identifier, category, date, reasons, number and frequency of sessions, body site and side, technique. They are marked *must support*: where they are sent they are read, kept and used, never replaced by a default.

**What is decided after it was taken in.** `intent`: every one that R4 has is accepted here. Only order and original-order permit treatment; what becomes of a plan, a proposal or a reflex-order is agreed with each partner (its file says accept, hold or reject), and its Task tells it with the reason intent-not-order.

**For the engineer at the hospital.** Send what your system has. Put the order number into `identifier` (type PLAC) so that a repeated transmission is recognised. Put the diagnosis into `reasonCode` or `reasonReference`, the region into `bodySite` and its side into the `laterality` extension, the number of sessions into `quantityQuantity` or `occurrenceTiming.repeat.count`. Contained or bundled Conditions, AllergyIntolerances and MedicationStatements named in `supportingInfo` are screened for contraindications. Codes outside our value sets are a warning, not a refusal.

A change of an order that is here already (status on-hold, revoked, entered-in-error) is checked against R4 only, not against this profile, which describes new orders.
"""
* obeys msr-1 and msr-3 and msr-6 and msi-1 and msi-2 and msi-3
* extension contains
    ValidityPeriod named validityPeriod 0..1 MS and
    FeedbackRequested named feedbackRequested 0..1 MS and
    ModificationExtension named modification 0..* MS
* identifier MS
* identifier ^short = "The placer's order number (type PLAC)"
* status MS
* intent MS
* category MS
* priority MS
* doNotPerform MS
* code 1..1 MS
* code from MassageServiceCode (extensible)
* code ^short = "Massage, as a coding or at least as a text"
* orderDetail MS
* orderDetail ^short = "Technique"
* quantity[x] MS
* quantity[x] ^short = "Number of sessions"
* subject 1..1 MS
* subject only Reference(Patient)
* occurrence[x] MS
* authoredOn MS
* requester 1..1 MS
* requester only Reference(Practitioner or PractitionerRole)
* requester ^short = "The prescriber, who is asked and told"
* reasonCode MS
* reasonReference MS
* insurance MS
* supportingInfo MS
* supportingInfo ^short = "Conditions, allergies, medication: screened for contraindications"
* bodySite MS
* bodySite.extension contains Laterality named laterality 0..1 MS
* note MS
* patientInstruction MS

Profile: MassageServiceRequest
Parent: MassageServiceRequestIntake
Id: massage-service-request
Title: "Prescription of medical massage, complete"
Description: """
A prescription of medical massage that can be planned without asking back. Every referral that conforms to this profile conforms to the intake profile too; it says more.

**An order.** `intent` order or original-order (msr-2): massage on prescription needs a doctor's decision, and a plan or a proposal is none.

**Identity.** At least one `identifier` with system and value; the placer's has type PLAC. The pair recognises a repetition: the same order sent twice makes one plan.

**What.** `category` says that it is treatment; the slices medicalMassage and physiotherapy are two ways, others may stand beside. `code` names massage in any of five systems (HL7 service-type, SNOMED CT, CPT number, German position number, our technique code), each at most once; accept is by code, never by display text. `orderDetail` names the technique, only from our value set, because no standard system has the techniques.

**Why.** At least one reason (msr-4), as `reasonCode` or `reasonReference`. Manual lymphatic drainage without an oedema among the reasons is a warning (msr-8): a person should look.

**Where.** At least one `bodySite` (msr-7), its side in the `laterality` extension. Only a full-body massage, ordered in `orderDetail`, needs none.

**How often.** The number of sessions (msr-5), 1 to 60, in `quantityQuantity` or `occurrenceTiming.repeat.count`; in both only when they agree (msr-10). The frequency is by day or week (msr-9), for example frequency 2, period 1, periodUnit wk.

**When.** `authoredOn`; the `validity-period` extension tells the last day. A session after it needs a new prescription.

**Who.** One `requester`. Set `feedback-requested` to hear about each session; the summary at the end of the course comes in any case.

Not in this profile, on purpose: the performer (the clinic chooses a qualified therapist), prices, and the plan itself, which is internal.
"""
* obeys msr-2 and msr-4 and msr-5 and msr-7 and msr-8 and msr-9 and msr-10 and msr-11 and msr-12
* identifier 1..*
* identifier.value 1..1 MS
* identifier.system 1..1 MS
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "type"
* identifier ^slicing.rules = #open
* identifier contains placer 0..1 MS and filler 0..1
* identifier[placer].type 1..1
* identifier[placer].type = $v2-0203#PLAC
* identifier[filler].type 1..1
* identifier[filler].type = $v2-0203#FILL
* category 1..*
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains medicalMassage 0..1 and physiotherapy 0..1
* category[medicalMassage] = MassageCategory#medical-massage
* category[physiotherapy] = $SCT#91251008
* code.coding 1..*
* code.coding ^slicing.discriminator.type = #value
* code.coding ^slicing.discriminator.path = "system"
* code.coding ^slicing.rules = #open
* code.coding contains technique 0..1 and serviceType 0..1 and sct 0..1 and cpt 0..1 and position 0..1
* code.coding[technique] from MassageTechniqueSet (required)
* code.coding[technique].system 1..1
* code.coding[technique].system = Canonical(MassageTechnique)
* code.coding[technique].code 1..1
* code.coding[serviceType].system 1..1
* code.coding[serviceType].system = $service-type
* code.coding[serviceType].code 1..1
* code.coding[sct].system 1..1
* code.coding[sct].system = $SCT
* code.coding[sct].code 1..1
* code.coding[cpt].system 1..1
* code.coding[cpt].system = $CPT
* code.coding[cpt].code 1..1
* code.coding[position].system 1..1
* code.coding[position].system = $position
* code.coding[position].code 1..1
* orderDetail from MassageTechniqueSet (required)
* quantity[x] only Quantity
* occurrence[x] only Timing
* authoredOn 1..1
* reasonCode from MassageIndication (extensible)
* bodySite from MassageBodySite (extensible)
