import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/answer/decide.ts';
import type { Partner } from '../../../src/core/answer/partner.ts';
import { factsOfPlan } from '../../../src/core/plan/screening/facts.ts';
import { screen } from '../../../src/core/plan/screening.ts';
import type { TreatmentPlan } from '../../../src/core/plan/treatment-plan.ts';
import { now, partner, plan, referral, rules } from './answer-parts.ts';

type Change = {
  readonly referral?: Readonly<Record<string, unknown>>;
  readonly plan?: Partial<TreatmentPlan>;
  readonly policy?: Partial<Partner['policy']>;
};

function decided(change: Change = {}) {
  const changedPlan = { ...plan, ...change.plan };
  const changed = { ...referral, ...change.referral };
  const screening = screen({ referral: changed, facts: factsOfPlan(changedPlan), rules, now });
  const policy = { ...partner.policy, ...change.policy };
  const { state, reasons, questions } = decide({ referral: changed, plan: changedPlan, screening, policy, rules, now });
  return [state, reasons.join(' '), questions.map(({ code }) => code).join(' ')];
}
const code = (system: string, value: string) => ({ coding: [{ system, code: value }] });
const contains = (...icd10: readonly string[]) => ({
  contained: icd10.map((one) => ({ resourceType: 'Condition', code: code('http://hl7.org/fhir/sid/icd-10-cm', one) })),
});

test('a complete order of massage is accepted without a remark', () => {
  expect(decided()).toEqual(['accepted', '', '']);
});

describe('an intent other than order', () => {
  test.each([
    ['order', 'accepted', ''],
    ['original-order', 'accepted', ''],
    ['plan', 'held', 'intent-not-order'],
    ['proposal', 'held', 'intent-not-order'],
    ['directive', 'rejected', 'intent-not-order'],
    ['reflex-order', 'rejected', 'intent-not-order'],
    ['filler-order', 'rejected', 'intent-not-order'],
    ['instance-order', 'rejected', 'intent-not-order'],
    ['option', 'rejected', 'intent-not-order'],
    [undefined, 'rejected', 'intent-not-order'],
  ])('%s is %s by the policy of the demo hospital', (intent, state, reason) => {
    expect(decided({ referral: { intent } })).toEqual([state, reason, '']);
  });

  test.each(['accept', 'hold', 'reject'] as const)('is treated as another policy says: %s', (verdict) => {
    const states = { accept: 'accepted', hold: 'held', reject: 'rejected' };
    const intents = { ...partner.policy.intents, plan: verdict };
    expect(decided({ referral: { intent: 'plan' }, policy: { intents } })[0]).toBe(states[verdict]);
  });
});

describe('an order not to treat', () => {
  test('is never a plan, whatever the policy says', () => {
    const everything = {
      intents: { otherwise: 'accept' as const },
      notMassage: 'accept',
      unknownCode: 'accept',
      expired: 'accept',
    } as const;
    expect(decided({ referral: { doNotPerform: true }, policy: everything })).toEqual([
      'rejected',
      'no-prescription',
      '',
    ]);
  });

  test('is told apart from an order to treat', () => {
    expect(decided({ referral: { doNotPerform: false } })[0]).toBe('accepted');
  });
});

describe('a service', () => {
  test.each([
    ['massage by service type', code('http://terminology.hl7.org/CodeSystem/service-type', '563'), 'accepted'],
    ['massage by CPT', code('http://www.ama-assn.org/go/cpt', '97124'), 'accepted'],
    ['physiotherapy', code('http://snomed.info/sct', '91251008'), 'accepted'],
    ['drainage by a German position', code('urn:local:gkv-heilmittelpositionsnummer', 'X0202'), 'accepted'],
    ['another service of SNOMED CT', code('http://snomed.info/sct', '3457005'), 'rejected'],
    ['another service of LOINC', code('http://loinc.org', '30746-2'), 'rejected'],
    [
      'an unknown SNOMED CT code that says massage',
      { coding: [{ system: 'http://snomed.info/sct', code: '999999', display: 'Massage of foot' }] },
      'held',
    ],
    ['a code of the hospital', code('https://demo-hospital.example/codes', 'MASS'), 'held'],
    ['a text only', { text: 'Massage' }, 'held'],
    ['no code at all', undefined, 'held'],
  ])('%s', (_, service, state) => {
    expect(decided({ referral: { code: service } }).slice(0, 2)).toEqual([
      state,
      state === 'accepted' ? '' : 'unsupported-service-code',
    ]);
  });

  test('that is massage by its technique is massage', () => {
    const orderDetail = [code('https://tactus.example/fhir/CodeSystem/massage-technique', 'classic')];
    expect(decided({ referral: { code: { text: 'as discussed' }, orderDetail } })[0]).toBe('accepted');
  });

  test('is treated as another policy says', () => {
    const xray = { referral: { code: code('http://loinc.org', '30746-2') } };
    expect(decided({ ...xray, policy: { notMassage: 'hold' } })[0]).toBe('held');
    expect(decided({ ...xray, policy: { notMassage: 'accept' } })[0]).toBe('accepted');
    expect(decided({ referral: { code: { text: 'Massage' } }, policy: { unknownCode: 'reject' } })[0]).toBe('rejected');
  });
});

