/**
 * One mapping, four times: in mapping language (only what @medplum/core's runtime does as well), in JSONata, by hand,
 * and the order that all four map. The outputs are compared before anything is measured.
 */
const element = (from: string, to: string, names: readonly string[]): string =>
  names.map((name) => `    ${from}.${name} as v -> ${to}.${name} = v "${name}";`).join('\n');

export const mapText = `map "http://example.org/order-to-procedure" = "order-to-procedure"
uses "http://hl7.org/fhir/StructureDefinition/ServiceRequest" alias ServiceRequest as source
uses "http://hl7.org/fhir/StructureDefinition/Procedure" alias Procedure as target

group main(source src : ServiceRequest, target tgt : Procedure) {
  src -> tgt.status = 'completed' "status";
  src.id as v -> tgt.id = v "id";
  src.identifier as s -> tgt.identifier as t then {
${element('s', 't', ['system', 'value', 'use'])}
  } "identifier";
  src.code as s -> tgt.code as t then codeable(s, t) "code";
  src.reasonCode as s -> tgt.reasonCode as t then codeable(s, t) "reason";
  src.bodySite as s -> tgt.bodySite as t then codeable(s, t) "site";
  src.subject as s -> tgt.subject as t then ref(s, t) "subject";
  src.encounter as s -> tgt.encounter as t then ref(s, t) "encounter";
  src.requester as s -> tgt.asserter as t then ref(s, t) "requester";
  src.locationReference as s -> tgt.location as t then ref(s, t) "location";
  src.basedOn as s -> tgt.basedOn as t then ref(s, t) "basedOn";
  src.reasonReference as s -> tgt.reasonReference as t then ref(s, t) "reasonReference";
  src.note as s -> tgt.note as t then {
${element('s', 't', ['text', 'time'])}
  } "note";
  src.performer as s -> tgt.performer as p, p.actor as t then ref(s, t) "performer";
  src.supportingInfo as s -> tgt.report as t then ref(s, t) "report";
}

group codeable(source src, target tgt) {
  src.text as v -> tgt.text = v "text";
  src.coding as s -> tgt.coding as t then {
${element('s', 't', ['system', 'version', 'code', 'display'])}
  } "coding";
}

group ref(source src, target tgt) {
${element('src', 'tgt', ['reference', 'display', 'type'])}
}
`;

export const jsonataText = `(
  $coding := function($c) { { "system": $c.system, "version": $c.version, "code": $c.code, "display": $c.display } };
  $codeable := function($c) { { "text": $c.text, "coding": [$c.coding.$coding($)] } };
  $ref := function($r) { { "reference": $r.reference, "display": $r.display, "type": $r.type } };
  {
    "resourceType": "Procedure", "status": "completed", "id": id,
    "identifier": [identifier.{ "system": system, "value": value, "use": use }],
    "code": $codeable(code), "reasonCode": [reasonCode.$codeable($)], "bodySite": [bodySite.$codeable($)],
    "subject": $ref(subject), "encounter": $ref(encounter), "asserter": $ref(requester),
    "location": $ref(locationReference[0]), "basedOn": [basedOn.$ref($)], "reasonReference": [reasonReference.$ref($)],
    "note": [note.{ "text": text, "time": time }], "performer": [performer.{ "actor": $ref($) }],
    "report": [supportingInfo.$ref($)]
  }
)`;

interface Coding {
  readonly system?: string;
  readonly version?: string;
  readonly code?: string;
  readonly display?: string;
}
interface Codeable {
  readonly text?: string;
  readonly coding?: readonly Coding[];
}
interface Reference {
  readonly reference?: string;
  readonly display?: string;
  readonly type?: string;
}

