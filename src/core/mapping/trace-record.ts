import type { MappingPlace, TraceEntry } from './mapping.ts';
import type { ReadStep } from './plan.ts';
import { finishedTrace } from './trace.ts';

/** What all leaves of a value have in common. */
interface Origin {
  readonly sources: readonly string[];
  readonly place: MappingPlace;
  readonly transform: string;
  readonly row: string | undefined;
}

/**
 * Which keys of one object or list were read, a bit each in words of 32, and which paths were followed from it. For a
 * list the bits are its indexes.
 */
type MarkRecord = number[];

/** One element on the way of an expression, with the bit of its key. */
export interface FollowStep extends ReadStep {
  readonly word: number;
  readonly mask: number;
  /** All objects have something by this name, so only an own one counts. */
  readonly inherited: boolean;
  /** Keys that it may stand under with its type. */
  readonly choices: ReadonlySet<string>;
}

/** The keys that a map's code knows, by the number of their bit; and how many words a record needs. */
export interface MarkNumbers {
  readonly keys: ReadonlyMap<string, number>;
  readonly words: number;
}

/**
 * What a traced run of compiled code writes down: the entries of its trace as they are told to callers, and which
 * places of the inputs were read. It says the same as `TraceLog` of the interpreter (which is the reference), but knows
 * most keys by number: to mark one is to set a bit, and a path that was followed once from an object is not followed
 * again.
 */
export class TraceRecord {
  readonly entries: TraceEntry[] = [];
  readonly attached: [string, string][] = [];
  private readonly numbers: MarkNumbers;
  private readonly records = new Map<object, MarkRecord>();
  private readonly blank: MarkRecord;
  /** Keys and indexes without a number of their own. */
  private more: Map<object, Set<string | number>> | undefined;

  constructor(numbers: MarkNumbers) {
    this.numbers = numbers;
    this.blank = new Array<number>(numbers.words).fill(0);
  }

  /** The record of an object or list. */
  of(owner: object): MarkRecord {
    const known = this.records.get(owner);
    if (known !== undefined) return known;
    const made = this.blank.slice();
    this.records.set(owner, made);
    return made;
  }

  /** Marks a key or an index that only the run knows. */
  at(owner: object, key: string | number): void {
    const number = typeof key === 'string' ? this.numbers.keys.get(key) : key;
    if (number !== undefined && number >> 5 < this.numbers.words) {
      const record = this.of(owner);
      record[number >> 5] = (record[number >> 5] ?? 0) | (1 << (number & 31));
    } else {
      this.more ??= new Map();
      const known = this.more.get(owner);
      if (known === undefined) this.more.set(owner, new Set([key]));
      else known.add(key);
    }
  }

  /** Marks a value with all that is in it; of a list every item. */
  whole(owner: object | undefined, key: string | number, value: unknown): void {
    if (owner !== undefined) this.arrive(owner, key, value, [], 0);
  }

  /** Marks what a path leads to from a value that may be anything. */
  reads(owner: object | undefined, key: string | number, value: unknown, steps: readonly FollowStep[]): void {
    if (owner !== undefined) this.arrive(owner, key, value, steps, 0);
  }

  /** Marks what a path leads to from an object, once: the bit says that it was done. */
  follow(record: MarkRecord, word: number, mask: number, object: object, steps: readonly FollowStep[]): void {
    record[word] = (record[word] ?? 0) | mask;
    this.step(object, record, steps, 0);
  }

  private step(object: object, record: MarkRecord, steps: readonly FollowStep[], depth: number): void {
    const step = steps[depth];
    if (step === undefined) return;
    const { name, word, mask } = step;
    const value = (object as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || (step.inherited && !Object.hasOwn(object, name))) {
      if (step.isChoice && !Object.hasOwn(object, name)) this.choice(object, steps, depth);
      return;
    }
    if (value === null) return;
    if (typeof value !== 'object' || (depth + 1 === steps.length && !Array.isArray(value)))
      record[word] = (record[word] ?? 0) | mask;
    else if (Array.isArray(value)) this.items(value, steps, depth + 1);
    else this.step(value, this.of(value), steps, depth + 1);
  }

