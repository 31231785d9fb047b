import { argumentValue } from './compile-expression.ts';
import { SharedReads } from './compile-reads.ts';
import { emitSource } from './compile-source.ts';
import { emitTarget } from './compile-target.ts';
import { TraceBook, trailOf } from './compile-trace.ts';
import type { Given, Prunes } from './compile-writer.ts';
import { compiledHelp } from './compiled-help.ts';
import { Emitter, text, typeCode } from './emitter.ts';
import type { ArgumentPlan, CallPlan, GroupPlan, MapPlan, RulePlan, Variable } from './plan.ts';
import { inputVariables } from './plan-inputs.ts';
import { depthLimit, type Run, workLimit } from './run.ts';
import { scriptHelp, scriptPreamble } from './script.ts';
import { isDynamic } from './session.ts';
import type { MarkNumbers, TraceRecord } from './trace-record.ts';

/**
 * A map as one JavaScript function. It returns its outputs; `run.failed` or a Fault says that there are none. The traced
 * form writes into `record` where everything came from.
 */
export type CompiledMap = (
  run: Run,
  inputs: Readonly<Record<string, unknown>>,
  record?: TraceRecord,
) => Record<string, unknown>;

export interface Compiled {
  readonly run: CompiledMap;
  readonly source: string;
  readonly constants: readonly unknown[];
  /** What the marks of a traced form are numbered by. */
  readonly numbers: MarkNumbers;
}

/**
 * Compile a planned map to JavaScript. The code knows no names of the mapping's author: variables are numbered, keys
 * and constants are JSON texts, everything else is reached by number. It can reach nothing but its arguments.
 *
 * @param traced Whether the code also writes a trace, which must be the interpreter's own to the letter.
 */
export function compilePlan(plan: MapPlan, traced = false): Compiled {
  const book = new TraceBook();
  const out = new Emitter(traced ? book : undefined, inputVariables(plan));
  const usesLast = plan.groups.some((group) => group.rules.some(hasLast));
  const functions = plan.groups
    .filter((group) => plan.reached.has(group))
    .map((group) => emitGroup(out, plan, group, usesLast));
  const entry = emitEntry(out, plan.entry);
  const source = [
    `'use strict'; const LIMIT = ${workLimit}; ${scriptPreamble}`,
    out.constants.map((_, at) => `const K${at} = K[${at}];`).join(' '),
    ...out.scripts.values(),
    ...functions,
    entry,
  ].join('\n');
  return {
    run: new Function('H', 'S', 'K', source)(compiledHelp, scriptHelp, out.constants) as CompiledMap,
    source,
    constants: out.constants,
    numbers: book,
  };
}

/** The function that a run calls: it makes the outputs and calls the first group. */
function emitEntry(out: Emitter, entry: GroupPlan): string {
  const traced = out.book !== undefined;
  const lines: string[] = [];
  const given = entry.parameters.flatMap((parameter) => {
    const name = text(parameter.name);
    const isSource = parameter.mode === 'source';
    const value = isSource ? `I[${name}]` : out.fresh('o');
    if (!isSource) {
      const [type] = parameter.types.length === 1 ? parameter.types : [];
      lines.push(`const ${value} = ${out.newObject(type)}; O[${name}] = ${value};`);
    }
    const type = isDynamic(parameter) ? [isSource ? `H.typeOfItem(${value}, undefined)` : 'undefined'] : [];
    return [value, ...type, ...(traced ? [name, ...(isSource ? ['I', name] : [])] : [])];
  });
  return `return function (R, I${traced ? ', T' : ''}) { const O = {}; ${lines.join(' ')} g${entry.id}(R, ${[...(traced ? ['T'] : []), ...given].join(', ')}); return O; };`;
}

function hasLast(rule: RulePlan): boolean {
  return rule.targets.some((target) => target.listMode === 'last') || rule.rules.some(hasLast);
}

/** A parameter's value, its type where only the run knows it, and in the traced form its path and what it stands in. */
function parameterNames(out: Emitter, parameter: Variable): readonly string[] {
  const { slot, mode } = parameter;
  const type = isDynamic(parameter) ? [`t${slot}`] : [];
  if (out.book === undefined) return [`v${slot}`, ...type];
  return [`v${slot}`, ...type, `P${slot}`, ...(mode === 'source' ? [`W${slot}`, `Y${slot}`] : [])];
}

