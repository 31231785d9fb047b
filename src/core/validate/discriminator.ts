import { judgeBinding } from './binding.ts';
import { walkNodes } from './discriminator-nodes.ts';
import { parseDiscriminatorPath, type Step } from './discriminator-path.ts';
import { type ExpectedValueMatch, matchExpected, type Prepared } from './discriminator-value.ts';
import type { DiscriminatorRule, ElementNode } from './element.ts';
import type { Item } from './items.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { typeInReference } from './reference.ts';
import { resolveReference } from './resolve.ts';
import type { Run, Scope } from './run.ts';
import { choiceKey } from './shape.ts';
import { shownToken } from './shown.ts';

/** Whether an occurrence belongs to a slice by one discriminator; when not, what was met and what was wanted. */
export type Match =
  | { readonly ok: true }
  /** What was met is put into words only when somebody wants to read it: most slices are not meant. */
  | { readonly ok: false; readonly expected: string; readonly actual: string | (() => string) };

/** A value reached by a discriminator's path together with what the slice says of that place. */
export interface Spot {
  readonly value: unknown;
  readonly type: string;
  readonly node: ElementNode;
  readonly path: Path;
  readonly scope: Scope;
}

/** @see https://hl7.org/fhir/R4/profiling.html#discriminator */
export function matchDiscriminator(
  run: Run,
  item: Item,
  slice: ElementNode,
  rule: DiscriminatorRule,
  scope: Scope,
): Match {
  const { steps, nodes, wanted } = prepare(run, slice, rule);
  const spots = walkSpots(
    run,
    [{ value: item.value, type: item.type.code, node: slice, path: item.path, scope }],
    steps,
  );
  if (rule.kind === 'exists') return matchExists(nodes, spots);
  if (rule.kind === 'type')
    return matchType(run, nodes, spots.length > 0 ? spots : namedSpots(run, item, slice, steps, scope));
  if (rule.kind === 'profile') return matchProfile(run, nodes, spots);
  return matchValue(run, wanted, nodes, spots);
}

/** What an occurrence must have to belong to a slice by one discriminator, in words; undefined when that is nothing. */
export function wantedBy(run: Run, slice: ElementNode, rule: DiscriminatorRule): string | undefined {
  const { nodes, wanted } = prepare(run, slice, rule);
  const types = nodes.flatMap((node) => node.types);
  if (rule.kind === 'exists')
    return `${nodes.length > 0 && nodes.every((node) => node.max === 0) ? 'no ' : ''}${rule.path}`;
  if (rule.kind === 'type') return `${rule.path} of type ${types.map((type) => type.code).join(' or ')}`;
  if (rule.kind === 'profile') {
    const profiles = types.flatMap((type) => type.profiles);
    return profiles.length === 0 ? undefined : `${rule.path} that conforms to ${profiles.join(' or ')}`;
  }
  return wanted.kind === 'none' ? undefined : `${rule.path} ${wanted.shown}`;
}

/** What a slice says at a discriminator's place, worked out once a slice: lists can be long. */
function prepare(run: Run, slice: ElementNode, rule: DiscriminatorRule): Prepared {
  let known = run.prepared.get(slice);
  if (known === undefined) {
    known = new Map();
    run.prepared.set(slice, known);
  }
  let made = known.get(rule);
  if (made === undefined) {
    const steps = parseDiscriminatorPath(rule.path) ?? [];
    const nodes = walkNodes(run, [slice], steps);
    const isValue = rule.kind === 'value' || rule.kind === 'pattern';
    made = { steps, nodes, wanted: isValue ? matchExpected(run, slice, steps, nodes) : { kind: 'none' } };
    known.set(rule, made);
  }
  return made;
}

function matchExists(nodes: readonly ElementNode[], spots: readonly Spot[]): Match {
  const must = nodes.some((node) => node.min > 0);
  const mustNot = nodes.length > 0 && nodes.every((node) => node.max === 0);
  const exists = spots.length > 0;
  if (must && !exists) return { ok: false, expected: 'a value', actual: 'none' };
  if (mustNot && exists) return { ok: false, expected: 'no value', actual: 'a value' };
  return { ok: true };
}

function matchType(run: Run, nodes: readonly ElementNode[], spots: readonly Spot[]): Match {
  const wanted = nodes.flatMap((node) => node.types.map((type) => type.code));
  const types = spots.map((spot) => typeOf(spot));
  if (types.some((type) => wanted.some((code) => run.registry.isKind(type, code)))) return { ok: true };
  return { ok: false, expected: wanted.join(' or ') || 'another type', actual: types.join(', ') || 'nothing' };
}

/** A reference that leads outside may still name the type that it leads to. */
function namedSpots(run: Run, item: Item, slice: ElementNode, steps: readonly Step[], scope: Scope): readonly Spot[] {
  if (steps.at(-1)?.kind !== 'resolve') return [];
  const start: Spot = { value: item.value, type: item.type.code, node: slice, path: item.path, scope };
  return walkSpots(run, [start], steps.slice(0, -1)).flatMap((spot) => {
    const reference = text(own(spot.value, 'reference'));
    const type =
      text(own(spot.value, 'type')) ?? (reference === undefined ? undefined : typeInReference(run, reference));
    return type === undefined ? [] : [{ ...spot, value: undefined, type }];
  });
}

