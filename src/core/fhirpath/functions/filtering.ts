import { type Code, decideOf } from '../code.ts';
import { type Call, define, type Functions } from '../definition.ts';
import { Seen } from '../distinct.ts';
import { type Item, type Items, none } from '../item.ts';

/**
 * Filtering, projection and aggregates: http://hl7.org/fhirpath/N1/#filtering-and-projection
 */
export const filteringFunctions: Functions = {
  where: define(1, 1, whereCode),
  select: define(1, 1, selectCode),
  repeat: define(1, 1, repeatCode),
  aggregate: define(1, 2, aggregateCode),
};

/** The items of the input for which the first argument is true. */
export function whereCode(call: Call): Code {
  const items = call.base.items;
  const decide = decideOf(call.criterion(0));
  return {
    at: call.at,
    items: (self, context) => {
      const input = items(self, context);
      if (input.length === 0) return none;
      context.spend(input.length);
      const outer = context.index;
      const out: Item[] = [];
      for (let i = 0; i < input.length; i++) {
        context.index = i;
        const item = input[i] as Item;
        if (decide(item, context) === 1) out.push(item);
      }
      context.index = outer;
      return out;
    },
    exists: (self, context) => {
      const input = items(self, context);
      context.spend(input.length);
      const outer = context.index;
      let found = false;
      for (let i = 0; i < input.length && !found; i++) {
        context.index = i;
        found = decide(input[i] as Item, context) === 1;
      }
      context.index = outer;
      return found;
    },
  };
}

function selectCode(call: Call): Code {
  const items = call.base.items;
  const project = call.criterion(0).items;
  return {
    at: call.at,
    items: (self, context) => {
      const input = items(self, context);
      if (input.length === 0) return none;
      context.spend(input.length);
      const outer = context.index;
      const out: Item[] = [];
      for (let i = 0; i < input.length; i++) {
        context.index = i;
        for (const item of project(input[i] as Item, context)) out.push(item);
      }
      context.index = outer;
      return out;
    },
  };
}

function repeatCode(call: Call): Code {
  const items = call.base.items;
  const project = call.criterion(0).items;
  return {
    at: call.at,
    items: (self, context) => {
      const seen = new Seen(context);
      const out: Item[] = [];
      const outer = context.index;
      const visit = (input: Items) => {
        for (let i = 0; i < input.length; i++) {
          context.index = i;
          for (const item of project(input[i] as Item, context)) if (seen.add(item)) out.push(item);
        }
      };
      visit(items(self, context));
      for (let done = 0; done < out.length; ) {
        const end = out.length;
        visit(out.slice(done, end));
        done = end;
      }
      context.index = outer;
      return out;
    },
  };
}

function aggregateCode(call: Call): Code {
  const items = call.base.items;
  const aggregator = call.criterion(0).items;
  const initial = call.arguments.length > 1 ? call.argument(1).items : undefined;
  return {
    at: call.at,
    items: (self, context) => {
      const input = items(self, context);
      context.spend(input.length);
      const [outerIndex, outerTotal] = [context.index, context.total];
      context.total = initial === undefined ? none : initial(self, context);
      for (let i = 0; i < input.length; i++) {
        context.index = i;
        context.total = aggregator(input[i] as Item, context);
      }
      const result = context.total;
      context.index = outerIndex;
      context.total = outerTotal;
      return result;
    },
  };
}
