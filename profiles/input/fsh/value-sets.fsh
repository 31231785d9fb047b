RuleSet: LocalValueSet
* ^experimental = false

RuleSet: SnomedNotice
* ^copyright = "This value set includes content from SNOMED Clinical Terms (SNOMED CT), which is copyright of the International Health Terminology Standards Development Organisation (SNOMED International). Codes outside the SNOMED IPS Free Set need a licence of the deploying site."

RuleSet: LoincNotice
* ^copyright = "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. and the LOINC Committee and is available at no cost under the license at http://loinc.org/license."

RuleSet: NuccNotice
* ^copyright = "The Health Care Provider Taxonomy code set is published by the National Uniform Claim Committee (NUCC); copyright American Medical Association. Codes only."

RuleSet: MixedNotice
* ^copyright = "SNOMED CT: copyright SNOMED International; codes outside the IPS Free Set need a licence of the deploying site. LOINC (http://loinc.org): copyright Regenstrief Institute, Inc., license at http://loinc.org/license. CPT: copyright American Medical Association; only numbers, no descriptors, a licence is needed to use them. ICD-10-CM: National Center for Health Statistics."

ValueSet: MassageServiceCode
Id: massage-service-code
Title: "Massage as a service"
Description: "What may be ordered: massage by HL7's service types, SNOMED CT, CPT (numbers only), German Heilmittel positions, or our technique codes."
* insert LocalValueSet
* insert MixedNotice
* $service-type#25 "Massage Therapy"
* $service-type#563 "Remedial Massage"
* $service-type#29 "Reflexology"
// In HL7's Symptoms guide, but its display was not seen in an authoritative source: accepted, never fixed as a pattern.
* $SCT#387854002
* $SCT#229506003 "Scar tissue massage"
* $SCT#231107005 "Acupressure"
* $CPT#97124
* $CPT#97140
* $position#X0106
* $position#X0107
* $position#X0108
* $position#X0202
* include codes from system MassageTechnique

ValueSet: MassageTechniqueSet
Id: massage-technique
Title: "Massage techniques"
Description: "All techniques of our CodeSystem."
* insert LocalValueSet
* include codes from system MassageTechnique

ValueSet: MassageBodySite
Id: massage-body-site
Title: "Body sites of massage"
Description: "Regions that massage treats. The side is told by the laterality extension."
* insert LocalValueSet
* insert SnomedNotice
* $SCT#69536005 "Head"
* $SCT#89545001 "Face"
* $SCT#53620006 "Temporomandibular joint"
* $SCT#45048000 "Neck"
* $SCT#81727001 "Muscle of neck"
* $SCT#122494005 "Cervical spine"
* $SCT#16982005 "Shoulder"
* $SCT#79601000 "Scapula"
* $SCT#122495006 "Thoracic spine"
* $SCT#77568009 "Back"
* $SCT#52612000 "Lumbar region"
* $SCT#122496007 "Lumbar spine"
* $SCT#39723000 "Sacroiliac joint"
* $SCT#46862004 "Buttock"
* $SCT#816094009 "Chest"
* $SCT#818981001 "Abdomen"
* $SCT#22943007 "Trunk"
* $SCT#53120007 "Upper limb"
* $SCT#40983000 "Upper arm"
* $SCT#16953009 "Elbow joint"
* $SCT#14975008 "Forearm"
* $SCT#74670003 "Wrist joint"
* $SCT#85562004 "Hand"
* $SCT#29836001 "Hip"
* $SCT#61685007 "Lower limb"
* $SCT#68367000 "Thigh"
* $SCT#72696002 "Knee"
* $SCT#30021000 "Lower leg"
* $SCT#70258002 "Ankle joint"
* $SCT#56459004 "Foot"
* $SCT#38266002 "Entire body"
* $SCT#36701003 "Both knees"

ValueSet: LateralitySet
Id: laterality
Title: "Side of the body"
Description: "Left, right or both: the simple SNOMED CT qualifiers and those of HL7's own bodysite-laterality."
* insert LocalValueSet
* insert SnomedNotice
* $SCT#7771000 "Left"
* $SCT#24028007 "Right"
* $SCT#51440002 "Bilateral"
* include codes from valueset http://hl7.org/fhir/ValueSet/bodysite-laterality

