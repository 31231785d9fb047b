import type { Definitions } from '../../../src/core/validate/validator.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';

const base = 'http://hl7.org/fhir/StructureDefinition/';
let r4: Definitions | undefined;

export const urlOf = (name: string): string => `https://example.org/StructureDefinition/${name}`;

/** R4 with small profiles laid over it, each told by its name, its type and its differential. */
export function withProfiles(
  profiles: Readonly<Record<string, readonly [string, readonly object[], object?]>>,
): Definitions {
  r4 ??= loadDefinitions();
  const known = r4;
  const structures = new Map<string, unknown>();
  for (const [name, [type, element, more]] of Object.entries(profiles)) {
    structures.set(urlOf(name), {
      resourceType: 'StructureDefinition',
      url: urlOf(name),
      type,
      derivation: 'constraint',
      kind: type === 'Extension' ? 'complex-type' : 'resource',
      baseDefinition: base + type,
      differential: { element: [{ id: type, path: type }, ...element] },
      ...more,
    });
  }
  return {
    structure: (url) => structures.get(url) ?? known.structure(url),
    codes: known.codes,
    codeSystem: known.codeSystem,
  };
}

/** An element of a differential by its id; its path follows. */
export function element(id: string, rules: object): object {
  const path = id
    .split('.')
    .map((step) => step.split(':')[0])
    .join('.');
  const sliceName = id.split('.').at(-1)?.split(':')[1];
  return { id, path, ...(sliceName === undefined ? {} : { sliceName }), ...rules };
}
