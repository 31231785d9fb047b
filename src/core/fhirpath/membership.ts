import type { Node } from './ast.ts';
import { type Code, conditionCode, type Decide } from './code.ts';
import type { Context } from './context.ts';
import { equalItems } from './equality.ts';
import type { Item, Items } from './item.ts';
import { rawOf, singleItem } from './operand.ts';
import { missing } from './path.ts';

/**
 * `item in collection`. The collection is not built: in `x in (a | b)` each part is asked in turn, and a list of texts
 * that is written out is a set.
 *
 * @see http://hl7.org/fhirpath/N1/#collections-1
 */
export function membershipCode(item: Code, collection: Node, compile: (node: Node) => Code, at: number): Code {
  const parts = unionParts(collection).map(compile);
  const slow: Decide = (self, context) => {
    const wanted = singleItem(item.items(self, context), context, at, '"in"');
    if (wanted === undefined) return -1;
    for (const part of parts) if (has(part.items(self, context), wanted, context)) return 1;
    return 0;
  };
  const texts = textSet(parts);
  const raw = rawOf(item);
  if (texts === undefined || raw === undefined) return conditionCode(at, slow);
  return conditionCode(at, (self, context) => {
    const value = raw(self, context);
    if (typeof value === 'string') return texts.has(value) ? 1 : 0;
    return value === missing ? -1 : slow(self, context);
  });
}

function unionParts(node: Node): readonly Node[] {
  return node.kind === 'binary' && node.operator === '|' ? [...unionParts(node.left), node.right] : [node];
}

function has(items: Items, wanted: Item, context: Context): boolean {
  for (const item of items) if (equalItems(item, wanted, context) === 1) return true;
  return false;
}

function textSet(parts: readonly Code[]): ReadonlySet<string> | undefined {
  const texts = new Set<string>();
  for (const { constant } of parts) {
    const only = constant?.length === 1 ? constant[0] : undefined;
    if (only?.type !== 'System.String' || typeof only.value !== 'string') return undefined;
    texts.add(only.value);
  }
  return texts;
}
