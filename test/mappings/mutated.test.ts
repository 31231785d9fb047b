import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTools } from '../../src/cli/mapping-tools/load-tools.ts';
import { runsOf } from '../../src/cli/mapping-tools/run-mapping.ts';
import { isSession, isTreatmentPlan } from '../../src/core/plan/check.ts';
import { readCases } from '../../src/io/mappings/read-cases.ts';

const tools = loadTools();
const cases = readCases(join(tools.folder, 'cases'));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What stands where something else should. */
const wrong: readonly Json[] = [null, '', 0, -1, 1e9, 'x', [], {}, [[]], true, { coding: [{}] }, [{}], { value: 3 }];

/** One change: the way to an element by turns, and what is done there. */
const change = fc.record({
  turns: fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }),
  act: fc.constantFrom('remove', 'repeat', 'replace'),
  by: fc.nat(wrong.length - 1),
});

function apply(value: Json, { turns, act, by }: { turns: number[]; act: string; by: number }): void {
  let parent: Json = value;
  let key = '';
  let node: Json | undefined = value;
  for (const turn of turns) {
    if (typeof node !== 'object' || node === null) break;
    const keys: string[] = Object.keys(node);
    if (keys.length === 0) break;
    parent = node;
    key = keys[turn % keys.length] ?? '';
    node = (node as Record<string, Json>)[key];
  }
  if (typeof parent !== 'object' || parent === null || key === '') return;
  const members = parent as Record<string, Json>;
  if (act === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete members[key];
  } else if (act === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(node ?? null));
  else members[key] = structuredClone(wrong[by] ?? null);
}

describe.each(['referral-to-plan', 'session-to-outcome'])('%s, whatever is wrong with its input,', (name) => {
  const own = cases.filter((golden) => golden.mapping === name && !Array.isArray(golden.input));
  const mapping = tools.mappings.get(name);
  if (mapping === undefined) throw new Error(`${name} is missing`);

  test('gives a valid result or issues that name what is wrong, and leaves the input as it is', () => {
    const input = fc.record({ at: fc.nat(own.length - 1), changes: fc.array(change, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(input, ({ at, changes }) => {
        const content = structuredClone(own[at]?.input) as Json;
        const part = name === 'session-to-outcome' ? (content as { session: Json }).session : content;
        for (const one of changes) apply(part, one);
        // The clinic door checks the shape of a session before; what is no order never comes here.
        if (name === 'session-to-outcome' && !isSession(part)) return;
        const before = JSON.stringify(content);
        for (const one of runsOrNone(content)) {
          const ran = one.run();
          if (ran.ok && name === 'referral-to-plan') expect(isTreatmentPlan(ran.output)).toBe(true);
          if (!ran.ok) {
            expect(ran.issues.length).toBeGreaterThan(0);
            for (const issue of ran.issues) {
              expect(issue.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
              expect(issue.expression).not.toBe('');
              expect(issue.message).toMatch(/\w{2,}.* .*\w/);
            }
          }
        }
        expect(JSON.stringify(content)).toBe(before);
      }),
      { numRuns: 3000, seed: 20261126 },
    );
  });

  function runsOrNone(content: Json) {
    try {
      return mapping === undefined ? [] : runsOf(mapping, content, tools.measures);
    } catch {
      return [];
    }
  }
});