ValueSet: MassageIndication
Id: massage-indication
Title: "Reasons for medical massage"
Description: "Clinical reasons known to the screening rules. ICD-10-CM categories include all their subdivisions, because CM and GM divide them differently and CM changes yearly; which subdivisions exist cannot be checked here."
* insert LocalValueSet
* insert MixedNotice
* $SCT#45352006 "Spasm"
* $SCT#68962001 "Muscle pain"
* $SCT#203095000 "Spasm of back muscles"
* $SCT#43029002 "Abnormal posture"
* $SCT#414564002 "Kyphosis deformity of spine"
* $SCT#234097001 "Lymphedema"
* $SCT#28590005 "Chronic acquired lymphedema"
* $SCT#33129002 "Postmastectomy lymphedema syndrome"
* $SCT#161891005 "Backache"
* $SCT#279039007 "Low back pain"
* $SCT#278860009 "Chronic low back pain"
* $SCT#81680005 "Neck pain"
* $SCT#45326000 "Shoulder pain"
* $SCT#23056005 "Sciatica"
* $SCT#82423001 "Chronic pain"
* $SCT#25064002 "Headache"
* $SCT#398057008 "Tension-type headache"
* $SCT#37796009 "Migraine"
* $SCT#4969004 "Sinus headache"
* $SCT#57406009 "Carpal tunnel syndrome"
* $SCT#48532005 "Muscle strain"
* $SCT#398878007 "Sprain of ligament"
* $SCT#44465007 "Sprain of ankle"
* $SCT#263134008 "Ligament rupture"
* $SCT#417076003 "Dislocation of shoulder joint"
* $SCT#39848009 "Whiplash injury to neck"
* $SCT#399114005 "Adhesive capsulitis of shoulder"
* $SCT#213299007 "Postoperative pain"
* $SCT#48694002 "Anxiety"
* $SCT#197480006 "Anxiety disorder"
* $SCT#3723001 "Arthritis"
* $SCT#396275006 "Osteoarthritis"
* $SCT#239873007 "Osteoarthritis of knee"
* $SCT#69896004 "Rheumatoid arthritis"
* $SCT#73211009 "Diabetes mellitus"
* $SCT#24700007 "Multiple sclerosis"
* $SCT#49049000 "Parkinson's disease"
* $SCT#221360009 "Spasticity"
* $SCT#77386006 "Pregnancy"
* $SCT#422587007 "Nausea"
* $SCT#47505003 "Posttraumatic stress disorder"
* $SCT#35489007 "Depressive disorder"
* $SCT#193462001 "Insomnia"
* $SCT#73595000 "Stress"
* $SCT#52702003 "Chronic fatigue syndrome"
* $SCT#14760008 "Constipation"
* $SCT#275322007 "Scar"
* $SCT#267038008 "Edema"
* include codes from system $ICD10CM where concept is-a #M62.8
* include codes from system $ICD10CM where concept is-a #M79
* include codes from system $ICD10CM where concept is-a #M62.4
* include codes from system $ICD10CM where concept is-a #M40
* include codes from system $ICD10CM where concept is-a #I89
* include codes from system $ICD10CM where concept is-a #I97.2
* include codes from system $ICD10CM where concept is-a #M54
* include codes from system $ICD10CM where concept is-a #G89.4
* include codes from system $ICD10CM where concept is-a #R51
* include codes from system $ICD10CM where concept is-a #G44.2
* include codes from system $ICD10CM where concept is-a #G43
* include codes from system $ICD10CM where concept is-a #G56.0
* include codes from system $ICD10CM where concept is-a #S93
* include codes from system $ICD10CM where concept is-a #M70
* include codes from system $ICD10CM where concept is-a #S13.4
* include codes from system $ICD10CM where concept is-a #M75.0
* include codes from system $ICD10CM where concept is-a #M17
* include codes from system $ICD10CM where concept is-a #M19
* include codes from system $ICD10CM where concept is-a #M06
* include codes from system $ICD10CM where concept is-a #E11
* include codes from system $ICD10CM where concept is-a #G35
* include codes from system $ICD10CM where concept is-a #G20
* include codes from system $ICD10CM where concept is-a #O26
* include codes from system $ICD10CM where concept is-a #O21
* include codes from system $ICD10CM where concept is-a #F43.1
* include codes from system $ICD10CM where concept is-a #F41
* include codes from system $ICD10CM where concept is-a #F32
* include codes from system $ICD10CM where concept is-a #G47
* include codes from system $ICD10CM where concept is-a #K59
* include codes from system $ICD10CM where concept is-a #M25.6
* include codes from system $ICD10CM where concept is-a #R60

ValueSet: PerformerKindSet
Id: performer-kind
Title: "Professions that may treat"
Description: "NUCC taxonomy codes and our own. SNOMED CT 822410621000087104 is left out on purpose: it is a concept of the Canadian extension."
* insert LocalValueSet
* insert NuccNotice
* $NUCC#225700000X "Massage Therapist"
* $NUCC#225100000X "Physical Therapist"
* $NUCC#225200000X "Physical Therapy Assistant"
* $NUCC#111N00000X "Chiropractor"
* $NUCC#173C00000X "Reflexologist"
* $NUCC#171100000X "Acupuncturist"
* $NUCC#172M00000X "Mechanotherapist"
* include codes from system PerformerKind

