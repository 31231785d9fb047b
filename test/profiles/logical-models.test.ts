import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { SessionSchema } from '../../src/core/plan/session.ts';
import { TreatmentPlanSchema } from '../../src/core/plan/treatment-plan.ts';
import { loadDefinitions } from '../../src/io/definitions/definitions.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
}

const definitions = loadDefinitions();

/** FHIR types that a schema spells out as objects of its own. */
const spelledOut = new Set(['Coding']);

describe.each([
  ['TreatmentPlan', TreatmentPlanSchema],
  ['Session', SessionSchema],
] as const)('the logical model %s', (name, schema) => {
  const model = definitions.structure(`https://tactus.example/fhir/StructureDefinition/${name}`) as StructureDefinition;
  const elements = (model.snapshot?.element ?? []).filter(({ base, path }) => !isInherited(path, base?.path));

  test('has the elements and cardinalities of the schema that is checked at run time', () => {
    const coded = elements.filter(({ type }) => spelledOut.has(type?.[0]?.code ?? '')).map(({ path }) => path ?? '');
    const wanted = describeSchema(schema as Schema, name).filter(
      (line) => !coded.some((path) => line.startsWith(`${path}.`)),
    );
    expect(elements.slice(1).map(describeElement)).toEqual(wanted);
  });
});

// Every Element has an id and extensions; plans and sessions do not use them.
function isInherited(path: string | undefined, base: string | undefined): boolean {
  return /\.(id|extension|modifierExtension)$/.test(path ?? '') || base === 'Element.id';
}

function describeElement({ path, min, max }: ElementDefinition): string {
  return `${path} ${min}..${max}`;
}

function describeSchema(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const isList = property.type === 'array';
    const min = isList ? (property.minItems ?? 0) : schema.required?.includes(name) ? 1 : 0;
    const inner = isList ? (property.items ?? {}) : property;
    return [`${path}.${name} ${min}..${isList ? '*' : '1'}`, ...describeSchema(inner, `${path}.${name}`)];
  });
}
