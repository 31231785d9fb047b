// Codes of our own, for which no public source showed a standard code. Each is an id of the project's catalogue of concepts.

RuleSet: LocalCodeSystem
* ^experimental = false
* ^caseSensitive = true
* ^content = #complete
* ^copyright = "Apache-2.0. Local codes of Tactus; a site maps them to its own by a ConceptMap."

CodeSystem: MassageCategory
Id: massage-category
Title: "Kind of massage"
Description: "Whether a massage is a treatment that a doctor prescribes or a wellness service that needs no prescription."
* insert LocalCodeSystem
* #medical-massage "Medical massage" "Massage as a treatment, prescribed for a clinical reason."
* #wellness-massage "Wellness massage" "Massage for relaxation, without a clinical reason. It cannot be prescribed."

CodeSystem: MassageTechnique
Id: massage-technique
Title: "Massage technique"
Description: "How a massage is given. Local, because no public source showed SNOMED CT codes for most techniques; a code of another system may stand beside it."
* insert LocalCodeSystem
* #classic "Classic (Swedish) massage"
* #mld "Manual lymphatic drainage"
* #reflexology "Reflexology"
* #acupressure "Acupressure"
* #effleurage "Effleurage (light or deep stroking)"
* #petrissage "Petrissage (kneading)"
* #tapotement "Tapotement (gentle slapping, percussion)"
* #friction "Friction"
* #deep-tissue "Deep tissue massage"
* #soft-tissue "Soft tissue technique or mobilisation"
* #trigger-point "Myofascial trigger point therapy"
* #stretching "Stretching applied by the therapist"
* #equipment-assisted "Equipment-assisted massage, for example with a massage ball"
* #scar "Scar tissue massage"
* #bgm "Connective tissue massage (Bindegewebsmassage)"
* #segment-periost-colon "Segment, periosteal or colon massage"
* #hot-cold "Hot or cold pack (ancillary)"
* #full-body "Full-body massage" "Scope rather than technique: all body regions, so no single body site is named."

CodeSystem: MassageOutcome
Id: massage-outcome
Title: "Measures of massage"
Description: "What is measured before, during or after a session, where no verified LOINC code was found; and the codes of components of such measurements. NDI, ODI and PSFS are instruments of their owners: only scores are carried, no item text."
* insert LocalCodeSystem
* #joint-rom "Range of motion of a joint" "Joint in bodySite, movement and motion kind in components, degrees."
* #psfs "Patient-Specific Functional Scale, 0 to 10 (higher is better)"
* #ndi "Neck Disability Index, total 0 to 50"
* #odi "Oswestry Disability Index, 0 to 100 percent"
* #perceived-stress "Perceived stress, 0 to 10"
* #muscle-tone "Muscle tone by palpation"
* #limb-circumference "Limb circumference at a marked level"
* #limb-volume "Limb volume or excess volume"
* #adverse-event-assessment "Statement about unwanted effects of a session"
* #adverse-event "An unwanted effect that occurred" "Component of an adverse event assessment."
* #adverse-event-severity "Severity of the worst unwanted effect" "Component of an adverse event assessment."
* #movement "Movement of the joint" "Component of a range of motion."
* #motion "Active or passive" "Component of a range of motion."
* #landmark-distance "Distance of the level from its landmark" "Component of a limb size."

CodeSystem: JointMovement
Id: joint-movement
Title: "Movement of a joint"
Description: "The movement whose range was measured."
* insert LocalCodeSystem
* #flexion "Flexion"
* #extension "Extension"
* #abduction "Abduction"
* #adduction "Adduction"
* #external-rotation "External rotation"
* #internal-rotation "Internal rotation"
* #rotation "Rotation"
* #lateral-flexion "Lateral flexion"

CodeSystem: MotionKind
Id: motion-kind
Title: "Who moves the joint"
Description: "Whether the patient or the therapist moved the joint while its range was measured."
* insert LocalCodeSystem
* #active "Active" "The patient moves."
* #passive "Passive" "The therapist moves."

