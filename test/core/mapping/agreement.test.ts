import { describe, expect, test } from 'vitest';
import { expectAgreement, frozen } from './case-table.ts';
import { ownMappings } from './own-mappings.ts';
import { seeded, vary } from './vary.ts';

/** As many as the issue asks for where time does not matter; enough to notice a mistake where it does. */
const count = process.env.CI === 'true' ? 10_000 : 500;

describe('the compiled form and the interpreter', () => {
  const { loaded, cases } = ownMappings();

  test('the own mappings load without errors', () => {
    expect(loaded.issues.filter((issue) => issue.severity === 'error')).toEqual([]);
    expect(cases.size).toBeGreaterThan(0);
  });

  test.each([...cases.keys()])(
    `%s: both give the same output, errors and trace for ${count} varied inputs, and leave them as they are`,
    (name) => {
      const mapping = loaded.mappings.get(name);
      const given = [...(cases.get(name)?.values() ?? [])];
      const random = seeded(20261126);
      for (let i = 0; i < count; i++) {
        const start = given[i % given.length] ?? {};
        const input = frozen(vary(start, random, i < given.length ? 0 : 1 + Math.floor(random() * 4))) as Record<
          string,
          unknown
        >;
        try {
          if (mapping !== undefined) expectAgreement(mapping, input);
        } catch (error) {
          throw new Error(`They differ for input ${i} of this seed.`, { cause: error });
        }
      }
    },
    600_000,
  );
});
