Instance: massage-procedure-minimal
InstanceOf: MassageProcedure
Title: "Session, smallest"
Description: "A session that did not take place: the patient did not come."
* extension[sessionNumber].valuePositiveInt = 3
* identifier[session].system = $sid-session
* identifier[session].value = "plan-77-3"
* basedOn = Reference(ServiceRequest/massage-service-request-minimal)
* status = #not-done
* statusReason = NotDoneReason#patient-no-show
* code = $service-type#25
* subject = Reference(Patient/example-1)
* performer.actor = Reference(Practitioner/example-11)

Instance: massage-procedure-maximal
InstanceOf: MassageProcedure
Title: "Session, complete"
Description: "The fourth of ten sessions, with two treatments and a bruise afterwards."
* extension[sessionNumber].valuePositiveInt = 4
* extension[sessionsPrescribed].valuePositiveInt = 10
* extension[pressure].valueCode = #moderate
* extension[modification].valueCode = #light-pressure
* extension[treatment][0].extension[technique].valueCodeableConcept = MassageTechnique#mld
* extension[treatment][0].extension[bodySite].valueCodeableConcept = $SCT#53120007
* extension[treatment][0].extension[bodySite].valueCodeableConcept.extension[laterality].valueCodeableConcept = $SCT#7771000
* extension[treatment][0].extension[minutes].valuePositiveInt = 30
* extension[treatment][0].extension[pressure].valueCode = #light
* extension[treatment][0].extension[medium].valueCode = #none
* extension[treatment][1].extension[technique].valueCodeableConcept = MassageTechnique#classic
* extension[treatment][1].extension[minutes].valuePositiveInt = 15
* extension[treatment][1].extension[pressure].valueCode = #moderate
* extension[treatment][1].extension[equipment].valueString = "massage ball"
* extension[treatment][1].extension[medium].valueCode = #oil
* identifier[session].system = $sid-session
* identifier[session].value = "plan-77-4"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* status = #completed
* category = $SCT#91251008
* code.coding[0] = $service-type#25 "Massage Therapy"
* code.coding[technique][0] = MassageTechnique#mld
* code.coding[technique][1] = MassageTechnique#classic
* subject = Reference(Patient/example-1)
* performedPeriod.start = "2026-12-15T09:00:00+01:00"
* performedPeriod.end = "2026-12-15T09:50:00+01:00"
* performer.function = PerformerKind#massage-therapist
* performer.actor = Reference(PractitionerRole/massage-therapist-role-maximal)
* location = Reference(Location/example-12)
* reasonCode = $SCT#33129002
* reasonReference = Reference(Condition/example-3)
* bodySite = $SCT#53120007
* bodySite.extension[laterality].valueCodeableConcept = $SCT#7771000
* outcome = $SCT#385670004
* report = Reference(DiagnosticReport/massage-series-summary-minimal)
* complication = AdverseEvent#ecchymosis
* complication.coding[+] = $SCT#302227002
* followUp.text = "Keep the arm up in the evening."
* note.text = "Tolerated well."
* usedCode.text = "massage ball"

Instance: massage-pain-observation-minimal
InstanceOf: MassagePainObservation
Title: "Pain, smallest"
Description: "It was asked for and not answered."
* extension[sessionPhase].valueCode = #post
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-pain-nrs-post"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#survey
* code = $LNC#72514-3
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T09:55:00+01:00"
* performer = Reference(Patient/example-1)
* dataAbsentReason = $data-absent#asked-declined
* bodySite = $SCT#16982005

Instance: massage-pain-observation-maximal
InstanceOf: MassagePainObservation
Title: "Pain, complete"
Description: "Pain 6 of 10 in the left shoulder before the session."
* extension[sessionPhase].valueCode = #pre
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-pain-nrs-pre"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#survey
* code = $LNC#72514-3 "Pain severity - 0-10 verbal numeric rating [Score] - Reported"
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T08:58:00+01:00"
* performer = Reference(Patient/example-1)
* valueQuantity = 6 $UCUM#{score}
* bodySite = $SCT#16982005
* bodySite.extension[laterality].valueCodeableConcept = $SCT#7771000
* derivedFrom = Reference(QuestionnaireResponse/example-13)

Instance: massage-rom-observation-minimal
InstanceOf: MassageROMObservation
Title: "Range of motion, smallest"
Description: "Active flexion of the right shoulder by its LOINC code."
* extension[sessionPhase].valueCode = #pre
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-shoulder-flexion-pre"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#exam
* code = $LNC#41389-8
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15"
* performer = Reference(Practitioner/example-11)
* valueQuantity = 120 $UCUM#deg
* bodySite = $SCT#16982005
* bodySite.extension[laterality].valueCodeableConcept = $SCT#24028007

