Invariant: mob-1
Description: "A measurement has either a value or the reason why it has none."
Severity: #error
Expression: "value.exists() xor dataAbsentReason.exists()"

Profile: MassageOutcomeObservation
Parent: Observation
Id: massage-outcome-observation
Title: "Measurement of a session (abstract)"
Description: """
What all measurements of a session of massage share; each kind of measurement is a profile of its own: pain, range of motion, function, limb size, unwanted effects.

**Which measurement.** `identifier` has one value in the system `…/sid/measurement`: plan, session, measure and phase. `partOf` names the one Procedure of the session, `basedOn` the ServiceRequest that the course was ordered with. So a hospital can show a measurement beside its session and its order.

**When.** `effectiveDateTime`, and the extension `session-phase`: *pre* before the treatment, *post* after it, *interval* for questionnaires that look back over a week. A single pair of pre and post is noise; a trend over the series is what counts.

**What.** `code` from the outcome measures; `category` survey (the patient tells), exam (the therapist measures), vital-signs or therapy. The value stands with its UCUM unit, or `dataAbsentReason` says why there is none (mob-1), never both. `bodySite` and its side in the `laterality` extension.

**Who.** `performer` is who reported or measured: the patient or the therapist.

**State.** Only settled values are reported: final, amended, corrected, entered-in-error.

`derivedFrom` names the QuestionnaireResponse of a score, or the baseline that a change was computed from.
"""
* ^abstract = true
* obeys mob-1
* extension contains SessionPhaseExtension named sessionPhase 1..1 MS
* identifier 1..* MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains measurement 1..1 MS
* identifier[measurement].system 1..1
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value 1..1
* basedOn 1..* MS
* basedOn only Reference(ServiceRequest)
* partOf 1..1 MS
* partOf only Reference(Procedure)
* status MS
* status from MeasurementStatus (required)
* category 1..* MS
* category from MeasurementCategory (required)
* code MS
* code from OutcomeMeasure (extensible)
* subject 1..1 MS
* subject only Reference(Patient)
* effective[x] 1..1 MS
* effective[x] only dateTime
* performer 1..* MS
* value[x] MS
* dataAbsentReason MS
* bodySite MS
* bodySite from MassageBodySite (extensible)
* bodySite.extension contains Laterality named laterality 0..1 MS
* derivedFrom MS
* derivedFrom only Reference(QuestionnaireResponse or Observation)

Invariant: mpo-1
Description: "Pain is a whole number from 0 (none) to 10 (worst imaginable)."
Severity: #error
Expression: "(value.ofType(Quantity).value.empty() or (value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 10 and value.ofType(Quantity).value mod 1 = 0)) and (value.ofType(integer).empty() or (value.ofType(integer) >= 0 and value.ofType(integer) <= 10))"

Profile: MassagePainObservation
Parent: MassageOutcomeObservation
Id: massage-pain-observation
Title: "Pain before or after a session"
Description: """
How strong the patient's pain is on the numeric rating scale from 0 (none) to 10 (worst imaginable), as LOINC 72514-3 defines it.

The value is a Quantity with the UCUM unit {score}; an integer is accepted too, because some systems send it so. It is a whole number from 0 to 10 (mpo-1): "3 to 4" or 3.5 is not a value of this scale. `bodySite` is required: a number without a place cannot be compared with the next one. Measure at the same place, before and after, in every session in which pain is a reason for the treatment.

A change of 2 points or 30 % over a series is commonly called meaningful; that is advice for reading, no rule of this profile.
"""
* obeys mpo-1
* code = $LNC#72514-3
* value[x] only Quantity or integer
* valueQuantity = $UCUM#{score}
* valueQuantity.value 1..1
* bodySite 1..1

Invariant: mro-1
Description: "A range of motion lies between -30 and 360 degrees."
Severity: #error
Expression: "value.ofType(Quantity).value.empty() or (value.ofType(Quantity).value >= -30 and value.ofType(Quantity).value <= 360)"

Invariant: mro-2
Description: "A range of motion by the general code joint-rom names its movement and who moved, in components."
Severity: #error
Expression: "code.coding.where(system.endsWith('/CodeSystem/massage-outcome') and code = 'joint-rom').empty() or (component.where(code.coding.where(code = 'movement').exists()).exists() and component.where(code.coding.where(code = 'motion').exists()).exists())"

