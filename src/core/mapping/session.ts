import { FhirPathError } from '../fhirpath/expression.ts';
import { Fault, kindOf } from './fault.ts';
import type { MappingReport } from './mapping.ts';
import type { Cell } from './place.ts';
import type { ExpressionPlan, MapPlan, RulePlan, Selected, Variable } from './plan.ts';
import { addFailure, type Run, spend } from './run.ts';
import { bailed, scriptOf } from './script.ts';
import { mark, markPath, type TraceLog } from './trace.ts';
import { isTrue } from './values.ts';

/** A value with its place and type, as the variables of a group hold it. */
export interface Bound {
  readonly value: unknown;
  readonly type: string | undefined;
  readonly path: string;
  readonly cell?: Cell;
  /** Where it stands in the input: the object or list, and the key or index. */
  readonly owner?: object;
  readonly key?: string | number;
}

/** What is going on in an interpreted run: what is written down, the variables, and where the map stands. */
export interface Session {
  readonly plan: MapPlan;
  readonly run: Run;
  readonly log: TraceLog;
  readonly frame: (Bound | undefined)[];
  /** Whether conditions may be decided by their scripts; the reference asks the FHIRPath engine for everything. */
  readonly quick: boolean;
  /** The rule, and the source element that was read last: for errors. */
  readonly now: { rule: RulePlan | undefined; at: Bound | undefined };
}

/** Whether the type of a variable's value is only known while the map runs. */
export function isDynamic(variable: Variable): boolean {
  const [type] = variable.types;
  return variable.form === 'value' && (variable.types.length !== 1 || type === undefined || type.open);
}

/** The type of a variable where it is settled. */
export function typeName(variable: Variable): string | undefined {
  return variable.types.length === 1 ? variable.types[0]?.name : undefined;
}

/** Gives a variable its value; what the plan knows of its type counts more than what the data says. */
export function bind(session: Session, variable: Variable, bound: Bound | undefined): void {
  const settled = bound === undefined || isDynamic(variable) || bound.type === typeName(variable);
  session.frame[variable.slot] = settled ? bound : { ...bound, type: typeName(variable) };
}

/** Whether a condition holds. */
export function holds(session: Session, expression: ExpressionPlan): boolean {
  const part = session.quick ? expression.script?.truth : undefined;
  if (part === undefined) return isTrue(evaluate(session, expression));
  spend(session.run);
  markReads(session, expression);
  const { frame } = session;
  const focus = expression.focus === undefined ? undefined : frame[expression.focus.slot];
  const given = expression.variables.map((variable) => listOf(frame[variable.slot])[0]);
  const answer = scriptOf(expression, part)(session.run, listOf(focus)[0], ...given);
  return answer === bailed ? isTrue(evaluate(session, expression)) : answer === true;
}

/** Writes down that a value was read, with all that is in it. */
export function markBound(log: TraceLog, bound: Bound): void {
  if (bound.owner !== undefined && bound.key !== undefined) mark(log, bound.owner, bound.key);
}

/** Writes down what an expression can have read. */
function markReads({ frame, log }: Session, expression: ExpressionPlan): void {
  for (const { variable, path } of expression.reads) {
    const from = frame[(variable ?? expression.focus)?.slot ?? -1];
    if (from?.owner !== undefined && from.key !== undefined) markPath(log, from.owner, from.key, from.value, path);
  }
}

/** Evaluates an expression with the variables of the frame, and marks what it can have read. */
export function evaluate(session: Session, expression: ExpressionPlan): readonly Selected[] {
  const { run, frame } = session;
  spend(run);
  const variables: Record<string, readonly unknown[]> = Object.create(null);
  for (const variable of expression.variables) variables[variable.name] = listOf(frame[variable.slot]);
  for (const constant of expression.constants)
    variables[constant.name] = constantValue(session, constant.index).map((item) => item.value);
  const focus = expression.focus === undefined ? undefined : frame[expression.focus.slot];
  markReads(session, expression);
  return expression.evaluate(listOf(focus)[0], variables, run);
}

function listOf(bound: Bound | undefined): readonly unknown[] {
  const value = bound?.cell === undefined ? bound?.value : bound.cell.value;
  return value === undefined || value === null ? [] : [value];
}

/** Constants are evaluated when they are first asked for, and once a run. */
function constantValue(session: Session, index: number): readonly Selected[] {
  const known = session.run.settled?.[index];
  if (known !== undefined) return known;
  const plan = session.plan.constants[index];
  const value = plan === undefined ? [] : evaluate(session, plan);
  session.run.settled ??= [];
  session.run.settled[index] = value;
  return value;
}

export function addReport(session: Session, kind: MappingReport['kind'], message: string): void {
  const place = session.now.rule?.info.place;
  if (place !== undefined) session.run.reports.push({ kind, message, place });
}

/** A failure with its place. Anything that is no fault of map or input is our own mistake and goes on. */
export function fail(session: Session, error: unknown): void {
  const fault = asFault(error);
  const { entry } = session.plan;
  const place = session.now.rule?.info.place ?? { map: entry.map, group: entry.name, rule: '', line: 0 };
  const { at } = session.now;
  addFailure(session.run, {
    code: fault.code,
    message: fault.message,
    place,
    sourcePath: at?.path ?? '',
    sourceType: at?.type ?? kindOf(at?.value),
  });
}

export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof FhirPathError)
    return new Fault(
      'mapping-expression-failed',
      `The expression (${error.expression}) cannot be evaluated here: ${error.message}`,
    );
  if (error instanceof RangeError)
    return new Fault('mapping-too-much-work', 'The input or the groups are nested too deep.');
  throw error;
}