function emitGroup(out: Emitter, plan: MapPlan, group: GroupPlan, usesLast: boolean): string {
  out.startGroup();
  const parameters = group.parameters.flatMap((parameter) => parameterNames(out, parameter));
  for (const { slot, mode, form } of group.parameters) {
    // A group is not called before all that it fills is made.
    if (mode === 'target') out.present.add(slot);
    else if (form === 'value') out.parameters.add(slot);
    if (out.book !== undefined && mode === 'source')
      out.trails.set(slot, {
        path: `P${slot}`,
        mayBeEmpty: true,
        owner: `W${slot}`,
        key: `Y${slot}`,
        record: `N${slot}`,
        isGiven: true,
      });
  }
  const from = out.lines.length;
  out.line(`if (++R.depth > ${depthLimit}) H.tooMuch();`);
  const tests = out.reserve();
  const inputs = group.parameters.filter((parameter) => out.isInput(parameter));
  const shared = inputs.map((parameter) => new SharedReads(out, parameter));
  for (const rule of group.rules) emitRule(out, plan, rule, usesLast);
  for (const reads of shared) reads.close();
  out.line('R.depth--;');
  tests(parameterTests(out, group));
  const body = out.lines.splice(from).join('\n');
  const traced = out.book === undefined ? '' : 'T, ';
  return `function g${group.id}(R, ${traced}${parameters.join(', ')}) { ${out.takeDeclared()}\n${body}\n}`;
}

/** What the rules of a group ask of its parameters again and again is found out once. */
function parameterTests(out: Emitter, group: GroupPlan): string {
  const lines = group.parameters.flatMap(({ slot, mode }) => {
    const value = `v${slot}`;
    const record = out.book !== undefined && mode === 'source' ? [`let N${slot};`] : [];
    const isThere = out.used.has(`A${slot}`) ? [`const A${slot} = ${value} !== undefined && ${value} !== null;`] : [];
    const isObject = out.used.has(`B${slot}`) ? [`const B${slot} = H.isObject(${value});`] : [];
    return [...record, ...isThere, ...isObject];
  });
  return lines.join(' ');
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
  // Without a call or a list (whose items are counted) a rule is no more work than its text is long.
  if (rule.calls.length > 0 || rule.targets.some(isCalling)) out.line('if (++R.work > LIMIT) H.tooMuch();');
  const call = (group: GroupPlan, given: readonly Given[]): void => emitCall(out, group, given);
  for (const target of rule.targets) emitTarget({ out, plan, rule, usesLast, prunes, call }, target);
  for (const one of rule.calls) emitDependent(out, plan, one);
  for (const inner of rule.rules) emitRule(out, plan, inner, usesLast);
  for (const prune of prunes.reverse()) out.line(prune);
}

function isCalling({ transform }: RulePlan['targets'][number]): boolean {
  return transform.kind === 'identity' && transform.cases.some((one) => one.group !== undefined);
}

/** `then group(a, b)`: not called when something that it needs was not made. Absent inputs are no reason. */
function emitDependent(out: Emitter, plan: MapPlan, call: CallPlan): void {
  const given: Given[] = [];
  const guards: string[] = [];
  for (const [at, argument] of call.arguments.entries()) {
    const name = out.fresh('q');
    const variable = argument.kind === 'variable' ? argument.variable : undefined;
    const keeps = variable?.form === 'cell' && call.group.parameters[at]?.form === 'cell';
    out.line(`const ${name} = ${keeps ? `v${variable.slot}` : givenValue(out, plan, argument)};`);
    const type =
      argument.kind === 'literal' ? text(argument.type) : variable === undefined ? 'undefined' : typeCode(variable);
    given.push({ value: name, type, ...givenPlace(out, variable) });
    const isParameter = variable !== undefined && plan.groups.some((group) => group.parameters.includes(variable));
    const isThere = variable?.form === 'value' && out.present.has(variable.slot);
    if (!isParameter && !isThere)
      guards.push(`${variable?.form === 'cell' ? `v${variable.slot}` : name} !== undefined`);
  }
  if (guards.length > 0) out.line(`if (${guards.join(' && ')}) {`);
  emitCall(out, call.group, given);
  if (guards.length > 0) out.line('}');
}

/** To hand a variable on is not to read it. */
function givenValue(out: Emitter, plan: MapPlan, argument: ArgumentPlan): string {
  if (argument.kind !== 'variable') return argumentValue(out, argument, plan);
  const { slot, form } = argument.variable;
  return form === 'cell' ? `v${slot}?.value` : `v${slot}`;
}

function givenPlace(out: Emitter, variable: Variable | undefined): Partial<Given> {
  if (variable === undefined) return { path: '""' };
  const { path, owner, key } = trailOf(out, variable);
  return owner === undefined ? { path } : { path, owner, key };
}

function emitCall(out: Emitter, group: GroupPlan, given: readonly Given[]): void {
  const passed = group.parameters.flatMap((parameter, at) => {
    const { value = 'undefined', type = 'undefined', path = '""', owner, key } = given[at] ?? {};
    const types = isDynamic(parameter) ? [type] : [];
    if (out.book === undefined) return [value, ...types];
    return [value, ...types, path, ...(parameter.mode === 'source' ? [owner ?? 'undefined', key ?? '""'] : [])];
  });
  out.line(`g${group.id}(R, ${[...(out.book === undefined ? [] : ['T']), ...passed].join(', ')});`);
}