Invariant: mro-3
Description: "A range of motion names the side of the body, except at the spine and the neck, which have none."
Severity: #error
Expression: "bodySite.empty() or bodySite.extension.where(url.endsWith('/StructureDefinition/laterality')).exists() or bodySite.coding.where(code = '45048000' or code = '81727001' or code = '122494005' or code = '122495006' or code = '122496007' or code = '52612000' or code = '77568009' or code = '22943007').exists()"

Profile: MassageROMObservation
Parent: MassageOutcomeObservation
Id: massage-rom-observation
Title: "Range of motion of a joint"
Description: """
How far a joint moves, in degrees.

For shoulder and knee there are LOINC codes, which say joint, movement and whether the patient or the therapist moved. For every other joint the code is our `joint-rom`: the joint stands in `bodySite`, the movement and who moved stand in the components *movement* and *motion* (mro-2). Both ways name the side in the `laterality` extension, because a right shoulder is compared with a right shoulder; neck and spine need none (mro-3).

The value has the UCUM unit deg and lies between -30 and 360 (mro-1): negative where a joint does not reach its neutral position.
"""
* obeys mro-1 and mro-2 and mro-3
* code from RomMeasure (required)
* method MS
* method ^short = "Goniometer or inclinometer, as text"
* value[x] only Quantity
* valueQuantity = $UCUM#deg
* valueQuantity.value 1..1
* bodySite 1..1
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains movement 0..1 MS and motion 0..1 MS
* component[movement].code = MassageOutcome#movement
* component[movement].value[x] 1..1
* component[movement].value[x] only CodeableConcept
* component[movement].value[x] from JointMovementSet (required)
* component[motion].code = MassageOutcome#motion
* component[motion].value[x] 1..1
* component[motion].value[x] only CodeableConcept
* component[motion].value[x] from MotionKindSet (required)

Invariant: mfu-1
Description: "The Patient-Specific Functional Scale runs from 0 to 10, in {score}."
Severity: #error
Expression: "code.coding.where(system.endsWith('/CodeSystem/massage-outcome') and code = 'psfs').empty() or value.ofType(Quantity).code.empty() or value.ofType(Quantity).value.empty() or (value.ofType(Quantity).code = '{score}' and value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 10)"

Invariant: mfu-2
Description: "The Neck Disability Index runs from 0 to 50, in {score}."
Severity: #error
Expression: "code.coding.where(system.endsWith('/CodeSystem/massage-outcome') and code = 'ndi').empty() or value.ofType(Quantity).code.empty() or value.ofType(Quantity).value.empty() or (value.ofType(Quantity).code = '{score}' and value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 50)"

Invariant: mfu-3
Description: "The Oswestry Disability Index runs from 0 to 100 percent, in %."
Severity: #error
Expression: "code.coding.where(system.endsWith('/CodeSystem/massage-outcome') and code = 'odi').empty() or value.ofType(Quantity).code.empty() or value.ofType(Quantity).value.empty() or (value.ofType(Quantity).code = '%' and value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 100)"

Invariant: mfu-4
Description: "A PROMIS T score runs from 20 to 80, in {score}."
Severity: #error
Expression: "code.coding.where(system = 'http://loinc.org' and (code = '71961-7' or code = '71959-1' or code = '71955-9' or code = '71963-3' or code = '71971-6' or code = '71969-0')).empty() or value.ofType(Quantity).code.empty() or value.ofType(Quantity).value.empty() or (value.ofType(Quantity).code = '{score}' and value.ofType(Quantity).value >= 20 and value.ofType(Quantity).value <= 80)"

Invariant: mfu-5
Description: "Perceived stress runs from 0 to 10, in {score}."
Severity: #error
Expression: "code.coding.where(system.endsWith('/CodeSystem/massage-outcome') and code = 'perceived-stress').empty() or value.ofType(Quantity).code.empty() or value.ofType(Quantity).value.empty() or (value.ofType(Quantity).code = '{score}' and value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 10)"

Profile: MassageFunctionObservation
Parent: MassageOutcomeObservation
Id: massage-function-observation
Title: "Function or well-being by questionnaire"
Description: """
The total of a questionnaire on what the patient can do or how the patient fares: Patient-Specific Functional Scale, Neck Disability Index, Oswestry Disability Index, PROMIS, PEG, PHQ-9, GAD-7, STarT Back, perceived stress.

Only the total is carried; the questions belong to their owners. Each instrument has its range, and a value outside it is an error of entry: PSFS 0 to 10 (mfu-1, higher is better), NDI 0 to 50 (mfu-2), ODI 0 to 100 percent (mfu-3), PROMIS T scores 20 to 80 with mean 50 (mfu-4), stress 0 to 10 (mfu-5). The unit is {score}, for the ODI %.

These instruments look back over days or a week: measure at the start, every four to six sessions and at the end, with session-phase *interval*. `derivedFrom` names the QuestionnaireResponse where the hospital may have it.
"""
* obeys mfu-1 and mfu-2 and mfu-3 and mfu-4 and mfu-5
* code from FunctionMeasure (required)
* value[x] only Quantity
* valueQuantity.value 1..1
* valueQuantity.system 1..1
* valueQuantity.system = $UCUM
* valueQuantity.code 1..1

