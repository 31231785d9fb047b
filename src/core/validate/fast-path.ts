import type { Node } from '../fhirpath/parser.ts';
import type { ElementNode } from './element.ts';
import { dot, type Frame } from './fast-source.ts';
import type { JsonObject } from './json.ts';
import type { Registry } from './registry.ts';

/** A condition as JavaScript: an expression that is a boolean, or where it may be empty 0 false, 1 true, 2 empty. */
export interface Condition {
  readonly isBoolean: boolean;
  /** @param from Name of the variable that the condition stands on. */
  readonly code: (frame: Frame, from: string) => string;
}

/** Thrown, always the same, where a value is not of the plain kind that this subset is written for. */
export const notSure = new Error('not sure');

export function giveUp(): never {
  throw notSure;
}

/** What a value is, as far as the definition says. */
export interface Place {
  readonly node: ElementNode;
  readonly type: string;
}

export interface Focus {
  readonly registry: Registry;
  readonly place: Place;
  /** Conditions lead back to paths (`where`), and paths to conditions. */
  readonly conditionOf: (node: Node, focus: Focus) => Condition | undefined;
}

/** Writes what is done with the value in the variable of that name. */
type Body = (value: string) => string;

/** The values of a path, and what they are where that is one thing. */
export interface Path {
  /** Statements that run the body for each value. */
  readonly visit: (frame: Frame, from: string, body: Body) => string;
  /** Expression of the value, undefined without one; absent where there may be several. */
  readonly one?: (frame: Frame, from: string) => string;
  /** Expression of whether there is a value, where that is simpler than going through them. */
  readonly exists?: (frame: Frame, from: string) => string;
  readonly place?: Place;
  /** A choice that is not yet narrowed to a type. */
  readonly choice?: { readonly child: ElementNode; readonly from: Path };
  /** A union, of which FHIRPath would drop what is there twice. */
  readonly mayRepeat?: boolean;
  readonly literal?: string | number | boolean;
}

/** A path of at most one value. */
export function single(one: (frame: Frame, from: string) => string): Path {
  return {
    one,
    visit(frame, from, body) {
      const value = frame.variable();
      return `if((${value}=${one(frame, from)})!==undefined){${body(value)}}`;
    },
  };
}

/** The only value of a path, as an expression; where there are several, the code gives up. */
export function onlyValue(path: Path, frame: Frame, from: string): string {
  if (path.one !== undefined) return path.one(frame, from);
  const name = frame.source.helper('v,s', (inner) => {
    const found = inner.variable();
    const giveUpNow = `if(${found}!==undefined)${inner.source.constant(giveUp)}();`;
    return `${path.visit(inner, 'v', (value) => `${giveUpNow}${found}=${value};`)}return ${found};`;
  });
  return `${name}(${from},s)`;
}

export function isTrue({ isBoolean, code }: Condition, frame: Frame, from: string): string {
  return isBoolean ? code(frame, from) : `(${code(frame, from)})===1`;
}

export type Read = (frame: Frame, base: string) => string;

/** One step further: from one value or from each of several, to one value or to the items of an array. */
export function step(from: Path, read: Read, isArray: boolean): Path {
  const each = (frame: Frame, base: string, body: Body) => {
    const value = frame.variable();
    if (!isArray) return `if((${value}=${read(frame, base)})!==undefined){${body(value)}}`;
    const [at, item] = [frame.variable(), frame.variable()];
    return `if((${value}=${read(frame, base)})!==undefined)for(${at}=0;${at}<${value}.length;${at}++){${item}=${value}[${at}];${body(item)}}`;
  };
  const visit: Path['visit'] = (frame, start, body) => from.visit(frame, start, (base) => each(frame, base, body));
  const { one } = from;
  if (one === undefined) return { visit };
  const value = (frame: Frame, start: string) => {
    const before = one(frame, start);
    if (before === start) return read(frame, start);
    const base = frame.variable();
    return `((${base}=${before})===undefined?undefined:${read(frame, base)})`;
  };
  return isArray
    ? { visit, exists: (frame, start) => `${value(frame, start)}!==undefined` }
    : { ...single(value), visit };
}

/** The code gives up on a primitive with something beside its value: FHIRPath would see that, too. */
export function readKey(frame: Frame, base: string, key: string, isPrimitiveKey: boolean): string {
  const plain = `${base}${dot(key)}`;
  if (!isPrimitiveKey) return plain;
  return `(s.hasExtras&&${base}${dot(`_${key}`)}!==undefined?${frame.source.constant(giveUp)}():${plain})`;
}

export function readChoice(frame: Frame, base: string, keys: readonly string[]): string {
  const { source } = frame;
  // Reading is quicker than going through the keys that are there, until a choice has very many types.
  if (keys.length > 12) return `${source.constant(choiceReader(keys))}(${base})`;
  const beside = keys.map((key) => `${base}${dot(`_${key}`)}!==undefined`).join('||');
  const plain = keys.map((key) => `${base}${dot(key)}`).join('??');
  return `(s.hasExtras&&(${beside})?${source.constant(giveUp)}():${plain})`;
}

function choiceReader(keys: readonly string[]): (one: JsonObject) => unknown {
  const names = new Set(keys);
  return (one) => {
    let found: unknown;
    for (const key in one) {
      if (names.has(key)) found = one[key];
      else if (key.charCodeAt(0) === 95 && names.has(key.slice(1))) giveUp();
    }
    return found;
  };
}
