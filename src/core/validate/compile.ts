import { copyOf, type Draft, freshDraft, lay } from './draft.ts';
import { type ElementNode, type InvariantRule, type SlicingRule, UnsupportedDefinitionError } from './element.ts';
import { list, own, text } from './json.ts';
import { withLocalValueSet } from './local-value-set.ts';
import { type ElementRules, readElement } from './read-element.ts';

/** What a definition needs to know of the others while it is compiled. */
export interface Bases {
  /** Root node of a type by its name; undefined when unknown. */
  type(code: string): ElementNode | undefined;
  /** Root node of a profile (or type) by canonical URL; undefined when unknown. */
  profile(url: string): ElementNode | undefined;
  /** The children that a value of this node has: its own, or those of its type. */
  children(node: ElementNode): ReadonlyMap<string, ElementNode>;
  /** Why an invariant cannot be evaluated; undefined when it can. */
  refuses(rule: InvariantRule): string | undefined;
}

const byType: SlicingRule = { rules: 'open', ordered: false, discriminators: [{ kind: 'type', path: '$this' }] };

/** "Extensions are always sliced by (at least) url": https://hl7.org/fhir/R4/profiling.html#extension */
const byUrl: SlicingRule = { rules: 'open', ordered: false, discriminators: [{ kind: 'value', path: 'url' }] };

function isExtension(node: ElementNode): boolean {
  return node.sliceName === undefined && (node.name === 'extension' || node.name === 'modifierExtension');
}

/**
 * Compile a StructureDefinition into its tree of nodes: its snapshot (or, where it has none, its differential) laid
 * over the tree of its base, so that holding a value to the tree holds it to all bases as well.
 *
 * @throws UnsupportedDefinitionError when it asks for something that this validator cannot check.
 */
export function compileStructure(structure: unknown, bases: Bases): ElementNode {
  const url = text(own(structure, 'url')) ?? 'without a url';
  const refusals: string[] = [];
  const snapshot = list(own(own(structure, 'snapshot'), 'element'));
  const elements = snapshot.length > 0 ? snapshot : list(own(own(structure, 'differential'), 'element'));
  const type = text(own(structure, 'type')) ?? '';
  const isBase = makesType(structure, url, type);
  const parent = isBase ? undefined : snapshot.length > 0 ? bases.type(type) : baseOf(structure, type, bases);
  if (!isBase && parent === undefined) refusals.push(`its base, ${type || 'unnamed'}, is not known`);
  if (elements.length === 0) refusals.push('it has no elements, neither in a snapshot nor in a differential');
  if (refusals.length > 0) throw new UnsupportedDefinitionError(url, refusals);
  const builder = new TreeBuilder(url, parent, bases);
  for (const [id, element] of withIds(elements)) {
    const rules = readElement(element, (reason) => refusals.push(`${id} has ${reason}`));
    for (const rule of rules.invariants) {
      const reason = bases.refuses(rule);
      if (reason !== undefined)
        refusals.push(`${id} has the invariant ${rule.key}, which is not understood: ${reason}`);
    }
    const bindings = rules.bindings?.map((binding) => withLocalValueSet(binding, structure));
    const reason = builder.add(id, { ...rules, bindings });
    if (reason !== undefined) refusals.push(reason);
  }
  refusals.push(...contextRefusals(structure, bases));
  if (refusals.length > 0) throw new UnsupportedDefinitionError(url, refusals);
  return builder.finish();
}

/** FHIRPath by which an extension says where it may stand. */
function contextRefusals(structure: unknown, bases: Bases): readonly string[] {
  const paths = list(own(structure, 'context')).filter((context) => own(context, 'type') === 'fhirpath');
  const expressions = [
    ...paths.map((context) => own(context, 'expression')),
    ...list(own(structure, 'contextInvariant')),
  ];
  return expressions.flatMap((expression) => {
    const rule = { key: 'context', severity: 'error' as const, human: '', expression: String(expression), source: '' };
    const reason = bases.refuses(rule);
    return reason === undefined ? [] : [`its context '${rule.expression}' is not understood: ${reason}`];
  });
}

function baseOf(structure: unknown, type: string, bases: Bases): ElementNode | undefined {
  const base = text(own(structure, 'baseDefinition'));
  return base === undefined ? bases.type(type) : bases.profile(base);
}

/** Whether a definition makes a type; old ones do not say so, but constrain the one that they are not named after. */
function makesType(structure: unknown, url: string, type: string): boolean {
  const derivation = own(structure, 'derivation');
  if (derivation !== undefined) return derivation !== 'constraint';
  return own(structure, 'baseDefinition') === undefined || url.endsWith(`/${type}`);
}

/** Element ids; where an old definition has none, they follow from path, sliceName and order. */
function* withIds(elements: readonly unknown[]): Generator<[string, unknown]> {
  const latest = new Map<string, string>();
  for (const element of elements) {
    const path = text(own(element, 'path')) ?? '';
    const sliceName = text(own(element, 'sliceName'));
    const dot = path.lastIndexOf('.');
    const parent = dot < 0 ? '' : (latest.get(path.slice(0, dot)) ?? path.slice(0, dot));
    const made = `${parent === '' ? '' : `${parent}.`}${path.slice(dot + 1)}${sliceName ? `:${sliceName}` : ''}`;
    const id = text(own(element, 'id')) ?? made;
    latest.set(path, id);
    yield [id, element];
  }
}

