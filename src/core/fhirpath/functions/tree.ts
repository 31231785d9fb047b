import type { Code, Evaluate } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type FunctionDefinition, type Functions } from '../definition.ts';
import { Item, type Items } from '../item.ts';
import { appendChildren, childCount } from '../path.ts';

/**
 * Tree navigation and utility functions: http://hl7.org/fhirpath/N1/#tree-navigation
 */
export const treeFunctions: Functions = {
  children: define(0, 0, childrenCode),
  descendants: define(0, 0, ({ at, base }) => ({
    at,
    items: (self, context) => descendants(base.items(self, context), context),
  })),
  trace: define(1, 2, traceCode),
  now: clock((now) => now, 'System.DateTime'),
  today: clock((now) => now.slice(0, 10), 'System.Date'),
  timeOfDay: clock((now) => now.slice(11).replace(/(?:Z|[+-]\d\d:\d\d)$/, ''), 'System.Time'),
};

/** ele-1 counts the children of every element of every resource: that makes no items. */
function childrenCode({ at, base }: Call): Code {
  const children: Evaluate = (self, context) => {
    const out: Item[] = [];
    for (const item of base.items(self, context)) appendChildren(item, out, context);
    return out;
  };
  const isSelf = base.path?.head === 'self' && base.path.steps.length === 0;
  if (!isSelf) return { at, items: children };
  return {
    at,
    items: children,
    count: (self, context) => {
      const count = childCount(self.value, self.extra);
      return count < 0 ? children(self, context).length : count;
    },
  };
}

/** In document order, with a stack of its own: hostile data may nest deeper than the processor's. */
function descendants(items: Items, context: Context): Items {
  const out: Item[] = [];
  const open: Item[] = [];
  for (const item of items) {
    open.push(item);
    while (open.length > 0) {
      const next = open.pop() as Item;
      if (next !== item) out.push(next);
      const start = open.length;
      appendChildren(next, open, context);
      reverseFrom(open, start);
    }
  }
  return out;
}

function reverseFrom(list: Item[], start: number): void {
  for (let i = start, j = list.length - 1; i < j; i++, j--) {
    const held = list[i] as Item;
    list[i] = list[j] as Item;
    list[j] = held;
  }
}

/** Nobody reads our diagnostic log but operators, who must not see patient data: nothing is written. */
function traceCode(call: Call): Code {
  call.argument(0);
  if (call.arguments.length > 1) call.criterion(1);
  return { ...call.base, at: call.at };
}

function clock(part: (now: string) => string, type: string): FunctionDefinition {
  return define(0, 0, (call) => ({
    at: call.at,
    items: (_, context) => {
      const now = context.environment.now;
      if (now === undefined) return context.fail(`${call.name}() needs the time, and the caller gave none.`, call.at);
      return [new Item(part(now), type)];
    },
  }));
}
