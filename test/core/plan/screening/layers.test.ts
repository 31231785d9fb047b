import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OrderLayer } from '../../../../src/core/plan/order-layers.ts';
import { newRecords, newRecordsOfOlder, patientNumbers } from '../../../../src/core/plan/screening/records.ts';
import { screen } from '../../../../src/core/plan/screening.ts';
import { concept, condition, found, lumbar, medicine, now, order, type Resource, rules, status } from './record.ts';
import { ruleTable } from './rule-table.ts';

const rank = { reject: 3, hold: 2, flag: 1, none: 0 } as const;
const thrombosis = (more: Resource = {}) => condition('I82.4', { ...status('active'), ...more });
const entry = (resource: Resource, fullUrl?: string) => ({ ...(fullUrl === undefined ? {} : { fullUrl }), resource });
const bundle = (...entries: readonly Resource[]) => ({ resourceType: 'Bundle', type: 'message', entry: entries });
const uuid = (digit: number) => `urn:uuid:00000000-0000-4000-8000-00000000000${digit}`;

/** An order of which each Bundle came with one version, oldest first. */
function sentAs(bundles: readonly unknown[], referral: Resource = order([])) {
  const layers = bundles.map((context, at): OrderLayer => ({ version: at + 1, resource: referral, context }));
  const newest = layers.at(-1);
  return screen({ referral, context: newest?.context, earlier: layers.slice(0, -1), facts: lumbar, rules, now });
}

