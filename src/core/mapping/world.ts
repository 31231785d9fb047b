import type { FhirPathEnvironment } from '../fhirpath/expression.ts';

/** What an expression may see of one run besides its focus and variables. */
export interface RunWorld {
  readonly now: string;
  /** The first input: `%resource`, and where `resolve()` looks. */
  readonly root: unknown;
  readonly handedIn: Readonly<Record<string, readonly unknown[]>> | undefined;
}

/** The environment of one evaluation. */
export function worldOf(run: RunWorld, variables: Readonly<Record<string, readonly unknown[]>>): FhirPathEnvironment {
  const { root, now, handedIn } = run;
  const all = handedIn === undefined ? variables : { ...handedIn, ...variables };
  const resolve = (reference: string): unknown => resolveIn(root, reference);
  return { resource: root, rootResource: root, now, variables: all, resolve, conformsTo: conformsToBase };
}

/** Values that the caller hands in, as FHIRPath sees them; undefined for none. */
export function handedIn(constants: Readonly<Record<string, unknown>>): RunWorld['handedIn'] {
  const names = Object.keys(constants);
  if (names.length === 0) return undefined;
  const found: Record<string, readonly unknown[]> = Object.create(null);
  for (const name of names) {
    const value = constants[name];
    found[name] = Array.isArray(value) ? value : [value];
  }
  return found;
}

/**
 * What a reference points to inside the input: a contained resource, or the entry of a Bundle with that full URL or
 * that type and id. https://hl7.org/fhir/R4/bundle.html#references
 */
function resolveIn(root: unknown, reference: string): unknown {
  if (typeof root !== 'object' || root === null) return undefined;
  const { contained, entry } = root as { readonly contained?: unknown; readonly entry?: unknown };
  if (reference.startsWith('#')) return listOf(contained).find((resource) => idOf(resource) === reference.slice(1));
  for (const item of listOf(entry)) {
    const { fullUrl, resource } = item as { readonly fullUrl?: unknown; readonly resource?: unknown };
    if (fullUrl === reference) return resource;
    const { resourceType } = (resource ?? {}) as { readonly resourceType?: unknown };
    if (`${String(resourceType)}/${String(idOf(resource))}` === reference) return resource;
  }
  return undefined;
}

function listOf(value: unknown): readonly object[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function idOf(resource: unknown): unknown {
  return (resource as { readonly id?: unknown } | undefined)?.id;
}

/** Only the base definitions can be decided here; profiles are the validator's business. */
function conformsToBase(value: unknown, profile: string): boolean | undefined {
  const { resourceType } = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly resourceType?: unknown;
  };
  const base = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Za-z]+)$/.exec(profile);
  if (base?.[1] === undefined || typeof resourceType !== 'string') return undefined;
  return base[1] === resourceType || base[1] === 'Resource' || base[1] === 'DomainResource';
}
