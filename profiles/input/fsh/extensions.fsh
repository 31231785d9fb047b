Extension: ValidityPeriod
Id: validity-period
Title: "Validity of the prescription"
Description: "First and last day on which a session may take place. Without an end the prescription does not expire by itself."
Context: ServiceRequest
* value[x] only Period
* value[x] 1..1

Extension: FeedbackRequested
Id: feedback-requested
Title: "Prescriber wants feedback"
Description: "True when the prescriber wants to hear about each session; the summary at the end comes in any case."
Context: ServiceRequest
* value[x] only boolean
* value[x] 1..1

Extension: Laterality
Id: laterality
Title: "Side of a body site"
Description: "Which side of the body a body site is on. It stands on the CodeableConcept of the body site, because R4 has no element for it. Absent means not told, not 'both'."
Context: CodeableConcept
* value[x] only CodeableConcept
* value[x] 1..1
* valueCodeableConcept from LateralitySet (required)

Extension: SessionNumber
Id: session-number
Title: "Number of the session"
Description: "Which appointment of the course this is, counted from 1. One that came to nothing has its number too, so it may be above the number of sessions prescribed."
Context: Procedure
* value[x] only positiveInt
* value[x] 1..1

Extension: SessionsPrescribed
Id: sessions-prescribed
Title: "Sessions prescribed"
Description: "How many sessions the prescription asks for."
Context: Procedure, DiagnosticReport
* value[x] only positiveInt
* value[x] 1..1

Extension: SessionsDelivered
Id: sessions-delivered
Title: "Sessions delivered"
Description: "How many sessions were completed."
Context: DiagnosticReport
* value[x] only unsignedInt
* value[x] 1..1

Extension: SessionsNotDone
Id: sessions-not-done
Title: "Sessions not done"
Description: "How many appointments came to nothing: the patient did not come, or a session was put off."
Context: DiagnosticReport
* value[x] only unsignedInt
* value[x] 1..1

Extension: SessionPhaseExtension
Id: session-phase
Title: "Phase of the session"
Description: "Whether the value was measured before or after the treatment, or stands for an interval of the course."
Context: Observation
* value[x] only code
* value[x] 1..1
* valueCode from SessionPhaseSet (required)

Extension: PressureExtension
Id: pressure
Title: "Pressure"
Description: "The strongest pressure that was used in the session."
Context: Procedure
* value[x] only code
* value[x] 1..1
* valueCode from PressureSet (required)

Extension: ModificationExtension
Id: modification
Title: "Change of the treatment"
Description: "On an order: how the treatment must differ from the usual. On a session: how it did."
Context: ServiceRequest, Procedure
* value[x] only code
* value[x] 1..1
* valueCode from ModificationSet (required)

Extension: Qualification
Id: qualification
Title: "Further qualification"
Description: "Training of the therapist beyond the profession."
Context: PractitionerRole
* value[x] only CodeableConcept
* value[x] 1..1
* valueCodeableConcept from TherapistQualificationSet (required)

Extension: Treatment
Id: treatment
Title: "One treatment of a session"
Description: "What was done where: a session may have several treatments, each with its technique, body site, minutes and pressure. Procedure.code and Procedure.bodySite give the same in short for readers that do not know this extension."
Context: Procedure
* extension contains
    technique 1..1 and
    bodySite 0..1 and
    minutes 0..1 and
    pressure 0..1 and
    equipment 0..1 and
    medium 0..1
* extension[technique].value[x] only CodeableConcept
* extension[technique].value[x] 1..1
* extension[technique].valueCodeableConcept from MassageTechniqueSet (required)
* extension[bodySite].value[x] only CodeableConcept
* extension[bodySite].value[x] 1..1
* extension[bodySite].valueCodeableConcept from MassageBodySite (extensible)
* extension[bodySite].valueCodeableConcept.extension contains Laterality named laterality 0..1
* extension[minutes].value[x] only positiveInt
* extension[minutes].value[x] 1..1
* extension[pressure].value[x] only code
* extension[pressure].value[x] 1..1
* extension[pressure].valueCode from PressureSet (required)
* extension[equipment].value[x] only string
* extension[equipment].value[x] 1..1
* extension[medium].value[x] only code
* extension[medium].value[x] 1..1
* extension[medium].valueCode from MediumSet (required)
