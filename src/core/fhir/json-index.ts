import type { Position } from '../validate/validator.ts';

/** Where everything in a JSON text stands. */
export interface JsonIndex {
  locate(expression: string): Position | undefined;
  source(expression: string): string | undefined;
}

/** `at`: its key in an object, itself in an array. `from` and `to`: the value. */
interface Node {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly members?: ReadonlyMap<string, Node>;
  readonly items?: readonly Node[];
}

/**
 * Index a JSON text that is known to be valid and at most 64 deep (json-scan.ts has seen it), so recursion is bounded.
 */
export function indexJson(text: string, start: number): JsonIndex {
  const root = readNode(text, skip(text, start), skip(text, start));
  const lines = lineStarts(text);
  return {
    locate: (expression) => place(lines, find(root, expression).node.at),
    source: (expression) => {
      const { node, whole } = find(root, expression);
      return whole ? text.slice(node.from, node.to) : undefined;
    },
  };
}

/** Line and column of an offset, both from 1; the column counts UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let from = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', from)) {
    line++;
    from = at + 1;
  }
  return { line, column: offset - from + 1 };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function place(lines: readonly number[], offset: number): Position {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}

/**
 * Follow a FHIRPath as issues write it: names, `[n]`, `.ofType(X)`, `.extension('url')` (as far as it can be known).
 * A choice may be named as in FHIRPath (`value`, `value.ofType(Quantity)`) or as in JSON (`valueQuantity`).
 *
 * @returns The element, or its nearest parent that exists with `whole` false.
 */
function find(root: Node, expression: string): { readonly node: Node; readonly whole: boolean } {
  const steps = expression.match(/[A-Za-z_][A-Za-z0-9_]*(?:\([^)]*\))?|`[^`]+`|\[\d+\]|./g) ?? [];
  let node = root;
  let parent: Node | undefined;
  let name = '';
  for (const [at, step] of steps.entries()) {
    if (step === '.' || (at === 0 && /^[A-Z]/.test(step)) || step.startsWith('ofType(')) continue;
    const index = /^\[(\d+)\]$/.exec(step)?.[1];
    const one = index === undefined && node.items !== undefined ? (node.items[0] ?? node) : node;
    const type = /^ofType\((?:\w+\.)?(\w+)\)$/.exec(steps[at + 2] ?? '')?.[1];
    // Extensions and the id of a primitive stand under its name with a low line before it.
    const beside = one.members === undefined && parent ? parent.members?.get(`_${name}`) : undefined;
    const next =
      index === undefined
        ? (member(one, step, type) ?? (beside && member(beside, step, type)))
        : item(node, Number(index));
    if (next === undefined) return { node, whole: false };
    parent = index === undefined ? one : parent;
    name = index === undefined ? step : name;
    node = next;
  }
  return { node, whole: true };
}

/** FHIR's single elements may be written with `[0]`. */
function item(node: Node, index: number): Node | undefined {
  return node.items === undefined ? (index === 0 ? node : undefined) : node.items[index];
}

function member(node: Node, step: string, type: string | undefined): Node | undefined {
  const name = step.startsWith('`') ? step.slice(1, -1) : step;
  const found = node.members?.get(name);
  if (found !== undefined || node.members === undefined) return found;
  if (type !== undefined) {
    const choice = node.members.get(name + type.charAt(0).toUpperCase() + type.slice(1));
    if (choice !== undefined) return choice;
  }
  for (const [key, value] of node.members) {
    if (key.length > name.length && key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length))) return value;
  }
  return node.members.get(`_${name}`);
}

function readNode(text: string, at: number, from: number): Node {
  const code = text.charCodeAt(from);
  if (code === 0x7b) return readObject(text, at, from);
  if (code === 0x5b) return readArray(text, at, from);
  let to = from;
  if (code === 0x22) to = stringEnd(text, from);
  else while (to < text.length && !',]} \n\r\t'.includes(text.charAt(to))) to++;
  return { at, from, to };
}

function readArray(text: string, at: number, from: number): Node {
  const items: Node[] = [];
  let next = skip(text, from + 1);
  while (text.charCodeAt(next) !== 0x5d) {
    const node = readNode(text, next, next);
    items.push(node);
    next = skip(text, node.to);
    if (text.charCodeAt(next) === 0x2c) next = skip(text, next + 1);
  }
  return { at, from, to: next + 1, items };
}

function readObject(text: string, at: number, from: number): Node {
  const members = new Map<string, Node>();
  let next = skip(text, from + 1);
  while (text.charCodeAt(next) !== 0x7d) {
    const end = stringEnd(text, next);
    const written = text.slice(next, end);
    const key: string = written.includes('\\') ? JSON.parse(written) : written.slice(1, -1);
    const node = readNode(text, next, skip(text, skip(text, end) + 1));
    members.set(key, node);
    next = skip(text, node.to);
    if (text.charCodeAt(next) === 0x2c) next = skip(text, next + 1);
  }
  return { at, from, to: next + 1, members };
}

function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at + 1;
}

function skip(text: string, from: number): number {
  let at = from;
  while (' \n\r\t'.includes(text.charAt(at)) && at < text.length) at++;
  return at;
}
