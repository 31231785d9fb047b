import type { Code } from './code.ts';
import { nameOf } from './comparison.ts';
import type { Context } from './context.ts';
import { type Item, type Items, isInteger } from './item.ts';
import { missing, pathHead, singleValue } from './path.ts';

/** The raw value at the end of a code's path; `missing` or `several` where there is not exactly one plain value. */
export function rawOf(code: Code): ((self: Item, context: Context) => unknown) | undefined {
  const path = code.path;
  if (path === undefined) return undefined;
  const steps = path.steps;
  if (path.head === 'self') return (self) => singleValue(self.value, self.extra, steps);
  return (self, context) => {
    const head = pathHead(path, self, context);
    const first = head[0];
    if (first === undefined) return missing;
    return head.length === 1 ? singleValue(first.value, first.extra, steps) : undefined;
  };
}

/** Reads a code as one text; undefined when it is empty; an error for several values and for other types. */
export function textOf(code: Code, what: string): (self: Item, context: Context) => string | undefined {
  const constant = code.constant?.[0]?.value;
  if (typeof constant === 'string' && code.constant?.length === 1) return () => constant;
  const { items, at } = code;
  const raw = rawOf(code);
  const slow = (self: Item, context: Context) => singleText(items(self, context), context, at, what);
  if (raw === undefined) return slow;
  return (self, context) => {
    const value = raw(self, context);
    if (typeof value === 'string') return value;
    return value === missing ? undefined : slow(self, context);
  };
}

/** One text, or undefined for an empty collection (and for an element that has extensions only). */
export function singleText(items: Items, context: Context, at: number, what: string): string | undefined {
  const item = singleItem(items, context, at, what);
  if (item === undefined || item.value === undefined) return undefined;
  if (typeof item.value !== 'string') return context.fail(`${what} needs a text, not a ${nameOf(item)}.`, at);
  return item.value;
}

/** One whole number, or undefined for an empty collection. */
export function singleInteger(items: Items, context: Context, at: number, what: string): number | undefined {
  const item = singleItem(items, context, at, what);
  if (item === undefined || item.value === undefined) return undefined;
  if (!isInteger(item)) return context.fail(`${what} needs a whole number, not a ${nameOf(item)}.`, at);
  return item.value as number;
}

/** One number, or undefined for an empty collection. */
export function singleNumber(items: Items, context: Context, at: number, what: string): number | undefined {
  const item = singleItem(items, context, at, what);
  if (item === undefined || item.value === undefined) return undefined;
  if (typeof item.value !== 'number') return context.fail(`${what} needs a number, not a ${nameOf(item)}.`, at);
  return item.value;
}

/** The only item, or undefined for an empty collection. */
export function singleItem(items: Items, context: Context, at: number, what: string): Item | undefined {
  if (items.length > 1) context.fail(`${what} needs a single value, this collection has ${items.length}.`, at);
  return items[0];
}