/** The order of the bench. Its people are invented. */
export const order = {
  resourceType: 'ServiceRequest',
  id: 'order-1',
  status: 'active',
  intent: 'order',
  identifier: [
    { system: 'https://hospital.example/orders', value: 'A-1', use: 'official' },
    { system: 'https://portal.example/orders', value: 'B-1' },
  ],
  code: {
    text: 'Medical massage',
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '25', display: 'Massage Therapy' }],
  },
  subject: { reference: 'Patient/p1', display: 'Ann Test' },
  encounter: { reference: 'Encounter/e1' },
  requester: { reference: 'Practitioner/d1', display: 'Dr. Probe', type: 'Practitioner' },
  performer: [{ reference: 'Organization/o1' }],
  locationReference: [{ reference: 'Location/l1' }],
  basedOn: [{ reference: 'CarePlan/c1' }],
  reasonCode: [
    {
      text: 'Low back pain',
      coding: [
        { system: 'http://snomed.info/sct', code: '279039007', display: 'Low back pain' },
        { system: 'http://hl7.org/fhir/sid/icd-10-cm', version: '2018', code: 'M54.5' },
      ],
    },
    { text: 'Muscle tension' },
  ],
  reasonReference: [{ reference: 'Condition/c1' }],
  bodySite: [
    { coding: [{ system: 'http://snomed.info/sct', code: '52612000', display: 'Lumbar region' }] },
    { text: 'neck' },
  ],
  supportingInfo: [{ reference: 'DiagnosticReport/r1', display: 'MRI' }],
  note: [{ text: 'Light pressure only', time: '2026-01-10T09:00:00Z' }, { text: 'Prefers mornings' }],
};

type Output = Record<string, unknown>;

/** What a careful programmer writes for the same: absent stays absent, lists stay lists. */
export function byHand(source: typeof order): Output {
  const out: Output = { resourceType: 'Procedure', status: 'completed' };
  if (source.id !== undefined) out.id = source.id;
  if (source.identifier !== undefined) out.identifier = source.identifier.map(pickIdentifier);
  if (source.code !== undefined) out.code = pickCodeable(source.code);
  if (source.reasonCode !== undefined) out.reasonCode = source.reasonCode.map(pickCodeable);
  if (source.bodySite !== undefined) out.bodySite = source.bodySite.map(pickCodeable);
  if (source.subject !== undefined) out.subject = pickReference(source.subject);
  if (source.encounter !== undefined) out.encounter = pickReference(source.encounter);
  if (source.requester !== undefined) out.asserter = pickReference(source.requester);
  const location = source.locationReference?.[0];
  if (location !== undefined) out.location = pickReference(location);
  if (source.basedOn !== undefined) out.basedOn = source.basedOn.map(pickReference);
  if (source.reasonReference !== undefined) out.reasonReference = source.reasonReference.map(pickReference);
  if (source.note !== undefined) out.note = source.note.map(pickNote);
  if (source.performer !== undefined)
    out.performer = source.performer.map((actor) => ({ actor: pickReference(actor) }));
  if (source.supportingInfo !== undefined) out.report = source.supportingInfo.map(pickReference);
  return out;
}

function pickIdentifier({
  system,
  value,
  use,
}: {
  readonly system?: string;
  readonly value?: string;
  readonly use?: string;
}): Output {
  const out: Output = {};
  if (system !== undefined) out.system = system;
  if (value !== undefined) out.value = value;
  if (use !== undefined) out.use = use;
  return out;
}

function pickCodeable({ text, coding }: Codeable): Output {
  const out: Output = {};
  if (text !== undefined) out.text = text;
  if (coding !== undefined) out.coding = coding.map(pickCoding);
  return out;
}

function pickCoding({ system, version, code, display }: Coding): Output {
  const out: Output = {};
  if (system !== undefined) out.system = system;
  if (version !== undefined) out.version = version;
  if (code !== undefined) out.code = code;
  if (display !== undefined) out.display = display;
  return out;
}

function pickReference({ reference, display, type }: Reference): Output {
  const out: Output = {};
  if (reference !== undefined) out.reference = reference;
  if (display !== undefined) out.display = display;
  if (type !== undefined) out.type = type;
  return out;
}

function pickNote({ text, time }: { readonly text?: string; readonly time?: string }): Output {
  const out: Output = {};
  if (text !== undefined) out.text = text;
  if (time !== undefined) out.time = time;
  return out;
}
