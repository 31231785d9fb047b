import { Fault } from './fault.ts';
import { sourcesOf } from './interpret-place.ts';
import type { ArgumentPlan, RulePlan, TargetPlan, TransformPlan } from './plan.ts';
import { addReport, type Bound, evaluate, fail, markBound, type Session } from './session.ts';
import { transforms } from './transforms.ts';
import { translate } from './translate.ts';
import { cloneValue } from './values.ts';

/** One value for a target, and where it came from. */
export interface Result {
  readonly value: unknown;
  readonly type: string | undefined;
  readonly sources: readonly string[];
  readonly row?: string;
  /** It is part of an output already, or waits to become one, and must stay the same thing. */
  readonly linked?: Bound;
}

export function resultsOf(session: Session, target: TargetPlan, rule: RulePlan): readonly Result[] {
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
    if (from !== undefined && from.path !== '') paths.add([from.path, ...path.map((step) => step.name)].join('.'));
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
  if (argument.variable.mode === 'source') markBound(session.log, bound);
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
