import { type Code, countOf, decideOf, existsOf, numberCode, type Truth, testCode, truthItems } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type Functions } from '../definition.ts';
import { distinct, isDistinct, Seen } from '../distinct.ts';
import type { Items } from '../item.ts';
import { whereCode } from './filtering.ts';

/**
 * Existence: http://hl7.org/fhirpath/N1/#existence
 */
export const existenceFunctions: Functions = {
  empty: define(0, 0, ({ at, base }) => {
    const exists = existsOf(base);
    return testCode(at, (self, context) => !exists(self, context));
  }),
  exists: define(0, 1, (call) =>
    testCode(call.at, existsOf(call.arguments.length === 0 ? call.base : whereCode(call))),
  ),
  not: define(0, 0, notCode),
  all: define(1, 1, allCode),
  allTrue: every((value) => value === true),
  anyTrue: some((value) => value === true),
  allFalse: every((value) => value === false),
  anyFalse: some((value) => value === false),
  subsetOf: define(1, 1, (call) => subsetCode(call, false)),
  supersetOf: define(1, 1, (call) => subsetCode(call, true)),
  count: define(0, 0, ({ at, base }) => numberCode(at, countOf(base))),
  distinct: define(0, 0, ({ at, base }) => ({
    at,
    items: (self, context) => distinct(base.items(self, context), context),
  })),
  isDistinct: define(0, 0, ({ at, base }) =>
    testCode(at, (self, context) => isDistinct(base.items(self, context), context)),
  ),
};

function notCode({ at, base }: Call): Code {
  const decide = decideOf(base);
  const negate = (truth: Truth): Truth => (truth === 1 ? 0 : truth === 0 ? 1 : -1);
  return {
    at,
    decide: (self, context) => negate(decide(self, context)),
    items: (self, context) => truthItems(negate(decide(self, context))),
  };
}

function allCode(call: Call): Code {
  const items = call.base.items;
  const decide = decideOf(call.criterion(0));
  return testCode(call.at, (self, context) => {
    const input = items(self, context);
    context.spend(input.length);
    const outer = context.index;
    let holds = true;
    for (let i = 0; i < input.length && holds; i++) {
      context.index = i;
      holds = decide(input[i] as (typeof input)[number], context) === 1;
    }
    context.index = outer;
    return holds;
  });
}

function every(isWanted: (value: unknown) => boolean) {
  return define(0, 0, ({ at, base, name }) =>
    testCode(at, (self, context) => booleans(base.items(self, context), context, at, name).every(isWanted)),
  );
}

function some(isWanted: (value: unknown) => boolean) {
  return define(0, 0, ({ at, base, name }) =>
    testCode(at, (self, context) => booleans(base.items(self, context), context, at, name).some(isWanted)),
  );
}

function booleans(items: Items, context: Context, at: number, name: string): readonly unknown[] {
  const values = items.map((item) => item.value);
  if (values.some((value) => typeof value !== 'boolean')) context.fail(`${name}() needs booleans.`, at);
  return values;
}

function subsetCode(call: Call, isReversed: boolean): Code {
  const own = call.base.items;
  const other = call.argument(0).items;
  return testCode(call.at, (self, context) => {
    const input = own(self, context);
    const given = other(self, context);
    const [part, whole] = isReversed ? [given, input] : [input, given];
    const seen = new Seen(context);
    for (const item of whole) seen.add(item);
    return part.every((item) => seen.has(item));
  });
}
