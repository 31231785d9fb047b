import { argumentValue, evaluation, scriptCall } from './compile-expression.ts';
import type { TargetWriter } from './compile-writer.ts';
import { text, typeCode } from './emitter.ts';
import type { TargetPlan, TransformPlan } from './plan.ts';
import { transforms } from './transforms.ts';

/** Code for the value of a transform; `each` writes what is done with it, inside a test that it is there. */
export function emitValue(writer: TargetWriter, target: TargetPlan, each: (value: string, type: string) => void): void {
  const { out, plan, rule } = writer;
  const { transform } = target;
  const single = (code: string, type: string): void => {
    const value = out.fresh('z');
    out.line(`const ${value} = ${code};`);
    out.line(`if (${value} !== undefined) {`);
    each(value, type);
    out.line('}');
  };
  switch (transform.kind) {
    case 'copy': {
      const { argument } = transform;
      if (argument.kind === 'literal') {
        each(text(argument.value), text(argument.type));
        return;
      }
      const value = argumentValue(out, plan, argument);
      const isPrimitive =
        argument.kind === 'variable' &&
        argument.variable.types.length > 0 &&
        argument.variable.types.every((type) => type.kind === 'primitive');
      const keeps = isPrimitive || (argument.kind === 'variable' && argument.variable.mode === 'target');
      single(
        keeps ? value : `H.clone(${value})`,
        argument.kind === 'variable' ? typeCode(argument.variable) : 'undefined',
      );
      return;
    }
    case 'translate': {
      single(
        `H.translate(R, ${out.constant(transform.table)}, ${argumentValue(out, plan, transform.argument)}, ${text(transform.output)}, ${out.constant(rule.info.place)})`,
        text(transform.output),
      );
      return;
    }
    case 'call': {
      const given = transform.arguments.map((argument) => argumentValue(out, plan, argument));
      single(
        `${out.constant(transforms.get(transform.code)?.apply)}([${given.join(', ')}], R)`,
        transform.gives === undefined ? 'undefined' : text(transform.gives),
      );
      return;
    }
    case 'evaluate': {
      emitEvaluate(writer, target, transform, single, each);
      return;
    }
    default:
  }
}

function emitEvaluate(
  writer: TargetWriter,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'evaluate' }>,
  single: (code: string, type: string) => void,
  each: (value: string, type: string) => void,
): void {
  const { out, plan } = writer;
  const { expression } = transform;
  const step = target.place?.last;
  if (expression.script?.value !== undefined) {
    single(
      scriptCall(out, plan, expression, 'value'),
      expression.types.length === 1 ? text(expression.types[0]?.name ?? '') : 'undefined',
    );
    return;
  }
  const results = out.fresh('r');
  const item = out.fresh('q');
  out.line(`const ${results} = ${evaluation(out, plan, expression)};`);
  if (step === undefined || step.list === false) out.line(`if (${results}.length > 1) H.many(${text(target.text)});`);
  out.line(`for (const ${item} of ${results}) {`);
  each(`H.clone(${item}.value)`, `(${item}.type || undefined)`);
  out.line('}');
}
