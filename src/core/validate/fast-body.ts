import type { ElementNode, InvariantRule } from './element.ts';
import { Counters } from './fast-counters.ts';
import { extraTest } from './fast-extension.ts';
import { invariantTest } from './fast-invariant.ts';
import { isCodingContent, itemCheck } from './fast-item.ts';
import type { Check, FastLinks } from './fast-link.ts';
import { slicedList } from './fast-slices.ts';
import { quote, Source } from './fast-source.ts';
import { nativeInvariant } from './native-invariants.ts';
import { isValidPrimitive } from './primitive.ts';
import { depthLimit } from './run.ts';
import type { KeyRule } from './shape.ts';

/** What the parts of a body are written with. */
interface Body {
  readonly links: FastLinks;
  readonly source: Source;
  readonly counters: Counters;
  /** Whether it is the content of codings, whose system `q` and code `c` are looked up together. */
  readonly isCoding: boolean;
}

/**
 * Generate the check of an object's contents: a `switch` over its keys, then what must have been among them, then its
 * invariants. Everything is as `walkObject` does it; what that would have to think about answers false here.
 *
 * One pass over the keys that are there is quicker than to read each key that could be there: most are not, and objects
 * of one kind come with their keys in every order, which makes such reads slow.
 */
export function bodyCheck(links: FastLinks, node: ElementNode, isResource: boolean): Check {
  const source = new Source();
  const shape = links.still.shapes.of(node);
  const body = {
    links,
    source,
    counters: new Counters(shape.children),
    isCoding: !isResource && isCodingContent(node),
  };
  const plain: string[] = [];
  const beside: [string, KeyRule][] = [];
  for (const [key, rule] of shape.keys) {
    if (isResource && key === 'id') plain.push(`case"id":if(!${source.constant(isResourceId)}(x))return false;break;`);
    else if (isAllowed(rule)) {
      plain.push(`case${quote(key)}:${rule.child.isArray ? arrayCase(body, rule) : oneCase(body, rule)}break;`);
      if (rule.isPrimitive && !rule.child.isArray) beside.push([key, rule]);
    }
  }
  const invariants = shape.invariants.map((rule) => invariantLine(body, rule, node, shape.children));
  source.line(`if(d>=${depthLimit})return false;const e=d+1;let n=0,q,c${body.counters.declaration()};`);
  source.line('for(const k in v){const x=v[k];switch(k){');
  if (isResource) source.line(`case"resourceType":if(x!==${quote(node.name)})return false;break;`);
  for (const text of plain) source.line(text);
  source.line(`default:${besideCase(body, beside)}}}`);
  if (!isResource) source.line('if(n===0)return false;');
  if (body.isCoding) source.line(`if(q!==undefined&&!${source.constant(links.coding)}(q,c))return false;`);
  source.line(body.counters.limits());
  for (const line of invariants) source.line(line);
  source.line('return true;');
  return source.compile<Check>('v,s,d');
}

/** `Resource.id` is typed as a string by its definition, but is an id. */
function isResourceId(value: unknown): boolean {
  return isValidPrimitive('id', value);
}

function isAllowed({ child, type }: KeyRule): boolean {
  return child.max > 0 && (!child.isChoice || child.types.some((one) => one.code === type.code));
}

function invariantLine(
  { links, source, counters }: Body,
  rule: InvariantRule,
  node: ElementNode,
  children: readonly ElementNode[],
): string {
  if (rule.key === 'ext-1' && nativeInvariant(rule) !== undefined) {
    // Parts or a value, not both: the switch has counted them. As a condition this took 1 of 9 µs.
    const [extension, value] = ['extension', 'value'].map((name) => {
      const child = children.find((one) => one.name === name);
      return (child && counters.of(child)) ?? '0';
    });
    return `if((${extension}!==0)===(${value}!==0))return false;`;
  }
  const test = invariantTest(links, source, rule, node, undefined);
  return test === undefined ? '' : `if(!${test}(v,s))return false;`;
}

function oneCase(body: Body, rule: KeyRule): string {
  const { child, type } = rule;
  const isId = child.name === 'id' && !child.isChoice;
  const kept = child.name === 'system' ? 'q=x;' : child.name === 'code' ? 'c=x;' : '';
  const place = { name: 'x', isFormKnown: body.isCoding && child.name === 'system' };
  const checks = nodesOfChoice(rule)?.map((node) =>
    node.max === 0 ? 'return false;' : failing(itemCheck(body.links, body.source, node, type.code, place)),
  );
  const start = `${isId ? 's.hasIds=true;' : 'n=1;'}${body.counters.count(child)}`;
  return `${start}${checks?.join('') ?? 'return false;'}${body.isCoding ? kept : ''}`;
}

function failing(conditions: readonly string[]): string {
  return conditions.map((condition) => `if(${condition})return false;`).join('\n');
}

/** The slices of a single element that its type decides; undefined when something else decides. */
function nodesOfChoice(rule: KeyRule): readonly ElementNode[] | undefined {
  const { child, type } = rule;
  const { slicing } = child;
  if (slicing === undefined || child.slices.length === 0) return [child];
  const [only] = slicing.discriminators;
  if (slicing.discriminators.length !== 1 || only?.kind !== 'type' || only.path !== '$this') return undefined;
  const matching = child.slices.filter((slice) => slice.types.some((one) => one.code === type.code));
  const missing = child.slices.some((slice) => slice.min > 0 && !matching.includes(slice));
  if (missing || matching.some((slice) => slice.slices.length > 0)) return undefined;
  if (matching.length > 0) return matching;
  return slicing.rules === 'closed' ? undefined : [child];
}

function arrayCase({ links, source, counters }: Body, { child, type }: KeyRule): string {
  const most = Number.isFinite(child.max) ? `||x.length>${child.max}` : '';
  const start = `n=1;if(!Array.isArray(x)||x.length===0${most})return false;${counters.count(child, 'x.length')}`;
  if (child.slicing !== undefined && child.slices.length > 0) {
    const sliced = slicedList(links, source, child, type.code);
    return `${start}${sliced === undefined ? 'return false;' : `if(!${sliced}(x,s,e))return false;`}`;
  }
  const checks = failing(itemCheck(links, source, child, type.code, { name: 'y' }));
  return `${start}for(let i=0;i<x.length;i++){const y=x[i];${checks}}`;
}

/**
 * What stands beside primitives (`_birthDate`) is rare: it is looked up, so that it costs the others no comparison and
 * little code. Beside a value the element was counted with it; alone it counts by itself.
 */
function besideCase({ links, source, counters }: Body, rules: readonly (readonly [string, KeyRule])[]): string {
  const tests = new Map(rules.map(([key, rule]) => [`_${key}`, extraTest(links, rule.child, key, rule.type.code)]));
  const counts = rules.flatMap(([key, rule]) => {
    const count = counters.count(rule.child);
    return count === '' ? [] : [`case${quote(`_${key}`)}:if(v[${quote(key)}]===undefined){${count}}break;`];
  });
  const test = `const t=${source.constant(tests)}.get(k);if(t===undefined||!t(x,s,v,e))return false;`;
  return `${test}n=1;s.hasExtras=true;switch(k){${counts.join('')}}`;
}
