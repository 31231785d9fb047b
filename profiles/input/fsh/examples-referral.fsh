// Invented people and numbers. For each profile the smallest instance that conforms, and one that uses all of it.

Instance: massage-service-request-intake-minimal
InstanceOf: MassageServiceRequestIntake
Title: "Referral, smallest"
Description: "A text and a reference to the patient and to the prescriber: everything else will be asked for."
* status = #active
* intent = #order
* code.text = "Massage, neck and shoulders"
* subject = Reference(Patient/example-1)
* requester = Reference(Practitioner/example-7)

Instance: massage-service-request-intake-maximal
InstanceOf: MassageServiceRequestIntake
Title: "Referral, vague but rich"
Description: "A range of sessions, a code of another system and a technique as text: kept, and asked about where needed."
* extension[validityPeriod].valuePeriod.end = "2027-02-28"
* extension[feedbackRequested].valueBoolean = true
* extension[modification].valueCode = #no-deep
* identifier.type = $v2-0203#PLAC
* identifier.system = "https://hospital.example/orders"
* identifier.value = "O-1002"
* status = #active
* intent = #original-order
* category = $SCT#91251008
* priority = #urgent
* doNotPerform = false
* code = $service-type#65 "Physiotherapy"
* orderDetail.text = "gentle"
* quantityRange.low.value = 6
* quantityRange.high.value = 10
* subject.identifier.system = "https://hospital.example/patients"
* subject.identifier.value = "P-20"
* occurrencePeriod.start = "2026-12-01"
* authoredOn = "2026-11-20"
* requester = Reference(PractitionerRole/example-8)
* reasonCode = $ICD10CM#M54.2
* reasonReference = Reference(Condition/example-3)
* insurance = Reference(Coverage/example-4)
* supportingInfo = Reference(AllergyIntolerance/example-5)
* bodySite = $SCT#45048000
* bodySite.extension[laterality].valueCodeableConcept = $SCT#51440002
* note.text = "Please ring before the first session."
* patientInstruction = "Bring two towels."

Instance: massage-service-request-minimal
InstanceOf: MassageServiceRequest
Title: "Prescription, smallest"
Description: "Six sessions of massage for low back pain."
* identifier.system = "https://hospital.example/orders"
* identifier.value = "O-1003"
* status = #active
* intent = #order
* category[medicalMassage] = MassageCategory#medical-massage
* code = $service-type#25
* quantityQuantity.value = 6
* subject = Reference(Patient/example-1)
* authoredOn = "2026-11-20"
* requester = Reference(Practitioner/example-7)
* reasonCode = $SCT#279039007
* bodySite = $SCT#52612000

Instance: massage-service-request-maximal
InstanceOf: MassageServiceRequest
Title: "Prescription, complete"
Description: "Ten sessions of lymphatic drainage, twice a week, after surgery of the left breast."
* extension[validityPeriod].valuePeriod.start = "2026-12-01"
* extension[validityPeriod].valuePeriod.end = "2027-02-28"
* extension[feedbackRequested].valueBoolean = true
* extension[modification][0].valueCode = #light-pressure
* extension[modification][1].valueCode = #regular-breaks
* identifier[placer].type = $v2-0203#PLAC
* identifier[placer].system = "https://hospital.example/orders"
* identifier[placer].value = "O-1004"
* identifier[filler].type = $v2-0203#FILL
* identifier[filler].system = $sid-plan
* identifier[filler].value = "plan-77"
* status = #active
* intent = #original-order
* category[medicalMassage] = MassageCategory#medical-massage
* category[physiotherapy] = $SCT#91251008
* priority = #routine
* doNotPerform = false
* code.coding[technique] = MassageTechnique#mld
* code.coding[serviceType] = $service-type#25 "Massage Therapy"
* code.coding[sct] = $SCT#387854002
* code.coding[cpt] = $CPT#97140
* code.coding[position] = $position#X0202
* code.text = "Manual lymphatic drainage"
* orderDetail = MassageTechnique#mld
* quantityQuantity = 10 $UCUM#{session}
* subject = Reference(Patient/example-1)
* occurrenceTiming.repeat.boundsPeriod.start = "2026-12-01"
* occurrenceTiming.repeat.count = 10
* occurrenceTiming.repeat.duration = 45
* occurrenceTiming.repeat.durationUnit = #min
* occurrenceTiming.repeat.frequency = 2
* occurrenceTiming.repeat.frequencyMax = 3
* occurrenceTiming.repeat.period = 1
* occurrenceTiming.repeat.periodUnit = #wk
* authoredOn = "2026-11-20T10:15:00+01:00"
* requester = Reference(PractitionerRole/example-8)
* reasonCode[0] = $SCT#33129002
* reasonCode[1] = $ICD10CM#I97.2
* reasonReference = Reference(Condition/example-3)
* insurance = Reference(Coverage/example-4)
* supportingInfo = Reference(AllergyIntolerance/example-5)
* bodySite = $SCT#53120007
* bodySite.extension[laterality].valueCodeableConcept = $SCT#7771000
* note.text = "Compression sleeve is worn."
* patientInstruction = "Come with the sleeve."

Instance: massage-fulfilment-task-minimal
InstanceOf: MassageFulfilmentTask
Title: "Answer, smallest"
Description: "The referral was received."
* identifier[plan].system = $sid-plan
* identifier[plan].value = "plan-77"
* status = #received
* intent = #order
* code = $task-code#fulfill
* focus = Reference(ServiceRequest/massage-service-request-maximal)
* for = Reference(Patient/example-1)
* lastModified = "2026-11-20T10:15:03Z"

Instance: massage-fulfilment-task-maximal
InstanceOf: MassageFulfilmentTask
Title: "Answer, held during the course"
Description: "Four of ten sessions are done; a question must be answered before the fifth."
* identifier[plan].type = $v2-0203#FILL
* identifier[plan].system = $sid-plan
* identifier[plan].value = "plan-77"
* identifier[1].type = $v2-0203#PLAC
* identifier[1].system = "https://hospital.example/orders"
* identifier[1].value = "O-1004"
* basedOn = Reference(ServiceRequest/massage-service-request-maximal)
* status = #on-hold
* statusReason = StatusReason#contraindication-reported
* statusReason.text = "The patient reports a new swelling of the leg. Please say whether treatment may go on."
* businessStatus = BusinessStatus#awaiting-information
* intent = #order
* priority = #urgent
* code = $task-code#fulfill
* focus = Reference(ServiceRequest/massage-service-request-maximal)
* for = Reference(Patient/example-1)
* authoredOn = "2026-11-20T10:15:03Z"
* lastModified = "2026-12-18T09:00:00Z"
* requester = Reference(PractitionerRole/example-8)
* owner = Reference(Organization/example-9)
* note.text = "Session of 17 December was put off."
* input.type = TaskParameter#question
* input.valueString = "May treatment go on in spite of the swelling?"
* output[session].type = TaskParameter#session
* output[session].valueReference = Reference(Procedure/massage-procedure-maximal)
* output[measurement].type = TaskParameter#measurement
* output[measurement].valueReference = Reference(Observation/massage-pain-observation-maximal)
* output[progress].type = TaskParameter#progress
* output[progress].valueRatio.numerator = 4 $UCUM#{session}
* output[progress].valueRatio.denominator = 10 $UCUM#{session}
* output[summary].type = TaskParameter#summary
* output[summary].valueReference = Reference(DiagnosticReport/massage-series-summary-minimal)
