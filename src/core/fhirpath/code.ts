import type { Context } from './context.ts';
import { booleanItems, type Item, type Items, integerItems, no, none, yes } from './item.ts';
import type { Path } from './path.ts';

/** Three-valued: 1 true, 0 false, -1 empty. */
export type Truth = 1 | 0 | -1;

/** `self` is the item that the expression stands on: the focus, or the item of an iteration (`$this`). */
export type Evaluate = (self: Item, context: Context) => Items;
export type Decide = (self: Item, context: Context) => Truth;
export type Measure = (self: Item, context: Context) => number;
export type Test = (self: Item, context: Context) => boolean;

/** A compiled part of an expression: always its items, and faster ways for the questions that are asked most. */
export interface Code {
  readonly at: number;
  readonly items: Evaluate;
  /** The value as a condition. */
  readonly decide?: Decide;
  /** A single Integer that is never empty. */
  readonly number?: Measure;
  readonly count?: Measure;
  readonly exists?: Test;
  /** A chain of members that can be walked without making items. */
  readonly path?: Path;
  /** A value that is always the same. */
  readonly constant?: Items;
}

export function conditionCode(at: number, decide: Decide): Code {
  return { at, decide, items: (self, context) => truthItems(decide(self, context)) };
}

export function testCode(at: number, test: Test): Code {
  return {
    at,
    decide: (self, context) => (test(self, context) ? 1 : 0),
    items: (self, context) => booleanItems(test(self, context)),
  };
}

export function numberCode(at: number, number: Measure): Code {
  return { at, number, items: (self, context) => integerItems(number(self, context)) };
}

export function truthItems(truth: Truth): Items {
  return truth === 1 ? yes : truth === 0 ? no : none;
}

/**
 * A code as a condition: empty stays empty, one boolean is itself, any other single item is true.
 *
 * @see http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections
 */
export function decideOf(code: Code): Decide {
  if (code.decide !== undefined) return code.decide;
  const { items, at } = code;
  return (self, context) => truthOf(items(self, context), context, at);
}

export function truthOf(items: Items, context: Context, at: number): Truth {
  if (items.length === 0) return -1;
  if (items.length > 1) context.fail(`A condition should be one value, this one has ${items.length}.`, at);
  return items[0]?.value === false ? 0 : 1;
}

export function existsOf(code: Code): Test {
  if (code.exists !== undefined) return code.exists;
  const items = code.items;
  return (self, context) => items(self, context).length > 0;
}

export function countOf(code: Code): Measure {
  if (code.count !== undefined) return code.count;
  const items = code.items;
  return (self, context) => items(self, context).length;
}
