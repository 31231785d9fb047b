import { judgeBinding } from './binding.ts';
import { walkNodes } from './discriminator-nodes.ts';
import { parseDiscriminatorPath, type Step } from './discriminator-path.ts';
import { matchExpected } from './discriminator-value.ts';
import type { DiscriminatorRule, ElementNode } from './element.ts';
import type { FastLinks } from './fast-link.ts';
import { expectedCode } from './fast-pattern.ts';
import { dot, type Frame, type Source } from './fast-source.ts';
import { own, text } from './json.ts';
import { choiceKey } from './shape.ts';

/** A condition, as JavaScript, on the variable of that name. */
export type SliceTest = (name: string) => string;

/** Whether an item belongs to a slice by one discriminator; undefined where that needs the thorough tier. */
export function discriminatorCode(
  links: FastLinks,
  source: Source,
  slice: ElementNode,
  rule: DiscriminatorRule,
): SliceTest | undefined {
  const steps = parseDiscriminatorPath(rule.path);
  if (steps === undefined || rule.kind === 'profile') return undefined;
  const keys = keysOf(links, slice, steps);
  if (keys === undefined) return undefined;
  const nodes = walkNodes(links.still, [slice], steps);
  const exists = () => some(source, keys, () => 'true');
  if (rule.kind === 'exists') {
    const must = nodes.some((node) => node.min > 0);
    const mustNot = nodes.length > 0 && nodes.every((node) => node.max === 0);
    if (must && mustNot) return () => 'false';
    if (mustNot) return not(exists());
    return must ? exists() : always;
  }
  const test = rule.kind === 'type' ? typeTest(links, source, nodes) : valueTest(links, source, slice, steps, nodes);
  if (test === undefined) return undefined;
  if (test === always) return nodes.every((node) => node.min === 0) ? always : exists();
  return some(source, keys, test);
}

/** The one text that a slice is known by; undefined where it is something else, or under several keys. */
export function literalOf(links: FastLinks, slice: ElementNode, rule: DiscriminatorRule): string | undefined {
  if (rule.kind !== 'value' && rule.kind !== 'pattern') return undefined;
  const steps = parseDiscriminatorPath(rule.path) ?? [];
  const wanted = matchExpected(links.still, slice, steps, walkNodes(links.still, [slice], steps));
  const [keys] = keysOf(links, slice, steps) ?? [];
  return wanted.kind === 'values' && keys?.length === 1 ? wanted.literal : undefined;
}

const always: SliceTest = () => 'true';

function not(test: SliceTest): SliceTest {
  return (name) => `!(${test(name)})`;
}

function valueTest(
  links: FastLinks,
  source: Source,
  slice: ElementNode,
  steps: readonly Step[],
  nodes: readonly ElementNode[],
): SliceTest {
  const wanted = matchExpected(links.still, slice, steps, nodes);
  if (wanted.kind === 'none') return always;
  if (wanted.kind === 'values') {
    const { expected, test } = wanted;
    if (expected === undefined) return (name) => `${source.constant(test)}(${name})`;
    return (name) => expected.map((one) => `(${expectedCode(source, one, name)})`).join('||');
  }
  const type = nodes[0]?.types[0]?.code ?? 'code';
  const { definitions } = links.still.registry;
  const isMember = (value: unknown) => judgeBinding(definitions, value, type, wanted.binding) === 'member';
  return (name) => `${source.constant(isMember)}(${name})`;
}

/** Resources tell their type; of other values it is told by their key, which a list does not have. */
function typeTest(links: FastLinks, source: Source, nodes: readonly ElementNode[]): SliceTest | undefined {
  const { registry } = links.still;
  const wanted = nodes.flatMap((node) => node.types.map((type) => type.code));
  if (!wanted.every((code) => registry.isKind(code, 'Resource'))) return undefined;
  const isOfType = (value: unknown) => {
    const type = text(own(value, 'resourceType'));
    return type !== undefined && wanted.some((code) => registry.isKind(type, code));
  };
  return (name) => `${source.constant(isOfType)}(${name})`;
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

/** Whether some value at the keys, of which each may hold one value or an array, passes the test. */
function some(source: Source, keys: readonly (readonly string[])[], test: SliceTest): SliceTest {
  if (keys.length === 0) return test;
  const name = source.helper('v', (frame) => `${visit(frame, keys, 0, 'v', test)}return false;`);
  return (item) => `${name}(${item})`;
}

function visit(
  frame: Frame,
  keys: readonly (readonly string[])[],
  from: number,
  name: string,
  test: SliceTest,
): string {
  const names = keys[from];
  if (names === undefined) return `if(${test(name)})return true;`;
  const reads = names.map((key) => {
    const [value, at, item] = [frame.variable(), frame.variable(), frame.variable()];
    const inner = visit(frame, keys, from + 1, item, test);
    // One value is taken as an array of one, so that what is done with it is written once.
    const values = `${value}=${name}${dot(key)};if(${value}!==undefined&&${value}!==null){if(!Array.isArray(${value}))${value}=[${value}];`;
    return `${values}for(${at}=0;${at}<${value}.length;${at}++){${item}=${value}[${at}];${inner}}}`;
  });
  return `if(typeof ${name}==="object"&&${name}!==null){${reads.join('')}}`;
}