CodeSystem: SessionPhase
Id: session-phase
Title: "When in a session"
Description: "Whether a measurement was taken before or after the treatment, or stands for a whole interval of the course."
* insert LocalCodeSystem
* #pre "Before the treatment"
* #post "After the treatment"
* #interval "Once in an interval of the course" "At the start, every few sessions, at the end; not tied to one treatment."

CodeSystem: Pressure
Id: pressure
Title: "Pressure of a massage"
Description: "How hard the therapist pressed."
* insert LocalCodeSystem
* #light "Light"
* #moderate "Moderate"
* #deep "Deep"

CodeSystem: Medium
Id: medium
Title: "Medium of a massage"
Description: "What was put on the skin; it matters to patients with allergies."
* insert LocalCodeSystem
* #none "None"
* #oil "Oil"
* #lotion "Lotion"
* #other "Other"

CodeSystem: Modification
Id: modification
Title: "Change of a treatment for this patient"
Description: "How a treatment differs from the usual because of this patient's condition."
* insert LocalCodeSystem
* #slow-pace "Slow movements"
* #regular-breaks "Regular breaks"
* #light-pressure "Light pressure only"
* #moderate-pressure "Moderate pressure at most"
* #no-deep "No deep techniques"
* #no-heat "No heat"
* #oil-free "Without oil"
* #latex-free "Without latex"
* #side-lying "Patient lies on the side"
* #avoid-region "Leave a region out"
* #stretching "With stretching"
* #max-duration "Limited duration"

CodeSystem: PerformerKind
Id: performer-kind
Title: "Profession of a therapist"
Description: "Who gives medical massage. The NUCC code of the same profession may stand beside it."
* insert LocalCodeSystem
* #massage-therapist "Licensed or medical massage therapist"
* #physiotherapist "Physiotherapist"
* #pt-assistant "Physical therapy assistant"
* #chiropractor "Chiropractor"
* #masseur-med-bademeister "Masseur und medizinischer Bademeister"
* #reflexologist "Reflexologist"
* #acupuncturist "Acupuncturist (acupressure)"
* #mechanotherapist "Mechanotherapist"

CodeSystem: TherapistQualification
Id: therapist-qualification
Title: "Further qualification of a therapist"
Description: "Training beyond the profession that some plans require."
* insert LocalCodeSystem
* #mld "Manual lymphatic drainage"
* #prenatal "Massage in pregnancy"
* #neuro "Neurological disorders"
* #oncology "Cancer"

CodeSystem: NotDoneReason
Id: not-done-reason
Title: "Why a session was stopped or not done"
Description: "The reason that a hospital is told when a session did not take place or was broken off."
* insert LocalCodeSystem
* #patient-no-show "The patient did not come"
* #patient-declined "The patient declined"
* #contraindication-found "A contraindication was found before the session"
* #therapist-unavailable "The therapist was not available"
* #adverse-event "An unwanted effect occurred"
* #other "Another reason"

CodeSystem: AdverseEvent
Id: adverse-event
Title: "Unwanted effect of a massage"
Description: "What happened that should not. The SNOMED CT code of the same finding may stand beside it."
* insert LocalCodeSystem
* #pain "Muscle pain after the session"
* #ecchymosis "Bruise"
* #hematoma "Hematoma"
* #dizziness "Dizziness"
* #syncope "Near syncope"
* #skin "Skin irritation"
* #fatigue "Fatigue"
* #headache "Headache"
* #nausea "Nausea"
* #other "Another unwanted effect"

