// Code systems of others.
Alias: $SCT = http://snomed.info/sct
Alias: $LNC = http://loinc.org
Alias: $UCUM = http://unitsofmeasure.org
Alias: $CPT = http://www.ama-assn.org/go/cpt
Alias: $NUCC = http://nucc.org/provider-taxonomy
Alias: $ICD10CM = http://hl7.org/fhir/sid/icd-10-cm
Alias: $service-type = http://terminology.hl7.org/CodeSystem/service-type
Alias: $position = urn:local:gkv-heilmittelpositionsnummer
Alias: $v2-0203 = http://terminology.hl7.org/CodeSystem/v2-0203
Alias: $task-code = http://hl7.org/fhir/CodeSystem/task-code
Alias: $task-status = http://hl7.org/fhir/task-status
Alias: $event-status = http://hl7.org/fhir/event-status
Alias: $observation-status = http://hl7.org/fhir/observation-status
Alias: $report-status = http://hl7.org/fhir/diagnostic-report-status
Alias: $observation-category = http://terminology.hl7.org/CodeSystem/observation-category
Alias: $data-absent = http://terminology.hl7.org/CodeSystem/data-absent-reason
Alias: $goal-achievement = http://terminology.hl7.org/CodeSystem/goal-achievement
// Numbers of HL7 BSeR and IHE 360X; which there are stands in mappings/anchors/bser.json too, and a test compares.
Alias: $bser-status = http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS
Alias: $ae-severity = http://terminology.hl7.org/CodeSystem/adverse-event-severity

// Identifier systems of ours: they begin with the canonical base of sushi-config.yaml (a test compares).
Alias: $sid-plan = https://tactus.example/fhir/sid/plan
Alias: $sid-session = https://tactus.example/fhir/sid/session
Alias: $sid-measurement = https://tactus.example/fhir/sid/measurement
