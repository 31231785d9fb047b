Instance: TactusServer
InstanceOf: CapabilityStatement
Usage: #definition
Title: "What a Tactus server does for hospitals"
* url = "https://tactus.example/fhir/CapabilityStatement/tactus-server"
* id = "tactus-server"
* name = "TactusServer"
* title = "What a Tactus server does for hospitals"
* status = #draft
* date = "2026-11-26"
* kind = #requirements
* description = "Hospitals create referrals as ServiceRequests and follow them by their Tasks. Tactus writes Procedure, Observation, Task and DiagnosticReport to the hospital's server; what that server must be able to do is found from its own statement. What a running Tactus does now stands in its own /fhir/metadata."
* fhirVersion = #4.0.1
* format[+] = #application/fhir+json
* format[+] = #json
* rest[+].mode = #server
* rest[=].documentation = "Requests carry the partner's bearer token; a partner sees its own referrals only. Every refusal is an OperationOutcome with all issues at once."
* rest[=].security.description = "Bearer token of the partner; SMART Backend Services later."
* rest[=].resource[+].type = #ServiceRequest
* rest[=].resource[=].supportedProfile[+] = Canonical(MassageServiceRequestIntake)
* rest[=].resource[=].supportedProfile[+] = Canonical(MassageServiceRequest)
* rest[=].resource[=].interaction[+].code = #create
* rest[=].resource[=].interaction[+].code = #read
* rest[=].resource[=].interaction[+].code = #update
* rest[=].resource[=].interaction[+].code = #search-type
* rest[=].resource[=].conditionalCreate = true
* rest[=].resource[=].searchParam[+].name = "identifier"
* rest[=].resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/clinical-identifier"
* rest[=].resource[=].searchParam[=].type = #token
* rest[=].resource[+].type = #Task
* rest[=].resource[=].supportedProfile[+] = Canonical(MassageFulfilmentTask)
* rest[=].resource[=].interaction[+].code = #read
* rest[=].resource[=].interaction[+].code = #update
* rest[=].resource[=].interaction[+].code = #search-type
* rest[=].resource[=].searchParam[+].name = "identifier"
* rest[=].resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/Task-identifier"
* rest[=].resource[=].searchParam[=].type = #token
