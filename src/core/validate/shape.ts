import type { ElementNode, InvariantRule, TypeRule } from './element.ts';
import { isPrimitive } from './primitive.ts';
import type { Registry } from './registry.ts';

/** Which child a JSON key stands for, and as which type. */
export interface KeyRule {
  readonly child: ElementNode;
  readonly type: TypeRule;
  readonly isPrimitive: boolean;
}

/** A node as JSON sees it. */
export interface Shape {
  readonly keys: ReadonlyMap<string, KeyRule>;
  readonly children: readonly ElementNode[];
  /** Children of which something is said even where they are absent. */
  readonly demanded: ReadonlySet<ElementNode>;
  /** The node's own and those of its type's root, each key once. */
  readonly invariants: readonly InvariantRule[];
}

export interface Shapes {
  of(node: ElementNode): Shape;
  /** JSON keys of a choice, with the type that each means. */
  choices(node: ElementNode): ReadonlyMap<string, TypeRule>;
}

const unknownType: TypeRule = { code: 'Element', profiles: [], targetProfiles: [], aggregation: [] };

export function createShapes(registry: Registry): Shapes {
  const known = new WeakMap<ElementNode, Shape>();
  const choices = new WeakMap<ElementNode, ReadonlyMap<string, TypeRule>>();
  return {
    choices(node) {
      let keys = choices.get(node);
      if (keys === undefined) {
        keys = new Map(node.baseTypes.map((type) => [choiceKey(node, type), type]));
        choices.set(node, keys);
      }
      return keys;
    },
    of(node) {
      let shape = known.get(node);
      if (shape === undefined) {
        shape = makeShape(node, registry);
        known.set(node, shape);
      }
      return shape;
    },
  };
}

function makeShape(node: ElementNode, registry: Registry): Shape {
  const children = [...registry.children(node).values()];
  const keys = new Map<string, KeyRule>();
  for (const child of children) {
    if (!child.isChoice) {
      const type = child.types[0] ?? unknownType;
      keys.set(child.name, { child, type, isPrimitive: isPrimitive(type.code) });
      continue;
    }
    for (const base of child.baseTypes) {
      const type = child.types.find((rule) => rule.code === base.code) ?? base;
      keys.set(choiceKey(child, base), { child, type, isPrimitive: isPrimitive(type.code) });
    }
  }
  const demanded = new Set(children.filter(isDemanded));
  return { keys, children, demanded, invariants: invariantsOf(node, registry) };
}

function isDemanded({ min, slicing, slices }: ElementNode): boolean {
  if (min > 0) return true;
  return slicing !== undefined && (slicing.discriminators.length === 0 || slices.some((slice) => slice.min > 0));
}

export function choiceKey(child: ElementNode, type: TypeRule): string {
  return child.name + type.code.charAt(0).toUpperCase() + type.code.slice(1);
}

function invariantsOf(node: ElementNode, registry: Registry): readonly InvariantRule[] {
  const rules = new Map<string, InvariantRule>();
  const type = node.types.length === 1 ? node.types[0] : undefined;
  const root = type === undefined ? undefined : registry.type(type.code);
  for (const rule of root?.invariants ?? []) rules.set(rule.key, rule);
  for (const rule of node.invariants) rules.set(rule.key, rule);
  return [...rules.values()];
}