Instance: massage-rom-observation-maximal
InstanceOf: MassageROMObservation
Title: "Range of motion, complete"
Description: "Active rotation of the neck by the general code."
* extension[sessionPhase].valueCode = #post
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-neck-rotation-post"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #amended
* category = $observation-category#exam
* code = MassageOutcome#joint-rom
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T09:52:00+01:00"
* performer = Reference(PractitionerRole/massage-therapist-role-maximal)
* valueQuantity = 62.5 $UCUM#deg
* bodySite = $SCT#122494005
* method.text = "inclinometer"
* derivedFrom = Reference(Observation/massage-rom-observation-minimal)
* component[movement].code = MassageOutcome#movement
* component[movement].valueCodeableConcept = JointMovement#rotation
* component[motion].code = MassageOutcome#motion
* component[motion].valueCodeableConcept = MotionKind#active

Instance: massage-function-observation-minimal
InstanceOf: MassageFunctionObservation
Title: "Function, smallest"
Description: "Patient-Specific Functional Scale."
* extension[sessionPhase].valueCode = #interval
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-psfs-interval"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#survey
* code = MassageOutcome#psfs
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15"
* performer = Reference(Patient/example-1)
* valueQuantity = 4 $UCUM#{score}

Instance: massage-function-observation-maximal
InstanceOf: MassageFunctionObservation
Title: "Function, complete"
Description: "Oswestry Disability Index with its questionnaire."
* extension[sessionPhase].valueCode = #interval
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-odi-interval"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #corrected
* category = $observation-category#survey
* code = MassageOutcome#odi
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T09:40:00+01:00"
* performer = Reference(Patient/example-1)
* valueQuantity = 38 $UCUM#%
* bodySite = $SCT#52612000
* derivedFrom = Reference(QuestionnaireResponse/example-13)

Instance: massage-limb-size-observation-minimal
InstanceOf: MassageLimbSizeObservation
Title: "Limb size, smallest"
Description: "Excess volume of the left arm."
* extension[sessionPhase].valueCode = #interval
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-limb-volume-interval"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#exam
* code = MassageOutcome#limb-volume
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15"
* performer = Reference(Practitioner/example-11)
* valueQuantity = 12 $UCUM#%
* bodySite = $SCT#53120007
* bodySite.extension[laterality].valueCodeableConcept = $SCT#7771000

Instance: massage-limb-size-observation-maximal
InstanceOf: MassageLimbSizeObservation
Title: "Limb size, complete"
Description: "Circumference of the left forearm ten centimetres below the elbow."
* extension[sessionPhase].valueCode = #pre
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-limb-circumference-pre"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#exam
* code = MassageOutcome#limb-circumference
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T08:50:00+01:00"
* performer = Reference(PractitionerRole/massage-therapist-role-maximal)
* valueQuantity = 28.5 $UCUM#cm
* bodySite = $SCT#14975008
* bodySite.extension[laterality].valueCodeableConcept = $SCT#7771000
* derivedFrom = Reference(Observation/massage-limb-size-observation-minimal)
* component[landmarkDistance].code = MassageOutcome#landmark-distance
* component[landmarkDistance].code.text = "below the crease of the elbow"
* component[landmarkDistance].valueQuantity = 10 $UCUM#cm

Instance: massage-adverse-event-observation-minimal
InstanceOf: MassageAdverseEventObservation
Title: "Unwanted effects: none"
Description: "The statement that there were none."
* extension[sessionPhase].valueCode = #post
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-4-adverse-event-post"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#survey
* code = MassageOutcome#adverse-event-assessment
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15"
* performer = Reference(Practitioner/example-11)
* valueBoolean = false