ValueSet: TherapistQualificationSet
Id: therapist-qualification
Title: "Further qualifications"
Description: "All further qualifications of our CodeSystem."
* insert LocalValueSet
* include codes from system TherapistQualification

ValueSet: OutcomeMeasure
Id: outcome-measure
Title: "Measures of outcome"
Description: "What an Observation of a session may measure."
* insert LocalValueSet
* insert LoincNotice
* $LNC#72514-3 "Pain severity - 0-10 verbal numeric rating [Score] - Reported"
* $LNC#75893-8 "Pain severity in the past week - 0-10 numeric rating [Reported]"
* include codes from valueset RomMeasure
* include codes from valueset FunctionMeasure
* include codes from valueset LimbSizeMeasure
* MassageOutcome#muscle-tone
* MassageOutcome#adverse-event-assessment
* $LNC#107332-9 "Goal attainment scale - Reported"
* $LNC#107333-7 "Practitioner follow-up goal attainment scaling score"
* $LNC#107334-5 "Patient follow-up goal attainment scaling score"

ValueSet: RomMeasure
Id: rom-measure
Title: "Measures of range of motion"
Description: "Shoulder and knee by LOINC; other joints by our code with the joint in bodySite and the movement in a component."
* insert LocalValueSet
* insert LoincNotice
* $LNC#41389-8 "Shoulder Flexion Active Range of Motion Quantitative"
* $LNC#41390-6 "Shoulder Flexion Passive Range of Motion Quantitative"
* $LNC#41381-5 "Shoulder Abduction Active Range of Motion Quantitative"
* $LNC#41382-3 "Shoulder Abduction Passive Range of Motion Quantitative"
* $LNC#41387-2 "Shoulder External rotation Active Range of Motion Quantitative"
* $LNC#41388-0 "Shoulder External rotation Passive Range of Motion Quantitative"
* $LNC#41391-4 "Shoulder Internal rotation Active Range of Motion Quantitative"
* $LNC#41392-2 "Shoulder Internal rotation Passive Range of Motion Quantitative"
* $LNC#41349-2 "Knee - right Extension Active Range of Motion Quantitative"
* $LNC#41347-6 "Knee - right Flexion Active Range of Motion"
* $LNC#41345-0 "Knee - left Extension Active Range of Motion Quantitative"
* $LNC#41343-5 "Knee - left Flexion Active Range of Motion"
* MassageOutcome#joint-rom

ValueSet: FunctionMeasure
Id: function-measure
Title: "Measures of function and well-being"
Description: "Totals of questionnaires; the questionnaires themselves belong to their owners and are not shipped."
* insert LocalValueSet
* insert LoincNotice
* MassageOutcome#psfs
* MassageOutcome#ndi
* MassageOutcome#odi
* MassageOutcome#perceived-stress
* $LNC#91147-9 "Mean score [PEG]"
* $LNC#71961-7 "PROMIS-29 Pain Interference, T score"
* $LNC#71959-1 "PROMIS-29 Physical Function, T score"
* $LNC#71955-9 "PROMIS-29 Sleep Disturbance, T score"
* $LNC#71963-3 "PROMIS-29 Fatigue, T score"
* $LNC#71971-6 "PROMIS-10 Global Health, GPH, T score"
* $LNC#71969-0 "PROMIS-10 Global Health, GMH, T score"
* $LNC#44261-6 "Patient health questionnaire 9 item (PHQ-9) total score"
* $LNC#70274-6 "Generalized anxiety disorder 7 item (GAD-7) total score"
* $LNC#91351-7 "Total score [STarT Back]"

ValueSet: LimbSizeMeasure
Id: limb-size-measure
Title: "Measures of limb size"
Description: "Circumference and volume; no verified LOINC code was found."
* insert LocalValueSet
* MassageOutcome#limb-circumference
* MassageOutcome#limb-volume

ValueSet: JointMovementSet
Id: joint-movement
Title: "Movements of joints"
Description: "All movements of our CodeSystem."
* insert LocalValueSet
* include codes from system JointMovement

ValueSet: MotionKindSet
Id: motion-kind
Title: "Active or passive"
Description: "Both kinds of our CodeSystem."
* insert LocalValueSet
* include codes from system MotionKind

ValueSet: SessionPhaseSet
Id: session-phase
Title: "Phases of a session"
Description: "All phases of our CodeSystem."
* insert LocalValueSet
* include codes from system SessionPhase