describe('what an earlier version told', () => {
  test('counts although the newer one does not repeat it, and says where it comes from to everybody', () => {
    const result = sentAs([bundle(entry(thrombosis(), uuid(1))), bundle(entry(condition('M54.5'), uuid(2)))]);
    const [finding] = result.findings;
    expect(result.disposition).toBe('reject');
    expect(finding?.evidence).toEqual(['version 1: Bundle.entry[0].resource.code.coding[0]']);
    for (const sentence of [finding?.prescriber, finding?.therapist]) {
      expect(sentence).toMatch(/\(Told with version 1 of the order, and not taken back since\.\)$/);
    }
  });

  test('was contained in the order and counts all the same', () => {
    const earlier = [{ version: 1, resource: order([thrombosis({ id: 'c1' })]), context: null }];
    const result = screen({ referral: order([]), earlier, facts: lumbar, rules, now });
    expect(result.findings.map(({ evidence }) => evidence)).toEqual([
      ['version 1: ServiceRequest.contained[0].code.coding[0]'],
    ]);
  });

  test('is read among its own neighbours: an old urn:uuid of the patient still names the patient', () => {
    const person = { resourceType: 'Patient' };
    const mother = { resourceType: 'Patient', gender: 'female' };
    const old = order([], { subject: { reference: uuid(1) } });
    const context = bundle(
      entry(person, uuid(1)),
      entry(mother, uuid(2)),
      entry(thrombosis({ subject: { reference: uuid(1) } }), uuid(3)),
      entry(condition('C50', { subject: { reference: uuid(2) } }), uuid(4)),
    );
    const referral = order([], { subject: { reference: uuid(5) } });
    const earlier = [{ version: 1, resource: old, context }];
    const result = screen({ referral, context: bundle(entry(person, uuid(5))), earlier, facts: lumbar, rules, now });
    expect(found(result)).toEqual(['deep-vein-thrombosis: reject']);
  });

  test('of a medicine is read with the product that came with it', () => {
    const product = { resourceType: 'Medication', code: concept('http://www.whocc.no/atc', 'B01AF01') };
    const { medicationCodeableConcept: _, ...statement } = medicine('B01AF01');
    const taken = { ...statement, medicationReference: { reference: uuid(2) } };
    const result = sentAs([bundle(entry(taken, uuid(1)), entry(product, uuid(2))), bundle(entry(condition('M54.5')))]);
    expect(result.findings.map(({ evidence }) => evidence)).toEqual([
      ['version 1: Bundle.entry[1].resource.code.coding[0]'],
    ]);
  });

  test.each<[string, Resource, Resource]>([
    [
      'by its business identifier',
      entry(thrombosis({ identifier: [{ system: 's', value: '1' }] }), uuid(1)),
      entry(thrombosis({ ...status('resolved'), identifier: [{ system: 's', value: '1' }] }), uuid(2)),
    ],
    ['by type and id', entry(thrombosis({ id: '7' })), entry(thrombosis({ id: '7', ...status('resolved') }))],
    [
      'by its fullUrl',
      entry(thrombosis(), 'https://placer.example/fhir/Condition/7'),
      entry(thrombosis(status('resolved')), 'https://placer.example/fhir/Condition/7'),
    ],
  ])('is what the newer version says of it, where that tells the same thing again %s', (_, before, after) => {
    expect(found(sentAs([bundle(before), bundle(after)]))).toEqual(['deep-vein-thrombosis: hold']);
    expect(found(sentAs([bundle(before), bundle(after), bundle()]))).toEqual(['deep-vein-thrombosis: hold']);
  });

  test.each(['entered-in-error', 'refuted'])('is withdrawn by telling it again as %s', (code) => {
    const told = entry(thrombosis({ id: '7' }));
    const withdrawn = entry(thrombosis({ id: '7', verificationStatus: { coding: [{ code }] } }));
    expect(found(sentAs([bundle(told), bundle(withdrawn)]))).toEqual([]);
    expect(found(sentAs([bundle(told), bundle(withdrawn), bundle(told)]))).toEqual(['deep-vein-thrombosis: reject']);
  });

  test.each<[string, Resource, Resource]>([
    [
      'a number of another system',
      entry(thrombosis({ identifier: [{ system: 's', value: '1' }] })),
      entry(condition('M54.5', { identifier: [{ system: 't', value: '1' }] })),
    ],
    [
      'the number of another type',
      entry(thrombosis({ identifier: [{ system: 's', value: '1' }] })),
      entry({ ...medicine('N02BE01'), identifier: [{ system: 's', value: '1' }] }),
    ],
    ['another type under the same urn:uuid', entry(thrombosis(), uuid(1)), entry(medicine('N02BE01'), uuid(1))],
    ['another type with the same id', entry(thrombosis({ id: '7' })), entry({ ...medicine('N02BE01'), id: '7' })],
    [
      'the record of another patient',
      entry(thrombosis({ id: '7' })),
      entry(thrombosis({ id: '7', ...status('resolved'), subject: { reference: 'Patient/mother' } })),
    ],
  ])('stands beside %s', (_, before, after) => {
    const people = ['1', 'mother'].map((id) => entry({ resourceType: 'Patient', id }));
    const result = sentAs([bundle(before), bundle(after, ...people)]);
    expect(found(result)).toContain('deep-vein-thrombosis: reject');
  });

  test('and was contained is superseded by its id only where the same thing is told of', () => {
    const earlier = [{ version: 1, resource: order([thrombosis({ id: 'c1' })]), context: null }];
    const run = (contained: Resource) =>
      found(screen({ referral: order([contained]), earlier, facts: lumbar, rules, now }));
    expect(run(thrombosis({ id: 'c1', ...status('resolved') }))).toEqual(['deep-vein-thrombosis: hold']);
    expect(run(condition('M54.5', { id: 'c1' }))).toEqual(['deep-vein-thrombosis: reject']);
  });

  test('and is told again word for word is evidence once, in its newest place', () => {
    const people = (digit: number) => [entry({ resourceType: 'Patient' }, uuid(digit))];
    const told = (digit: number) => entry(thrombosis({ subject: { reference: uuid(digit) } }), uuid(digit + 1));
    const result = sentAs([bundle(...people(1), told(1)), bundle(...people(4), told(4))]);
    expect(result.findings.map(({ evidence }) => evidence)).toEqual([['Bundle.entry[1].resource.code.coding[0]']]);
  });

  test('is found by a reference of the newer one: nothing is missing then', () => {
    const referral = order([], { reasonReference: [{ reference: 'Condition/7' }, { reference: 'Condition/8' }] });
    const result = sentAs([bundle(entry(condition('M54.5', { id: '7' }))), bundle()], referral);
    expect(result.missing).toEqual(['ServiceRequest.reasonReference[1]']);
    expect(result.duties.find(({ code }) => code === 'missing-records')?.sentence).toContain(
      '(ServiceRequest.reasonReference[1])',
    );
  });
});

test('a record that nobody could read keeps a record from being complete', () => {
  const told = [condition('M54.4'), medicine('N02BE01'), { resourceType: 'AllergyIntolerance' }];
  const run = (more: Resource) => screen({ referral: order(told, more), facts: lumbar, rules, now }).completeness;
  expect(run({})).toBe('complete');
  expect(run({ supportingInfo: [{ reference: 'Observation/1' }] })).toBe('partial');
});

