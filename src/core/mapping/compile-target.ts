import { emitCreateAt } from './compile-create.ts';
import { emitSetAt } from './compile-set.ts';
import { emitValue } from './compile-value.ts';
import { assign, nameOf, newObject, type TargetWriter } from './compile-writer.ts';
import { text, typeCode } from './emitter.ts';
import type { IdentityCase, TargetPlan, TransformPlan } from './plan.ts';
import { isDynamic } from './session.ts';

/** Write one target of a rule. */
export function emitTarget(writer: TargetWriter, target: TargetPlan): void {
  const { out } = writer;
  const { transform, place, variable } = target;
  if (variable !== undefined) out.line(`let v${variable.slot}${isDynamic(variable) ? `, t${variable.slot}` : ''};`);
  if (transform.kind === 'create') {
    if (place === undefined)
      assign(out, variable, newObject(out, transform.type), nameOf(transform.type, transform.named));
    else emitCreateAt(writer, target, place, transform.type, (value, type) => assign(out, variable, value, type));
    return;
  }
  if (transform.kind === 'identity') {
    emitIdentity(writer, target, transform);
    return;
  }
  emitValue(writer, target, (value, type) => {
    if (place === undefined) assign(out, variable, value, type);
    else emitSetAt(writer, target, place, value, type);
  });
}

function emitIdentity(
  writer: TargetWriter,
  target: TargetPlan,
  transform: Extract<TransformPlan, { kind: 'identity' }>,
): void {
  const { out } = writer;
  const { source, cases } = transform;
  const { place } = target;
  if (place === undefined) return;
  const one = (found: IdentityCase): void => {
    if (found.group === undefined) {
      const type = found.to === undefined ? typeCode(source) : text(found.to.name);
      emitSetAt(writer, target, place, `H.clone(v${source.slot})`, type);
      return;
    }
    const { group } = found;
    emitCreateAt(
      writer,
      { ...target, transform: { kind: 'create', type: found.to, named: undefined } },
      place,
      found.to,
      (value, type) =>
        writer.call(group, [
          { value: `v${source.slot}`, type: typeCode(source) },
          { value, type },
        ]),
    );
  };
  const [first] = cases;
  const open = cases.find((candidate) => candidate.from === undefined);
  if (!isDynamic(source) || (open !== undefined && cases.length === 1)) {
    const [type] = source.types;
    const found = cases.find((candidate) => candidate.from?.name === type?.name) ?? open ?? first;
    if (found !== undefined) one(found);
    return;
  }
  const tests = cases.filter((candidate) => candidate.from !== undefined);
  const groups = tests.filter((candidate) => candidate.group !== undefined);
  const copies = new Map(
    tests
      .filter((candidate) => candidate.group === undefined)
      .map((candidate) => [candidate.from?.name ?? '', candidate.to?.name ?? candidate.from?.name]),
  );
  for (const candidate of groups) {
    out.line(`if (t${source.slot} === ${text(candidate.from?.name ?? '')}) {`);
    one(candidate);
    out.line('} else');
  }
  const table = out.constant(copies);
  const last = open ?? (cases.length === 1 ? first : undefined);
  out.line(`if (${table}.has(t${source.slot})) {`);
  emitSetAt(writer, target, place, `H.clone(v${source.slot})`, `${table}.get(t${source.slot})`);
  out.line(`} else ${last === undefined ? `if (t${source.slot} === undefined)` : ''} {`);
  if (last !== undefined) one(last);
  else if (first !== undefined) one(first);
  out.line(last === undefined ? `} else H.stop('mapping-wrong-type', 'There is no rule for this type.');` : '}');
}