ValueSet: PressureSet
Id: pressure
Title: "Pressures"
Description: "All pressures of our CodeSystem."
* insert LocalValueSet
* include codes from system Pressure

ValueSet: MediumSet
Id: medium
Title: "Media"
Description: "All media of our CodeSystem."
* insert LocalValueSet
* include codes from system Medium

ValueSet: ModificationSet
Id: modification
Title: "Changes of a treatment"
Description: "All changes of our CodeSystem."
* insert LocalValueSet
* include codes from system Modification

ValueSet: NotDoneReasonSet
Id: not-done-reason
Title: "Reasons of a session not done"
Description: "All reasons of our CodeSystem."
* insert LocalValueSet
* include codes from system NotDoneReason

ValueSet: AdverseEventSet
Id: adverse-event
Title: "Unwanted effects"
Description: "Our codes, and the SNOMED CT codes of the same findings."
* insert LocalValueSet
* insert SnomedNotice
* include codes from system AdverseEvent
* $SCT#68962001 "Muscle pain"
* $SCT#302227002 "Ecchymosis"
* $SCT#385494008 "Hematoma"
* $SCT#404640003 "Dizziness"
* $SCT#427461000 "Near syncope"
* $SCT#367466007 "Skin irritation"
* $SCT#84229001 "Fatigue"
* $SCT#25064002 "Headache"
* $SCT#422587007 "Nausea"

ValueSet: StatusReasonSet
Id: status-reason
Title: "Reasons of a hold, a rejection or an end"
Description: "All reasons of our CodeSystem."
* insert LocalValueSet
* include codes from system StatusReason

ValueSet: BusinessStatusSet
Id: business-status
Title: "Business states of a referral"
Description: "All business states of our CodeSystem, and the numbers of HL7 BSeR for partners that follow its table (codes only: its displays are not repeated here)."
* insert LocalValueSet
* include codes from system BusinessStatus
* $bser-status#2.0
* $bser-status#3.0
* $bser-status#4.0
* $bser-status#5.1
* $bser-status#5.1.1
* $bser-status#5.1.2
* $bser-status#5.1.3
* $bser-status#5.1.4
* $bser-status#5.2
* $bser-status#6.0
* $bser-status#7.0

ValueSet: TaskParameterSet
Id: task-parameter
Title: "Types of Task input and output"
Description: "All types of our CodeSystem."
* insert LocalValueSet
* include codes from system TaskParameter

ValueSet: SessionOutcome
Id: session-outcome
Title: "Outcome of a session"
Description: "Successful, partially successful, unsuccessful: the codes of HL7's procedure-outcome."
* insert LocalValueSet
* insert SnomedNotice
* $SCT#385669000 "Successful"
* $SCT#385670004 "Partially successful"
* $SCT#385671000 "Unsuccessful"

ValueSet: SessionStatus
Id: session-status
Title: "States of a session that is reported"
Description: "A session is reported when it is over or when it did not take place."
* insert LocalValueSet
* $event-status#completed
* $event-status#stopped
* $event-status#not-done
* $event-status#entered-in-error

ValueSet: MeasurementStatus
Id: measurement-status
Title: "States of a measurement that is reported"
Description: "Only what is settled is reported."
* insert LocalValueSet
* $observation-status#final
* $observation-status#amended
* $observation-status#corrected
* $observation-status#entered-in-error

ValueSet: MeasurementCategory
Id: measurement-category
Title: "Categories of measurements"
Description: "The categories of HL7's observation-category that a session can have."
* insert LocalValueSet
* $observation-category#survey
* $observation-category#exam
* $observation-category#vital-signs
* $observation-category#therapy

ValueSet: SummaryStatus
Id: summary-status
Title: "States of a summary"
Description: "Partial for an interim report, final at the end, and corrections."
* insert LocalValueSet
* $report-status#partial
* $report-status#final
* $report-status#amended
* $report-status#corrected
* $report-status#entered-in-error

ValueSet: FulfilmentStatus
Id: fulfilment-status
Title: "States of a fulfilment Task"
Description: "The states of a Task that a referral to massage goes through; draft and ready are not among them."
* insert LocalValueSet
* $task-status#requested
* $task-status#received
* $task-status#accepted
* $task-status#rejected
* $task-status#on-hold
* $task-status#in-progress
* $task-status#completed
* $task-status#failed
* $task-status#cancelled
* $task-status#entered-in-error

ValueSet: PlanStatusSet
Id: plan-status
Title: "States of a plan"
Description: "All states of our CodeSystem."
* insert LocalValueSet
* include codes from system PlanStatus
