import { type Code, type Decide, decideOf, type Truth } from './code.ts';
import { Context } from './context.ts';
import type { FhirPathEnvironment, FhirPathExpression } from './expression.ts';
import { CodeGenerator } from './generate.ts';
import { Item, type Items } from './item.ts';
import { parseFhirPath } from './parser.ts';

/** One result with what is known about it. */
export interface TypedValue {
  /** Plain JSON; undefined for a primitive that has extensions only. */
  readonly value: unknown;
  /** The FHIR type such as `dateTime`, `System.…` for what the expression made; empty when it cannot be said. */
  readonly type: string;
  /** The id and extensions of a primitive: what FHIR JSON has under `_name`. */
  readonly extra: unknown;
}

/** A compiled expression that can also tell the types of its results. */
export interface CompiledFhirPath extends FhirPathExpression {
  /** As `evaluate`, with types. */
  select(focus: unknown, environment: FhirPathEnvironment, type?: string): readonly TypedValue[];
}

export interface CompileOptions {
  /** The type of the focus where an evaluation names none: a type, or a path such as `Timing.repeat`. */
  readonly rootType?: string;
}

/**
 * Compile an expression once, to be evaluated often.
 *
 * The focus is one FHIR JSON value or an array as a collection; its type may be a data type, a resource type or the path
 * of a backbone element (`Observation.component`). Where no type is known, dates and the like are told by their look.
 * A primitive that has extensions only is given by `evaluate` as the object with its extensions.
 *
 * @throws FhirPathError with the offset, for a fault in the text, an unknown function or a wrong number of arguments.
 * @see http://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
 */
export function compileFhirPath(text: string, options: CompileOptions = {}): CompiledFhirPath {
  return compileNode(parseFhirPath(text).node, text, options);
}

/** Compile a tree that `parseFhirPath` made, for a language that embeds FHIRPath; `text` is what it was parsed from. */
export function compileNode(
  node: ReturnType<typeof parseFhirPath>['node'],
  text: string,
  options: CompileOptions = {},
): CompiledFhirPath {
  const generator = new CodeGenerator(text);
  const code = generator.code(node, 'item');
  const holds = verdictOf(code);
  let listCode: Code | undefined;
  const { rootType } = options;

  const items = (focus: unknown, environment: FhirPathEnvironment, type: string | undefined): Items => {
    if (focus !== null && focus !== undefined && !Array.isArray(focus)) {
      const self = new Item(focus, typeOf(focus, type ?? rootType));
      return code.items(self, new Context(text, environment, self));
    }
    listCode ??= generator.code(node, 'collection');
    // Nothing is the empty collection.
    const list = collectionOf(focus).map((value) => new Item(value, typeOf(value, type ?? rootType)));
    return listCode.items(nothing, new Context(text, environment, list));
  };

  return {
    text,
    evaluate: (focus, environment, type) => items(focus, environment, type).map(plainValue),
    select: (focus, environment, type) => items(focus, environment, type),
    holds: (focus, environment, type) => {
      if (focus === null || focus === undefined || Array.isArray(focus))
        return truthOfInvariant(items(focus, environment, type)) !== 0;
      const self = new Item(focus, typeOf(focus, type ?? rootType));
      return holds(self, new Context(text, environment, self)) !== 0;
    },
    isTrue: (focus, environment, type) => {
      if (focus === null || focus === undefined || Array.isArray(focus))
        return truthOfInvariant(items(focus, environment, type)) === 1;
      const self = new Item(focus, typeOf(focus, type ?? rootType));
      return holds(self, new Context(text, environment, self)) === 1;
    },
  };
}

const nothing = new Item(undefined, '');

function collectionOf(focus: unknown): readonly unknown[] {
  return Array.isArray(focus) ? focus.filter((value) => value !== null && value !== undefined) : [];
}

/** A resource says its type itself. */
function typeOf(value: unknown, type: string | undefined): string | undefined {
  if (type === undefined || type === 'Resource' || type === 'DomainResource') return undefined;
  const isResource = typeof value === 'object' && value !== null && 'resourceType' in value;
  return isResource ? undefined : type;
}

function verdictOf(code: Code): Decide {
  if (code.decide === undefined) return (self, context) => truthOfInvariant(code.items(self, context));
  return decideOf(code);
}

/** A single true is 1, nothing is -1 (empty), anything else is 0. */
function truthOfInvariant(items: Items): Truth {
  if (items.length === 0) return -1;
  return items.length === 1 && items[0]?.value === true ? 1 : 0;
}

function plainValue(item: Item): unknown {
  return item.value === undefined ? item.extra : item.value;
}
