import type { ElementNode } from '../../../src/core/validate/element.ts';
import { matchesPattern } from '../../../src/core/validate/fixed.ts';
import { isObject, list } from '../../../src/core/validate/json.ts';
import { primitives } from '../../../src/core/validate/primitive.ts';
import { choiceKey, createShapes, type KeyRule } from '../../../src/core/validate/shape.ts';
import type { Generator } from './generate.ts';
import { createRandom } from './random.ts';

/** A resource with exactly one thing broken, and where the fault must be found. */
export interface Mutant {
  readonly kind: string;
  /** FHIRPath that an issue must have, or begin with where the fault may be told of a part. */
  readonly expression: string;
  readonly resource: unknown;
}

type Keys = readonly (string | number)[];

interface Spot {
  readonly value: Record<string, unknown>;
  readonly node: ElementNode;
  readonly expression: string;
  readonly keys: Keys;
  /** The slice that this is (part of): by breaking what it is known by, it becomes an item of no slice. */
  readonly slice?: { readonly min: number; readonly owner: string };
}

const badText: Readonly<Record<string, string>> = {
  code: 'two  spaces',
  id: 'not_an_id!',
  uri: 'has space',
  url: 'has space',
  canonical: 'has space',
  date: '2026-13-01',
  dateTime: '2026-02-30',
  instant: '2026-02-28',
  time: '25:00:00',
  base64Binary: '###',
  oid: 'urn:oid:9',
  uuid: 'urn:uuid:1',
  string: ' ',
  markdown: ' ',
};
const badNumber: Readonly<Record<string, number>> = { positiveInt: 0, unsignedInt: -1, integer: 1.5 };

/** Break each element of a valid resource once in each way that its definition forbids. */
export function* mutantsOf(
  generator: Generator,
  profile: string,
  resource: Record<string, unknown>,
): Generator_<Mutant> {
  const { registry } = generator;
  const shapes = createShapes(registry);
  const root = registry.profile(profile);
  if (root === undefined) throw new Error(`No definition of ${profile}.`);
  const rest: Spot[] = [{ value: resource, node: root, expression: root.name, keys: [] }];
  const change = (
    kind: string,
    expression: string,
    keys: Keys,
    edit: (parent: Record<string, unknown>) => void,
  ): Mutant => {
    const copy = structuredClone(resource);
    let target: unknown = copy;
    for (const key of keys) target = (target as Record<string | number, unknown>)[key];
    edit(target as Record<string, unknown>);
    return { kind, expression, resource: copy };
  };
  for (let spot = rest.pop(); spot !== undefined; spot = rest.pop()) {
    const { value, node, expression, keys } = spot;
    const shape = shapes.of(node);
    yield change('unknown', `${expression}.zzz`, keys, set('zzz', 1));
    yield* modifiers(shape.keys, spot, change);
    for (const child of shape.children) if (child.max === 0) yield* forbidden(generator, child, spot, change);
    for (const [key, rule] of shape.keys) {
      if (!Object.hasOwn(value, key)) continue;
      yield* breakElement(generator, key, rule, spot, change);
      for (const [index, item] of list(value[key]).entries()) {
        const inner = nodeFor(generator, rule.child, item);
        if (!isObject(item) || rule.type.code === 'Reference' || rule.type.code === 'Resource' || inner === undefined)
          continue;
        const content = inner.isChoice && inner.children === undefined ? registry.type(rule.type.code) : inner;
        const place = elementExpression(expression, rule, Array.isArray(value[key]) ? index : undefined);
        const slice = inner === rule.child ? spot.slice : { min: inner.min, owner: expression };
        const steps = Array.isArray(value[key]) ? [...keys, key, index] : [...keys, key];
        if (content !== undefined && index < 2)
          rest.push({ value: item, node: content, expression: place, keys: steps, slice });
      }
    }
  }
}

type Change = (kind: string, expression: string, keys: Keys, edit: (parent: Record<string, unknown>) => void) => Mutant;
type Generator_<T> = globalThis.Generator<T>;

function elementExpression(parent: string, rule: KeyRule, index: number | undefined): string {
  const name = index === undefined ? rule.child.name : `${rule.child.name}[${index}]`;
  return `${parent}.${rule.child.isChoice ? `${rule.child.name}.ofType(${rule.type.code})` : name}`;
}

