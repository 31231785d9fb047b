import { Fault } from './fault.ts';
import { applyTarget } from './interpret-target.ts';
import type { MappingEnvironment } from './mapping.ts';
import type {
  ArgumentPlan,
  CallPlan,
  ExpressionPlan,
  GroupPlan,
  MapPlan,
  RulePlan,
  Selected,
  SourcePlan,
  StepPlan,
  Variable,
} from './plan.ts';
import { enter, newRun, type Run, spend } from './run.ts';
import {
  addReport,
  type Bound,
  bind,
  evaluate,
  fail,
  holds,
  isDynamic,
  markBound,
  type Session,
  typeName,
} from './session.ts';
import { newTraceLog, type TraceLog } from './trace.ts';
import { checkShape, childAt, typeOfItem } from './values.ts';

export interface Interpreted {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly run: Run;
  readonly log: TraceLog;
}

/**
 * Run a planned map step by step, writing down where everything came from: the reference for the compiled form, and
 * what `trace` and precise errors come from.
 */
export function interpret(
  plan: MapPlan,
  inputs: Readonly<Record<string, unknown>>,
  environment: MappingEnvironment,
  quick = false,
): Interpreted {
  const { entry } = plan;
  const first = entry.parameters.find((parameter) => parameter.mode === 'source');
  const run = newRun(environment, first === undefined ? undefined : inputs[first.name]);
  const outputs: Record<string, unknown> = {};
  const frame = entry.parameters.map((parameter): Bound => {
    if (parameter.mode === 'source')
      return {
        value: inputs[parameter.name],
        path: parameter.name,
        owner: inputs,
        key: parameter.name,
        type: isDynamic(parameter) ? typeOfItem(inputs[parameter.name], undefined) : typeName(parameter),
      };
    const value = newOutput(parameter);
    outputs[parameter.name] = value;
    return { value, path: parameter.name, type: typeName(parameter) };
  });
  const session: Session = { plan, run, log: newTraceLog(), quick, frame, now: { rule: undefined, at: undefined } };
  try {
    runRules(session, entry.rules);
  } catch (error) {
    fail(session, error);
  }
  return { outputs, run, log: session.log };
}

/** An empty output; resources say what they are. */
function newOutput(parameter: Variable): Record<string, unknown> {
  const type = parameter.types.length === 1 ? parameter.types[0] : undefined;
  return type?.kind === 'resource' && !type.open ? { resourceType: type.name } : {};
}

function runRules(session: Session, rules: readonly RulePlan[]): void {
  for (const rule of rules) {
    const outer = session.now.rule;
    session.now.rule = rule;
    const { index } = rule.info;
    const before = session.log.fired[index];
    runSource(session, rule, 0);
    if (session.log.fired[index] === before) session.log.skipped[index] = (session.log.skipped[index] ?? 0) + 1;
    session.now.rule = outer;
  }
}

/** Every combination of the items of the sources, one rule run each. */
function runSource(session: Session, rule: RulePlan, index: number): void {
  const source = rule.sources[index];
  if (source === undefined) {
    runOnce(session, rule);
    return;
  }
  for (const item of itemsOf(session, source)) {
    bind(session, source.variable, item);
    session.now.at = item;
    runSource(session, rule, index + 1);
  }
}

function runOnce(session: Session, rule: RulePlan): void {
  spend(session.run);
  session.log.fired[rule.info.index] = (session.log.fired[rule.info.index] ?? 0) + 1;
  const made: (() => void)[] = [];
  for (const target of rule.targets) applyTarget(session, rule, target, made, callGroup);
  for (const call of rule.calls) runCall(session, call);
  runRules(session, rule.rules);
  session.now.rule = rule;
  for (const prune of made.reverse()) prune();
}

function runCall(session: Session, call: CallPlan): void {
  callGroup(
    session,
    call.group,
    call.arguments.map((argument) => bindArgument(session, argument)),
  );
}

/** Runs a group with its own variables. */
function callGroup(session: Session, group: GroupPlan, given: readonly (Bound | undefined)[]): void {
  if (given.some((bound) => bound === undefined)) return;
  enter(session.run);
  const inner: Session = { ...session, frame: [] };
  for (const [at, parameter] of group.parameters.entries()) bind(inner, parameter, given[at]);
  runRules(inner, group.rules);
  session.run.depth--;
}

function bindArgument(session: Session, argument: ArgumentPlan): Bound | undefined {
  if (argument.kind === 'variable') return session.frame[argument.variable.slot];
  if (argument.kind === 'literal') return { value: argument.value, type: argument.type, path: '' };
  const [only] = evaluate(session, argument.expression);
  return only === undefined
    ? undefined
    : { value: only.value, type: only.type === '' ? undefined : only.type, path: '' };
}

