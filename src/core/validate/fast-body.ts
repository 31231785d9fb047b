import type { ElementNode } from './element.ts';
import { extraTest } from './fast-extension.ts';
import { invariantTest } from './fast-invariant.ts';
import { itemCheck } from './fast-item.ts';
import type { Check, FastLinks } from './fast-link.ts';
import { slicedList } from './fast-slices.ts';
import { quote, Source } from './fast-source.ts';
import { isValidPrimitive } from './primitive.ts';
import { depthLimit } from './run.ts';
import type { KeyRule } from './shape.ts';

/**
 * Generate the check of an object's contents: a `switch` over its keys, then what must have been among them, then its
 * invariants. Everything is as `walkObject` does it; what that would have to think about answers false here.
 */
export function bodyCheck(links: FastLinks, node: ElementNode, isResource: boolean): Check {
  const source = new Source();
  const shape = links.still.shapes.of(node);
  const required = new Map<ElementNode, string>();
  const seen = (child: ElementNode): string => {
    let name = required.get(child);
    if (name === undefined) {
      name = `r${required.size}`;
      required.set(child, name);
    }
    return name;
  };
  for (const child of shape.children) if (child.min > 0 || child.isChoice) seen(child);
  const needsSlices = shape.children.filter((child) => child.slices.some((slice) => slice.min > 0));
  for (const child of needsSlices) seen(child);
  source.line(
    `if(s.depth>=${depthLimit})return false;s.depth++;let n=0${[...required.values()].map((name) => `,${name}=0`).join('')};`,
  );
  source.line('for(const k in v){const x=v[k];switch(k){');
  if (isResource) source.line(`case"resourceType":if(x!==${quote(node.name)})return false;break;`);
  for (const [key, rule] of shape.keys) {
    if (isResource && key === 'id') source.line(`case"id":if(!${source.constant(isResourceId)}(x))return false;break;`);
    else emitKey(links, source, key, rule, required.get(rule.child));
  }
  source.line('default:return false;}}');
  if (!isResource) source.line('if(n===0)return false;');
  for (const [child, name] of required) {
    if (child.min > 0) source.line(`if(${name}<${child.min})return false;`);
    else if (child.slices.some((slice) => slice.min > 0)) source.line(`if(${name}===0)return false;`);
  }
  for (const rule of shape.invariants) {
    const test = invariantTest(links, source, rule, node, undefined);
    if (test !== undefined) source.line(`if(!${test}(v,s))return false;`);
  }
  source.line('s.depth--;return true;');
  return source.compile<Check>('v,s');
}

function emitKey(links: FastLinks, source: Source, key: string, rule: KeyRule, counter: string | undefined): void {
  const { child } = rule;
  const isAllowed = !child.isChoice || child.types.some((type) => type.code === rule.type.code);
  if (child.max === 0 || !isAllowed) return;
  const count = counter === undefined ? '' : child.isChoice ? `if(++${counter}>1)return false;` : `${counter}=1;`;
  source.line(`case${quote(key)}:`);
  if (child.isArray) emitArray(links, source, rule, counter);
  else emitOne(links, source, rule, count);
  if (rule.isPrimitive && !child.isArray) emitExtra(links, source, key, rule, count);
}

function emitOne(links: FastLinks, source: Source, rule: KeyRule, count: string): void {
  const { child, type } = rule;
  if (child.name === 'id' && !child.isChoice) source.line('s.hasIds=true;');
  else source.line('n++;');
  source.line(count);
  const nodes = nodesOfChoice(rule);
  if (nodes === undefined) {
    source.line('return false;');
    return;
  }
  for (const node of nodes) {
    if (node.max === 0) source.line('return false;');
    for (const failure of itemCheck(links, source, node, type.code, 'x')) source.line(`if(${failure})return false;`);
  }
  source.line('break;');
}

/** `Resource.id` is typed as a string by its definition, but is an id. */
function isResourceId(value: unknown): boolean {
  return isValidPrimitive('id', value);
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

function emitArray(links: FastLinks, source: Source, rule: KeyRule, counter: string | undefined): void {
  const { child, type } = rule;
  source.line('n++;if(!Array.isArray(x)||x.length===0)return false;');
  if (counter !== undefined) source.line(`${counter}=x.length;`);
  if (Number.isFinite(child.max)) source.line(`if(x.length>${child.max})return false;`);
  if (child.slicing !== undefined && child.slices.length > 0) {
    const sliced = slicedList(links, child, type.code);
    source.line(sliced === undefined ? 'return false;' : `if(!${source.constant(sliced)}(x,s))return false;`);
  } else {
    source.line('for(let i=0;i<x.length;i++){const y=x[i];');
    for (const failure of itemCheck(links, source, child, type.code, 'y')) source.line(`if(${failure})return false;`);
    source.line('}');
  }
  source.line('break;');
}

function emitExtra(links: FastLinks, source: Source, key: string, rule: KeyRule, count: string): void {
  const test = extraTest(links, rule.child, rule.type.code);
  source.line(`case${quote(`_${key}`)}:n++;s.hasExtras=true;`);
  // Beside a value the element was counted with it; alone it counts by itself.
  source.line(`if(v[${quote(key)}]===undefined){${count}}`);
  source.line(`if(!${source.constant(test)}(x,s,v[${quote(key)}]))return false;break;`);
}
