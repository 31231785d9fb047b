import { describe, expect, test } from 'vitest';
import { loadTools } from '../../../src/cli/mapping-tools/load-tools.ts';
import { outcomeFromSession } from '../../../src/core/plan/outcome.ts';
import type { Session } from '../../../src/core/plan/session.ts';
import { examplePlan, exampleSession, pain } from './examples.ts';

const tools = loadTools();
const mapping = tools.mappings.get('session-to-outcome');
if (mapping === undefined) throw new Error('mappings/session-to-outcome.map is not usable');

function outcomeOf(session: Session, plan = examplePlan) {
  if (mapping === undefined) throw new Error('no mapping');
  const partner = { id: 'hospital', fhirBase: 'https://hospital.example/fhir' };
  return outcomeFromSession({ mapping, session, plan, measures: tools.measures, partner, now: '2026-03-04T10:00:00Z' });
}

function identifiersOf(session: Session): string[] {
  const result = outcomeOf(session);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return (result.bundle.entry ?? []).map(({ request }) => String(request?.ifNoneExist).replace(/^.*\|/, ''));
}

describe('an outcome', () => {
  test('is the same however often it is made, so that a repeat changes nothing', () => {
    expect(outcomeOf(exampleSession)).toEqual(outcomeOf(exampleSession));
  });

  test('does not change the session or the plan', () => {
    const before = structuredClone([exampleSession, examplePlan]);
    outcomeOf({ ...exampleSession, measurements: [pain('pre', 6), pain('pre', 5)] });
    expect([exampleSession, examplePlan]).toEqual(before);
  });

  test('has one identifier a measurement, whatever is measured twice', () => {
    const measurements = [
      pain('pre', 6),
      { ...pain('pre', 5), bodySite: 'neck' },
      { ...pain('pre', 4), bodySite: 'neck' },
      { ...pain('pre', 3), key: 'evening' },
      { ...pain('pre', 2), bodySite: 'neck', laterality: 'left' as const },
      pain('post', 2),
    ];
    expect(identifiersOf({ ...exampleSession, measurements })).toEqual([
      'plan-1-1',
      'plan-1-1-pain-nrs-pre',
      'plan-1-1-pain-nrs-pre-neck',
      'plan-1-1-pain-nrs-pre-neck-2',
      'plan-1-1-pain-nrs-pre-evening',
      'plan-1-1-pain-nrs-pre-neck-left',
      'plan-1-1-pain-nrs-post',
      'plan-1-1-adverse-event-assessment-post',
    ]);
  });

  test('names the order relative to its own server only, and absolute for a partner without one', () => {
    if (mapping === undefined) throw new Error('no mapping');
    const request = {
      mapping,
      session: exampleSession,
      plan: examplePlan,
      measures: tools.measures,
      now: '2026-03-04T10:00:00Z',
    };
    const orderOf = (partner: { id: string; fhirBase?: string }) => {
      const result = outcomeFromSession({ ...request, partner });
      return result.ok ? result.bundle.entry?.[0]?.resource : undefined;
    };
    const basedOn = (reference: string) => ({ basedOn: [{ reference }] });
    expect(orderOf({ id: 'h', fhirBase: 'https://hospital.example/fhir' })).toMatchObject(
      basedOn('ServiceRequest/sr-1'),
    );
    for (const partner of [{ id: 'h' }, { id: 'h', fhirBase: 'https://other.example/fhir' }]) {
      expect(orderOf(partner)).toMatchObject(basedOn('https://hospital.example/fhir/ServiceRequest/sr-1'));
    }
  });

  test('of a patient whom the hospital could not find again is refused before anything is sent', () => {
    for (const reference of ['#p1', 'urn:uuid:0b4f1f6e-9f53-4c5b-8f5f-3c1c8a9e6d11']) {
      const result = outcomeOf(exampleSession, { ...examplePlan, patient: { reference, identifiers: [] } });
      expect(result).toMatchObject({
        ok: false,
        issues: [{ code: 'patient-not-found', expression: 'TreatmentPlan.patient' }],
      });
    }
    const found = { reference: '#p1', identifiers: [{ value: '1' }] };
    expect(outcomeOf(exampleSession, { ...examplePlan, patient: found }).ok).toBe(true);
  });
});
