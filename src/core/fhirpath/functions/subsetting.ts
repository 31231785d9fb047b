import type { Code } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type Functions } from '../definition.ts';
import { distinct, Seen, union } from '../distinct.ts';
import { type Items, none } from '../item.ts';
import { singleInteger } from '../operand.ts';

/**
 * Subsetting and combining: http://hl7.org/fhirpath/N1/#subsetting, http://hl7.org/fhirpath/N1/#combining
 */
export const subsettingFunctions: Functions = {
  single: define(0, 0, (call) =>
    onItems(call, (items, context) => {
      if (items.length > 1) context.fail(`single() is asked of a collection of ${items.length}.`, call.at);
      return items;
    }),
  ),
  first: define(0, 0, (call) => onItems(call, (items) => (items.length > 1 ? items.slice(0, 1) : items))),
  last: define(0, 0, (call) => onItems(call, (items) => (items.length > 1 ? items.slice(-1) : items))),
  tail: define(0, 0, (call) => onItems(call, (items) => items.slice(1))),
  skip: define(1, 1, (call) => onItemsAndNumber(call, (items, count) => items.slice(Math.max(0, count)))),
  take: define(1, 1, (call) => onItemsAndNumber(call, (items, count) => items.slice(0, Math.max(0, count)))),
  intersect: define(1, 1, (call) =>
    onTwo(call, (items, other, context) => {
      const seen = seenOf(other, context);
      return distinct(
        items.filter((item) => seen.has(item)),
        context,
      );
    }),
  ),
  exclude: define(1, 1, (call) =>
    onTwo(call, (items, other, context) => {
      const seen = seenOf(other, context);
      return items.filter((item) => !seen.has(item));
    }),
  ),
  union: define(1, 1, (call) => onTwo(call, union)),
  combine: define(1, 1, (call) => onTwo(call, (items, other) => [...items, ...other])),
};

function onItems({ at, base }: Call, change: (items: Items, context: Context) => Items): Code {
  return { at, items: (self, context) => change(base.items(self, context), context) };
}

function onItemsAndNumber(call: Call, change: (items: Items, count: number) => Items): Code {
  const argument = call.argument(0).items;
  return {
    at: call.at,
    items: (self, context) => {
      const count = singleInteger(argument(self, context), context, call.at, `${call.name}()`);
      return count === undefined ? none : change(call.base.items(self, context), count);
    },
  };
}

function onTwo(call: Call, join: (items: Items, other: Items, context: Context) => Items): Code {
  const argument = call.argument(0).items;
  return {
    at: call.at,
    items: (self, context) => join(call.base.items(self, context), argument(self, context), context),
  };
}

function seenOf(items: Items, context: Context): Seen {
  const seen = new Seen(context);
  for (const item of items) seen.add(item);
  return seen;
}