  private choice(object: object, steps: readonly FollowStep[], depth: number): void {
    const choices = steps[depth]?.choices;
    for (const key in object)
      if (choices?.has(key))
        this.arrive(object, key, (object as Readonly<Record<string, unknown>>)[key], steps, depth + 1);
  }

  private items(list: readonly unknown[], steps: readonly FollowStep[], depth: number): void {
    for (let i = 0; i < list.length; i++) this.arrive(list, i, list[i], steps, depth);
  }

  private arrive(
    owner: object,
    key: string | number,
    value: unknown,
    steps: readonly FollowStep[],
    depth: number,
  ): void {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) this.items(value, steps, depth);
    else if (depth === steps.length || typeof value !== 'object') this.at(owner, key);
    else this.step(value, this.of(value), steps, depth);
  }

  /** An entry for a value that is no object. */
  leaf(target: string, sources: readonly string[], place: MappingPlace, transform: string): void {
    this.entries.push({ target, sources, place, transform });
  }

  /** Entries for a value of any kind. */
  value(
    target: string,
    value: unknown,
    sources: readonly string[],
    place: MappingPlace,
    transform: string,
    row?: string,
  ): void {
    if (typeof value === 'object' && value !== null) this.leaves(target, '', value, { sources, place, transform, row });
    else if (row === undefined) this.entries.push({ target, sources, place, transform });
    else this.entries.push({ target, sources, place, transform, conceptMapRow: row });
  }

  /** One entry for each leaf of an object: of a copied one it came from the same place in its source. */
  private leaves(target: string, path: string, value: unknown, from: Origin): void {
    if (Array.isArray(value))
      for (let i = 0; i < value.length; i++) this.leaves(target, `${path}[${i}]`, value[i], from);
    else if (typeof value === 'object' && value !== null)
      for (const key in value)
        this.leaves(target, `${path}.${key}`, (value as Readonly<Record<string, unknown>>)[key], from);
    else if (value !== undefined && value !== null) {
      const { sources, place, transform, row } = from;
      const [only] = sources;
      const isCopy = transform === 'copy' && sources.length === 1 && only !== undefined;
      this.value(target + path, value, isCopy ? [only + path] : sources, place, transform, row);
    }
  }

  /** Something that was made on its own was put into its place, or a value was set that is no object. */
  link(
    from: string,
    target: string,
    value: unknown,
    sources: readonly string[],
    place: MappingPlace,
    transform: string,
  ): void {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) this.attached.push([from, target]);
    else this.value(target, value, sources, place, transform);
  }

  finished(): readonly TraceEntry[] {
    return finishedTrace(this);
  }

  /** Leaves of the inputs that no rule read, in the order in which they stand there. */
  dropped(inputs: Readonly<Record<string, unknown>>): readonly string[] {
    const found: string[] = [];
    this.dropIn(inputs, '', found);
    return found;
  }

  private dropIn(owner: Readonly<Record<string, unknown>>, path: string, found: string[]): void {
    const record = this.records.get(owner);
    const more = this.more?.get(owner);
    const { keys } = this.numbers;
    for (const key in owner) {
      const value = owner[key];
      if (value === undefined || value === null) continue;
      const number = record === undefined ? undefined : keys.get(key);
      const isRead = record !== undefined && number !== undefined && isSet(record, number);
      if (isRead || more?.has(key)) continue;
      const at = path === '' ? key : `${path}.${key}`;
      if (typeof value === 'object') this.dropInto(value, at, found);
      else if (key !== 'resourceType') found.push(at);
    }
  }

  private dropInto(value: object, path: string, found: string[]): void {
    if (!Array.isArray(value)) {
      this.dropIn(value as Readonly<Record<string, unknown>>, path, found);
      return;
    }
    const record = this.records.get(value);
    const more = this.more?.get(value);
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const isRead = item === undefined || item === null || (record !== undefined && isSet(record, i)) || more?.has(i);
      if (isRead === true) continue;
      if (typeof item === 'object') this.dropInto(item, `${path}[${i}]`, found);
      else found.push(`${path}[${i}]`);
    }
  }
}

function isSet(record: MarkRecord, number: number): boolean {
  return ((record[number >> 5] ?? 0) & (1 << (number & 31))) !== 0;
}