class TreeBuilder {
  readonly #url: string;
  readonly #bases: Bases;
  /** Which node each draft hangs on: a draft may be changed only through the node that it was copied for. */
  readonly #owner = new Map<ElementNode, Draft>();
  readonly #isBase: boolean;
  #root: Draft | undefined;
  constructor(url: string, parent: ElementNode | undefined, bases: Bases) {
    this.#url = url;
    this.#bases = bases;
    this.#isBase = parent === undefined;
    if (parent !== undefined) this.#root = copyOf(parent);
  }

  finish(): ElementNode {
    const root = this.#root;
    if (root === undefined) throw new UnsupportedDefinitionError(this.#url, ['it has no elements']);
    const parts = root.name === 'Extension' && !this.#isBase ? root.children?.get('extension') : undefined;
    // Which parts an extension has is its own to say, even where it says nothing: the node tells whose it is.
    if (root.children !== undefined && parts !== undefined)
      this.#replace(root, root.children, parts).profile = this.#url;
    return root;
  }

  /** Lay one element over the tree; answers why not, when that cannot be done. */
  add(id: string, rules: ElementRules): string | undefined {
    const [first = '', ...rest] = id.split('.');
    if (this.#root === undefined) this.#root = freshDraft(this.#url, id, first, rules);
    let node = this.#root;
    for (const [index, segment] of rest.entries()) {
      const isLast = index === rest.length - 1;
      const next = this.#step(node, segment, isLast ? freshDraft(this.#url, id, segment, rules) : undefined);
      if (next === undefined) return `element ${id} is not part of its base`;
      node = next;
    }
    lay(node, rules);
    node.id = id;
    node.profile = this.#url;
    return undefined;
  }

  #step(node: Draft, segment: string, fresh: Draft | undefined): Draft | undefined {
    const colon = segment.indexOf(':');
    const name = (colon < 0 ? segment : segment.slice(0, colon)).replace('[x]', '');
    const sliceName = colon < 0 ? undefined : segment.slice(colon + 1);
    const children = this.#childrenOf(node);
    const found = children.get(name);
    if (found === undefined) {
      const choice = this.#choiceOf(children, name);
      if (choice !== undefined)
        return this.#slice(
          this.#replace(node, children, choice),
          sliceName ?? name,
          choice.types.length > 1 ? name : undefined,
        );
      // Only a definition that makes a type, not one that constrains it, may bring elements of its own.
      if (fresh === undefined || !this.#isBase) return undefined;
      children.set(name, fresh);
      this.#owner.set(fresh, node);
      return fresh;
    }
    const child = this.#replace(node, children, found);
    return sliceName === undefined ? child : this.#slice(child, sliceName, found.isChoice ? sliceName : undefined);
  }

  #childrenOf(node: Draft): Map<string, ElementNode> {
    node.children ??= new Map(node === this.#root ? [] : this.#contentOf(node));
    return node.children;
  }

  /** Where the type has a profile, that says what is inside: of an extension, for example, which type its value has. */
  #contentOf(node: Draft): ReadonlyMap<string, ElementNode> {
    const [type, ...others] = node.types;
    const [profile] = type?.profiles ?? [];
    const isOne = others.length === 0 && type?.profiles.length === 1;
    return (isOne ? this.#bases.profile(profile ?? '')?.children : undefined) ?? this.#bases.children(node);
  }

  /** `valueQuantity` names the choice `value[x]` narrowed to one type. */
  #choiceOf(children: ReadonlyMap<string, ElementNode>, name: string): ElementNode | undefined {
    for (const child of children.values()) {
      if (!child.isChoice || !name.startsWith(child.name)) continue;
      const suffix = name.slice(child.name.length).toLowerCase();
      if (child.baseTypes.some((type) => type.code.toLowerCase() === suffix)) return child;
    }
    return undefined;
  }

  #replace(parent: Draft, children: Map<string, ElementNode>, child: ElementNode): Draft {
    if (this.#owner.get(child) === parent) return child as Draft;
    const copy = this.#own(child, parent);
    children.set(child.name, copy);
    return copy;
  }

  #slice(node: Draft, sliceName: string, choiceName: string | undefined): Draft {
    const parts = sliceName.split('/');
    if (parts.length > 1) {
      const outer = node.slices.find((slice) => slice.sliceName === parts.slice(0, -1).join('/'));
      if (outer !== undefined)
        return this.#slice(this.#replaceSlice(node, outer), sliceName.replaceAll('/', '\u0000'), choiceName);
    }
    const name = sliceName.replaceAll('\u0000', '/');
    const found = node.slices.find((slice) => slice.sliceName === name);
    if (found !== undefined) return this.#replaceSlice(node, found);
    const copy = this.#own(node, node);
    Object.assign(copy, { sliceName: name, slices: [], slicing: undefined, min: 0 });
    if (choiceName !== undefined) {
      const suffix = choiceName.slice(node.name.length).toLowerCase();
      const types = node.types.filter((type) => type.code.toLowerCase() === suffix);
      if (types.length > 0) {
        copy.types = types;
        node.slicing ??= byType;
      }
    }
    if (isExtension(node)) node.slicing ??= byUrl;
    node.slices.push(copy);
    return copy;
  }

  #replaceSlice(node: Draft, slice: ElementNode): Draft {
    if (this.#owner.get(slice) === node) return slice as Draft;
    const copy = this.#own(slice, node);
    node.slices[node.slices.indexOf(slice)] = copy;
    return copy;
  }

  #own(node: ElementNode, parent: Draft): Draft {
    const copy = copyOf(node);
    this.#owner.set(copy, parent);
    return copy;
  }
}
