import { isAbsolute } from './absolute-url.ts';
import { grammarOf } from './code-grammar.ts';
import { type Bases, compileStructure } from './compile.ts';
import type { ElementNode } from './element.ts';
import { own, text } from './json.ts';
import type { Definitions } from './validator.ts';

const coreBase = 'http://hl7.org/fhir/StructureDefinition/';

/** Definitions as compiled trees: each is compiled when first asked for, once, and shared from then on. */
export interface Registry extends Bases {
  readonly definitions: Definitions;
  /** The StructureDefinition as it was loaded; undefined when unknown. */
  source(url: string): unknown;
  /** Whether the type (by name) is `ancestor` or specialises it, for example DomainResource of Patient. */
  isKind(code: string, ancestor: string): boolean;
  /** What is known of the system of a coding; looked up once. */
  system(url: string): KnownSystem;
}

export interface KnownSystem {
  /** Why it cannot be the system of a coding, as a sentence. */
  readonly fault: string | undefined;
  /** Undefined when not all of its codes are known here. */
  readonly codes: { has(code: string): boolean } | undefined;
}

/** Systems that are remembered; more are looked up each time, so that a sender cannot fill the memory. */
const systemLimit = 2000;

/** @throws UnsupportedDefinitionError from `type`, `profile` and `children`, when a definition cannot be used. */
export function createRegistry(definitions: Definitions, refuses: Bases['refuses'] = () => undefined): Registry {
  const roots = new Map<string, ElementNode | undefined>();
  const contents = new WeakMap<ElementNode, ReadonlyMap<string, ElementNode>>();
  const nothing: ReadonlyMap<string, ElementNode> = new Map();

  function source(url: string): unknown {
    const bar = url.indexOf('|');
    const found = definitions.structure(url);
    if (bar < 0) return found;
    const candidate = found ?? definitions.structure(url.slice(0, bar));
    return isVersion(text(own(candidate, 'version')), url.slice(bar + 1), url) ? candidate : undefined;
  }

  function profile(url: string): ElementNode | undefined {
    if (roots.has(url)) return roots.get(url);
    const hash = url.indexOf('#');
    return hash < 0 ? whole(url) : part(url.slice(0, hash), url.slice(hash + 1));
  }

  /** One element of a definition by its id, as `elementdefinition-profile-element` names it. */
  function part(url: string, id: string): ElementNode | undefined {
    const [, ...steps] = id.split('.');
    let node = profile(url);
    for (const step of steps) {
      const [name = '', sliceName] = step.replace('[x]', '').split(':');
      const child: ElementNode | undefined = node === undefined ? undefined : children(node).get(name);
      node = sliceName === undefined ? child : child?.slices.find((slice) => slice.sliceName === sliceName);
    }
    return node;
  }

  function whole(url: string): ElementNode | undefined {
    const structure = source(url);
    // What is not known is not remembered: senders name profiles and extensions as they like, and would fill the memory.
    if (structure === undefined) return undefined;
    // While it is compiled it counts as unknown, so definitions that build on each other in a circle are refused.
    roots.set(url, undefined);
    try {
      const root = compileStructure(structure, registry);
      roots.set(url, root);
      return root;
    } catch (error) {
      roots.delete(url);
      throw error;
    }
  }

  function children(node: ElementNode): ReadonlyMap<string, ElementNode> {
    if (node.children !== undefined) return node.children;
    const known = contents.get(node);
    if (known !== undefined) return known;
    const found = node.contentReference === undefined ? contentOfType(node) : referenced(node.contentReference);
    contents.set(node, found);
    return found;
  }

  function contentOfType(node: ElementNode): ReadonlyMap<string, ElementNode> {
    const code = node.types.length === 1 ? node.types[0]?.code : 'Element';
    return code === undefined ? nothing : (registry.type(code)?.children ?? nothing);
  }

  function referenced(reference: string): ReadonlyMap<string, ElementNode> {
    const [code = '', ...names] = reference.slice(reference.indexOf('#') + 1).split('.');
    let node = registry.type(code);
    for (const name of names) node = node === undefined ? undefined : children(node).get(name);
    return node === undefined ? nothing : children(node);
  }

  const kinds = new Map<string, Map<string, boolean>>();
  const systems = new Map<string, KnownSystem>();

  function system(url: string): KnownSystem {
    const known = systems.get(url);
    if (known !== undefined) return known;
    const isCode = grammarOf(url);
    const codes = isCode === undefined ? definitions.codeSystem(url) : { has: isCode };
    const found = { fault: systemFault(url, codes), codes };
    if (systems.size < systemLimit) systems.set(url, found);
    return found;
  }

  function systemFault(url: string, codes: KnownSystem['codes']): string | undefined {
    if (!isAbsolute(url)) return 'The system of a coding must be an absolute URI; correct it.';
    if (codes !== undefined || definitions.codes(url) === undefined) return undefined;
    return 'The system of a coding is a code system, but this is the address of a value set; name the system that the code comes from.';
  }

  function isKind(code: string, ancestor: string): boolean {
    if (ancestor === 'Any' || ancestor === code) return true;
    const known = kinds.get(code)?.get(ancestor);
    if (known !== undefined) return known;
    const found = isDescendant(code, ancestor);
    // Only real types are remembered: what a sender calls a type may be anything.
    if (source(typeUrl(code)) !== undefined)
      kinds.set(code, (kinds.get(code) ?? new Map<string, boolean>()).set(ancestor, found));
    return found;
  }

  function isDescendant(code: string, ancestor: string): boolean {
    let structure = source(typeUrl(code));
    for (let steps = 0; structure !== undefined && steps < 16; steps += 1) {
      const base = text(own(structure, 'baseDefinition'));
      if (base === undefined) return false;
      if (base === typeUrl(ancestor)) return true;
      structure = source(base);
    }
    return false;
  }

  const registry: Registry = {
    definitions,
    source,
    profile,
    type: (code) => profile(typeUrl(code)),
    children,
    refuses,
    isKind,
    system,
  };
  return registry;
}

/** "|1.2" means the newest 1.2.x: https://hl7.org/fhir/R4/references.html#canonical */
function isVersion(version: string | undefined, wanted: string, url: string): boolean {
  if (url.startsWith(coreBase)) return true;
  return version === wanted || (version?.startsWith(`${wanted}.`) ?? false);
}

/** R4 types are known by name; logical models are typed by their URL. */
export function typeUrl(code: string): string {
  return code.includes(':') ? code : coreBase + code;
}