CodeSystem: StatusReason
Id: status-reason
Title: "Why a referral is held, rejected or ended"
Description: "Task.statusReason: what the prescriber must know or do. A sentence for a person always stands beside the code."
* insert LocalCodeSystem
* #missing-session-count "The number of sessions is missing"
* #missing-information "Other information is missing"
* #unsupported-service-code "The service is not offered"
* #contraindication-reported "A contraindication is on record"
* #red-flag "A warning sign needs a doctor first"
* #no-therapist-for-body-region "No therapist for this body region"
* #outside-area "The patient lives outside the area"
* #capacity-full "No free capacity"
* #duplicate-referral "The referral is here already"
* #patient-declined "The patient declined"
* #patient-unreachable "The patient cannot be reached"
* #prescription-expired "The prescription has expired"
* #intent-not-order "The request is not an order"
* #prescriber-not-authorised "The prescriber may not prescribe this"
* #profile-invalid "The referral breaks the profile"
* #wellness-excluded "Wellness massage cannot be prescribed"
* #no-prescription "There is no prescription"
* #no-indication "There is no clinical reason"
* #unqualified-performer "The named performer is not qualified"
* #order-on-hold "The prescriber put the order on hold"
* #order-revoked "The prescriber withdrew the order"
* #order-entered-in-error "The order was entered in error"
* #order-replaced "Another order takes its place"
* #cancellation-accepted "Ended because the prescriber asked"
* #no-answer "Questions were not answered in time"
* #other "Another reason" "None of the others, or nobody told one. The sentence beside it says what is known."

CodeSystem: BusinessStatus
Id: business-status
Title: "Where a referral stands"
Description: "Task.businessStatus: finer than Task.status, for people."
* insert LocalCodeSystem
* #awaiting-information "An answer of the prescriber is awaited"
* #awaiting-scheduling "The first appointment is being made"
* #visit-scheduled "A session is scheduled"
* #visit-no-show "The patient did not come"
* #visit-cancelled "A session was cancelled"
* #session-completed "A session was completed"
* #course-partial "The course ended before all sessions"
* #outcome-final "The course is complete and reported"
* #cancellation-requested "A cancellation was requested"
* #referred-onward "The referral was passed on"

CodeSystem: TaskParameter
Id: task-parameter
Title: "What a fulfilment Task carries"
Description: "Types of Task.input and Task.output."
* insert LocalCodeSystem
* #question "A question that the prescriber must answer" "Task.input"
* #session "The Procedure of a session" "Task.output"
* #measurement "An Observation of a session" "Task.output"
* #progress "Sessions done of sessions prescribed" "Task.output, a Ratio in {session}"
* #summary "The report on the whole course" "Task.output"

CodeSystem: Question
Id: question
Title: "What a prescriber is asked"
Description: "Beside the type question of a Task.input: which question its sentence asks. An answer that names the same code is read without a person."
* insert LocalCodeSystem
* #session-count "How many sessions" "Answered by a positiveInt from 1 to 60."
* #frequency "How often" "Answered by a Timing with frequency and period."
* #body-region "Which region of the body" "Answered by a coded body site."
* #technique "Which technique" "Answered by a code of the CodeSystem massage-technique."
* #screening "Whether everything that matters for massage was told" "Answered by a boolean."
* #indication "For which clinical reason" "Answered by a coded diagnosis or finding."
* #order-date "When it was prescribed" "Answered by a date."
* #clearance "Whether massage is safe in spite of a finding" "Answered by a boolean; who says so is named."

CodeSystem: MassageMessageEvent
Id: massage-message-event
Title: "What a message about massage is sent for"
Description: "MessageHeader.event. Events of other guides (HL7 v2 in BSeR, NHS BaRS, MyCareNet) are taken beside these."
* insert LocalCodeSystem
* #referral-new "A new referral" "From the hospital."
* #referral-update "A changed referral" "From the hospital."
* #referral-cancel "The end of a referral" "From the hospital."
* #referral-response "An answer to our message" "From the hospital."
* #referral-answer "Our answer to a referral" "To the hospital, with the Task in focus."

CodeSystem: MassageReport
Id: massage-report
Title: "Report on massage"
Description: "Kinds of DiagnosticReport that Tactus makes."
* insert LocalCodeSystem
* #series-summary "Summary of a course of massage"

CodeSystem: PlanStatus
Id: plan-status
Title: "State of a plan"
Description: "The one internal state of a plan; Task status and business status are computed from it."
* insert LocalCodeSystem
* #received "Received"
* #invalid "Invalid" "The referral cannot be made a plan."
* #held "Held" "Waits for an answer of the prescriber."
* #rejected "Rejected"
* #accepted "Accepted"
* #in-progress "In progress"
* #completed "Completed"
* #stopped "Stopped"
* #cancelled "Cancelled"
* #expired "Expired"
