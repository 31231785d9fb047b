import type { Definitions } from '../validate/validator.ts';

/**
 * What a mapping is checked and compiled against: the structure part of `Definitions`, and its value sets where they
 * are at hand. Any `Definitions` is a `Models`.
 */
export type Models = Pick<Definitions, 'structure'> & Partial<Pick<Definitions, 'codes'>>;

/** A type as the engine sees it: a primitive, a datatype, a resource, a logical model, or an element with children. */
export interface TypeModel {
  /** What `is`, `: type` and `create` call it: `Quantity`, `Patient`, or a path such as `Bundle.entry`. */
  readonly name: string;
  readonly url: string;
  readonly kind: 'primitive' | 'complex' | 'resource' | 'logical';
  /** Only resources proper carry `resourceType`. */
  readonly elements: ReadonlyMap<string, ElementModel>;
  /** Whether any resource may stand here: `Resource` and `DomainResource`, or a logical model's `Base`. */
  readonly open: boolean;
  /** Canonical URL of what it specialises or constrains. */
  readonly base?: string;
}

export interface ElementModel {
  readonly name: string;
  readonly min: number;
  /** Whether it repeats: then it is an array in JSON. */
  readonly list: boolean;
  /** Whether the key carries the type: `value[x]`. */
  readonly choice: boolean;
  /** The `xsi:type` of XML-based models is written with each value (representation `typeAttr`). */
  readonly typed: boolean;
  readonly required: boolean;
  readonly mustSupport: boolean;
  readonly binding?: { readonly strength: string; readonly valueSet: string };
  /** One for a plain element; several for a choice; empty where the models do not know. */
  readonly types: () => readonly TypeModel[];
}

/** Looks types up by canonical URL or by name, and keeps what it built. */
export interface TypeLibrary {
  find(nameOrUrl: string): TypeModel | undefined;
}

interface ElementJson {
  readonly path: string;
  readonly id?: string;
  readonly min?: number;
  readonly max?: string;
  readonly mustSupport?: boolean;
  readonly sliceName?: string;
  readonly contentReference?: string;
  readonly representation?: readonly string[];
  readonly type?: readonly { readonly code?: string; readonly profile?: readonly string[] }[];
  readonly binding?: { readonly strength?: string; readonly valueSet?: string };
}

