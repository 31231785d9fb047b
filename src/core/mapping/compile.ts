import { argumentValue } from './compile-expression.ts';
import { emitSource } from './compile-source.ts';
import { emitTarget } from './compile-target.ts';
import type { Prunes } from './compile-writer.ts';
import { compiledHelp } from './compiled-help.ts';
import { Emitter, text, typeCode } from './emitter.ts';
import type { CallPlan, GroupPlan, MapPlan, RulePlan } from './plan.ts';
import { depthLimit, type Run, workLimit } from './run.ts';
import { scriptHelp, scriptPreamble } from './script.ts';
import { isDynamic } from './session.ts';

/** A map as one JavaScript function. It fills the outputs; `run.failed` or a Fault says that there is none. */
export type CompiledMap = (
  run: Run,
  inputs: Readonly<Record<string, unknown>>,
  outputs: Record<string, unknown>,
) => void;

/**
 * Compile a planned map to JavaScript. The code knows no names of the mapping's author: variables are numbered, keys
 * and constants are JSON texts, everything else is reached by number. It can reach nothing but its arguments.
 */
export function compilePlan(plan: MapPlan): {
  readonly run: CompiledMap;
  readonly source: string;
  readonly constants: readonly unknown[];
} {
  const out = new Emitter();
  const usesLast = plan.groups.some((group) => group.rules.some(hasLast));
  const functions = plan.groups
    .filter((group) => isReached(plan, group))
    .map((group) => emitGroup(out, plan, group, usesLast));
  const scripts = [...out.scripts.values()];
  const { entry } = plan;
  const given = entry.parameters.flatMap((parameter) => {
    const value = `${parameter.mode === 'source' ? 'I' : 'O'}[${text(parameter.name)}]`;
    return isDynamic(parameter)
      ? [value, parameter.mode === 'source' ? `H.typeOfItem(${value}, undefined)` : 'undefined']
      : [value];
  });
  const source = [
    `'use strict'; const LIMIT = ${workLimit}; ${scriptPreamble}`,
    ...scripts,
    ...functions,
    `return function (R, I, O) { g${entry.id}(R, ${given.join(', ')}); };`,
  ].join('\n');
  return {
    run: new Function('H', 'S', 'K', source)(compiledHelp, scriptHelp, out.constants) as CompiledMap,
    source,
    constants: out.constants,
  };
}

function hasLast(rule: RulePlan): boolean {
  return rule.targets.some((target) => target.listMode === 'last') || rule.rules.some(hasLast);
}

/** Groups that only stand there to be checked need no code. */
function isReached(plan: MapPlan, wanted: GroupPlan): boolean {
  return plan.reached.has(wanted);
}

function emitGroup(out: Emitter, plan: MapPlan, group: GroupPlan, usesLast: boolean): string {
  const parameters = group.parameters.flatMap((parameter) =>
    isDynamic(parameter) ? [`v${parameter.slot}`, `t${parameter.slot}`] : [`v${parameter.slot}`],
  );
  const from = out.lines.length;
  out.line(`if (++R.depth > ${depthLimit}) H.tooMuch();`);
  for (const rule of group.rules) emitRule(out, plan, rule, usesLast);
  out.line('R.depth--;');
  const body = out.lines.splice(from).join('\n');
  return `function g${group.id}(R, ${parameters.join(', ')}) { ${out.takeDeclared()}\n${body}\n}`;
}

function emitRule(out: Emitter, plan: MapPlan, rule: RulePlan, usesLast: boolean): void {
  const place = out.constant(rule.info.place);
  const source = (index: number): void => {
    const next = rule.sources[index];
    if (next === undefined) {
      emitBody(out, plan, rule, usesLast);
      return;
    }
    emitSource(out, plan, next, place, () => source(index + 1));
  };
  out.line('{');
  source(0);
  out.line('}');
}

function emitBody(out: Emitter, plan: MapPlan, rule: RulePlan, usesLast: boolean): void {
  const prunes: Prunes = [];
  out.line('if (++R.work > LIMIT) H.tooMuch();');
  const call = (group: GroupPlan, given: readonly { readonly value: string; readonly type: string }[]): void =>
    emitCall(out, group, given);
  for (const target of rule.targets) emitTarget({ out, plan, rule, usesLast, prunes, call }, target);
  for (const one of rule.calls) emitDependent(out, plan, one);
  for (const inner of rule.rules) emitRule(out, plan, inner, usesLast);
  for (const prune of prunes.reverse()) out.line(prune);
}

/** `then group(a, b)`: not called when something that it needs was not made. Absent inputs are no reason. */
function emitDependent(out: Emitter, plan: MapPlan, call: CallPlan): void {
  const given: { readonly value: string; readonly type: string }[] = [];
  const guards: string[] = [];
  for (const [at, argument] of call.arguments.entries()) {
    const name = out.fresh('q');
    const variable = argument.kind === 'variable' ? argument.variable : undefined;
    const keeps = variable?.form === 'cell' && call.group.parameters[at]?.form === 'cell';
    out.line(`const ${name} = ${keeps ? `v${variable.slot}` : argumentValue(out, plan, argument)};`);
    const type =
      argument.kind === 'literal' ? text(argument.type) : variable === undefined ? 'undefined' : typeCode(variable);
    given.push({ value: name, type });
    const isParameter = variable !== undefined && plan.groups.some((group) => group.parameters.includes(variable));
    if (!isParameter) guards.push(`${variable?.form === 'cell' ? `v${variable.slot}` : name} !== undefined`);
  }
  if (guards.length > 0) out.line(`if (${guards.join(' && ')}) {`);
  emitCall(out, call.group, given);
  if (guards.length > 0) out.line('}');
}

function emitCall(
  out: Emitter,
  group: GroupPlan,
  given: readonly { readonly value: string; readonly type: string }[],
): void {
  const passed = group.parameters.flatMap((parameter, at) => {
    const { value = 'undefined', type = 'undefined' } = given[at] ?? {};
    return isDynamic(parameter) ? [value, type] : [value];
  });
  out.line(`g${group.id}(R, ${passed.join(', ')});`);
}
