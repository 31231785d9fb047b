import { childType, isPrimitive, isSubtype } from './model.ts';

/**
 * One member of a collection: a value of the data with its place, or a value that the expression made.
 * The type is worked out only when something asks for it.
 */
export class Item {
  /** JSON as it stands in the data; undefined where a primitive has extensions only. */
  readonly value: unknown;
  /** What the data has under `_name` beside a primitive: its id and extensions. */
  readonly extra: unknown;
  /** Where the value was found; undefined for the focus and for made values. */
  readonly parent: Item | undefined;
  readonly key: string;
  /** `undefined`: not yet worked out; `''`: cannot be said. */
  private known: string | undefined;

  constructor(value: unknown, type?: string, extra?: unknown, parent?: Item, key = '') {
    this.value = value;
    this.known = type;
    this.extra = extra;
    this.parent = parent;
    this.key = key;
  }

  /** The FHIR type (`dateTime`, `Observation.component`), `System.…` for made values; `''` when it cannot be said. */
  get type(): string {
    if (this.known === undefined) this.resolve();
    return this.known ?? '';
  }

  private resolve(): void {
    const chain: Item[] = [];
    let at: Item | undefined = this;
    while (at !== undefined && at.known === undefined) {
      chain.push(at);
      at = resourceTypeOf(at.value) === undefined ? at.parent : undefined;
    }
    // Top down, without recursion: hostile data may nest deeper than the stack.
    for (let i = chain.length - 1; i >= 0; i--) {
      const item = chain[i];
      if (item !== undefined) item.known = item.ownType();
    }
  }

  private ownType(): string {
    const resource = resourceTypeOf(this.value);
    if (resource !== undefined) return resource;
    if (this.parent === undefined) return '';
    const type = childType(this.parent.known === '' ? undefined : this.parent.known, this.key) ?? '';
    // Data that breaks the model has no type: the model must not mislead the comparison.
    return type === '' || this.value === undefined || jsonType(type) === typeof this.value ? type : '';
  }
}

const numbers = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt']);

/** What a FHIR type is in JSON, as `typeof` says it. */
function jsonType(type: string): string {
  if (!isPrimitive(type)) return 'object';
  return type === 'boolean' ? 'boolean' : numbers.has(type) ? 'number' : 'string';
}

export type Items = readonly Item[];

export const none: Items = Object.freeze([]);
const trueItem = new Item(true, 'System.Boolean');
const falseItem = new Item(false, 'System.Boolean');
export const yes: Items = Object.freeze([trueItem]);
export const no: Items = Object.freeze([falseItem]);

export function booleanItems(value: boolean): Items {
  return value ? yes : no;
}

export function stringItems(value: string): Items {
  return [new Item(value, 'System.String')];
}

export function integerItems(value: number): Items {
  return [new Item(value, 'System.Integer')];
}

/** Whole numbers of arithmetic on integers stay integers; everything else is a decimal. */
export function decimalItems(value: number): Items {
  return Number.isFinite(value) ? [new Item(value, 'System.Decimal')] : none;
}

/** The name that a resource gives itself. */
export function resourceTypeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const name: unknown = (value as { resourceType?: unknown }).resourceType;
  return typeof name === 'string' ? name : undefined;
}

/** Whether a number counts as Integer: by its type where known, by its value otherwise. */
export function isInteger(item: Item): boolean {
  if (typeof item.value !== 'number' || !Number.isInteger(item.value)) return false;
  const type = item.type;
  return type !== 'decimal' && type !== 'System.Decimal';
}

const temporalTypes = new Set(['date', 'dateTime', 'instant', 'time', 'System.Date', 'System.DateTime', 'System.Time']);

/** Whether a string is a date, dateTime, instant or time by its type. */
export function isTemporal(item: Item): boolean {
  return typeof item.value === 'string' && temporalTypes.has(item.type);
}

/** Whether an item is a quantity: by its type, or by its look where the type is unknown. */
export function isQuantity(item: Item): boolean {
  const value = item.value;
  if (typeof value !== 'object' || value === null) return false;
  const type = item.type;
  if (type === 'System.Quantity' || type === 'Quantity') return true;
  if (type !== '') return isSubtype(type, 'Quantity');
  const look = value as { value?: unknown; unit?: unknown; code?: unknown };
  return typeof look.value === 'number' && (typeof look.unit === 'string' || typeof look.code === 'string');
}