function* breakElement(
  generator: Generator,
  key: string,
  rule: KeyRule,
  spot: Spot,
  change: Change,
): Generator_<Mutant> {
  const { child } = rule;
  const { value, expression, keys } = spot;
  const here = value[key];
  const items = list(here);
  const isList = Array.isArray(here);
  const at = elementExpression(expression, rule, isList ? 0 : undefined);
  const put = (item: unknown) => set(key, isList ? [item, ...items.slice(1)] : item);
  const isKnownBy = spot.slice !== undefined && hasExpected(child, 0);
  const missed = isKnownBy ? spot.slice?.owner : undefined;
  if (child.min > 0 && !(isKnownBy && spot.slice?.min === 0))
    yield change('min', missed ?? expression, keys, (parent) => void delete parent[key]);
  if (isList && Number.isFinite(child.max))
    yield change('max', expression, keys, set(key, Array(child.max + 1).fill(items[0])));
  if (!isList) yield change('array', at, keys, set(key, [here, here]));
  if (isList) yield change('empty array', elementExpression(expression, rule, undefined), keys, set(key, []));
  yield change('json type', at, keys, put(rule.isPrimitive ? {} : 'text'));
  yield change('null', at, keys, put(null));
  yield* breakPrimitive(rule, items[0], at, keys, put, change);
  yield* breakCode(generator, rule, at, keys, put, change);
  const isOptional = isKnownBy && spot.slice?.min === 0;
  for (const expected of isOptional ? [] : child.expected)
    yield change('expected', missed ?? at, keys, put(otherThan(expected.value)));
  yield* breakReference(rule, at, keys, put, change);
  if (child.isChoice) yield* breakChoice(generator, key, rule, spot, change);
  yield* breakSlices(generator, key, rule, spot, change);
}

/** An edit that gives a property another value. */
function set(key: string, value: unknown): (parent: Record<string, unknown>) => void {
  return (parent) => {
    parent[key] = value;
  };
}

type Put = (item: unknown) => (parent: Record<string, unknown>) => void;

function* breakPrimitive(
  { child, type }: KeyRule,
  value: unknown,
  at: string,
  keys: Keys,
  put: Put,
  change: Change,
): Generator_<Mutant> {
  if (primitives[type.code] === undefined || value === undefined) return;
  const bad = badText[type.code] ?? badNumber[type.code];
  if (bad !== undefined) yield change('format', at, keys, put(bad));
  if (typeof child.maxValue === 'number') yield change('max value', at, keys, put(child.maxValue + 1));
  if (typeof child.minValue === 'number') yield change('min value', at, keys, put(child.minValue - 1));
  if (child.maxLength !== undefined) yield change('length', at, keys, put('x'.repeat(child.maxLength + 1)));
}

function* breakCode(
  generator: Generator,
  { child, type }: KeyRule,
  at: string,
  keys: Keys,
  put: Put,
  change: Change,
): Generator_<Mutant> {
  for (const binding of child.bindings) {
    const { definitions } = generator.registry;
    const set = definitions.codes(binding.valueSet) ?? definitions.codes(binding.valueSet.split('|')[0] ?? '');
    if (binding.strength === 'extensible' || set === undefined || set.incomplete) continue;
    const coding = { system: 'https://example.com/none', code: 'none-of-them' };
    if (type.code === 'code' && set.openSystems.size === 0) yield change('binding', at, keys, put('none-of-them'));
    if (type.code === 'Coding') yield change('binding', at, keys, put(coding));
    if (type.code === 'CodeableConcept') yield change('binding', at, keys, put({ coding: [coding] }));
  }
}

function* breakReference({ type }: KeyRule, at: string, keys: Keys, put: Put, change: Change): Generator_<Mutant> {
  if (type.code !== 'Reference' || type.targetProfiles.length === 0) return;
  if (!type.targetProfiles.some((url) => url.endsWith('/Resource')))
    yield change('reference type', at, keys, put({ reference: 'Slot/1' }));
  yield change('dangling reference', at, keys, put({ reference: '#nowhere' }));
}

