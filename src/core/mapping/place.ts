import { Fault, kindOf } from './fault.ts';
import type { StepPlan } from './plan.ts';
import type { Run } from './run.ts';
import type { TargetListMode } from './syntax.ts';
import { jsonKind } from './type-check.ts';

/** A place for a primitive: written when a value comes, so that nothing empty is left behind. */
export interface Cell {
  readonly owner: Record<string, unknown>;
  readonly step: StepPlan;
  readonly path: string;
  readonly mode: TargetListMode | undefined;
  /** Where it was written; undefined before. */
  at: string | undefined;
  value: unknown;
}

/** The key for a value of some type. @throws Fault `mapping-choice-unsettled` */
export function keyFor(step: StepPlan, value: unknown, type: string | undefined): string {
  if (step.kind !== 'choice') return step.key;
  const exact = step.choices.find((choice) => choice.type.name === type);
  if (exact !== undefined) return exact.key;
  const kind = typeof value === 'object' ? undefined : typeof value;
  const alike = step.choices.filter((choice) => choice.type.kind === 'primitive' && jsonKind(choice.type) === kind);
  const usual = kind === 'number' ? (Number.isInteger(value) ? ['integer', 'decimal'] : ['decimal']) : ['string'];
  const found =
    alike.length === 1
      ? alike[0]
      : usual.map((name) => alike.find((choice) => choice.type.name === name)).find((choice) => choice !== undefined);
  if (found === undefined)
    throw new Fault(
      'mapping-choice-unsettled',
      `"${step.name}" can hold several types, and ${kindOf(value)} of type ${type ?? 'unknown'} is none of them.`,
    );
  return found.key;
}

/** A primitive as JSON writes its type: the text "5" for an integer is the number 5. @throws Fault */
export function settle(step: StepPlan, value: unknown, type: string | undefined): unknown {
  if (step.types.length === 0) return value;
  const target = step.types.length === 1 ? step.types[0] : step.types.find((candidate) => candidate.name === type);
  if (target === undefined) return value;
  if (typeof value === 'object') {
    if (target.kind === 'primitive')
      throw new Fault('mapping-wrong-type', `"${step.name}" takes ${target.name}, but gets ${kindOf(value)}.`);
    return value;
  }
  if (target.kind !== 'primitive') {
    if (target.name === 'Reference' && typeof value === 'string') return { reference: value };
    if (target.open) return value;
    throw new Fault('mapping-wrong-type', `"${step.name}" takes ${target.name}, but gets ${kindOf(value)}.`);
  }
  const wanted = jsonKind(target);
  if (typeof value === wanted) return value;
  if (wanted === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new Fault('mapping-wrong-type', `"${step.name}" takes ${target.name}, but gets ${kindOf(value)}: use cast().`);
}

/**
 * Put a value into an element.
 * @returns The key, with the index where the element repeats.
 * @throws Fault `mapping-second-value` where one value stands already and another comes: nothing is overwritten in
 *   silence.
 */
export function put(
  run: Run,
  owner: Record<string, unknown>,
  step: StepPlan,
  value: unknown,
  type: string | undefined,
  mode?: TargetListMode,
): string {
  const settled = settle(step, value, type);
  const key = keyFor(step, settled, type);
  if (step.typed && typeof settled === 'object' && settled !== null && type !== undefined)
    (settled as Record<string, unknown>)['xsi:type'] = type;
  const before = owner[key];
  // Without a model nobody knows whether the element repeats: a second value makes it a list, so that none is lost.
  if (step.list === undefined && before !== undefined && !Array.isArray(before)) owner[key] = [before];
  if (step.list ?? Array.isArray(owner[key])) return `${key}[${insert(run, listAt(owner, key), settled, mode)}]`;
  if (before === undefined || mode === 'last' || mode === 'single') owner[key] = settled;
  else if (mode !== 'first' && before !== settled && !sameJson(before, settled))
    throw new Fault(
      'mapping-second-value',
      `"${step.name}" has a value already and gets a second, different one: use first or last, or a condition.`,
    );
  return key;
}

export function listAt(owner: Record<string, unknown>, key: string): unknown[] {
  const found = owner[key];
  if (Array.isArray(found)) return found;
  const list: unknown[] = [];
  owner[key] = list;
  return list;
}

/** R4 https://hl7.org/fhir/R4/valueset-map-target-list-mode.html: first goes before all, last after all. */
export function insert(run: Run, list: unknown[], value: unknown, mode: TargetListMode | undefined): number {
  const kept = run.last?.get(list) ?? 0;
  if (mode === 'last') {
    run.last ??= new Map();
    run.last.set(list, kept + 1);
    return list.push(value) - 1;
  }
  if (mode === 'first') {
    list.unshift(value);
    return 0;
  }
  const at = list.length - kept;
  list.splice(at, 0, value);
  return at;
}

function sameJson(a: unknown, b: unknown): boolean {
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}

/** Writes a cell; a second value must be the same. */
export function setCell(run: Run, cell: Cell, value: unknown, type: string | undefined): string {
  if (cell.at !== undefined) {
    const settled = settle(cell.step, value, type);
    if (settled !== cell.value)
      throw new Fault(
        'mapping-second-value',
        `"${cell.step.name}" has a value already and gets a second, different one.`,
      );
    return cell.at;
  }
  cell.value = settle(cell.step, value, type);
  cell.at = put(run, cell.owner, cell.step, value, type, cell.mode);
  return cell.at;
}