function typeOf(spot: Spot): string {
  return text(own(spot.value, 'resourceType')) ?? spot.type;
}

function matchProfile(run: Run, nodes: readonly ElementNode[], spots: readonly Spot[]): Match {
  const wanted = nodes.flatMap((node) => node.types.flatMap((type) => type.profiles));
  if (wanted.length === 0)
    return nodes.some((node) => node.isChoice || node.types.length > 0)
      ? matchAnyType(run, nodes, spots)
      : { ok: true };
  for (const spot of spots) {
    for (const url of wanted) {
      const root = run.registry.profile(url);
      if (root === undefined) continue;
      if (!run.registry.isKind(typeOf(spot), root.name)) continue;
      if (run.conforms(spot.value, root, spot.path, spot.scope)) return { ok: true };
    }
  }
  return { ok: false, expected: `conformance to ${wanted.join(' or ')}`, actual: 'none' };
}

/** A slice without profile there is told apart by its types, if it has a value there at all. */
function matchAnyType(run: Run, nodes: readonly ElementNode[], spots: readonly Spot[]): Match {
  return spots.length === 0 ? { ok: true } : matchType(run, nodes, spots);
}

function matchValue(
  run: Run,
  wanted: ExpectedValueMatch,
  nodes: readonly ElementNode[],
  spots: readonly Spot[],
): Match {
  if (wanted.kind === 'none')
    return { ok: spots.length > 0 || nodes.every((node) => node.min === 0), expected: 'a value', actual: 'none' };
  for (const spot of spots) {
    if (wanted.kind === 'values' && wanted.test(spot.value)) return { ok: true };
    if (
      wanted.kind === 'binding' &&
      judgeBinding(run.registry.definitions, spot.value, spot.type, wanted.binding) === 'member'
    )
      return { ok: true };
  }
  const actual = () => spots.map(shownCode).join(', ') || 'nothing';
  return { ok: false, expected: wanted.shown, actual };
}

/** Codes and URLs may be shown, text and names never. */
function shownCode({ value, type }: Spot): string {
  if (isObject(value)) {
    const coding = list(own(value, 'coding'))[0] ?? value;
    const code = text(own(coding, 'code'));
    return code === undefined ? 'another value' : `${text(own(coding, 'system')) ?? ''}#${code}`.slice(0, 200);
  }
  if (typeof value === 'string' && /^[A-Za-z0-9:/._#|-]{1,200}$/.test(value) && /^(?:https?:|urn:)/.test(value))
    return value;
  if (typeof value === 'string' && (type === 'code' || type === 'id')) return shownToken(value);
  return typeof value === 'boolean' ? String(value) : 'another value';
}

function walkSpots(run: Run, start: readonly Spot[], steps: readonly Step[]): readonly Spot[] {
  let spots = start.filter((spot) => spot.value !== undefined && spot.value !== null);
  for (const step of steps) spots = spots.flatMap((spot) => nextSpots(run, spot, step));
  return spots;
}

function nextSpots(run: Run, spot: Spot, step: Step): readonly Spot[] {
  if (step.kind === 'type') return typeOf(spot) === step.name ? [spot] : [];
  if (step.kind === 'resolve') return resolvedSpots(run, spot);
  if (step.kind === 'extension') {
    const extensions = list(own(spot.value, 'extension')).filter((item) => own(item, 'url') === step.name);
    return extensions.map((value) => ({ ...spot, value, type: 'Extension' }));
  }
  const node = spotChild(run, spot, step.name);
  if (node === undefined || !isObject(spot.value)) return [];
  const object: JsonObject = spot.value;
  const spotsAt = (key: string, type: string) =>
    list(own(object, key)).map((value) => ({ value, type, node, path: at(spot.path, key), scope: spot.scope }));
  if (!node.isChoice) return spotsAt(node.name, node.types[0]?.code ?? 'Element');
  return node.baseTypes.flatMap((type) => spotsAt(choiceKey(node, type), type.code));
}

/** Structure of the value itself, which may be of a type that the slice does not speak of. */
function spotChild(run: Run, spot: Spot, name: string): ElementNode | undefined {
  const isGeneral = spot.node.types.length !== 1 || spot.node.types[0]?.code !== spot.type;
  const type = isGeneral && spot.node.children === undefined ? run.registry.type(typeOf(spot)) : undefined;
  return run.registry.children(type ?? spot.node).get(name) ?? run.registry.type(typeOf(spot))?.children?.get(name);
}

function resolvedSpots(run: Run, spot: Spot): readonly Spot[] {
  const reference = text(own(spot.value, 'reference')) ?? text(spot.value);
  if (reference === undefined) return [];
  const { target, container, bundle } = resolveReference(run, reference, spot.scope);
  if (target === undefined) return [];
  const type = text(own(target, 'resourceType')) ?? 'Resource';
  const node = run.registry.type(type) ?? spot.node;
  const scope: Scope = {
    resource: target,
    container: container ?? target,
    path: spot.path,
    bundle,
    isContained: false,
  };
  return [{ value: target, type, node, path: spot.path, scope }];
}