/** Every record of the rule table, with and without an identity of its own. */
const records = Object.values(ruleTable)
  .flatMap(({ hits }) => hits.map(([, record]) => record))
  .filter(({ resourceType }) => resourceType !== 'Basic');
const someRecords = fc.array(fc.constantFrom(...records), { maxLength: 4 });

test('an update that does not repeat a contraindication never makes the decision milder, however many there are', () => {
  fc.assert(
    fc.property(fc.array(someRecords, { minLength: 2, maxLength: 4 }), fc.boolean(), (versions, contained) => {
      const layers = versions.map((all, at): OrderLayer => {
        const numbered = all.map((one, index) => ({ ...one, id: `v${at}-${index}` }));
        const context = bundle(...numbered.map((one) => entry(one, `urn:uuid:${at}-${index(one)}`)));
        return { version: at + 1, resource: order(contained ? numbered : []), context: contained ? null : context };
      });
      const run = (upTo: number) => {
        const [newest, ...before] = layers.slice(0, upTo).reverse();
        if (newest === undefined) throw new Error('There is no version.');
        const { resource: referral, context } = newest;
        return screen({ referral, context, earlier: before.reverse(), facts: lumbar, rules, now });
      };
      for (let upTo = 2; upTo <= layers.length; upTo++) {
        const [before, after] = [run(upTo - 1), run(upTo)];
        expect(rank[after.disposition]).toBeGreaterThanOrEqual(rank[before.disposition]);
        for (const finding of found(before)) {
          const [rule] = finding.split(':');
          expect(found(after).some((one) => one.startsWith(`${rule}:`))).toBe(true);
        }
      }
    }),
    { numRuns: 500, seed: 20261126 },
  );
});

function index(resource: Resource): string {
  return String(resource.id);
}

describe('what is new in a Bundle', () => {
  const known = { version: 1, resource: order([]), context: bundle(entry(thrombosis({ id: '7' }), uuid(1))) };
  const news = (...entries: readonly Resource[]) =>
    newRecords(known, { resource: order([]), context: bundle(...entries) }).map(({ path }) => path);

  test.each<[string, Resource, readonly string[]]>([
    ['the same under another name', entry(thrombosis(), uuid(2)), []],
    ['the same for the same person under another name', entry(thrombosis({ subject: { reference: uuid(3) } })), []],
    ['the header of a message', entry({ resourceType: 'MessageHeader', id: 'm-2' }), []],
    ['another state', entry(thrombosis({ id: '7', ...status('resolved') })), ['Bundle.entry[0].resource']],
    ['another record', entry(medicine('B01AF01')), ['Bundle.entry[0].resource']],
  ])('%s', (_, sent, places) => {
    expect(news(sent)).toEqual(places);
  });

  test('that was withdrawn and holds again is news', () => {
    const withdrawn = {
      version: 2,
      resource: order([]),
      context: bundle(entry(thrombosis({ id: '7', ...status('resolved') }))),
    };
    const again = { resource: order([]), context: known.context };
    const before = { ...withdrawn, earlier: [known] };
    expect(newRecords(before, again).map(({ path }) => path)).toEqual(['Bundle.entry[0].resource']);
    expect(newRecordsOfOlder(before, again)).toEqual([]);
  });
});

test('two entries with one number are one patient, so the records of both count', () => {
  const person = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'mrn', value }] });
  const run = (value: string) => {
    const context = bundle(
      entry(person('A'), uuid(1)),
      entry(person(value), uuid(2)),
      entry(thrombosis({ subject: { reference: uuid(2) } }), uuid(3)),
    );
    const referral = order([], { subject: { reference: uuid(1) } });
    return found(screen({ referral, context, facts: lumbar, rules, now }));
  };
  expect([run('A'), run('B')]).toEqual([['deep-vein-thrombosis: reject'], []]);
});

test('the numbers of a patient are those of all versions, each with its place', () => {
  const person = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'mrn', value }] });
  const referral = order([], { subject: { reference: uuid(1), identifier: { system: 'ssn', value: '9' } } });
  const first = { version: 1, resource: referral, context: bundle(entry(person('A'), uuid(1))) };
  const second = { version: 2, resource: referral, context: bundle(entry(person('B'), uuid(1))), earlier: [first] };
  expect([...patientNumbers(second)]).toEqual([
    ['ssn|9', 'ServiceRequest.subject.identifier'],
    ['mrn|A', 'version 1: Bundle.entry[0].resource.identifier'],
    ['mrn|B', 'Bundle.entry[0].resource.identifier'],
  ]);
});
