import type { Code } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type FunctionDefinition, type Functions } from '../definition.ts';
import { booleanItems, Item, type Items, integerItems, none, stringItems } from '../item.ts';
import { singleInteger, singleText, textOf } from '../operand.ts';
import { compileRegex, type Regex, RegexError } from '../regex/regex.ts';

/**
 * String manipulation: http://hl7.org/fhirpath/N1/#string-manipulation (join, split and trim are of the later draft).
 */
export const stringFunctions: Functions = {
  indexOf: onTwoTexts((text, part) => integerItems(text.indexOf(part))),
  lastIndexOf: onTwoTexts((text, part) => integerItems(text.lastIndexOf(part))),
  startsWith: test((text, part) => text.startsWith(part)),
  endsWith: test((text, part) => text.endsWith(part)),
  contains: test((text, part) => text.includes(part)),
  upper: onText((text) => stringItems(text.toUpperCase())),
  lower: onText((text) => stringItems(text.toLowerCase())),
  length: onText((text) => integerItems(text.length)),
  trim: onText((text) => stringItems(text.trim())),
  toChars: onText((text, context) => strings([...text], context)),
  split: onTwoTexts((text, separator, context) => strings(text.split(separator), context)),
  substring: define(1, 2, substringCode),
  replace: define(2, 2, replaceCode),
  join: define(0, 1, joinCode),
  matches: define(1, 1, (call) => matchesCode(call, true)),
  matchesFull: define(1, 1, (call) => matchesCode(call, true)),
  replaceMatches: define(2, 2, replaceMatchesCode),
};

function strings(texts: readonly string[], context: Context): Items {
  context.spend(texts.length);
  return texts.map((text) => new Item(text, 'System.String'));
}

function onText(answer: (text: string, context: Context) => Items): FunctionDefinition {
  return define(0, 0, (call) => {
    const text = textOf(call.base, `${call.name}()`);
    return {
      at: call.at,
      items: (self, context) => {
        const value = text(self, context);
        if (value === undefined) return none;
        context.spendText(value.length);
        return answer(value, context);
      },
    };
  });
}

function onTwoTexts(answer: (text: string, other: string, context: Context) => Items): FunctionDefinition {
  return define(1, 1, (call) => {
    const text = textOf(call.base, `${call.name}()`);
    const argument = textOf(call.argument(0), `The argument of ${call.name}()`);
    return {
      at: call.at,
      items: (self, context) => {
        const value = text(self, context);
        const other = value === undefined ? undefined : argument(self, context);
        if (value === undefined || other === undefined) return none;
        context.spendText(value.length);
        return answer(value, other, context);
      },
    };
  });
}

function test(holds: (text: string, part: string) => boolean): FunctionDefinition {
  return define(1, 1, (call) => {
    const text = textOf(call.base, `${call.name}()`);
    const argument = textOf(call.argument(0), `The argument of ${call.name}()`);
    const decide: Code['decide'] = (self, context) => {
      const value = text(self, context);
      const part = value === undefined ? undefined : argument(self, context);
      if (value === undefined || part === undefined) return -1;
      context.spendText(value.length);
      return holds(value, part) ? 1 : 0;
    };
    return decided(call, decide);
  });
}

function decided({ at }: Call, decide: NonNullable<Code['decide']>): Code {
  return {
    at,
    decide,
    items: (self, context) => {
      const truth = decide(self, context);
      return truth === -1 ? none : booleanItems(truth === 1);
    },
  };
}

function substringCode(call: Call): Code {
  const text = textOf(call.base, 'substring()');
  const start = call.argument(0).items;
  const length = call.arguments.length > 1 ? call.argument(1).items : undefined;
  return {
    at: call.at,
    items: (self, context) => {
      const value = text(self, context);
      const from = singleInteger(start(self, context), context, call.at, 'The start of substring()');
      if (value === undefined || from === undefined || from < 0 || from >= value.length) return none;
      // An empty length counts as not given; http://hl7.org/fhirpath/N1/#substring
      const given = length === undefined ? undefined : length(self, context);
      const size = given && singleInteger(given, context, call.at, 'The length of substring()');
      return stringItems(size === undefined ? value.slice(from) : value.slice(from, from + Math.max(0, size)));
    },
  };
}

