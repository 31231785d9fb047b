import { argumentValue, evaluation, scriptAnswer, scriptCall } from './compile-expression.ts';
import type { Result } from './compile-set.ts';
import { emitReads, expressionSources, noSources, sourcesOf, trailOf, variableSources } from './compile-trace.ts';
import { transformCode } from './compile-transform.ts';
import type { TargetWriter } from './compile-writer.ts';
import { text, typeCode } from './emitter.ts';
import type { ArgumentPlan, TargetPlan, TransformPlan } from './plan.ts';
import { translatorOf } from './translate.ts';

type Each = (result: Result) => void;

/** Code for the value of a transform; `each` writes what is done with it, inside a test that it is there. */
export function emitValue(writer: TargetWriter, target: TargetPlan, each: Each): void {
  const { transform } = target;
  if (transform.kind === 'copy') emitCopy(writer, transform.argument, each);
  else if (transform.kind === 'translate') emitTranslate(writer, transform, each);
  else if (transform.kind === 'call') emitCall(writer, transform, each);
  else if (transform.kind === 'evaluate') emitEvaluate(writer, target, transform, each);
}

/** Writes what is done with a value that may be absent. */
function single({ out }: TargetWriter, code: string, isThere: boolean, inner: (value: string) => void): void {
  const value = out.fresh('z');
  out.line(`const ${value} = ${code};`);
  if (!isThere) out.line(`if (${value} !== undefined) {`);
  inner(value);
  if (!isThere) out.line('}');
}

function emitCopy(writer: TargetWriter, argument: ArgumentPlan, each: Each): void {
  const { out } = writer;
  if (argument.kind === 'literal') {
    each({ value: text(argument.value), type: text(argument.type), sources: noSources, isPrimitive: true });
    return;
  }
  const code = argumentValue(out, argument, writer.plan);
  const variable = argument.kind === 'variable' ? argument.variable : undefined;
  const isPrimitive = isPrimitiveArgument(argument);
  const linked = variable?.mode === 'target';
  const found = isPrimitive || linked ? code : undefined;
  const isThere = variable?.form === 'value' && out.present.has(variable.slot);
  single(writer, code, isThere, (value) => {
    each({
      value: found === undefined ? `(typeof ${value} === 'object' ? H.clone(${value}) : ${value})` : value,
      type: variable === undefined ? 'undefined' : typeCode(variable),
      sources: argumentSources(writer, [argument]),
      ...(linked && out.book !== undefined ? { linked: trailOf(out, variable).path } : {}),
      ...(isPrimitive && variable?.mode === 'source' ? { isPrimitive } : {}),
    });
  });
}

function isPrimitiveArgument(argument: ArgumentPlan): boolean {
  if (argument.kind !== 'variable') return false;
  const { types } = argument.variable;
  return types.length > 0 && types.every((type) => type.kind === 'primitive');
}

/** Code of the paths that arguments came from; an expression stands for the sources of its rule. */
function argumentSources({ out, rule }: TargetWriter, all: readonly ArgumentPlan[]): string {
  if (out.book === undefined) return '';
  if (all.every((argument) => argument.kind !== 'expression'))
    return variableSources(
      out,
      all.flatMap((argument) => (argument.kind === 'variable' ? [argument.variable] : [])),
    );
  const parts = all.flatMap((argument) =>
    argument.kind === 'literal'
      ? []
      : [`...${argument.kind === 'expression' ? sourcesOf(out, rule) : variableSources(out, [argument.variable])}`],
  );
  return `[${parts.join(', ')}]`;
}

function emitTranslate(
  writer: TargetWriter,
  transform: Extract<TransformPlan, { kind: 'translate' }>,
  each: Each,
): void {
  const { out, rule, plan } = writer;
  const { table, output, argument } = transform;
  const given = `R, ${out.constant(translatorOf(table))}, ${argumentValue(out, argument, plan)}, ${text(output)}, ${out.constant(rule.info.place)}`;
  const type = text(output);
  if (out.book === undefined) {
    single(writer, `H.translate(${given})`, false, (value) => each({ value, type, sources: '' }));
    return;
  }
  const found = out.fresh('u');
  const sources = argumentSources(writer, [argument]);
  out.line(`const ${found} = H.translated(${given});`);
  single(writer, `${found}?.value`, false, (value) => each({ value, type, sources, row: `${found}.row` }));
}

function emitCall(writer: TargetWriter, transform: Extract<TransformPlan, { kind: 'call' }>, each: Each): void {
  const { out, plan } = writer;
  const given = transform.arguments.map((argument) => {
    const code = argumentValue(out, argument, plan);
    if (argument.kind === 'literal') return { code, literal: argument.value };
    const name = out.fresh('q');
    out.line(`const ${name} = ${code};`);
    return { code: name };
  });
  const type = transform.gives === undefined ? 'undefined' : text(transform.gives);
  const { code, isThere } = transformCode(out, transform.code, given);
  single(writer, code, isThere, (value) => {
    // An argument that is absent was read from nowhere.
    const names = given.flatMap(({ code: name, literal }) => (literal === undefined ? [name] : []));
    const sources = callSources(writer, transform.arguments, names);
    each({ value, type, sources });
  });
}

function callSources(writer: TargetWriter, all: readonly ArgumentPlan[], names: readonly string[]): string {
  const { out } = writer;
  if (out.book === undefined) return '';
  const read = all.filter((argument) => argument.kind !== 'literal');
  const isCertain = read.every(
    (argument) =>
      argument.kind === 'variable' && argument.variable.form === 'value' && out.present.has(argument.variable.slot),
  );
  if (isCertain) return argumentSources(writer, read);
  const parts = read.map(
    (argument, at) => `...(${names[at]} === undefined ? [] : ${argumentSources(writer, [argument])})`,
  );
  return `[${parts.join(', ')}]`;
}

function emitEvaluate(
  writer: TargetWriter,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'evaluate' }>,
  each: Each,
): void {
  const { out, plan, rule } = writer;
  const { expression } = transform;
  const step = target.place?.last;
  const sources = expressionSources(out, expression, rule);
  emitReads(out, expression);
  const one = expression.types.length === 1 ? text(expression.types[0]?.name ?? '') : 'undefined';
  const isSingle = step === undefined || step.list === false;
  const hasScript = expression.script?.value !== undefined;
  if (hasScript && isSingle) {
    single(writer, scriptCall(out, plan, expression, 'value'), false, (value) => each({ value, type: one, sources }));
    return;
  }
  // A list takes all results, of which data of a wrong shape may give several.
  const answer = hasScript ? scriptAnswer(out, expression, 'value') : undefined;
  if (answer !== undefined) out.line(`if (${answer} === BAIL) {`);
  const results = out.fresh('r');
  const item = out.fresh('q');
  out.line(`const ${results} = ${evaluation(out, plan, expression)};`);
  if (isSingle) out.line(`if (${results}.length > 1) H.many(${text(target.text)});`);
  out.line(`for (const ${item} of ${results}) {`);
  each({ value: `H.clone(${item}.value)`, type: `(${item}.type || undefined)`, sources });
  out.line('}');
  if (answer === undefined) return;
  out.line(`} else if (${answer} !== undefined) {`);
  each({ value: answer, type: one, sources });
  out.line('}');
}
