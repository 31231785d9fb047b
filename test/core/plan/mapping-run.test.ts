import { describe, expect, test } from 'vitest';
import type { MappingFailure } from '../../../src/core/mapping/mapping.ts';
import { failureIssues, mappingEnvironment, stableUuid } from '../../../src/core/plan/mapping-run.ts';

const failure: MappingFailure = {
  code: 'mapping-unmapped-code',
  message: 'A code has no row.',
  place: { map: 'https://tactus.example/fhir/StructureMap/x', group: 'G', rule: 'r', line: 7 },
  sourcePath: 'referral.code',
  sourceType: 'CodeableConcept',
};

describe('ids of a run', () => {
  test('are UUIDs, version 8, the same for the same text', () => {
    expect(stableUuid('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(stableUuid('a')).toBe(stableUuid('a'));
  });

  test('differ within a run and between sessions', () => {
    const draw = (seed: string) => {
      const { newId } = mappingEnvironment('2026-01-01T00:00:00Z', seed);
      return Array.from({ length: 500 }, newId);
    };
    expect(new Set([...draw('s-1'), ...draw('s-2')]).size).toBe(1000);
    expect(draw('s-1')).toEqual(draw('s-1'));
  });
});

describe('failures of a run', () => {
  test('become issues that name source element and rule', () => {
    expect(failureIssues([failure])).toEqual([
      {
        severity: 'error',
        code: 'mapping-unmapped-code',
        type: 'code-invalid',
        expression: 'referral.code',
        message: 'A code has no row.',
        rule: 'https://tactus.example/fhir/StructureMap/x G.r, line 7',
      },
    ]);
  });

  test('are told once each', () => {
    expect(failureIssues([failure, failure, { ...failure, sourcePath: 'referral.note' }])).toHaveLength(2);
  });
});
