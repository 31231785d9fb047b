import type { CodeSystem, ElementDefinition, Resource, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { withoutVersion } from '../../src/io/definitions/definitions.ts';
import { codesOfSystem, expandValueSet, type Terminology } from '../../src/io/definitions/expansion.ts';
import type { R4 } from './r4.ts';
import { stripStructure } from './strip.ts';

/** Relative path to text. */
export type Files = ReadonlyMap<string, string>;

/** Our own conformance resources, which go into `tactus/`; every other resource that SUSHI built is an example. */
const conformance = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'CapabilityStatement'];

/** The files of `profiles/generated`: R4 stripped in `r4/`, ours in `tactus/`, examples, expansions, and the index. */
export function generate(r4: R4, own: readonly Resource[]): Files {
  const files = new Map<string, string>();
  const index: Record<string, string> = {};
  const put = (path: string, content: unknown, url?: string): void => {
    files.set(path, `${JSON.stringify(content)}\n`);
    if (url) index[url] = path;
  };
  for (const structure of structuresOf([...r4.structures, ...r4.profiles])) {
    const isProfile = structure.derivation === 'constraint';
    put(
      `r4/${structure.id}.json`,
      stripStructure(structure, (element) => !isProfile && !isEverywhere(element)),
      structure.url,
    );
  }
  const extensions = structuresOf(r4.extensions).map((structure) => stripStructure(structure, isValue));
  files.set('r4/extensions.ndjson', lines(extensions));
  for (const resource of own) {
    const path = `${conformance.includes(resource.resourceType) ? 'tactus' : 'examples'}/${fileName(resource)}`;
    if (resource.resourceType === 'StructureDefinition') put(path, ownStructure(resource), resource.url);
    else put(path, resource, 'url' in resource ? String(resource.url) : undefined);
  }
  const everything = [...r4.terminology, ...own];
  files.set('valuesets.ndjson', lines(expansions(everything)));
  files.set('codesystems.ndjson', lines(codeSystems(everything)));
  const sorted = Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1)));
  files.set('index.json', `${JSON.stringify(sorted, undefined, 1)}\n`);
  return files;
}

/** `Type-id.json`, as SUSHI and FHIR packages name files. */
export function fileName(resource: Resource): string {
  return `${resource.resourceType}-${resource.id}.json`;
}

// A reader of our profile finds its description and, on each element that we changed, what it is for.
function ownStructure(structure: StructureDefinition): unknown {
  const changed = new Set(structure.differential?.element?.map(({ id }) => id));
  const bare = stripStructure(structure, ({ id }) => changed.has(id)) as Record<string, unknown>;
  return { ...bare, description: structure.description, copyright: structure.copyright };
}

// What every element has is explained once in R4 and not in each of its resources.
function isEverywhere({ path }: ElementDefinition): boolean {
  return /\.(id|extension|modifierExtension|contained|implicitRules|language|text|meta)$/.test(path ?? '');
}

function isValue(element: ElementDefinition): boolean {
  return element.path === 'Extension' || element.path === 'Extension.value[x]';
}

function structuresOf(resources: readonly Resource[]): StructureDefinition[] {
  return resources.filter(
    (resource) => resource.resourceType === 'StructureDefinition' && resource.snapshot !== undefined,
  ) as StructureDefinition[];
}

function expansions(resources: readonly Resource[]): unknown[] {
  const valueSets = byUrl<ValueSet>(resources, 'ValueSet');
  const systems = byUrl<CodeSystem>(resources, 'CodeSystem');
  const terminology: Terminology = {
    valueSet: (url) => valueSets.get(withoutVersion(url)),
    codeSystem: (url) => systems.get(url),
  };
  return [...valueSets.values()].map((valueSet) => expandValueSet(valueSet, terminology));
}

function codeSystems(resources: readonly Resource[]): unknown[] {
  const systems = [...byUrl<CodeSystem>(resources, 'CodeSystem').values()];
  return systems.flatMap((system) => {
    const codes = codesOfSystem(system);
    return codes ? [{ url: system.url, codes }] : [];
  });
}

function byUrl<T extends CodeSystem | ValueSet>(
  resources: readonly Resource[],
  type: T['resourceType'],
): Map<string, T> {
  const found = resources.filter((resource) => resource.resourceType === type) as T[];
  const sorted = found.sort((a, b) => ((a.url ?? '') < (b.url ?? '') ? -1 : 1));
  return new Map(sorted.map((resource) => [resource.url ?? '', resource]));
}

function lines(objects: readonly unknown[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}
