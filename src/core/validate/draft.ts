import type { ElementNode } from './element.ts';
import type { ElementRules } from './read-element.ts';

/** A node while its definition is compiled. */
export type Draft = { -readonly [K in keyof ElementNode]: ElementNode[K] } & {
  children?: Map<string, ElementNode>;
  slices: ElementNode[];
};

/** A new element, as a definition that makes a type brings it. */
export function freshDraft(url: string, id: string, segment: string, rules: ElementRules): Draft {
  const max = rules.max ?? 1;
  return {
    id,
    profile: url,
    name: segment.replace('[x]', ''),
    isChoice: segment.endsWith('[x]'),
    isArray: max > 1,
    min: rules.min ?? 0,
    max,
    types: rules.types ?? [],
    baseTypes: rules.types ?? [],
    expected: [],
    mustHaveValue: false,
    bindings: [],
    invariants: [],
    isModifier: false,
    slices: [],
    contentReference: rules.contentReference,
  };
}

/** A node that may be changed without changing the one it comes from. */
export function copyOf(node: ElementNode): Draft {
  return { ...node, children: node.children ? new Map(node.children) : undefined, slices: [...node.slices] };
}

/** Lay what an ElementDefinition says over what its base says. */
export function lay(node: Draft, rules: ElementRules): void {
  node.min = rules.min ?? node.min;
  node.max = rules.max ?? node.max;
  node.types = rules.types ?? node.types;
  node.minValue = rules.minValue ?? node.minValue;
  node.maxValue = rules.maxValue ?? node.maxValue;
  node.maxLength = rules.maxLength ?? node.maxLength;
  node.mustHaveValue = rules.mustHaveValue ?? node.mustHaveValue;
  node.bindings = rules.bindings ?? node.bindings;
  node.isModifier = rules.isModifier ?? node.isModifier;
  node.slicing = rules.slicing ?? node.slicing;
  if (rules.expected !== undefined) node.expected = [...node.expected, rules.expected];
  if (rules.invariants.length > 0) {
    const keys = new Set(rules.invariants.map((rule) => rule.key));
    node.invariants = [...node.invariants.filter((rule) => !keys.has(rule.key)), ...rules.invariants];
  }
}
