import { checkCardinality } from './cardinality.ts';
import { type Match, matchDiscriminator, wantedBy } from './discriminator.ts';
import type { ElementNode, SlicingRule } from './element.ts';
import type { Item } from './items.ts';
import type { Path } from './path.ts';
import type { Run, Scope } from './run.ts';

/**
 * Sort the occurrences of an element into its slices, and check what the slicing as a whole demands.
 *
 * @returns Each occurrence with the nodes it is held to: its slices, or the element itself where no slice took it.
 * @see https://hl7.org/fhir/R4/profiling.html#slicing
 */
export function assignSlices(
  run: Run,
  node: ElementNode,
  items: readonly Item[],
  parent: Path,
  scope: Scope,
): readonly (readonly [Item, readonly ElementNode[]])[] {
  const { slicing } = node;
  if (slicing === undefined) return items.map((item) => [item, [node]]);
  if (slicing.discriminators.length === 0) {
    const message = `The slices of ${node.name} have no discriminator to tell them by, so they were not checked.`;
    run.issues.add(parent, {
      severity: 'information',
      code: 'slicing-not-checkable',
      type: 'informational',
      message,
      node,
    });
    return items.map((item) => [item, [node]]);
  }
  const counts = new Map<ElementNode, number>();
  const near = new Map<ElementNode, () => string>();
  const rest = node.slices.find(isDefaultSlice);
  const assigned = items.map((item) => {
    const found = node.slices.filter((slice) => {
      if (slice === rest) return false;
      const failure = failureOf(run, item, slice, slicing, scope);
      if (failure !== undefined) near.set(slice, failure);
      return failure === undefined;
    });
    const matches = found.length === 0 && rest !== undefined ? [rest] : found;
    for (const slice of matches) counts.set(slice, (counts.get(slice) ?? 0) + 1);
    return { item, matches };
  });
  checkClosed(run, node, assigned, near);
  checkOrder(run, node, assigned);
  for (const slice of node.slices) {
    const why = near.get(slice);
    const count = counts.get(slice) ?? 0;
    checkCardinality(run, slice, count, parent, count < slice.min ? adviceFor(run, slice, slicing, why?.()) : '');
  }
  const unsliced = assigned.filter(({ matches }) => matches.length === 0).map(({ item }) => [item, [node]] as const);
  const sliced = node.slices.flatMap((slice) => {
    const own = assigned.filter(({ matches }) => matches.includes(slice)).map(({ item }) => item);
    if (own.length === 0) return [];
    // Slices of a slice are cut again, and count within it.
    return slice.slices.length > 0
      ? assignSlices(run, slice, own, parent, scope)
      : own.map((item) => [item, [slice]] as const);
  });
  return [...unsliced, ...sliced];
}

/** The slice of everything that is in no other: https://hl7.org/fhir/R4/profiling.html#slicing ("@default") */
export function isDefaultSlice(slice: ElementNode): boolean {
  return slice.sliceName === '@default';
}

/** How to make what a slice lacks, and why what is there is not it. */
function adviceFor(run: Run, slice: ElementNode, slicing: SlicingRule, why: string | undefined): string {
  const wanted = slicing.discriminators.flatMap((rule) => wantedBy(run, slice, rule) ?? []);
  const marks = wanted.length === 0 ? '' : ` It is told by ${wanted.join(' and ')}.`;
  return `${marks}${why === undefined ? '' : ` What is there does not match: ${why}.`}`;
}

interface Assigned {
  readonly item: Item;
  readonly matches: readonly ElementNode[];
}

/** The discriminator by which an occurrence is not of the slice, in words; undefined when it belongs. */
function failureOf(
  run: Run,
  item: Item,
  slice: ElementNode,
  slicing: SlicingRule,
  scope: Scope,
): (() => string) | undefined {
  for (const rule of slicing.discriminators) {
    const match: Match = matchDiscriminator(run, item, slice, rule, scope);
    if (match.ok) continue;
    const { expected, actual } = match;
    return () =>
      `discriminator ${rule.kind} ${rule.path} should be ${expected} and is ${typeof actual === 'string' ? actual : actual()}`;
  }
  return undefined;
}

function checkClosed(
  run: Run,
  node: ElementNode,
  assigned: readonly Assigned[],
  near: ReadonlyMap<ElementNode, () => string>,
): void {
  if (node.slicing?.rules !== 'closed' || assigned.every(({ matches }) => matches.length > 0)) return;
  const tried = node.slices
    .slice(0, 5)
    .map((slice) => `${slice.sliceName ?? ''}: ${near.get(slice)?.() ?? ''}`)
    .join('; ');
  for (const { item, matches } of assigned)
    if (matches.length === 0) run.issues.add(item.path, closedFinding(node, tried));
}

function closedFinding(node: ElementNode, tried: string) {
  return {
    code: 'slice-closed',
    type: 'structure' as const,
    message: `This ${node.name} matches no slice, and no others are allowed; change or remove it.${tried === '' ? '' : ` Tried ${tried}.`}`,
    node,
  };
}

function checkOrder(run: Run, node: ElementNode, assigned: readonly Assigned[]): void {
  const { slicing } = node;
  if (slicing === undefined) return;
  let last = -1;
  let open: Item | undefined;
  for (const { item, matches } of assigned) {
    const [first] = matches;
    if (first === undefined) {
      open ??= item;
      continue;
    }
    if (slicing.rules === 'openAtEnd' && open !== undefined) {
      run.issues.add(open.path, {
        code: 'slice-order',
        type: 'structure',
        message: `A ${node.name} that matches no slice stands before one that does; put it at the end.`,
        node,
      });
      open = undefined;
    }
    const place = node.slices.indexOf(first);
    if (slicing.ordered && place < last) {
      run.issues.add(item.path, {
        code: 'slice-order',
        type: 'structure',
        message: `Slice '${first.sliceName ?? ''}' of ${node.name} comes too late; the order is ${node.slices.map((slice) => slice.sliceName).join(', ')}.`,
        node: first,
      });
    }
    last = Math.max(last, place);
  }
}