function* breakChoice(
  generator: Generator,
  key: string,
  { child }: KeyRule,
  { expression, keys, value }: Spot,
  change: Change,
): Generator_<Mutant> {
  const random = createRandom(1);
  const other = child.baseTypes.find((type) => !child.types.some((allowed) => allowed.code === type.code));
  if (other !== undefined) {
    const made = generator.value(other.code, random);
    yield change('choice type', `${expression}.${child.name}.ofType(${other.code})`, keys, (parent) => {
      delete parent[key];
      parent[choiceKey(child, other)] = made;
    });
  }
  const second = child.types.find(
    (type) => choiceKey(child, type) !== key && value[choiceKey(child, type)] === undefined,
  );
  if (second !== undefined)
    yield change('two choices', expression, keys, set(choiceKey(child, second), generator.value(second.code, random)));
}

function* breakSlices(
  generator: Generator,
  key: string,
  { child }: KeyRule,
  { value, expression, keys }: Spot,
  change: Change,
): Generator_<Mutant> {
  const items = value[key];
  if (child.slicing === undefined || !Array.isArray(items)) return;
  for (const slice of child.slices) {
    const own = items.filter((item) => looksLike(generator, slice, item, 0));
    if (own.length === 0) continue;
    if (slice.min > 0)
      yield change(
        'slice min',
        expression,
        keys,
        set(
          key,
          items.filter((item) => !own.includes(item)),
        ),
      );
    if (Number.isFinite(slice.max))
      yield change('slice max', expression, keys, set(key, [...items, ...Array(slice.max).fill(own[0])]));
  }
}

function* modifiers(
  keys: ReadonlyMap<string, KeyRule>,
  { expression, keys: place, value }: Spot,
  change: Change,
): Generator_<Mutant> {
  if (!keys.has('modifierExtension') || value.modifierExtension !== undefined) return;
  const extension = { url: 'https://example.com/StructureDefinition/unknown', valueBoolean: true };
  yield change(
    'modifier extension',
    `${expression}.modifierExtension[0]`,
    place,
    set('modifierExtension', [extension]),
  );
}

function* forbidden(
  generator: Generator,
  child: ElementNode,
  { expression, keys }: Spot,
  change: Change,
): Generator_<Mutant> {
  const [type] = child.baseTypes;
  if (
    type === undefined ||
    type.code === 'Extension' ||
    child.contentReference !== undefined ||
    type.code === 'BackboneElement'
  )
    return;
  const made = generator.value(type.code, createRandom(2));
  const key = child.isChoice ? choiceKey(child, type) : child.name;
  yield change('forbidden', expression, keys, set(key, child.isArray ? [made] : made));
}

/** The slice an item plainly belongs to, by the fixed values inside; the element itself otherwise. */
function nodeFor(generator: Generator, child: ElementNode, item: unknown): ElementNode | undefined {
  if (child.slicing === undefined) return child;
  return child.slices.find((slice) => looksLike(generator, slice, item, 0)) ?? child;
}

function looksLike(generator: Generator, node: ElementNode, item: unknown, depth: number): boolean {
  if (node.expected.some((expected) => !matchesPattern(item, expected.value))) return false;
  const [profile] = node.types[0]?.profiles ?? [];
  const root = node.children === undefined && profile !== undefined ? generator.registry.profile(profile) : undefined;
  const children = root?.children ?? node.children;
  let evidence = node.expected.length;
  for (const [name, inner] of children ?? []) {
    const value = isObject(item) ? item[name] : undefined;
    if (inner.isChoice || (value === undefined && inner.min === 0) || name === 'extension') continue;
    const first = list(value);
    const fits = first.some((one) => looksLike(generator, inner, one, depth + 1));
    if (hasExpected(inner, 0)) {
      if (!fits) return false;
      evidence += 1;
    }
  }
  return evidence > 0 || depth > 0;
}

function hasExpected(node: ElementNode, depth: number): boolean {
  if (node.expected.length > 0) return true;
  return depth < 3 && [...(node.children?.values() ?? [])].some((child) => hasExpected(child, depth + 1));
}

function otherThan(expected: unknown): unknown {
  if (typeof expected === 'string') return expected.includes(':') ? 'https://example.com/other' : 'other';
  if (typeof expected === 'number') return expected + 1;
  if (typeof expected === 'boolean') return !expected;
  if (Array.isArray(expected)) return expected.map(otherThan);
  return isObject(expected)
    ? Object.fromEntries(Object.entries(expected).map(([key, part]) => [key, otherThan(part)]))
    : expected;
}
