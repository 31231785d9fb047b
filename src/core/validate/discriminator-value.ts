import { walkSlices } from './discriminator-nodes.ts';
import type { Step } from './discriminator-path.ts';
import type { BindingRule, ElementNode, ExpectedValue } from './element.ts';
import { expectedTest, patternTest, type Test } from './expected-test.ts';
import { matchesPattern, shown } from './fixed.ts';
import { isObject, list, own } from './json.ts';
import type { Registry } from './registry.ts';

type Run = { readonly registry: Registry };

/** What a slice expects at a discriminator's place. */
export type ExpectedValueMatch =
  | {
      readonly kind: 'values';
      readonly test: (value: unknown) => boolean;
      /** The one value, where it is a plain text and nothing else fits. */
      readonly literal?: string;
      /** What `test` is made of: one of them must fit. */
      readonly expected?: readonly ExpectedValue[];
      readonly shown: string;
    }
  | { readonly kind: 'binding'; readonly binding: BindingRule; readonly shown: string }
  | { readonly kind: 'none' };

/** A discriminator of one slice, ready to be asked of many values. */
export interface Prepared {
  readonly steps: readonly Step[];
  readonly nodes: readonly ElementNode[];
  readonly wanted: ExpectedValueMatch;
}

/**
 * The value a slice is known by: fixed or pattern at the place, in an element above it or below it, or a required
 * binding. `none` when the slice says nothing there.
 */
export function matchExpected(
  run: Run,
  slice: ElementNode,
  steps: readonly Step[],
  nodes: readonly ElementNode[],
): ExpectedValueMatch {
  const direct = nodes.flatMap((node) => node.expected);
  if (direct.length > 0) return anyExpected(direct);
  const above = fromAbove(run, slice, steps);
  if (above.length > 0) {
    return {
      kind: 'values',
      test: anyOf(above.map(patternTest)),
      expected: above.map((value) => ({ kind: 'pattern', value })),
      shown: above.map(shown).join(' or '),
    };
  }
  const inSlices = walkSlices(run, [slice], steps).flatMap((node) => node.expected);
  if (inSlices.length > 0) return anyExpected(inSlices);
  const below = nodes.flatMap((node) => fromBelow(run, node, 0) ?? []);
  if (below.length > 0) {
    return {
      kind: 'values',
      test: (value) => below.some((pattern) => matchesLoosely(value, pattern)),
      shown: below.map(shown).join(' or '),
    };
  }
  for (const node of nodes) {
    const binding = node.bindings.find((rule) => rule.strength !== 'extensible');
    if (binding !== undefined) return { kind: 'binding', binding, shown: `a code of ${binding.valueSet}` };
  }
  return { kind: 'none' };
}

function anyExpected(all: readonly ExpectedValue[]): ExpectedValueMatch {
  const [first, ...others] = all.map((expected) => expected.value);
  const isOne = typeof first === 'string' && others.every((other) => other === first);
  const tests = all.map(expectedTest);
  const [only] = tests;
  return {
    kind: 'values',
    test: tests.length === 1 && only !== undefined ? only : (value) => tests.some((test) => test(value)),
    ...(isOne ? { literal: first } : {}),
    expected: all,
    shown: all.map((expected) => shown(expected.value)).join(' or '),
  };
}

function anyOf(tests: readonly Test[]): Test {
  return (value) => tests.some((test) => test(value));
}

/** A pattern on `code` also says what `code.coding.code` is. */
function fromAbove(run: Run, slice: ElementNode, steps: readonly Step[]): readonly unknown[] {
  let node: ElementNode | undefined = slice;
  let patterns: unknown[] = slice.expected.map((expected) => expected.value);
  for (const step of steps) {
    if (step.kind !== 'child') return [];
    patterns = patterns.flatMap((pattern) => list(own(pattern, step.name)));
    node = node === undefined ? undefined : run.registry.children(node).get(step.name);
    patterns.push(...(node?.expected ?? []).map((expected) => expected.value));
  }
  return patterns;
}

/** Fixed values of children, gathered as one pattern; at most three levels down. */
function fromBelow(run: Run, node: ElementNode, depth: number): unknown {
  if (node.children === undefined && !(node.types.length === 1 && node.types[0]?.profiles.length === 1))
    return undefined;
  const profile = node.children === undefined ? run.registry.profile(node.types[0]?.profiles[0] ?? '') : undefined;
  const pattern: Record<string, unknown> = {};
  for (const [name, child] of run.registry.children(profile ?? node)) {
    const inner =
      child.expected[0]?.value ?? (depth < 3 && child.min > 0 ? fromBelow(run, child, depth + 1) : undefined);
    if (inner !== undefined) pattern[name] = inner;
  }
  return Object.keys(pattern).length > 0 ? pattern : undefined;
}

/** As a pattern, but not caring which side is an array. */
function matchesLoosely(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(value) && !Array.isArray(pattern)) return value.some((item) => matchesLoosely(item, pattern));
  if (!isObject(pattern)) return matchesPattern(value, pattern);
  return isObject(value) && Object.keys(pattern).every((key) => matchesLoosely(own(value, key), pattern[key]));
}
