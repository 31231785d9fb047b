import { Fault, kindOf } from './fault.ts';
import type { TypeModel } from './models.ts';
import { type Cell, keyFor, put, setCell } from './place.ts';
import type {
  ArgumentPlan,
  GroupPlan,
  IdentityCase,
  PlacePlan,
  RulePlan,
  StepPlan,
  TargetPlan,
  TransformPlan,
} from './plan.ts';
import { addReport, type Bound, bind, evaluate, fail, type Session } from './session.ts';
import { logValue } from './trace.ts';
import { transforms } from './transforms.ts';
import { translate } from './translate.ts';
import { cloneValue, isEmpty, isObject } from './values.ts';

type CallGroup = (session: Session, group: GroupPlan, given: readonly (Bound | undefined)[]) => void;
/** Takes back what stayed empty. */
export type Prune = () => void;

/** One value for a target, and where it came from. */
interface Result {
  readonly value: unknown;
  readonly type: string | undefined;
  readonly sources: readonly string[];
  readonly row?: string;
  /** It is part of an output already, or waits to become one, and must stay the same thing. */
  readonly linked?: Bound;
}

/** Where a value goes in: the object, its path, and the last step. */
interface Spot {
  readonly owner: Record<string, unknown>;
  readonly path: string;
  readonly step: StepPlan;
}

/** Carry out one target of a rule. */
export function applyTarget(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  made: Prune[],
  call: CallGroup,
): void {
  const { transform, place, variable } = target;
  if (transform.kind === 'create') {
    const bound =
      place === undefined
        ? detached(session, transform.type, transform.named)
        : createAt(session, rule, target, place, transform.type, made);
    if (variable !== undefined) bind(session, variable, bound);
    return;
  }
  if (transform.kind === 'identity') {
    applyIdentity(session, rule, target, transform, made, call);
    return;
  }
  const results = resultsOf(session, target, rule);
  const step = place?.last;
  if (results.length > 1 && (step === undefined || step.list === false))
    throw new Fault(
      'mapping-many-values',
      `"${target.text}" takes one value, but the expression gives ${results.length}.`,
    );
  if (variable !== undefined) bind(session, variable, undefined);
  for (const result of results) {
    const bound =
      place === undefined
        ? { value: result.value, type: result.type, path: result.sources[0] ?? '' }
        : setAt(session, rule, target, place, result, made);
    if (variable !== undefined) bind(session, variable, bound);
  }
}

function sourcesOf(session: Session, rule: RulePlan): readonly string[] {
  return rule.sources.map((source) => session.frame[source.variable.slot]?.path ?? '').filter((path) => path !== '');
}

function resultsOf(session: Session, target: TargetPlan, rule: RulePlan): readonly Result[] {
  const { transform } = target;
  switch (transform.kind) {
    case 'copy':
      return copied(session, transform.argument, rule);
    case 'evaluate': {
      const { expression } = transform;
      const from =
        expression.variables.length === 0 && expression.reads.length === 0
          ? []
          : expressionSources(session, transform, rule);
      return evaluate(session, expression).map((item) => ({
        value: cloneValue(item.value),
        type: item.type === '' ? undefined : item.type,
        sources: from,
      }));
    }
    case 'translate':
      return translated(session, transform, rule);
    case 'call': {
      const given = transform.arguments.map((argument) => argumentOf(session, argument, rule));
      const value = transforms.get(transform.code)?.apply(
        given.map((one) => one?.value),
        session.run,
      );
      const sources = given.flatMap((one) => one?.sources ?? []);
      return value === undefined ? [] : [{ value, type: transform.gives, sources }];
    }
    default:
      return [];
  }
}

function expressionSources(
  session: Session,
  transform: Extract<TransformPlan, { kind: 'evaluate' }>,
  rule: RulePlan,
): readonly string[] {
  const paths = new Set<string>();
  for (const { variable, path } of transform.expression.reads) {
    const from = session.frame[(variable ?? transform.expression.focus)?.slot ?? -1];
    if (from !== undefined && from.path !== '') paths.add([from.path, ...path].join('.'));
  }
  return paths.size === 0 ? sourcesOf(session, rule) : [...paths];
}