interface StructureJson {
  readonly url: string;
  readonly kind: string;
  readonly type: string;
  readonly baseDefinition?: string;
  readonly snapshot: { readonly element: readonly ElementJson[] };
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

const libraries = new WeakMap<Models, TypeLibrary>();

/** A library over some models; what was built once serves every load with the same models. */
export function typeLibrary(models: Models): TypeLibrary {
  const found = libraries.get(models) ?? newLibrary(models);
  libraries.set(models, found);
  return found;
}

function newLibrary(models: Models): TypeLibrary {
  const known = new Map<string, TypeModel | undefined>();
  const library: TypeLibrary = {
    find(nameOrUrl) {
      const url = normalUrl(nameOrUrl);
      if (known.has(url)) return known.get(url);
      const structure =
        models.structure(url) ?? (url.startsWith(base) ? models.structure(url.slice(base.length)) : undefined);
      const built = isStructure(structure) ? buildType(structure, library) : undefined;
      known.set(url, built);
      return built;
    },
  };
  return library;
}

/** R4's own types may be named by name, by URL, or by the URL with the release in it. */
function normalUrl(nameOrUrl: string): string {
  const bare = nameOrUrl.replace(/\|.*$/, '').replace(/^FHIR\./, '');
  const versioned = /^http:\/\/hl7\.org\/fhir\/4\.0(?:\.1)?\/StructureDefinition\/(.+)$/.exec(bare);
  if (versioned?.[1] !== undefined) return base + versioned[1];
  if (bare.startsWith('http://hl7.org/fhirpath/System.')) return base + systemPrimitive(bare);
  return bare.includes(':') ? bare : base + bare;
}

/** Ids and urls of elements have types of FHIRPath's own; http://hl7.org/fhir/R4/fhirpath.html#types. */
function systemPrimitive(url: string): string {
  const name = url.slice(url.lastIndexOf('.') + 1);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function isStructure(value: unknown): value is StructureJson {
  const candidate = value as Partial<StructureJson> | undefined;
  return typeof candidate?.url === 'string' && Array.isArray(candidate.snapshot?.element);
}

function buildType(structure: StructureJson, library: TypeLibrary): TypeModel {
  const { url, type } = structure;
  const all = structure.snapshot.element.filter((element) => !isSlice(element));
  const root = all[0]?.path ?? type;
  const inner = new Map<string, TypeModel>();
  const isPrimitive = structure.kind === 'primitive-type';
  const name = structure.kind === 'logical' ? (url.split('/').at(-1) ?? type) : type;
  const kind = isPrimitive
    ? 'primitive'
    : structure.kind === 'resource' || structure.kind === 'logical'
      ? structure.kind
      : 'complex';
  const open = (kind === 'resource' && (type === 'Resource' || type === 'DomainResource')) || type === 'Base';
  const typeAt = (path: string): TypeModel => {
    const found = inner.get(path);
    if (found !== undefined) return found;
    const at = path === root ? name : `${name}${path.slice(root.length)}`;
    const part: TypeModel = {
      name: at,
      url: path === root ? url : `${url}#${path}`,
      kind: path === root ? kind : 'complex',
      elements: isPrimitive ? new Map() : childrenOf(path, all, typeAt, library),
      open: path === root && open,
      ...(path === root && structure.baseDefinition !== undefined ? { base: structure.baseDefinition } : {}),
    };
    inner.set(path, part);
    return part;
  };
  return typeAt(root);
}

/** Slices constrain, they are no elements of their own. */
function isSlice(element: ElementJson): boolean {
  return element.sliceName !== undefined || (element.id ?? '').includes(':');
}

function childrenOf(
  path: string,
  all: readonly ElementJson[],
  typeAt: (path: string) => TypeModel,
  library: TypeLibrary,
): ReadonlyMap<string, ElementModel> {
  const children = new Map<string, ElementModel>();
  for (const element of all) {
    if (!element.path.startsWith(`${path}.`) || element.path.indexOf('.', path.length + 1) >= 0) continue;
    const raw = element.path.slice(path.length + 1);
    const choice = raw.endsWith('[x]');
    const name = choice ? raw.slice(0, -3) : raw;
    if (children.has(name) || element.max === '0') continue;
    let types: readonly TypeModel[] | undefined;
    const nested = all.some((other) => other.path.startsWith(`${element.path}.`));
    children.set(name, {
      name,
      min: element.min ?? 0,
      list: element.max !== '1' && element.max !== undefined,
      choice,
      typed: element.representation?.includes('typeAttr') ?? false,
      required: (element.min ?? 0) > 0,
      mustSupport: element.mustSupport ?? false,
      ...bindingOf(element),
      types: () => {
        types ??= nested ? [typeAt(element.path)] : elementTypes(element, typeAt, library);
        return types;
      },
    });
  }
  inherit(path, all, children, library);
  return children;
}

/** A logical model names only what it adds to an element: `id` and `extension` come from the element's own type. */
function inherit(
  path: string,
  all: readonly ElementJson[],
  children: Map<string, ElementModel>,
  library: TypeLibrary,
): void {
  const own = all.find((element) => element.path === path);
  const code = path === all[0]?.path ? undefined : own?.type?.[0]?.code;
  for (const [name, element] of code === undefined ? [] : (library.find(code)?.elements ?? []))
    if (!children.has(name)) children.set(name, element);
}

function bindingOf(element: ElementJson): Pick<ElementModel, 'binding'> {
  const { strength, valueSet } = element.binding ?? {};
  if (strength === undefined || valueSet === undefined) return {};
  return { binding: { strength, valueSet: valueSet.replace(/\|.*$/, '') } };
}

function elementTypes(
  element: ElementJson,
  typeAt: (path: string) => TypeModel,
  library: TypeLibrary,
): readonly TypeModel[] {
  const reference = element.contentReference;
  if (reference !== undefined) return [typeAt(reference.slice(reference.indexOf('#') + 1))];
  const found: TypeModel[] = [];
  for (const type of element.type ?? []) {
    const model = type.code === undefined ? undefined : library.find(type.code);
    if (model !== undefined && !found.includes(model)) found.push(model);
    // One type that is not known makes the whole element unknown: better no check than a wrong one.
    if (model === undefined) return [];
  }
  return found;
}

/** The JSON key of an element for a value of some type: `value` and `Quantity` give `valueQuantity`. */
export function keyOf(element: ElementModel, type: TypeModel | string): string {
  const name = typeof type === 'string' ? type : type.name;
  return element.choice ? element.name + name.charAt(0).toUpperCase() + name.slice(1) : element.name;
}

/**
 * An element by the name that a map uses. `valueQuantity` is also taken for the choice `value`, as many maps write it.
 * @returns The element, and the only type that is meant when the name says it.
 */
export function elementOf(
  type: TypeModel,
  name: string,
): { readonly element: ElementModel; readonly only?: TypeModel } | undefined {
  const direct = type.elements.get(name);
  if (direct !== undefined) return { element: direct };
  for (const element of type.elements.values()) {
    if (!element.choice || !name.startsWith(element.name)) continue;
    const only = element.types().find((candidate) => keyOf(element, candidate) === name);
    if (only !== undefined) return { element, only };
  }
  return undefined;
}