/** The items of a source that remain: type, cardinality, default, where, check, log, list mode, in this order. */
function itemsOf(session: Session, source: SourcePlan): readonly Bound[] {
  let items = read(session, source);
  if (source.filter !== undefined) items = items.filter((item) => hasType(source, item));
  const { min = 0, max = Number.POSITIVE_INFINITY } = source;
  if (items.length < min || items.length > max)
    return report(
      session,
      'mapping-cardinality',
      `"${source.text}" has ${items.length} values, but must have ${min} to ${max === Number.POSITIVE_INFINITY ? 'any number' : max}.`,
    );
  if (items.length === 0 && source.default !== undefined) {
    const [value] = evaluate(session, source.default);
    items =
      value === undefined ? [] : [{ value: value.value, type: value.type === '' ? undefined : value.type, path: '' }];
  }
  const { where, check, log } = source;
  if (where !== undefined) items = items.filter((item) => holdsOn(session, source, item, where));
  if (check !== undefined && !items.every((item) => holdsOn(session, source, item, check)))
    return report(session, 'mapping-check-failed', `The check (${check.text}) of "${source.text}" does not hold.`);
  if (log !== undefined) for (const item of items) writeLog(session, evaluateOn(session, source, item, log));
  if (source.listMode === 'only_one' && items.length > 1)
    return report(
      session,
      'mapping-not-only-one',
      `"${source.text}" has ${items.length} values, but must have only one.`,
    );
  return chosen(items, source.listMode);
}

function chosen(items: readonly Bound[], mode: SourcePlan['listMode']): readonly Bound[] {
  if (mode === 'first') return items.slice(0, 1);
  if (mode === 'not_first') return items.slice(1);
  if (mode === 'last') return items.slice(-1);
  return mode === 'not_last' ? items.slice(0, -1) : items;
}

function hasType(source: SourcePlan, item: Bound): boolean {
  const { filter } = source;
  if (filter === undefined) return true;
  if (filter.by === 'resource' || item.type !== undefined) return item.type === filter.name;
  const { value } = item;
  if (typeof value === 'number')
    return filter.name === 'decimal' || (Number.isInteger(value) && filter.name === 'integer');
  return typeof value === filter.name;
}

/** Follows the steps of a source; what is found is marked as read where it is a value of its own. */
function read(session: Session, source: SourcePlan): readonly Bound[] {
  const from = session.frame[source.from.slot];
  if (from === undefined) return [];
  session.now.at = from;
  const start: Bound = from.cell === undefined ? from : { value: from.cell.value, type: from.type, path: from.path };
  let items: readonly Bound[] = start.value === undefined || start.value === null ? [] : [start];
  for (const step of source.steps) {
    const next: Bound[] = [];
    for (const item of items) readStep(session, step, item, next);
    items = next;
  }
  for (const item of items) if (typeof item.value !== 'object') markBound(session.log, item);
  return items;
}

/** The items of one step, appended to `next`. */
function readStep(session: Session, step: StepPlan, item: Bound, next: Bound[]): void {
  const { now, run } = session;
  const child = childAt(item.value, step);
  if (child === undefined) return;
  if (child.key === '') {
    next.push(item);
    return;
  }
  const { key, value } = child;
  const path = `${item.path}.${key}`;
  const owner = item.value as object;
  const whole: Bound = { value, type: typeOfItem(value, child.type), path, owner, key };
  now.at = whole;
  checkShape(step, value, false);
  if (!Array.isArray(value)) {
    next.push(whole);
    return;
  }
  for (let at = 0; at < value.length; at++) {
    spend(run);
    const one: unknown = value[at];
    if (one === null || one === undefined) continue;
    const found: Bound = {
      value: one,
      type: typeOfItem(one, child.type),
      path: `${path}[${at}]`,
      owner: value,
      key: at,
    };
    now.at = found;
    checkShape(step, one, true);
    next.push(found);
  }
}

function holdsOn(session: Session, source: SourcePlan, item: Bound, expression: ExpressionPlan): boolean {
  bind(session, source.variable, item);
  session.now.at = item;
  return holds(session, expression);
}

function evaluateOn(
  session: Session,
  source: SourcePlan,
  item: Bound,
  expression: ExpressionPlan,
): readonly Selected[] {
  bind(session, source.variable, item);
  session.now.at = item;
  return evaluate(session, expression);
}

function writeLog(session: Session, result: readonly Selected[]): void {
  const message = result
    .filter((item) => typeof item.value !== 'object')
    .map((item) => String(item.value))
    .join(' ');
  if (message !== '') addReport(session, 'log', message);
}

/** Writes a failure down and lets the rule be: so that one run tells everything that is wrong. */
function report(session: Session, code: string, message: string): readonly Bound[] {
  fail(session, new Fault(code, message));
  return [];
}
