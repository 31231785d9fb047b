import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createValidator } from '../../src/core/validate/create.ts';
import { readReferral } from '../../src/flows/read-referral.ts';
import { loadDefinitions } from '../../src/io/definitions/definitions.ts';
import { order, profile } from '../io/http/app.ts';

const validator = createValidator(loadDefinitions(join(import.meta.dirname, '../../profiles/generated')));
const sender = { id: 'demo', baseUrl: 'https://demo.example/fhir', profile, identifierSystems: { placer: [] } };
const good = order({
  note: [{ text: 'a' }],
  subject: { reference: '#p' },
  contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'b' }] }],
});

type Json = Record<string, unknown>;

/** Everything in a value that can be changed: the object or list, and the key. */
function* places(value: unknown): Generator<readonly [Json, string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value as Json, key];
    yield* places((value as Json)[key]);
  }
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, '', ' ', [], {}, [null], [[]], 0, -1, 1e300, '2026-02-30', 'urn:x', '#p', 'Patient/1', {
    resourceType: 'Patient',
  }),
);

/** What a hospital's program could do wrong in one place. */
const change = fc.record({
  at: fc.nat(),
  what: fc.constantFrom('set', 'drop', 'double', 'wrap', 'extra'),
  value: anything,
});

function mutate(resource: Json, { at, what, value }: { at: number; what: string; value: unknown }): void {
  const all = [...places(resource)];
  const place = all[at % all.length];
  if (place === undefined) return;
  const [holder, key] = place;
  if (what === 'set') holder[key] = value;
  else if (what === 'drop') delete holder[key];
  else if (what === 'double') holder[key] = [holder[key], holder[key]];
  else if (what === 'wrap') holder[key] = { [key]: holder[key] };
  else holder[`${key}X`] = value;
}

test('A referral that is wrong in any way is taken or refused with reasons, and never breaks us', () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const resource = structuredClone(good);
      for (const one of changes) mutate(resource, one);
      const read = readReferral(validator, sender, JSON.stringify(resource));
      if (read.ok) taken++;
      else refused++;
      if (!read.ok) {
        expect([400, 422]).toContain(read.status);
        expect(read.issues.some(({ severity }) => severity === 'error' || severity === 'fatal')).toBe(true);
        expect(read.issues.filter(({ message, code }) => message.length < 10 || code === '')).toEqual([]);
      }
    }),
    { numRuns: 500, seed: 20261126 },
  );
  // Both ends are reached, so the test looks at both.
  expect(Math.min(taken, refused)).toBeGreaterThan(10);
});

test('A text that is broken anywhere is refused with a place in it, or is as good as before', () => {
  const text = JSON.stringify(good, null, 1);
  fc.assert(
    fc.property(
      fc.nat(text.length),
      fc.constantFrom('', '"', '{', '}', ',', ':', '\\', '0', '\u0000', '\ud800', 'é'),
      (at, put) => {
        const read = readReferral(validator, sender, text.slice(0, at) + put + text.slice(at + 1));
        if (read.ok) return;
        const [first] = read.issues;
        if (first?.code.startsWith('json-')) expect([first.line, first.column].every(Number.isInteger)).toBe(true);
      },
    ),
    { numRuns: 1000, seed: 20261126 },
  );
});