function replaceCode(call: Call): Code {
  const text = textOf(call.base, 'replace()');
  const pattern = textOf(call.argument(0), 'The pattern of replace()');
  const substitution = textOf(call.argument(1), 'The substitution of replace()');
  return {
    at: call.at,
    items: (self, context) => {
      const value = text(self, context);
      const part = pattern(self, context);
      const by = substitution(self, context);
      if (value === undefined || part === undefined || by === undefined) return none;
      const pieces = part === '' ? ['', ...value, ''] : value.split(part);
      return joined(pieces, by, context);
    },
  };
}

function joinCode(call: Call): Code {
  const items = call.base.items;
  const separator = call.arguments.length === 0 ? undefined : textOf(call.argument(0), 'The separator of join()');
  return {
    at: call.at,
    items: (self, context) => {
      const input = items(self, context);
      if (input.length === 0) return none;
      const texts = input.map((item: Item) => singleText([item], context, call.at, 'join()') ?? '');
      return joined(texts, separator?.(self, context) ?? '', context);
    },
  };
}

function joined(pieces: readonly string[], by: string, context: Context): Items {
  let length = (pieces.length - 1) * by.length;
  for (const piece of pieces) length += piece.length;
  context.spend(pieces.length);
  context.spendText(length);
  return stringItems(pieces.join(by));
}

/**
 * `matches` asks for the whole text, as HL7's R4 validator did (Java's `String.matches`): R4's own invariants, such as
 * eld-20 and the name rule `[A-Z]([A-Za-z0-9_]){0,254}`, are written without anchors and mean the whole name.
 */
function matchesCode(call: Call, isWhole: boolean): Code {
  const text = textOf(call.base, `${call.name}()`);
  const regex = regexOf(call);
  return decided(call, (self, context) => {
    const value = text(self, context);
    const pattern = value === undefined ? undefined : regex(self, context);
    if (value === undefined || pattern === undefined) return -1;
    const spend = (steps: number) => context.spend(steps);
    return (isWhole ? pattern.matches(value, spend) : pattern.isIn(value, spend)) ? 1 : 0;
  });
}

function replaceMatchesCode(call: Call): Code {
  const text = textOf(call.base, 'replaceMatches()');
  const regex = regexOf(call);
  const substitution = textOf(call.argument(1), 'The substitution of replaceMatches()');
  return {
    at: call.at,
    items: (self, context) => {
      const value = text(self, context);
      const pattern = regex(self, context);
      const by = substitution(self, context);
      if (value === undefined || pattern === undefined || by === undefined) return none;
      if (pattern.source === '') return stringItems(value);
      return joined([pattern.replace(value, by, (steps) => context.spend(steps))], '', context);
    },
  };
}

/** The regular expression of the first argument: prepared once where it is written out, else for each evaluation. */
function regexOf(call: Call): (self: Item, context: Context) => Regex | undefined {
  const argument = call.argument(0);
  const constant = argument.constant?.[0]?.value;
  if (typeof constant === 'string') {
    const regex = prepare(constant, (message) => call.fail(message, argument.at));
    return () => regex;
  }
  const source = textOf(argument, `The pattern of ${call.name}()`);
  let last: Regex | undefined;
  return (self, context) => {
    const pattern = source(self, context);
    if (pattern === undefined) return undefined;
    if (last?.source !== pattern) last = prepare(pattern, (message) => context.fail(message, argument.at));
    return last;
  };
}

function prepare(source: string, fail: (message: string) => never): Regex {
  try {
    return compileRegex(source);
  } catch (error) {
    if (error instanceof RegexError) return fail(error.message);
    throw error;
  }
}
