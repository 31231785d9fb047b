// Element names are those of src/core/plan/session.ts, which checks sessions at run time; a test compares them.

Logical: Session
Parent: Element
Id: Session
Title: "Session"
Description: """
One treatment as the clinic records it, done or not. Mappings (FML) have it as their source. The rules between its elements (a completed session has an end and a treatment, the minutes of treatments fit into the session, no deep technique where the plan forbids it) are checked when the clinic sends it.
"""
* sessionId 1..1 string "Id given by the clinic"
* planId 1..1 string "Plan"
* seq 1..1 integer "Which session of the course, from 1"
* status 1..1 code "completed | stopped | not-done"
* status from SessionStatus (required)
* statusReason 0..1 code "Why it was stopped or not done"
* statusReason from NotDoneReasonSet (required)
* start 1..1 instant "When it began, or should have begun"
* end 0..1 instant "When it ended; required when completed"
* durationMin 0..1 integer "Minutes of hands-on work, 1 to 180"
* performer 1..1 BackboneElement "Therapist"
* performer.reference 1..1 string "Reference"
* performer.name 0..1 string "Name"
* performer.kind 1..1 code "Profession"
* performer.kind from PerformerKindSet (required)
* performer.qualifications 0..* code "Further qualifications"
* performer.qualifications from TherapistQualificationSet (required)
* location 0..1 BackboneElement "Where"
* location.reference 0..1 string "Reference"
* location.display 0..1 string "Name"
* preScreen 0..1 BackboneElement "Questions before the session; absent only when the patient did not come"
* preScreen.askedAt 1..1 instant "When"
* preScreen.changedSinceLast 1..1 boolean "Something changed since the last session"
* preScreen.temperatureCel 0..1 decimal "Body temperature in degrees Celsius"
* preScreen.bpSystolic 0..1 decimal "Systolic blood pressure in mm[Hg]"
* preScreen.bpDiastolic 0..1 decimal "Diastolic blood pressure in mm[Hg]"
* preScreen.findings 0..* BackboneElement "What was found"
* preScreen.findings.ruleId 0..1 string "Screening rule"
* preScreen.findings.text 0..1 string "Text"
* preScreen.findings.region 0..1 string "Region"
* preScreen.decision 1..1 code "proceed | modify | defer"
* consent 1..1 BackboneElement "Consent of the patient"
* consent.given 1..1 boolean "Given"
* consent.at 0..1 instant "When"
* treatments 0..* BackboneElement "What was done; at least one when completed"
* treatments.technique 1..1 code "Technique"
* treatments.technique from MassageTechniqueSet (required)
* treatments.bodySite 1..1 string "Our concept, for example lumbar"
* treatments.laterality 0..1 code "left | right | bilateral | none | unknown"
* treatments.durationMin 0..1 integer "Minutes, 1 to 180"
* treatments.pressure 1..1 code "light | moderate | deep"
* treatments.pressure from PressureSet (required)
* treatments.equipment 0..1 string "Equipment"
* treatments.medium 1..1 code "none | oil | lotion | other"
* treatments.medium from MediumSet (required)
* modificationsApplied 0..* code "Changes for this patient that were applied"
* modificationsApplied from ModificationSet (required)
* measurements 0..* BackboneElement "What was measured"
* measurements.measure 1..1 string "Measure, for example pain-nrs"
* measurements.phase 1..1 code "pre | post | interval"
* measurements.phase from SessionPhaseSet (required)
* measurements.value 1..1 decimal "Value"
* measurements.unit 1..1 string "UCUM code"
* measurements.bodySite 0..1 string "Region"
* measurements.laterality 0..1 code "left | right | bilateral | none | unknown"
* measurements.movement 0..1 code "Movement of the joint"
* measurements.movement from JointMovementSet (required)
* measurements.motion 0..1 code "active | passive"
* measurements.motion from MotionKindSet (required)
* measurements.at 1..1 instant "When"
* measurements.reportedBy 1..1 code "patient | therapist"
* measurements.key 0..1 string "Tells two measurements of one measure and phase apart; set by us"
* adverseEvents 1..1 BackboneElement "Unwanted effects: a statement in any case"
* adverseEvents.assessed 1..1 boolean "Always true: it was asked"
* adverseEvents.items 0..* BackboneElement "What happened"
* adverseEvents.items.code 1..1 code "Which"
* adverseEvents.items.code from AdverseEventSet (required)
* adverseEvents.items.severity 1..1 code "mild | moderate | severe"
* adverseEvents.items.severity from http://hl7.org/fhir/ValueSet/adverse-event-severity (required)
* adverseEvents.items.serious 1..1 boolean "Serious: the hospital hears of it at once"
* adverseEvents.items.onset 1..1 code "during | <24h | later"
* adverseEvents.items.action 1..1 string "What was done"
* adverseEvents.items.resolved 1..1 boolean "It is over"
* outcome 0..1 code "successful | partial | unsuccessful"
* response 0..1 string "How the patient responded"
* homeAdvice 0..1 string "Advice for home"
* note 0..1 string "Remark"
* recordedBy 1..1 string "Who recorded it"
* recordedAt 1..1 instant "When"
* amends 0..1 string "Session record that this one replaces"