Instance: massage-adverse-event-observation-maximal
InstanceOf: MassageAdverseEventObservation
Title: "Unwanted effects: two"
Description: "A bruise and a headache, mild."
* extension[sessionPhase].valueCode = #post
* identifier[measurement].system = $sid-measurement
* identifier[measurement].value = "plan-77-5-adverse-event-post"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* partOf = Reference(Procedure/massage-procedure-maximal)
* status = #final
* category = $observation-category#therapy
* code = MassageOutcome#adverse-event-assessment
* subject = Reference(Patient/example-1)
* effectiveDateTime = "2026-12-15T10:30:00+01:00"
* performer[0] = Reference(Patient/example-1)
* performer[1] = Reference(PractitionerRole/massage-therapist-role-maximal)
* valueBoolean = true
* bodySite = $SCT#53120007
* component[event][0].code = MassageOutcome#adverse-event
* component[event][0].valueCodeableConcept = AdverseEvent#ecchymosis
* component[event][1].code = MassageOutcome#adverse-event
* component[event][1].valueCodeableConcept = $SCT#25064002
* component[severity].code = MassageOutcome#adverse-event-severity
* component[severity].valueCodeableConcept = $ae-severity#mild

Instance: massage-therapist-role-minimal
InstanceOf: MassageTherapistRole
Title: "Therapist, smallest"
Description: "A massage therapist."
* identifier.system = "https://practice.example/licences"
* identifier.value = "L-1"
* active = true
* practitioner = Reference(Practitioner/example-11)
* code = $NUCC#225700000X

Instance: massage-therapist-role-maximal
InstanceOf: MassageTherapistRole
Title: "Therapist, complete"
Description: "A physiotherapist with two further qualifications."
* extension[qualification][0].valueCodeableConcept = TherapistQualification#mld
* extension[qualification][1].valueCodeableConcept = TherapistQualification#oncology
* identifier.system = "https://practice.example/licences"
* identifier.value = "L-2"
* active = true
* practitioner = Reference(Practitioner/example-14)
* organization = Reference(Organization/example-9)
* code[0] = PerformerKind#physiotherapist
* code[0].coding[+] = $NUCC#225100000X
* specialty.text = "lymphatic drainage"

Instance: massage-goal-minimal
InstanceOf: MassageGoal
Title: "Goal, smallest"
Description: "Less pain, without a number."
* lifecycleStatus = #accepted
* description.text = "Less pain in the neck"
* subject = Reference(Patient/example-1)
* target.measure = $LNC#72514-3

Instance: massage-goal-maximal
InstanceOf: MassageGoal
Title: "Goal, complete"
Description: "Raise the arm to 150 degrees by February."
* lifecycleStatus = #active
* achievementStatus = $goal-achievement#improving
* description.text = "Raise the right arm to 150 degrees"
* subject = Reference(Patient/example-1)
* target.measure = $LNC#41389-8
* target.detailQuantity = 150 $UCUM#deg
* target.dueDate = "2027-02-28"
* addresses[0] = Reference(ServiceRequest/massage-service-request-maximal)
* addresses[1] = Reference(Condition/example-3)
* outcomeReference = Reference(Observation/massage-rom-observation-minimal)

Instance: massage-series-summary-minimal
InstanceOf: MassageSeriesSummary
Title: "Summary, smallest"
Description: "An interim report after four sessions."
* extension[sessionsDelivered].valueUnsignedInt = 4
* extension[sessionsNotDone].valueUnsignedInt = 1
* identifier[plan].system = $sid-plan
* identifier[plan].value = "plan-77"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* status = #partial
* code = MassageReport#series-summary
* subject = Reference(Patient/example-1)
* effectivePeriod.start = "2026-12-01"
* issued = "2026-12-16T08:00:00Z"
* performer = Reference(Organization/example-9)
* conclusion = "Pain before sessions fell from 7 to 6."

Instance: massage-series-summary-maximal
InstanceOf: MassageSeriesSummary
Title: "Summary, complete"
Description: "The final report after ten sessions."
* extension[sessionsPrescribed].valuePositiveInt = 10
* extension[sessionsDelivered].valueUnsignedInt = 10
* extension[sessionsNotDone].valueUnsignedInt = 1
* identifier[plan].type = $v2-0203#FILL
* identifier[plan].system = $sid-plan
* identifier[plan].value = "plan-77"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* status = #final
* code = MassageReport#series-summary
* subject = Reference(Patient/example-1)
* effectivePeriod.start = "2026-12-01"
* effectivePeriod.end = "2027-01-29"
* issued = "2027-01-30T08:00:00Z"
* performer = Reference(PractitionerRole/massage-therapist-role-maximal)
* result[0] = Reference(Observation/massage-pain-observation-maximal)
* result[1] = Reference(Observation/massage-rom-observation-minimal)
* conclusion = "Pain before sessions fell from 7 to 3; flexion of the right shoulder rose from 120 to 150 degrees."
* presentedForm.contentType = #text/plain
* presentedForm.data = "UGFpbiBmZWxsIGZyb20gNyB0byAzLg=="