Invariant: mls-1
Description: "The size of a limb is above zero; an excess volume in % may be negative."
Severity: #error
Expression: "value.ofType(Quantity).value.empty() or value.ofType(Quantity).value > 0 or value.ofType(Quantity).code = '%'"

Invariant: mls-2
Description: "A circumference is in cm, a volume in mL, an excess volume in %."
Severity: #error
Expression: "value.ofType(Quantity).code.empty() or ((code.coding.where(code = 'limb-circumference').empty() or value.ofType(Quantity).code = 'cm') and (code.coding.where(code = 'limb-volume').empty() or value.ofType(Quantity).code = 'mL' or value.ofType(Quantity).code = '%'))"

Profile: MassageLimbSizeObservation
Parent: MassageOutcomeObservation
Id: massage-limb-size-observation
Title: "Size of a limb"
Description: """
Circumference (cm) or volume (mL, or % in excess of the other side) of a limb: how lymphatic drainage is judged.

`bodySite` with its side is required. The component *landmark-distance* tells at which distance from which landmark (its text) the circumference was taken, in cm; without it two circumferences cannot be compared, so send it wherever it is known. Sizes are above zero (mls-1) and in the unit of their code (mls-2).
"""
* obeys mls-1 and mls-2
* code from LimbSizeMeasure (required)
* value[x] only Quantity
* valueQuantity.value 1..1
* valueQuantity.system 1..1
* valueQuantity.system = $UCUM
* valueQuantity.code 1..1
* bodySite 1..1
* bodySite.extension[laterality] 1..1
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains landmarkDistance 0..1 MS
* component[landmarkDistance].code = MassageOutcome#landmark-distance
* component[landmarkDistance].value[x] 1..1
* component[landmarkDistance].value[x] only Quantity
* component[landmarkDistance].value[x] = $UCUM#cm

Invariant: mae-1
Description: "The statement 'no unwanted effects' (false) names neither an effect nor a severity."
Severity: #error
Expression: "value.ofType(boolean).empty() or value.ofType(boolean) or component.empty()"

Invariant: mae-2
Description: "An unwanted effect has its severity: mild, moderate or severe."
Severity: #error
Expression: "(value.ofType(CodeableConcept).empty() and (value.ofType(boolean).empty() or value.ofType(boolean) = false)) or component.where(code.coding.where(code = 'adverse-event-severity').exists()).exists()"

Invariant: mae-3
Description: "The statement 'there were unwanted effects' (true) names at least one of them, in a component."
Severity: #error
Expression: "value.ofType(boolean).empty() or value.ofType(boolean) = false or component.where(code.coding.where(code = 'adverse-event').exists()).exists()"

Profile: MassageAdverseEventObservation
Parent: MassageOutcomeObservation
Id: massage-adverse-event-observation
Title: "Statement about unwanted effects"
Description: """
Whether a session had unwanted effects. It is sent for every session that took place, also and above all when there were none: `valueBoolean` false. Silence is not "none".

When there were some, either `valueBoolean` is true and each effect is a component *event* (mae-3), or, for a single effect, `valueCodeableConcept` names it. The component *severity* tells the worst (mae-2): mild, moderate, severe. The effects stand in Procedure.complication too, where systems look that do not read Observations. Usual are soreness, bruises and dizziness; a severe one is reported at once.
"""
* obeys mae-1 and mae-2 and mae-3
* code = MassageOutcome#adverse-event-assessment
* value[x] only boolean or CodeableConcept
* valueCodeableConcept from AdverseEventSet (extensible)
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains event 0..* MS and severity 0..1 MS
* component[event].code = MassageOutcome#adverse-event
* component[event].value[x] 1..1
* component[event].value[x] only CodeableConcept
* component[event].value[x] from AdverseEventSet (required)
* component[severity].code = MassageOutcome#adverse-event-severity
* component[severity].value[x] 1..1
* component[severity].value[x] only CodeableConcept
* component[severity].value[x] from http://hl7.org/fhir/ValueSet/adverse-event-severity (required)