describe('a validity', () => {
  test.each([
    ['2026-11-26', 'accepted'],
    ['2026-11-25', 'rejected'],
    ['2026-11', 'accepted'],
    ['2026-10', 'rejected'],
    ['2026', 'accepted'],
    ['2025', 'rejected'],
  ])('that ends with %s, now being 26 November 2026: %s', (validUntil, state) => {
    expect(decided({ plan: { validUntil } })).toEqual([state, state === 'accepted' ? '' : 'prescription-expired', '']);
  });

  test('that ended is treated as another policy says', () => {
    expect(decided({ plan: { validUntil: '2026-11-25' }, policy: { expired: 'hold' } })[0]).toBe('held');
    expect(decided({ plan: { validUntil: '2026-11-25' }, policy: { expired: 'accept' } })[0]).toBe('accepted');
  });
});

describe('a question', () => {
  const open = { dosage: {}, bodySites: [], scope: 'unknown' as const, service: { ...plan.service, technique: [] } };
  const undated = { ...open, indications: [], authoredOn: undefined } as unknown as Partial<TreatmentPlan>;
  test('holds the plan for each thing that is missing and asked for', () => {
    expect(decided({ plan: open })).toEqual(['held', 'missing-information', 'session-count body-region']);
    expect(decided({ plan: { dosage: {} } })).toEqual(['held', 'missing-session-count', 'session-count']);
  });

  test('is not asked where the partner does not want it', () => {
    expect(decided({ plan: open, policy: { asks: [] } })).toEqual(['accepted', '', '']);
  });

  test('covers everything that an order may leave open', () => {
    const asks = [
      'session-count',
      'frequency',
      'body-region',
      'technique',
      'screening',
      'indication',
      'order-date',
    ] as const;
    expect(decided({ plan: undated, policy: { asks: [...asks] } })[2]).toBe(asks.join(' '));
    const complete = { screening: { ...plan.screening, completeness: 'complete' as const } };
    expect(decided({ plan: complete, policy: { asks: [...asks] } })).toEqual(['accepted', '', '']);
  });

  test('about the frequency is pointless for a single session', () => {
    expect(decided({ plan: { dosage: { sessions: 1 } }, policy: { asks: ['frequency'] } })[0]).toBe('accepted');
    expect(decided({ plan: { dosage: { sessions: 2 } }, policy: { asks: ['frequency'] } })[2]).toBe('frequency');
  });

  test('about the region is pointless for the full body', () => {
    expect(decided({ plan: { bodySites: [], scope: 'full-body' } })[0]).toBe('accepted');
  });
});

describe('an order without a clinical reason', () => {
  const none = { referral: { reasonCode: undefined }, plan: { indications: [] } };
  test('is asked about where the partner wants it', () => {
    expect(decided(none)).toEqual(['held', 'missing-information', 'indication']);
  });

  test('is rejected where it is not to be asked', () => {
    expect(decided({ ...none, policy: { asks: [] } })).toEqual(['rejected', 'no-indication', '']);
  });

  test('is screened for the reason that is told later', () => {
    const indication = {
      codings: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'O60.0' }],
      phase: 'unknown' as const,
    };
    expect(decided({ ...none, plan: { indications: [indication] } })).toEqual([
      'rejected',
      'contraindication-reported',
      '',
    ]);
  });
});

describe('a finding', () => {
  test('that rejects goes before everything else', () => {
    expect(decided({ referral: { intent: 'plan', ...contains('A41.9', 'D66') }, plan: { dosage: {} } })).toEqual([
      'rejected',
      'contraindication-reported',
      '',
    ]);
  });

  test('that holds asks for a clearance, beside what is missing', () => {
    expect(decided({ referral: contains('D66'), plan: { dosage: {} } })).toEqual([
      'held',
      'contraindication-reported missing-session-count',
      'session-count clearance',
    ]);
  });

  test('that flags lets the plan pass', () => {
    expect(decided({ referral: contains('I10', 'G40') })).toEqual(['accepted', '', '']);
  });

  test('of a wellness order has its own reason', () => {
    const category = [code('https://tactus.example/fhir/CodeSystem/massage-category', 'wellness-massage')];
    expect(decided({ referral: { category } })).toEqual(['rejected', 'wellness-excluded', '']);
  });

  test('that a person overrode no longer holds', () => {
    const changed = { ...referral, ...contains('D66') };
    const screening = screen({ referral: changed, facts: factsOfPlan(plan), rules, now });
    const findings = screening.findings.map((finding) => ({ ...finding, state: 'overridden' as const }));
    const decision = decide({
      referral: changed,
      plan,
      screening: { ...screening, findings },
      policy: partner.policy,
      rules,
      now,
    });
    expect(decision).toEqual({ state: 'accepted', reasons: [], questions: [] });
  });
});

test('an order of which no plan could be made is rejected', () => {
  const screening = screen({ referral, facts: factsOfPlan(plan), rules, now });
  expect(decide({ referral, screening, policy: partner.policy, rules, now })).toEqual({
    state: 'rejected',
    reasons: ['profile-invalid'],
    questions: [],
  });
});
