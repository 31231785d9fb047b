import type { CodeList } from './rule.ts';

/** One code that a record carries. */
export interface EvidenceCode {
  readonly system: string;
  readonly code: string;
  /** FHIRPath of the coding. */
  readonly path: string;
}

type Terminology = 'icd10' | 'snomed' | 'atc';

/**
 * Under which names hospitals send the terminologies that rules speak. ICD-10 is matched by prefix, so the national
 * modifications (CM, GM, AM and the Dutch one) may be read alike; they share the categories that rules use.
 * https://hl7.org/fhir/R4/terminologies-systems.html and, for OIDs, https://hl7.org/fhir/R4/icd.html
 */
const systems: ReadonlyMap<string, Terminology> = new Map(
  Object.entries({
    'http://snomed.info/sct': 'snomed',
    'urn:oid:2.16.840.1.113883.6.96': 'snomed',
    'http://hl7.org/fhir/sid/icd-10': 'icd10',
    'http://hl7.org/fhir/sid/icd-10-cm': 'icd10',
    'http://hl7.org/fhir/sid/icd-10-nl': 'icd10',
    'http://hl7.org/fhir/sid/icd-10-de': 'icd10',
    'http://fhir.de/CodeSystem/bfarm/icd-10-gm': 'icd10',
    'http://fhir.de/CodeSystem/dimdi/icd-10-gm': 'icd10',
    'urn:oid:2.16.840.1.113883.6.3': 'icd10',
    'urn:oid:2.16.840.1.113883.6.90': 'icd10',
    'http://www.whocc.no/atc': 'atc',
    'http://fhir.de/CodeSystem/bfarm/atc': 'atc',
    'http://fhir.de/CodeSystem/dimdi/atc': 'atc',
    'urn:oid:2.16.840.1.113883.6.73': 'atc',
  } satisfies Record<string, Terminology>),
);

/** Finds what a code was registered for. `Target` is for example a rule. */
export interface CodeIndex<Target> {
  add(codes: CodeList | undefined, target: Target): void;
  /** Calls `found` for each target that was registered for the code, or for a prefix of it. */
  find(code: EvidenceCode, found: (target: Target) => void): void;
}

export function codeIndex<Target>(): CodeIndex<Target> {
  const exact = new Map<string, Target[]>();
  const prefixes = { icd10: new Map<string, Target[]>(), atc: new Map<string, Target[]>() };
  const ranges: { readonly first: string; readonly last: string; readonly target: Target }[] = [];
  return {
    add(codes, target) {
      for (const code of codes?.snomed ?? []) append(exact, code, target);
      for (const prefix of codes?.atc ?? []) append(prefixes.atc, prefix, target);
      for (const entry of codes?.icd10 ?? []) {
        const [first = '', last] = entry.split('-');
        if (last === undefined) append(prefixes.icd10, withoutMarks(first), target);
        else ranges.push({ first, last, target });
      }
    },
    find({ system, code }, found) {
      const terminology = systems.get(system);
      if (terminology === undefined) return;
      if (terminology === 'snomed') {
        for (const target of exact.get(focusConcept(code)) ?? []) found(target);
        return;
      }
      const plain = withoutMarks(code);
      for (let length = 1; length <= plain.length; length++) {
        for (const target of prefixes[terminology].get(plain.slice(0, length)) ?? []) found(target);
      }
      if (terminology !== 'icd10' || plain.length < 3) return;
      const category = plain.slice(0, 3);
      for (const { first, last, target } of ranges) if (first <= category && category <= last) found(target);
    },
  };
}

/** Whether a rule could ever match codes of this system. */
export function isReadableSystem(system: string | undefined): boolean {
  return system !== undefined && systems.has(system);
}

/** `I82.4`, `I82.4-` and `i82.4+` are the same code: dots, gaps and the marks of GM (+ * !) carry no meaning here. */
function withoutMarks(code: string): string {
  const plain = code.replace('.', '');
  return /^[A-Z0-9]+$/.test(plain) ? plain : plain.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** The first concept of a SNOMED CT expression: `128053003:272741003=7771000` is still a thrombosis. */
function focusConcept(code: string): string {
  return /^\d+/.exec(code)?.[0] ?? code;
}

function append<Target>(map: Map<string, Target[]>, key: string, target: Target): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [target]);
  else if (!list.includes(target)) list.push(target);
}
