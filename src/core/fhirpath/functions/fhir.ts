import { type Code, conditionCode, testCode } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type FunctionDefinition, type Functions } from '../definition.ts';
import type { FhirPathEnvironment } from '../expression.ts';
import { Item, type Items, none } from '../item.ts';
import { rawOf, singleItem, singleText, textOf } from '../operand.ts';
import { appendMember, missing, stepOf } from '../path.ts';
import { xhtmlFault } from '../xhtml.ts';

const extensionStep = stepOf('extension');
const modifierStep = stepOf('modifierExtension');

/**
 * What FHIR adds to the language: https://hl7.org/fhir/R4/fhirpath.html#functions
 */
export const fhirFunctions: Functions = {
  extension: define(1, 1, extensionCode),
  hasValue: define(0, 0, ({ at, base }) => {
    const raw = rawOf(base);
    return testCode(at, (self, context) => {
      const value = raw === undefined ? undefined : raw(self, context);
      if (value === missing) return false;
      if (typeof value === 'string' || typeof value === 'number') return true;
      const items = base.items(self, context);
      return items.length === 1 && isPrimitiveValue(items[0]?.value);
    });
  }),
  getValue: define(0, 0, ({ at, base }) => ({
    at,
    items: (self, context) => {
      const items = base.items(self, context);
      return items.length === 1 && isPrimitiveValue(items[0]?.value) ? items : none;
    },
  })),
  resolve: define(0, 0, resolveCode),
  memberOf: asked('memberOf'),
  conformsTo: asked('conformsTo'),
  checkModifiers: define(1, 32, checkModifiersCode),
  htmlChecks: htmlChecks(),
  htmlChecks1: htmlChecks(),
  htmlChecks2: htmlChecks(),
  elementDefinition: unsupported(0, 'it needs the profile of the element'),
  slice: unsupported(2, 'it needs the profile of the element'),
  subsumes: unsupported(1, 'it needs a terminology server'),
  subsumedBy: unsupported(1, 'it needs a terminology server'),
};

function isPrimitiveValue(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function extensionCode(call: Call): Code {
  const url = textOf(call.argument(0), 'The url of extension()');
  return {
    at: call.at,
    items: (self, context) => {
      const wanted = url(self, context);
      const out: Item[] = [];
      if (wanted === undefined) return none;
      for (const item of call.base.items(self, context)) {
        const extensions: Item[] = [];
        appendMember(item, extensionStep, extensions, context);
        for (const extension of extensions) if (urlOf(extension) === wanted) out.push(extension);
      }
      return out;
    },
  };
}

function urlOf(extension: Item): unknown {
  const value = extension.value;
  return typeof value === 'object' && value !== null ? (value as { url?: unknown }).url : undefined;
}

/** What cannot be found is left out, as the standard says. */
function resolveCode({ at, base }: Call): Code {
  return {
    at,
    items: (self, context) => {
      const out: Item[] = [];
      for (const item of base.items(self, context)) {
        const reference = referenceOf(item.value);
        const target = reference === undefined ? undefined : resolve(reference, context);
        if (typeof target === 'object' && target !== null) out.push(new Item(target));
      }
      return out;
    },
  };
}

function referenceOf(value: unknown): string | undefined {
  const reference: unknown =
    typeof value === 'object' && value !== null ? (value as { reference?: unknown }).reference : value;
  return typeof reference === 'string' ? reference : undefined;
}

function resolve(reference: string, context: Context): unknown {
  const found = context.environment.resolve?.(reference);
  if (found !== undefined || !reference.startsWith('#')) return found;
  const container = context.rootResource[0]?.value;
  if (typeof container !== 'object' || container === null) return undefined;
  if (reference === '#') return container;
  const contained: unknown = (container as { contained?: unknown }).contained;
  const id = reference.slice(1);
  return Array.isArray(contained) ? contained.find((one: { id?: unknown } | null) => one?.id === id) : undefined;
}

/** A question that the caller answers; empty where it cannot be decided here. */
function asked(question: 'memberOf' | 'conformsTo'): FunctionDefinition {
  return define(1, 1, (call) => {
    const url = textOf(call.argument(0), `The url of ${question}()`);
    return conditionCode(call.at, (self, context) => {
      const item = singleItem(call.base.items(self, context), context, call.at, `${question}()`);
      const wanted = url(self, context);
      if (item === undefined || item.value === undefined || wanted === undefined) return -1;
      const answer = ask(context.environment, question, item.value, wanted);
      return answer === undefined ? -1 : answer ? 1 : 0;
    });
  });
}

function ask(environment: FhirPathEnvironment, question: 'memberOf' | 'conformsTo', value: unknown, url: string) {
  return environment[question]?.(value, url);
}

/** Refuses modifier extensions other than those the author of the expression says to understand. */
function checkModifiersCode(call: Call): Code {
  const urls = call.arguments.map((_, index) => call.argument(index).items);
  return {
    at: call.at,
    items: (self, context) => {
      const items = call.base.items(self, context);
      const known = urls.map((url) => singleText(url(self, context), context, call.at, 'checkModifiers()'));
      for (const item of items) refuseUnknownModifiers(item, known, context, call.at);
      return items;
    },
  };
}

function refuseUnknownModifiers(item: Item, known: readonly unknown[], context: Context, at: number): void {
  const modifiers: Item[] = [];
  appendMember(item, modifierStep, modifiers, context);
  if (modifiers.some((modifier) => !known.includes(urlOf(modifier)))) {
    context.fail('An element has a modifierExtension that this expression does not understand.', at);
  }
}

function htmlChecks(): FunctionDefinition {
  return define(0, 0, ({ at, base }) =>
    testCode(at, (self, context) => {
      const items: Items = base.items(self, context);
      return items.every((item) => typeof item.value !== 'string' || xhtmlFault(item.value) === undefined);
    }),
  );
}

function unsupported(count: number, reason: string): FunctionDefinition {
  return define(count, count, (call) => call.fail(`${call.name}() is not supported: ${reason}.`));
}
