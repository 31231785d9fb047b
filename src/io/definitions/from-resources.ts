import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes';
import type { CodeSet, Definitions } from '../../core/validate/validator.ts';
import { nameOf, remember, withoutVersion } from './definitions.ts';
import {
  codesOfSystem,
  displaysOfSystem,
  type Expansion,
  expandValueSet,
  type Terminology,
  toCodeSet,
} from './expansion.ts';

/**
 * Definitions from resources, for example those of a package. What they build upon is asked of `base`. A canonical URL
 * with `|version` finds that version, else the last one given.
 *
 * @returns Answers only what the resources hold: combine it with `base` (`combineDefinitions(own, base)`).
 */
export function definitionsOf(resources: readonly Resource[], base: Definitions): Definitions {
  const byUrl = indexed(resources);
  const find = (type: string, url: string): Resource | undefined =>
    byUrl.get(`${type} ${url}`) ?? byUrl.get(`${type} ${withoutVersion(url)}`);
  const system = (url: string): CodeSystem | undefined => find('CodeSystem', url) as CodeSystem | undefined;
  const terminology: Terminology = {
    valueSet: (url) => find('ValueSet', url) as ValueSet | undefined,
    codeSystem: system,
    expanded: (url) => expansionOf(url, base.codes(url)),
  };
  const codeSets = new Map<string, CodeSet | undefined>();
  const systems = new Map<string, ReadonlySet<string> | undefined>();
  const displays = new Map<string, ReadonlyMap<string, readonly string[]> | undefined>();

  function codeSystem(url: string): ReadonlySet<string> | undefined {
    return remember(systems, url, () => {
      const codes = codesOfSystem(system(url));
      return codes && new Set(codes);
    });
  }
  function codes(url: string): CodeSet | undefined {
    return remember(codeSets, url, () => {
      const found = terminology.valueSet(url);
      return found && toCodeSet(expandValueSet(found, terminology), (of) => codeSystem(of) ?? base.codeSystem(of));
    });
  }
  return {
    structure: (url) => find('StructureDefinition', nameOf(url) + versionOf(url)),
    codes,
    codeSystem,
    displays: (url, code) => remember(displays, url, () => displaysOfSystem(system(url)))?.get(code),
  };
}

function indexed(resources: readonly Resource[]): ReadonlyMap<string, Resource> {
  const found = new Map<string, Resource>();
  for (const resource of resources) {
    const { url, version } = resource as { url?: unknown; version?: unknown };
    if (typeof url !== 'string') continue;
    found.set(`${resource.resourceType} ${url}`, resource);
    if (typeof version === 'string') found.set(`${resource.resourceType} ${url}|${version}`, resource);
  }
  return found;
}

function versionOf(url: string): string {
  return url.slice(withoutVersion(url).length);
}

function expansionOf(url: string, known: CodeSet | undefined): Expansion | undefined {
  if (!known) return undefined;
  const entries = [...known.codes].filter((entry) => !entry.startsWith('|'));
  const listed = Map.groupBy(entries, (entry) => entry.slice(0, entry.indexOf('|')));
  const systems: Record<string, string[]> = {};
  for (const [system, codes] of listed) systems[system] = codes.map((code) => code.slice(system.length + 1));
  return { url, systems, open: [...known.openSystems], ...(known.incomplete ? { incomplete: true as const } : {}) };
}
