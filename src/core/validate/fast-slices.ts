import { judgeBinding } from './binding.ts';
import { walkNodes } from './discriminator.ts';
import { parseDiscriminatorPath, type Step } from './discriminator-path.ts';
import { matchExpected } from './discriminator-value.ts';
import type { DiscriminatorRule, ElementNode } from './element.ts';
import type { FastLinks, FastScope } from './fast-link.ts';
import { isObject, list, own, text } from './json.ts';
import { choiceKey } from './shape.ts';

type Test = (value: unknown) => boolean;

/** Sort a list into slices and check each item by its slice; undefined when the slicing needs the thorough tier. */
export function slicedList(
  links: FastLinks,
  node: ElementNode,
  type: string,
): ((items: readonly unknown[], scope: FastScope) => boolean) | undefined {
  const { slicing, slices } = node;
  if (slicing === undefined || slicing.discriminators.length === 0) return undefined;
  if (slices.some((slice) => slice.slices.length > 0 && slice.slicing !== undefined)) return undefined;
  const tests: Test[] = [];
  for (const slice of slices) {
    const parts = slicing.discriminators.map((rule) => discriminatorTest(links, slice, rule));
    const known = parts.filter((part) => part !== undefined);
    if (known.length < parts.length) return undefined;
    tests.push((value) => known.every((part) => part(value)));
  }
  const base = links.item(node, type);
  const inner = slices.map((slice) => links.item(slice, type));
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

function discriminatorTest(links: FastLinks, slice: ElementNode, rule: DiscriminatorRule): Test | undefined {
  const steps = parseDiscriminatorPath(rule.path);
  const names = steps?.map((step) => (step.kind === 'child' ? step.name : undefined));
  if (steps === undefined || names === undefined || names.includes(undefined)) return undefined;
  const reach = reachOf(links, slice, steps);
  if (reach === undefined) return undefined;
  const nodes = walkNodes(links.still, [slice], steps);
  if (rule.kind === 'exists') {
    const must = nodes.some((node) => node.min > 0);
    const mustNot = nodes.length > 0 && nodes.every((node) => node.max === 0);
    return (value) => (reach(value).length > 0 ? !mustNot : !must);
  }
  if (rule.kind === 'type') return typeTest(links, nodes, reach);
  return rule.kind === 'profile' ? undefined : valueTest(links, slice, { steps, nodes, reach });
}

interface Place {
  readonly steps: readonly Step[];
  readonly nodes: readonly ElementNode[];
  readonly reach: (value: unknown) => readonly unknown[];
}

function valueTest(links: FastLinks, slice: ElementNode, { steps, nodes, reach }: Place): Test {
  const wanted = matchExpected(links.still, slice, steps, nodes);
  const isOptional = nodes.every((node) => node.min === 0);
  if (wanted.kind === 'none') return (value) => reach(value).length > 0 || isOptional;
  if (wanted.kind === 'values') return (value) => reach(value).some(wanted.test);
  const type = nodes[0]?.types[0]?.code ?? 'code';
  const { definitions } = links.still.registry;
  return (value) => reach(value).some((one) => judgeBinding(definitions, one, type, wanted.binding) === 'member');
}

/** Resources tell their type; of other values it is told by their key, which a list does not have. */
function typeTest(
  links: FastLinks,
  nodes: readonly ElementNode[],
  reach: (value: unknown) => readonly unknown[],
): Test | undefined {
  const { registry } = links.still;
  const wanted = nodes.flatMap((node) => node.types.map((type) => type.code));
  if (!wanted.every((code) => registry.isKind(code, 'Resource'))) return undefined;
  return (value) =>
    reach(value).some((one) => {
      const type = text(own(one, 'resourceType'));
      return type !== undefined && wanted.some((code) => registry.isKind(type, code));
    });
}

/** From an item to the values at the path, by JSON keys; undefined where the structure on the way is not clear. */
function reachOf(
  links: FastLinks,
  slice: ElementNode,
  steps: readonly Step[],
): ((value: unknown) => readonly unknown[]) | undefined {
  const keys: (readonly string[])[] = [];
  let node: ElementNode | undefined = slice;
  for (const step of steps) {
    const child: ElementNode | undefined =
      step.kind === 'child' && node !== undefined ? links.still.registry.children(node).get(step.name) : undefined;
    if (child === undefined) return undefined;
    keys.push(child.isChoice ? child.baseTypes.map((type) => choiceKey(child, type)) : [child.name]);
    node = child;
  }
  return (value) => {
    let values: readonly unknown[] = [value];
    for (const names of keys) {
      values = values.flatMap((one) => (isObject(one) ? names.flatMap((name) => list(own(one, name))) : []));
    }
    return values;
  };
}
