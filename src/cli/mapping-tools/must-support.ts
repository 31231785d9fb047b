import type { Mapping } from '../../core/mapping/mapping.ts';
import { asObject, isJsonArray, type Json } from '../../core/plan/json-value.ts';
import type { Definitions } from '../../core/validate/validator.ts';

/** An element that a target must support, by the id that its profile gives it. */
export interface TargetElement {
  /** `massage-procedure Procedure.extension:pressure`. */
  readonly name: string;
  readonly path: readonly string[];
  /** Of an extension slice: the extension's url. */
  readonly extension?: string;
}

interface ElementJson {
  readonly id: string;
  readonly path: string;
  readonly max?: string;
  readonly mustSupport?: boolean;
  readonly sliceName?: string;
  readonly type?: readonly { readonly code?: string; readonly profile?: readonly string[] }[];
}

/**
 * Elements of the outputs' models that a mapping must support: of resources those that their profiles mark; of logical
 * models, which mark none, every element.
 */
export function mustSupportOf(
  mapping: Mapping,
  outputs: Readonly<Record<string, unknown>>,
  definitions: Definitions,
): TargetElement[] {
  return targetsOf(mapping, outputs).flatMap(({ url }) => elementsOf(url, definitions));
}

/** Names of those elements that the outputs have. */
export function presentIn(
  mapping: Mapping,
  outputs: Readonly<Record<string, unknown>>,
  definitions: Definitions,
): string[] {
  return targetsOf(mapping, outputs).flatMap(({ url, value }) =>
    elementsOf(url, definitions)
      .filter((element) => isPresent(value, element.path, element.extension))
      .map(({ name }) => name),
  );
}

/** What is held against a model: the resources of an output that name a profile, or an output of a logical model. */
function targetsOf(
  mapping: Mapping,
  outputs: Readonly<Record<string, unknown>>,
): { readonly url: string; readonly value: Json }[] {
  return mapping.outputs.flatMap(({ name, type }) => {
    const value = asObject(outputs[name]);
    if (value === undefined) return [];
    if (value.resourceType === undefined) return [{ url: type, value }];
    const entries: readonly unknown[] = isJsonArray(value.entry) ? value.entry : [];
    const inside = entries.map((entry) => asObject(asObject(entry)?.resource));
    return [value, ...inside.filter((one) => one !== undefined)].flatMap((resource) => {
      const profiles = asObject(resource.meta)?.profile;
      return isJsonArray(profiles) ? profiles.map((url) => ({ url: String(url), value: resource })) : [];
    });
  });
}

const known = new WeakMap<Definitions, Map<string, readonly TargetElement[]>>();

function elementsOf(url: string, definitions: Definitions): readonly TargetElement[] {
  const cache = known.get(definitions) ?? new Map<string, readonly TargetElement[]>();
  known.set(definitions, cache);
  const found = cache.get(url) ?? readElements(url, definitions);
  cache.set(url, found);
  return found;
}

function readElements(url: string, definitions: Definitions): TargetElement[] {
  const structure = definitions.structure(url) as
    | { kind?: string; snapshot?: { element: readonly ElementJson[] } }
    | undefined;
  const all = structure?.snapshot?.element ?? [];
  const isLogical = structure?.kind === 'logical';
  const id = url.slice(url.lastIndexOf('/') + 1);
  return all.flatMap((element): TargetElement[] => {
    const [, ...path] = element.path.split('.');
    if (path.length === 0 || element.max === '0') return [];
    if (isLogical ? isInherited(path) : element.mustSupport !== true) return [];
    const extension =
      element.path.endsWith('.extension') && element.sliceName !== undefined
        ? element.type?.[0]?.profile?.[0]
        : undefined;
    return [{ name: `${id} ${element.id}`, path, ...(extension === undefined ? {} : { extension }) }];
  });
}

/** What every part of a model has without being asked. */
function isInherited(path: readonly string[]): boolean {
  return ['id', 'extension', 'modifierExtension'].includes(path.at(-1) ?? '');
}

function isPresent(value: unknown, path: readonly string[], extension: string | undefined): boolean {
  if (isJsonArray(value)) return value.some((item) => isPresent(item, path, extension));
  const [step, ...rest] = path;
  if (step === undefined) return value !== undefined && (extension === undefined || asObject(value)?.url === extension);
  const object = asObject(value);
  if (object === undefined) return false;
  const keys = step.endsWith('[x]') ? Object.keys(object).filter((key) => key.startsWith(step.slice(0, -3))) : [step];
  return keys.some((key) => object[key] !== undefined && isPresent(object[key], rest, extension));
}
