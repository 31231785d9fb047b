import { type EvidenceCode, isReadableSystem } from './codes.ts';
import { type PlanFacts, placesOf } from './facts.ts';
import { type Json, object, objects, text } from './json.ts';
import type { Place, Regions } from './regions.ts';
import { type ClinicalStatus, clinicalStatuses } from './rule.ts';
import type { Found, Resolve } from './walk.ts';

/** One thing that a record says about the patient, as far as rules care. */
export interface Evidence {
  readonly kind: 'condition' | 'medication' | 'allergy';
  readonly path: string;
  readonly codes: readonly EvidenceCode[];
  readonly status: ClinicalStatus;
  /** When it began, or at the latest (its recording); absent where nobody says. */
  readonly began?: string;
  /** Where it is; empty where the record does not say or names a place that we do not know. */
  readonly places: readonly Place[];
  /** The record; absent for a reasonCode. */
  readonly resource?: Json;
}

/** Words or codes that no rule can read: shown to a person, never decided on. */
export interface Shown {
  readonly path: string;
  readonly text: string;
}

/** What reading a record needs besides the record. */
export interface Reading {
  readonly resolve: Resolve;
  readonly regions: Regions;
  /** An instant. */
  readonly now: string;
}

/** @returns Undefined for a resource that is no condition, medicine or allergy, or that says it is not so. */
export function evidenceOf(found: Found, reading: Reading): Evidence | undefined {
  switch (found.resource.resourceType) {
    case 'Condition':
      return condition(found, reading);
    case 'MedicationStatement':
    case 'MedicationRequest':
      return medication(found, reading);
    case 'AllergyIntolerance':
      return allergy(found);
    default:
      return undefined;
  }
}

const denied = new Set(['refuted', 'entered-in-error']);

function condition({ path, resource }: Found, { regions, now }: Reading): Evidence | undefined {
  if (denied.has(codeOf(resource.verificationStatus) ?? '')) return undefined;
  const began =
    text(resource.onsetDateTime) ?? text(object(resource.onsetPeriod)?.start) ?? text(resource.recordedDate);
  return {
    kind: 'condition',
    path,
    resource,
    codes: codesOf(resource.code, `${path}.code`),
    status: conditionStatus(resource, now),
    ...(began === undefined ? {} : { began }),
    places: placesOf(resource.bodySite, regions),
  };
}

/**
 * The status as told. Where none is told, an abatement in the past ends it. A record that is called active and abated
 * (con-4 of R4 forbids it) is read as active, which is the dangerous reading.
 */
function conditionStatus(resource: Json, now: string): ClinicalStatus {
  const told = codeOf(resource.clinicalStatus) as ClinicalStatus | undefined;
  if (told !== undefined && clinicalStatuses.includes(told)) return told;
  const abated = text(resource.abatementDateTime) ?? text(object(resource.abatementPeriod)?.end);
  if (abated !== undefined) return Date.parse(abated) <= Date.parse(now) ? 'resolved' : 'active';
  const otherwise = resource.abatementAge ?? resource.abatementRange ?? resource.abatementString;
  return otherwise === undefined ? 'unknown' : 'resolved';
}

/** What is no longer, or not yet, taken. `on-hold` and `intended` count: they may be taken by the first session. */
const notTaken = new Set(['entered-in-error', 'stopped', 'completed', 'cancelled', 'draft', 'not-taken']);

function medication({ path, resource }: Found, { resolve }: Reading): Evidence | undefined {
  if (notTaken.has(text(resource.status) ?? '') || resource.doNotPerform === true) return undefined;
  const inline = codesOf(resource.medicationCodeableConcept, `${path}.medicationCodeableConcept`);
  const product = resolve(resource.medicationReference, path);
  const codes = product === undefined ? inline : [...inline, ...codesOf(product.resource.code, `${product.path}.code`)];
  return { kind: 'medication', path, resource, codes, status: 'active', places: [] };
}

function allergy({ path, resource }: Found): Evidence | undefined {
  if (denied.has(codeOf(resource.verificationStatus) ?? '')) return undefined;
  const status = codeOf(resource.clinicalStatus);
  if (status === 'inactive' || status === 'resolved') return undefined;
  const codes = [...codesOf(resource.code, `${path}.code`)];
  objects(resource.reaction).forEach((reaction, index) => {
    codes.push(...codesOf(reaction?.substance, `${path}.reaction[${index}].substance`));
  });
  return { kind: 'allergy', path, resource, codes, status: 'active', places: [] };
}

/**
 * Reasons of the order: present, without a date. A reason that the prescriber told later, as an answer, stands in the
 * plan only; one that the plan took from a Condition is read there, with its status.
 */
export function reasonEvidence(referral: Json, facts: PlanFacts): Evidence[] {
  const inOrder = reasonCodes(referral);
  const told = new Set(inOrder.flatMap(({ codes }) => codes).map(({ system, code }) => `${system}|${code}`));
  const later = (facts.indications ?? []).flatMap(({ codings, conditionRef }, index): Evidence[] => {
    if (conditionRef !== undefined) return [];
    const path = `TreatmentPlan.indications[${index}]`;
    const codes = codings.flatMap(({ system, code }, at) =>
      system === undefined || code === undefined || told.has(`${system}|${code}`)
        ? []
        : [{ system, code, path: `${path}.codings[${at}]` }],
    );
    return codes.length === 0 ? [] : [{ kind: 'condition', path, codes, status: 'unknown', places: [] }];
  });
  return [...inOrder, ...later];
}

function reasonCodes(referral: Json): Evidence[] {
  return objects(referral.reasonCode).map((concept, index) => {
    const path = `ServiceRequest.reasonCode[${index}]`;
    return { kind: 'condition', path, codes: codesOf(concept, path), status: 'unknown', places: [] };
  });
}

/** Words of the order and of what came with it that a person must read. */
export function shownOf(referral: Json, evidence: readonly Evidence[]): Shown[] {
  const shown: Shown[] = [];
  const show = (path: string, value: unknown) => {
    const words = text(value);
    if (words !== undefined) shown.push({ path, text: words });
  };
  const notes = (resource: Json, path: string) =>
    objects(resource.note).forEach((note, index) => {
      show(`${path}.note[${index}].text`, note?.text);
    });
  notes(referral, 'ServiceRequest');
  objects(referral.reasonCode).forEach((concept, index) => {
    show(`ServiceRequest.reasonCode[${index}].text`, concept?.text);
  });
  for (const { path, codes, resource } of evidence) {
    if (resource === undefined) continue;
    notes(resource, path);
    if (codes.some(({ system }) => isReadableSystem(system))) continue;
    const name = resource.medicationCodeableConcept === undefined ? 'code' : 'medicationCodeableConcept';
    const concept = object(resource[name]);
    const [coding] = objects(concept?.coding);
    show(`${path}.${name}`, text(concept?.text) ?? text(coding?.display) ?? text(coding?.code));
  }
  return shown;
}

/** Codings with system and code; others say nothing that can be decided on. */
export function codesOf(concept: unknown, path: string): EvidenceCode[] {
  const codes: EvidenceCode[] = [];
  objects(object(concept)?.coding).forEach((coding, index) => {
    const system = text(coding?.system);
    const code = text(coding?.code);
    if (system !== undefined && code !== undefined) codes.push({ system, code, path: `${path}.coding[${index}]` });
  });
  return codes;
}

function codeOf(concept: unknown): string | undefined {
  return text(objects(object(concept)?.coding)[0]?.code);
}
