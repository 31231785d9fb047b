import type { Json } from './json-value.ts';
import { isJsonArray } from './json-value.ts';

/**
 * What was sent with one version of an order. The context of an order is everything that ever came with it: a later
 * version does not take back what an earlier one told by not repeating it. Each layer is read in its own space: `urn:uuid`
 * and `#` mean something only among what came together.
 */
export interface OrderLayer {
  /** Our id of the order before this one that it came with; absent: it came with this order. */
  readonly order?: string;
  /** Of the order, counted from 1. */
  readonly version: number;
  /** The ServiceRequest of that version: what it contains, and whose it is. */
  readonly resource: Json;
  /** The Bundle that it came in; null without one. */
  readonly context: unknown;
}

/** An order as it stands, with what came with its earlier versions. */
export interface LayeredOrder extends OrderLayer {
  /** Oldest first; absent for a first version. */
  readonly earlier?: readonly OrderLayer[];
}

/** The layers that the next version of an order stands on, oldest first: the same bundle twice is one layer. */
export function layersBelow(order: LayeredOrder): readonly OrderLayer[] {
  const { version, resource, context, earlier = [] } = order;
  if (!bringsRecords(order)) return earlier;
  const own = wordsOf(order);
  return [...earlier.filter((layer) => wordsOf(layer) !== own), { version, resource, context }];
}

function bringsRecords({ resource, context }: OrderLayer): boolean {
  return (context !== null && context !== undefined) || isJsonArray(resource.contained);
}

/** What makes two layers one; the store compares the same (io/store/layers.ts). */
function wordsOf({ resource, context }: OrderLayer): string {
  return JSON.stringify([context ?? null, resource.contained ?? null]);
}

/**
 * The layers that an order stands on which replaces another one, or goes on after it: what was told of the patient then
 * counts until it is told again, whatever number the order has now.
 */
export function layersOfBefore(before: LayeredOrder & { readonly id: string }): readonly OrderLayer[] {
  return layersBelow(before).map((layer) => ({ order: before.id, ...layer }));
}

/**
 * How a place in an earlier version is named: `version 1: Bundle.entry[3].resource`, in an order before this one
 * `order <our id>, version 1: ...`.
 */
export function inVersion(version: number, path: string, order?: string): string {
  return `${order === undefined ? '' : `order ${order}, `}version ${version}: ${path}`;
}

const named = /^(?:order ([^,]+), )?version (\d+): /;

/** The version that a path names; undefined for one into the newest version. */
export function versionNamed(path: string): number | undefined {
  const found = named.exec(path)?.[2];
  return found === undefined ? undefined : Number(found);
}

/** The order before this one that a path names. */
export function orderNamed(path: string): string | undefined {
  return named.exec(path)?.[1];
}

/** What a path names before it goes into a resource; empty for the newest version. */
export function layerNamed(path: string): string {
  return named.exec(path)?.[0] ?? '';
}
