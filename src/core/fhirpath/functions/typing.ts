import type { Node } from '../ast.ts';
import { type Code, conditionCode } from '../code.ts';
import type { Context } from '../context.ts';
import { type Call, define, type Functions } from '../definition.ts';
import { Item, isInteger, isQuantity, resourceTypeOf } from '../item.ts';
import { isSubtype, isSystemType, isTypeName } from '../model.ts';
import { parseTemporal } from '../temporal.ts';

/**
 * Types: http://hl7.org/fhirpath/N1/#types. `as` filters a collection as `ofType` does: R4's own dom-3 uses it on many
 * items, though the language asks for one.
 */
export const typeFunctions: Functions = {
  is: define(1, 1, (call) => isCode(call.base, typeArgument(call), call.at)),
  as: define(1, 1, (call) => ofTypeCode(call.base, typeArgument(call), call.at)),
  ofType: define(1, 1, (call) => ofTypeCode(call.base, typeArgument(call), call.at)),
  type: define(0, 0, ({ at, base }) => ({
    at,
    items: (self, context) => base.items(self, context).map((item) => new Item(typeInfo(item), 'System.TypeInfo')),
  })),
};

/** A type named in an expression. */
export interface TypeName {
  readonly namespace: 'FHIR' | 'System' | undefined;
  readonly name: string;
}

export function typeName(text: string): TypeName {
  const dot = text.indexOf('.');
  const namespace = dot < 0 ? undefined : text.slice(0, dot);
  const name = text.slice(dot + 1);
  return namespace === 'FHIR' || namespace === 'System' ? { namespace, name } : { namespace: undefined, name: text };
}

export function isCode(base: Code, type: TypeName, at: number): Code {
  return conditionCode(at, (self, context) => {
    const items = base.items(self, context);
    if (items.length > 1) context.fail(`"is" asks about one value, not about ${items.length}.`, at);
    const item = items[0];
    return item === undefined ? -1 : isOfType(item, type) ? 1 : 0;
  });
}

export function ofTypeCode(base: Code, type: TypeName, at: number): Code {
  return {
    at,
    items: (self, context: Context) => {
      const items = base.items(self, context);
      context.spend(items.length);
      if (items.length === 1) return isOfType(items[0] as Item, type) ? items : items.slice(1);
      return items.filter((item) => isOfType(item, type));
    },
  };
}

/** Whether an item has a type or one that specialises it. */
export function isOfType(item: Item, wanted: TypeName): boolean {
  const { namespace, name } = wanted;
  const type = item.type;
  if (type === '') return isGuess(item, name);
  if (type.startsWith('System.')) return namespace !== 'FHIR' && (type.slice(7) === name || name === 'Any');
  if (namespace === 'System') return false;
  if (isSubtype(type, name)) return true;
  if (name === 'Resource') return resourceTypeOf(item.value) !== undefined;
  // que-7 asks `answer is Boolean`: HL7's validator takes the types of the language for those of FHIR.
  if (namespace !== undefined || isTypeName(name) || !isSystemType(name)) return false;
  return isSubtype(type, name.charAt(0).toLowerCase() + name.slice(1));
}

/** Of data without a known model, the type is what the value looks like. */
function isGuess(item: Item, name: string): boolean {
  const value = item.value;
  switch (name.charAt(0).toLowerCase() + name.slice(1)) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return isInteger(item);
    case 'decimal':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'date':
      return typeof value === 'string' && value.length <= 10 && parseTemporal(value)?.year !== undefined;
    case 'dateTime':
      return typeof value === 'string' && parseTemporal(value)?.year !== undefined;
    case 'time':
      return typeof value === 'string' && parseTemporal(value)?.hour !== undefined && !value.includes('-');
    case 'quantity':
      return isQuantity(item);
    default:
      return false;
  }
}

function typeInfo(item: Item): { readonly namespace: string; readonly name: string } {
  const type = item.type === '' ? guessed(item.value) : item.type;
  if (type.startsWith('System.')) return { namespace: 'System', name: type.slice(7) };
  const isElement = type.includes('.');
  return {
    namespace: 'FHIR',
    name: isElement ? (isSubtype(type, 'BackboneElement') ? 'BackboneElement' : 'Element') : type,
  };
}

function guessed(value: unknown): string {
  if (typeof value === 'boolean') return 'System.Boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'System.Integer' : 'System.Decimal';
  return typeof value === 'string' ? 'System.String' : 'Element';
}

function typeArgument(call: Call): TypeName {
  const name = qualified(call.arguments[0]);
  return name === undefined ? call.fail(`${call.name}() needs the name of a type.`) : typeName(name);
}

function qualified(node: Node | undefined): string | undefined {
  if (node?.kind === 'literal' && typeof node.value === 'string') return node.value;
  if (node?.kind !== 'member') return undefined;
  if (node.base === undefined) return node.name;
  const base = qualified(node.base);
  return base === undefined ? undefined : `${base}.${node.name}`;
}