/** An argument as a value; objects of the input are copied only where they are set. */
function argumentOf(session: Session, argument: ArgumentPlan, rule: RulePlan): Result | undefined {
  if (argument.kind === 'literal') return { value: argument.value, type: argument.type, sources: [] };
  if (argument.kind === 'expression') {
    const items = evaluate(session, argument.expression);
    if (items.length > 1)
      throw new Fault(
        'mapping-many-values',
        `The expression (${argument.expression.text}) gives ${items.length} values where one is needed.`,
      );
    const [only] = items;
    return only === undefined
      ? undefined
      : { value: only.value, type: only.type === '' ? undefined : only.type, sources: sourcesOf(session, rule) };
  }
  const bound = session.frame[argument.variable.slot];
  if (bound === undefined) return undefined;
  session.now.at = bound;
  const value = bound.cell === undefined ? bound.value : bound.cell.value;
  if (argument.variable.mode === 'source' && bound.path !== '') session.log.read.add(bound.path);
  return value === undefined
    ? undefined
    : {
        value,
        type: bound.type,
        sources: bound.path === '' ? [] : [bound.path],
        ...(argument.variable.mode === 'target' ? { linked: bound } : {}),
      };
}

function copied(session: Session, argument: ArgumentPlan, rule: RulePlan): readonly Result[] {
  const found = argumentOf(session, argument, rule);
  if (found === undefined) return [];
  return [found.linked === undefined ? { ...found, value: cloneValue(found.value) } : found];
}

function translated(
  session: Session,
  transform: Extract<TransformPlan, { kind: 'translate' }>,
  rule: RulePlan,
): readonly Result[] {
  const given = argumentOf(session, transform.argument, rule);
  if (given === undefined) return [];
  try {
    const found = translate(given.value, transform.table, transform.output);
    if (found === undefined) return [];
    if (found.fallback !== undefined) addReport(session, 'unmapped-code', found.fallback);
    return found.value === undefined
      ? []
      : [{ value: found.value, type: transform.output, sources: given.sources, row: found.row }];
  } catch (error) {
    // One run tells of all codes that lack a row, not only of the first.
    if (!(error instanceof Fault)) throw error;
    fail(session, error);
    return [];
  }
}

function newObject(type: TypeModel | undefined): Record<string, unknown> {
  return type?.kind === 'resource' && !type.open ? { resourceType: type.name } : {};
}

/** Something made that has no place yet: `create('Patient') as p`. */
function detached(session: Session, type: TypeModel | undefined, named: string | undefined): Bound {
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
    session.run.shared.delete(owner);
  };
}

function createAt(
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
  const found = session.run.shared.get(owner) ?? new Map<string, unknown>();
  session.run.shared.set(owner, found);
  return found;
}

function sharedAt(session: Session, owner: object, id: string): Bound | undefined {
  return session.run.shared.get(owner)?.get(id) as Bound | undefined;
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

function setAt(
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

function applyIdentity(
  session: Session,
  rule: RulePlan,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'identity' }>,
  made: Prune[],
  call: CallGroup,
): void {
  const source = session.frame[transform.source.slot];
  const { place } = target;
  if (source === undefined || place === undefined) return;
  const found = caseOf(transform.cases, source.type);
  if (found === undefined)
    throw new Fault('mapping-wrong-type', `"${target.text}" has no rule for ${source.type ?? kindOf(source.value)}.`);
  if (found.group === undefined) {
    if (source.path !== '') session.log.read.add(source.path);
    setAt(
      session,
      rule,
      { ...target, transform: { kind: 'copy', argument: { kind: 'variable', variable: transform.source } } },
      place,
      { value: cloneValue(source.value), type: found.to?.name ?? source.type, sources: [source.path] },
      made,
    );
    return;
  }
  const create: TargetPlan = { ...target, transform: { kind: 'create', type: found.to, named: undefined } };
  call(session, found.group, [source, createAt(session, rule, create, place, found.to, made)]);
}

function caseOf(cases: readonly IdentityCase[], type: string | undefined): IdentityCase | undefined {
  return (
    cases.find((one) => one.from !== undefined && one.from.name === type) ??
    cases.find((one) => one.from === undefined) ??
    (cases.length === 1 || type === undefined ? cases[0] : undefined)
  );
}
