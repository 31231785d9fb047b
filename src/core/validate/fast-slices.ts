import { judgeBinding } from './binding.ts';
import { walkNodes } from './discriminator.ts';
import { parseDiscriminatorPath, type Step } from './discriminator-path.ts';
import { matchExpected } from './discriminator-value.ts';
import type { DiscriminatorRule, ElementNode } from './element.ts';
import type { FastLinks, FastScope, Lazy } from './fast-link.ts';
import { isObject, own, text } from './json.ts';
import { choiceKey } from './shape.ts';
import { isDefaultSlice } from './slicing.ts';

type Test = (value: unknown) => boolean;

/** Sort a list into slices and check each item by its slice; undefined when the slicing needs the thorough tier. */
export function slicedList(
  links: FastLinks,
  node: ElementNode,
  type: string,
): ((items: readonly unknown[], scope: FastScope) => boolean) | undefined {
  const { slicing, slices } = node;
  if (slicing === undefined || slicing.discriminators.length === 0) return undefined;
  if (slices.some((slice) => isDefaultSlice(slice) || (slice.slices.length > 0 && slice.slicing !== undefined)))
    return undefined;
  const tests: Test[] = [];
  for (const slice of slices) {
    const parts = slicing.discriminators.map((rule) => discriminatorTest(links, slice, rule));
    const known = parts.filter((part) => part !== undefined);
    if (known.length < parts.length) return undefined;
    const [only] = known;
    tests.push(known.length === 1 && only !== undefined ? only : (value) => known.every((part) => part(value)));
  }
  const base = links.item(node, type);
  const inner = slices.map((slice) => links.item(slice, type));
  const table = literalTable(links, node);
  if (table !== undefined) return byLiteral(node, table, inner, base);
  const isOrdered = slicing.ordered || slicing.rules === 'openAtEnd';
  return (items, scope) => {
    if (isOrdered && items.length > 1) return false;
    const counts = new Array<number>(slices.length).fill(0);
    for (const item of items) {
      let matches = 0;
      for (let at = 0; at < tests.length; at += 1) {
        if (tests[at]?.(item) !== true) continue;
        matches += 1;
        counts[at] = (counts[at] ?? 0) + 1;
        if (inner[at]?.run(item, scope) !== true) return false;
      }
      if (matches === 0 && (slicing.rules === 'closed' || !base.run(item, scope))) return false;
    }
    return slices.every((slice, at) => (counts[at] ?? 0) >= slice.min && (counts[at] ?? 0) <= slice.max);
  };
}

interface LiteralTable {
  readonly key: string;
  readonly places: ReadonlyMap<string, number>;
}

/** Where each slice is known by another text under one key, such as an extension by its url, that text finds the slice. */
function literalTable(links: FastLinks, node: ElementNode): LiteralTable | undefined {
  const [rule, ...others] = node.slicing?.discriminators ?? [];
  const steps = rule === undefined ? undefined : parseDiscriminatorPath(rule.path);
  const [step] = steps ?? [];
  const isPlain = rule?.kind === 'value' || rule?.kind === 'pattern';
  if (!isPlain || others.length > 0 || steps?.length !== 1 || step?.kind !== 'child') return undefined;
  const places = new Map<string, number>();
  for (const [at, slice] of node.slices.entries()) {
    const wanted = matchExpected(links.still, slice, steps, walkNodes(links.still, [slice], steps));
    const [keys] = keysOf(links, slice, steps) ?? [];
    const literal = wanted.kind === 'values' ? wanted.literal : undefined;
    if (literal === undefined || places.has(literal) || keys?.length !== 1) return undefined;
    places.set(literal, at);
  }
  return node.slicing?.ordered || node.slicing?.rules === 'openAtEnd' ? undefined : { key: step.name, places };
}

