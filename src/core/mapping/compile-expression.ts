import { emitMark, emitReads } from './compile-trace.ts';
import { type Emitter, text, valueCode } from './emitter.ts';
import type { ArgumentPlan, ExpressionPlan, MapPlan } from './plan.ts';
import { scriptFunction } from './script.ts';

/** The code of a call of the FHIRPath engine: its results with their types. */
export function evaluation(out: Emitter, plan: MapPlan, expression: ExpressionPlan): string {
  const focus = expression.focus === undefined ? 'undefined' : valueCode(expression.focus);
  return `${out.constant(expression)}.evaluate(H.list(${focus})[0], ${variablesOf(out, plan, expression)}, R)`;
}

function variablesOf(out: Emitter, plan: MapPlan, expression: ExpressionPlan): string {
  const named = expression.variables.map((variable) => `[${text(variable.name)}]: H.list(${valueCode(variable)})`);
  const constants = expression.constants.map(({ name, index }) => {
    const constant = plan.constants[index];
    const inner = constant === undefined ? '{}' : variablesOf(out, plan, constant);
    return `[${text(name)}]: H.constant(R, ${index}, ${out.constant(constant)}, ${inner})`;
  });
  return `{ __proto__: null, ${[...named, ...constants].join(', ')} }`;
}

/** The code of a condition: true or false. */
export function condition(out: Emitter, plan: MapPlan, expression: ExpressionPlan): string {
  if (expression.script?.truth !== undefined) return scriptCall(out, plan, expression, 'truth');
  return `H.isTrue(${evaluation(out, plan, expression)})`;
}

/** The code of what a script answers. It gives up on data that has not the shape of its model; the engine then decides. */
export function scriptCall(out: Emitter, plan: MapPlan, expression: ExpressionPlan, kind: 'truth' | 'value'): string {
  const answer = scriptAnswer(out, expression, kind);
  const slow = evaluation(out, plan, expression);
  out.line(`if (${answer} === BAIL) ${answer} = ${kind === 'truth' ? `H.isTrue(${slow})` : `H.only(${slow})`};`);
  return answer;
}

/** Calls a script; gives the variable of its answer, which may be `BAIL`. */
export function scriptAnswer(out: Emitter, expression: ExpressionPlan, kind: 'truth' | 'value'): string {
  const answer = out.fresh('a');
  const part = expression.script?.[kind];
  if (part === undefined) return 'undefined';
  const { name, leaves } = part;
  if (!out.scripts.has(name)) out.scripts.set(name, scriptFunction(expression, part, out.constant(leaves)));
  const focus = expression.focus === undefined ? 'undefined' : valueCode(expression.focus);
  const given = ['R', focus, ...expression.variables.map(valueCode)].join(', ');
  out.line(`let ${answer} = ${name}(${given});`);
  return answer;
}

/** The code of an argument's value, undefined where it has none; before it, in the traced form, what is read for it. */
export function argumentValue(out: Emitter, argument: ArgumentPlan, plan: MapPlan): string {
  if (argument.kind === 'literal') return text(argument.value);
  if (argument.kind === 'variable') {
    const { variable } = argument;
    if (variable.mode === 'source') emitMark(out, variable);
    return variable.form === 'cell' ? `v${variable.slot}?.value` : valueCode(variable);
  }
  emitReads(out, argument.expression);
  if (argument.expression.script?.value !== undefined) return scriptCall(out, plan, argument.expression, 'value');
  return `H.one(${evaluation(out, plan, argument.expression)}, ${text(argument.expression.text)})?.value`;
}
