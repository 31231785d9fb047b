import { Fault, kindOf } from './fault.ts';
import type { Result } from './interpret-value.ts';
import type { TypeModel } from './models.ts';
import { type Cell, keyFor, put, setCell } from './place.ts';
import type { PlacePlan, RulePlan, StepPlan, TargetPlan } from './plan.ts';
import type { Bound, Session } from './session.ts';
import { logValue } from './trace.ts';
import { isEmpty, isObject } from './values.ts';

/** Takes back what stayed empty. */
export type Prune = () => void;

/** Where a value goes in: the object, its path, and the last step. */
interface Spot {
  readonly owner: Record<string, unknown>;
  readonly path: string;
  readonly step: StepPlan;
}

export function sourcesOf(session: Session, rule: RulePlan): readonly string[] {
  return rule.sources.map((source) => session.frame[source.variable.slot]?.path ?? '').filter((path) => path !== '');
}

function newObject(type: TypeModel | undefined): Record<string, unknown> {
  return type?.kind === 'resource' && !type.open ? { resourceType: type.name } : {};
}

/** Something made that has no place yet: `create('Patient') as p`. */
export function detached(session: Session, type: TypeModel | undefined, named: string | undefined): Bound {
  session.run.made++;
  return { value: newObject(type), type: type?.name ?? named, path: `#${session.run.made}` };
}

/** Goes down to the object that the last step belongs to, making what is missing on the way. */
function spotOf(session: Session, place: PlacePlan, made: Prune[]): Spot | undefined {
  const into = session.frame[place.into.slot];
  if (into === undefined || place.last === undefined) return undefined;
  let owner = objectAt(into.value, place.into.name);
  let { path } = into;
  for (const step of place.path) {
    const next = owner[step.key];
    if (isObject(next)) {
      owner = next as Record<string, unknown>;
      path += `.${step.key}`;
      continue;
    }
    const [type] = step.types;
    const value = newObject(type);
    const at = put(session.run, owner, step, value, type?.name);
    made.push(pruner(session, owner, step.key, value));
    path += `.${at}`;
    owner = value;
  }
  return { owner, path, step: place.last };
}

function objectAt(value: unknown, name: string): Record<string, unknown> {
  if (!isObject(value))
    throw new Fault('mapping-wrong-type', `"${name}" is ${kindOf(value)} and has no elements to set.`);
  return value as Record<string, unknown>;
}

function pruner(session: Session, owner: Record<string, unknown>, key: string, value: object): Prune {
  return () => {
    if (!isEmpty(value)) return;
    const current = owner[key];
    if (current === value) delete owner[key];
    if (!Array.isArray(current)) return;
    const at = current.indexOf(value);
    if (at >= 0) current.splice(at, 1);
    if (current.length === 0) delete owner[key];
    session.run.shared?.delete(owner);
  };
}

export function createAt(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  place: PlacePlan,
  type: TypeModel | undefined,
  made: Prune[],
): Bound | undefined {
  const spot = spotOf(session, place, made);
  if (spot === undefined) return session.frame[place.into.slot];
  const { owner } = spot;
  const shared = target.shareId === undefined ? undefined : sharedAt(session, owner, target.shareId);
  if (shared !== undefined) return shared;
  const bound =
    type?.kind === 'primitive' ? cellAt(spot, type, target) : objectIn(session, rule, spot, type, target, made);
  if (target.shareId !== undefined) sharedBy(session, owner).set(target.shareId, bound);
  return bound;
}

function sharedBy(session: Session, owner: object): Map<string, unknown> {
  session.run.shared ??= new Map();
  const found = session.run.shared.get(owner) ?? new Map<string, unknown>();
  session.run.shared.set(owner, found);
  return found;
}

function sharedAt(session: Session, owner: object, id: string): Bound | undefined {
  return session.run.shared?.get(owner)?.get(id) as Bound | undefined;
}

function cellAt(spot: Spot, type: TypeModel, target: TargetPlan): Bound {
  const step = settleStep(spot.step, type);
  const cell: Cell = {
    owner: spot.owner,
    step,
    path: spot.path,
    mode: target.listMode,
    at: undefined,
    value: undefined,
  };
  return { value: undefined, type: type.name, path: `${spot.path}.${step.key}`, cell };
}

function settleStep(step: StepPlan, type: TypeModel): StepPlan {
  const choice =
    step.kind === 'choice' ? step.choices.find((candidate) => candidate.type.name === type.name) : undefined;
  return choice === undefined
    ? step
    : { ...step, kind: 'key', key: choice.key, choices: [choice], types: [choice.type] };
}

/** A new element, or the one that is there where only one may be. */
function objectIn(
  session: Session,
  rule: RulePlan,
  spot: Spot,
  type: TypeModel | undefined,
  target: TargetPlan,
  made: Prune[],
): Bound {
  const { owner, step, path } = spot;
  const named = target.transform.kind === 'create' ? target.transform.named : undefined;
  const typeName = type?.name ?? named;
  const key = keyFor(step, {}, typeName);
  const present = owner[key];
  const reused =
    target.listMode === 'single' && Array.isArray(present) ? present[0] : step.list === false ? present : undefined;
  if (isObject(reused))
    return { value: reused, type: typeName, path: `${path}.${key}${Array.isArray(present) ? '[0]' : ''}` };
  const value = newObject(type);
  const at = put(session.run, owner, step, value, typeName, target.listMode);
  made.push(pruner(session, owner, key, value));
  session.log.entries.push({
    target: `${path}.${at}`,
    sources: sourcesOf(session, rule),
    place: rule.info.place,
    transform: 'create',
  });
  return { value, type: typeName, path: `${path}.${at}` };
}

export function setAt(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  place: PlacePlan,
  result: Result,
  made: Prune[],
): Bound | undefined {
  const code = target.transform.kind === 'call' ? target.transform.code : target.transform.kind;
  const into = session.frame[place.into.slot];
  if (place.last === undefined) {
    if (into?.cell === undefined)
      throw new Fault('mapping-whole-target', `"${target.text}" has elements and no value of its own.`);
    const at = setCell(session.run, into.cell, result.value, result.type);
    logValue(
      session.log,
      `${into.cell.path}.${at}`,
      into.cell.value,
      result.sources,
      rule.info.place,
      code,
      result.row,
    );
    return into;
  }
  const spot = spotOf(session, place, made);
  if (spot === undefined) return undefined;
  const { owner, step, path } = spot;
  const shared = target.shareId === undefined ? undefined : sharedAt(session, owner, target.shareId);
  if (shared !== undefined) return shared;
  const at = put(session.run, owner, step, result.value, result.type, target.listMode);
  const where = `${path}.${at}`;
  if (result.linked !== undefined && isObject(result.value)) session.log.attached.push([result.linked.path, where]);
  else logValue(session.log, where, result.value, result.sources, rule.info.place, code, result.row);
  const isPrimitive = typeof result.value !== 'object';
  const cell: Cell = { owner, step, path, mode: target.listMode, at, value: result.value };
  const bound: Bound = {
    value: result.value,
    type: result.type ?? step.types[0]?.name,
    path: where,
    ...(isPrimitive ? { cell } : {}),
  };
  if (target.shareId !== undefined) sharedBy(session, owner).set(target.shareId, bound);
  return bound;
}
