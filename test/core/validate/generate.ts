import type { ElementNode, TypeRule } from '../../../src/core/validate/element.ts';
import { isPrimitive } from '../../../src/core/validate/primitive.ts';
import { createRegistry, type Registry } from '../../../src/core/validate/registry.ts';
import { choiceKey } from '../../../src/core/validate/shape.ts';
import type { Definitions } from '../../../src/core/validate/validator.ts';
import { madeTypes, makePrimitive } from './make-value.ts';
import type { Random } from './random.ts';

type Made = Record<string, unknown>;

export interface Generator {
  readonly registry: Registry;
  /**
   * A resource that the snapshot of the profile allows: what must be there, and each other element with the given
   * chance. Invariants of resources are not known to it.
   */
  resource(profile: string, random: Random, chance: number): Made;
  /** A value of a type, for mutants that need one of another type. */
  value(type: string, random: Random): unknown;
}

/** Deeper, only what must be there is made. */
const optionalDepth = 3;

export function createGenerator(definitions: Definitions): Generator {
  const registry = createRegistry(definitions);

  function object(node: ElementNode, random: Random, chance: number, depth: number): Made {
    const made: Made = {};
    const start: Made = {};
    for (const expected of node.expected) merge(start, expected.value);
    for (const child of registry.children(node).values()) add(made, child, random, chance, depth);
    merge(made, start);
    correctCode(made, random);
    return made;
  }

  /** A code is one of its system's, where those are known. */
  function correctCode(made: Made, random: Random): void {
    const codes = typeof made.system === 'string' ? registry.definitions.codeSystem(made.system) : undefined;
    if (codes !== undefined && typeof made.code === 'string' && !codes.has(made.code))
      made.code = random.pick([...codes]);
  }

  function add(made: Made, child: ElementNode, random: Random, chance: number, depth: number): void {
    if (child.max === 0 || skipped.has(child.name)) return;
    const slices = child.slicing === undefined ? [] : child.slices;
    const isWanted = child.min > 0 || slices.some((slice) => slice.min > 0);
    // Extensions that nobody defined may stand anywhere; a few are enough.
    const wish = child.name === 'extension' && slices.length === 0 ? chance / 4 : chance;
    if (!isWanted && (depth > optionalDepth || random.next() >= wish)) return;
    if (child.isChoice) {
      const slice = slices.find((one) => one.min > 0) ?? (slices.length > 0 ? random.pick(slices) : undefined);
      const node = slice !== undefined && slice.max > 0 ? slice : child;
      const type = random.pick(node.types);
      made[choiceKey(child, type)] = value(node, type, random, chance, depth);
      return;
    }
    const items = list(child, slices, random).map((node) =>
      value(node, random.pick(typesOf(node)), random, chance, depth),
    );
    if (items.length === 0) return;
    made[child.name] = child.isArray ? items : items[0];
  }

  /** Slices as often as they must be, then what else the element's own minimum asks for. */
  function list(child: ElementNode, slices: readonly ElementNode[], random: Random): readonly ElementNode[] {
    const nodes = slices.flatMap((slice) => Array<ElementNode>(slice.min).fill(slice));
    const optional = slices.filter((slice) => slice.min === 0 && slice.max > 0);
    const isClosed = child.slicing?.rules === 'closed';
    while (
      nodes.length < Math.max(1, child.min) ||
      (nodes.length === 1 && nodes.length < child.max && child.isArray && random.next() < 0.1 && slices.length === 0)
    ) {
      if (isClosed || (optional.length > 0 && random.next() < 0.7)) {
        if (optional.length === 0) break;
        nodes.push(random.pick(optional));
      } else nodes.push(child);
    }
    const isOnce = (node: ElementNode, at: number) => node === child || node.max > 1 || nodes.indexOf(node) === at;
    return nodes
      .filter(isOnce)
      .sort((a, b) => slices.indexOf(a) - slices.indexOf(b))
      .slice(0, child.isArray ? child.max : 1);
  }

  function typesOf(node: ElementNode): readonly TypeRule[] {
    return node.types.length > 0
      ? node.types
      : [{ code: 'Element', profiles: [], targetProfiles: [], aggregation: [] }];
  }

  function value(node: ElementNode, type: TypeRule, random: Random, chance: number, depth: number): unknown {
    const [expected] = node.expected;
    if (isPrimitive(type.code))
      return expected?.value ?? bound(node, type.code, random) ?? limited(node, makePrimitive(type.code, random));
    if (expected?.kind === 'fixed') return structuredClone(expected.value);
    const made = complex(node, type, random, chance, depth);
    for (const one of node.expected) merge(made, one.value);
    return made;
  }

  function complex(node: ElementNode, type: TypeRule, random: Random, chance: number, depth: number): Made {
    const [profile] = type.profiles;
    if (profile !== undefined && !profile.endsWith('Quantity'))
      return object(registry.profile(profile) ?? node, random, chance, depth + 1);
    const coded =
      node.children === undefined && node.expected.length === 0 ? bound(node, type.code, random) : undefined;
    if (coded !== undefined) return coded as Made;
    if (type.code === 'Reference') return { reference: `${random.pick(targets(type))}/${random.below(100)}` };
    if (type.code === 'Resource') return { resourceType: 'Basic', id: 'b', code: { text: 'x' } };
    const ready = node.children === undefined || type.code.endsWith('Quantity') ? madeTypes[type.code] : undefined;
    if (ready !== undefined) return { ...(ready(random) as Made), ...required(node, random) };
    const content = node.isChoice && node.children === undefined ? (registry.type(type.code) ?? node) : node;
    const made = object(content, random, chance, depth + 1);
    return Object.keys(made).length > 0 ? made : filled(content, type, random);
  }

  /** Fixed and patterned children, over what a ready-made value has. */
  function required(node: ElementNode, random: Random): Made {
    const made: Made = {};
    for (const child of node.children?.values() ?? []) {
      if (child.expected.length > 0 || child.minValue !== undefined)
        add(made, { ...child, min: 1 }, random, 0, optionalDepth + 1);
    }
    return made;
  }

  /** Something, where nothing must be there but the element itself. */
  function filled(content: ElementNode, type: TypeRule, random: Random): Made {
    if (type.code === 'CodeableConcept') return { text: 'text' };
    const made: Made = {};
    for (const child of registry.children(content).values()) {
      if (Object.keys(made).length > 0) break;
      if (child.max > 0 && !skipped.has(child.name) && child.name !== 'extension')
        add(made, { ...child, min: 1 }, random, 0, optionalDepth + 1);
    }
    return made;
  }

  function targets(type: TypeRule): readonly string[] {
    const types = type.targetProfiles
      .map((url) => registry.profile(url)?.name ?? 'Basic')
      .map((name) => (name === 'Resource' ? 'Basic' : name));
    return types.length > 0 ? types : ['Basic'];
  }

  function bound(node: ElementNode, type: string, random: Random): unknown {
    const binding = node.bindings.find((rule) => rule.strength !== 'extensible');
    if (binding === undefined) return undefined;
    const set =
      registry.definitions.codes(binding.valueSet) ?? registry.definitions.codes(binding.valueSet.split('|')[0] ?? '');
    const codes = [...(set?.codes ?? [])].filter((code) => !code.startsWith('|'));
    const [open] = set?.openSystems ?? [];
    if (codes.length === 0 && open === undefined) return undefined;
    const [system = '', code = ''] =
      codes.length === 0
        ? [open ?? '', open === 'urn:ietf:bcp:13' ? 'text/plain' : 'en']
        : random.pick(codes).split('|');
    if (isPrimitive(type)) return code;
    if (type === 'Coding') return { system, code };
    return type === 'CodeableConcept' ? { coding: [{ system, code }] } : undefined;
  }

  return {
    registry,
    resource(profile, random, chance) {
      const root = registry.profile(profile);
      if (root === undefined) throw new Error(`No definition of ${profile}.`);
      const made = object(root, random, chance, 0);
      const isProfile = root.profile !== `http://hl7.org/fhir/StructureDefinition/${root.name}`;
      return {
        resourceType: root.name,
        id: `made-${random.below(1000)}`,
        ...made,
        ...(isProfile ? { meta: { ...(made.meta as Made | undefined), profile: [profile] } } : {}),
      };
    },
    value: (type, random) => {
      const rule = { code: type, profiles: [], targetProfiles: [], aggregation: [] };
      const root = registry.type(type);
      if (root === undefined) throw new Error(`No type ${type}.`);
      return value({ ...root, types: [rule], children: undefined }, rule, random, 0, optionalDepth);
    },
  };
}

/** Made by hand or not at all: ids are the resource's, contained resources would have to be referred to. */
const skipped = new Set(['id', 'contained', 'modifierExtension', 'implicitRules']);

/** A number inside the limits of its element. */
function limited(node: ElementNode, value: unknown): unknown {
  if (typeof value !== 'number')
    return typeof value === 'string' && node.maxLength !== undefined ? value.slice(0, node.maxLength) : value;
  const [least, most] = [node.minValue, node.maxValue];
  if (typeof least === 'number' && value < least) return least;
  return typeof most === 'number' && value > most ? most : value;
}

/** Put what a pattern asks for into a value. */
function merge(into: Made, pattern: unknown): void {
  if (typeof pattern !== 'object' || pattern === null) return;
  for (const [key, part] of Object.entries(pattern)) {
    const known = into[key];
    if (Array.isArray(part) || typeof part !== 'object' || typeof known !== 'object' || known === null)
      into[key] = structuredClone(part);
    else merge(known as Made, part);
  }
}
