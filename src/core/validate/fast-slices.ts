import { parseDiscriminatorPath } from './discriminator-path.ts';
import type { ElementNode } from './element.ts';
import { discriminatorCode, literalOf } from './fast-discriminator.ts';
import type { FastLinks } from './fast-link.ts';
import { dot, quote, type Source } from './fast-source.ts';
import { isDefaultSlice } from './slicing.ts';

/**
 * Name of a function `(items, scope, depth)` that sorts a list into slices and checks each item by its slice; undefined
 * when the slicing needs the thorough tier.
 */
export function slicedList(links: FastLinks, source: Source, node: ElementNode, type: string): string | undefined {
  const { slicing, slices } = node;
  if (slicing === undefined || slicing.discriminators.length === 0) return undefined;
  if (slices.some((slice) => isDefaultSlice(slice) || (slice.slices.length > 0 && slice.slicing !== undefined)))
    return undefined;
  const isOrdered = slicing.ordered || slicing.rules === 'openAtEnd';
  const base = slicing.rules === 'closed' ? 'return false;' : check(source, links, node, type);
  const table = isOrdered ? undefined : literalTable(links, node);
  const sort =
    table === undefined ? byTests(links, source, node, type, base) : byLiteral(links, source, node, type, table, base);
  if (sort === undefined) return undefined;
  return source.helper('v,s,e', () => {
    const counters = slices.map((_, at) => `c${at}=0`).join(',');
    const limits = slices.map((slice, at) => limit(slice, `c${at}`)).join('');
    // Whether items come in order is left to the thorough tier.
    const order = isOrdered ? 'if(v.length>1)return false;' : '';
    return `${order}let ${counters};for(let i=0;i<v.length;i++){const y=v[i];${sort}}return true${limits};`;
  });
}

function check(source: Source, links: FastLinks, node: ElementNode, type: string, url?: string): string {
  return `if(!${source.constant(links.item(node, type, url))}.run(y,s,e))return false;`;
}

function limit(slice: ElementNode, counter: string): string {
  const min = slice.min > 0 ? `&&${counter}>=${slice.min}` : '';
  return Number.isFinite(slice.max) ? `${min}&&${counter}<=${slice.max}` : min;
}

/** Each slice is asked; undefined where one is known by something that only the thorough tier understands. */
function byTests(links: FastLinks, source: Source, node: ElementNode, type: string, base: string): string | undefined {
  const rules = node.slicing?.discriminators ?? [];
  let sorted = '';
  for (const [at, slice] of node.slices.entries()) {
    const tests = rules
      .map((rule) => discriminatorCode(links, source, slice, rule))
      .filter((test) => test !== undefined);
    if (tests.length < rules.length) return undefined;
    const isInSlice = tests.map((test) => `(${test('y')})`).join('&&');
    sorted += `if(${isInSlice}){m=true;c${at}++;${check(source, links, slice, type)}}`;
  }
  return `let m=false;${sorted}if(!m){${base}}`;
}

interface LiteralTable {
  readonly key: string;
  readonly literals: readonly string[];
}

/** Where each slice is known by another text under one key, such as an extension by its url, that text finds the slice. */
function literalTable(links: FastLinks, node: ElementNode): LiteralTable | undefined {
  const [rule, ...others] = node.slicing?.discriminators ?? [];
  const steps = rule === undefined ? undefined : parseDiscriminatorPath(rule.path);
  const [step] = steps ?? [];
  if (rule === undefined || others.length > 0 || steps?.length !== 1 || step?.kind !== 'child') return undefined;
  const literals = node.slices.map((slice) => literalOf(links, slice, rule));
  const known = literals.filter((literal) => literal !== undefined);
  if (known.length < literals.length || new Set(known).size < known.length) return undefined;
  return { key: step.name, literals: known };
}

/** Texts are told apart by their length first, which is a number; those of one length are compared. */
function byLiteral(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: string,
  { key, literals }: LiteralTable,
  base: string,
): string {
  const byLength = new Map<number, string[]>();
  for (const [at, literal] of literals.entries()) {
    const slice = node.slices[at];
    if (slice === undefined) continue;
    const url = type === 'Extension' && key === 'url' ? literal : undefined;
    const found = `if(u===${quote(literal)}){c${at}++;${check(source, links, slice, type, url)}continue;}`;
    byLength.set(literal.length, [...(byLength.get(literal.length) ?? []), found]);
  }
  const cases = [...byLength].map(([length, found]) => `case ${length}:${found.join('')}break;`).join('');
  const read = `const u=typeof y==="object"&&y!==null?y${dot(key)}:undefined;`;
  return `${read}if(typeof u==="string")switch(u.length){${cases}}${base}`;
}