function byLiteral(
  node: ElementNode,
  { key, places }: LiteralTable,
  inner: readonly Lazy[],
  base: Lazy,
): (items: readonly unknown[], scope: FastScope) => boolean {
  const { slices } = node;
  const isClosed = node.slicing?.rules === 'closed';
  const isLimited = slices.some((slice) => slice.min > 0 || slice.max < Number.POSITIVE_INFINITY);
  return (items, scope) => {
    const counts = isLimited ? new Array<number>(slices.length).fill(0) : undefined;
    for (const item of items) {
      const text = isObject(item) ? item[key] : undefined;
      const at = typeof text === 'string' ? places.get(text) : undefined;
      if (at === undefined ? isClosed || !base.run(item, scope) : inner[at]?.run(item, scope) !== true) return false;
      if (at !== undefined && counts !== undefined) counts[at] = (counts[at] ?? 0) + 1;
    }
    return (
      counts === undefined ||
      slices.every((slice, at) => (counts[at] ?? 0) >= slice.min && (counts[at] ?? 0) <= slice.max)
    );
  };
}

function discriminatorTest(links: FastLinks, slice: ElementNode, rule: DiscriminatorRule): Test | undefined {
  const steps = parseDiscriminatorPath(rule.path);
  if (steps === undefined || rule.kind === 'profile') return undefined;
  const keys = keysOf(links, slice, steps);
  if (keys === undefined) return undefined;
  const nodes = walkNodes(links.still, [slice], steps);
  if (rule.kind === 'exists') {
    const must = nodes.some((node) => node.min > 0);
    const mustNot = nodes.length > 0 && nodes.every((node) => node.max === 0);
    return (value) => (some(value, keys, 0, isThere) ? !mustNot : !must);
  }
  const test = rule.kind === 'type' ? typeTest(links, nodes) : valueTest(links, slice, steps, nodes);
  if (test === undefined) return undefined;
  if (test === isThere) {
    const isOptional = nodes.every((node) => node.min === 0);
    return (value) => isOptional || some(value, keys, 0, isThere);
  }
  const [only] = keys;
  if (keys.length === 0) return test;
  if (keys.length > 1 || only?.length !== 1) return (value) => some(value, keys, 0, test);
  const [name = ''] = only;
  return (value) => {
    const inner = isObject(value) ? value[name] : undefined;
    return inner !== undefined && inner !== null && (Array.isArray(inner) ? inner.some(test) : test(inner));
  };
}

function isThere(): boolean {
  return true;
}

function valueTest(links: FastLinks, slice: ElementNode, steps: readonly Step[], nodes: readonly ElementNode[]): Test {
  const wanted = matchExpected(links.still, slice, steps, nodes);
  if (wanted.kind === 'none') return isThere;
  if (wanted.kind === 'values') return wanted.test;
  const type = nodes[0]?.types[0]?.code ?? 'code';
  const { definitions } = links.still.registry;
  return (value) => judgeBinding(definitions, value, type, wanted.binding) === 'member';
}

/** Resources tell their type; of other values it is told by their key, which a list does not have. */
function typeTest(links: FastLinks, nodes: readonly ElementNode[]): Test | undefined {
  const { registry } = links.still;
  const wanted = nodes.flatMap((node) => node.types.map((type) => type.code));
  if (!wanted.every((code) => registry.isKind(code, 'Resource'))) return undefined;
  return (value) => {
    const type = text(own(value, 'resourceType'));
    return type !== undefined && wanted.some((code) => registry.isKind(type, code));
  };
}

/** JSON keys of each step of the path; undefined where the structure on the way is not clear. */
function keysOf(
  links: FastLinks,
  slice: ElementNode,
  steps: readonly Step[],
): readonly (readonly string[])[] | undefined {
  const keys: (readonly string[])[] = [];
  let node: ElementNode | undefined = slice;
  for (const step of steps) {
    const children: ReadonlyMap<string, ElementNode> | undefined =
      node === undefined ? undefined : links.still.registry.children(node);
    const child: ElementNode | undefined = step.kind === 'child' ? children?.get(step.name) : undefined;
    if (child === undefined) return undefined;
    keys.push(child.isChoice ? child.baseTypes.map((type) => choiceKey(child, type)) : [child.name]);
    node = child;
  }
  return keys;
}

/** Whether some value at the keys passes the test. */
function some(value: unknown, keys: readonly (readonly string[])[], from: number, test: Test): boolean {
  if (Array.isArray(value)) return value.some((item) => some(item, keys, from, test));
  if (value === undefined || value === null) return false;
  const names = keys[from];
  if (names === undefined) return test(value);
  return isObject(value) && names.some((name) => some(own(value, name), keys, from + 1, test));
}
