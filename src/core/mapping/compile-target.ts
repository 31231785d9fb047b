import { emitCreateAt } from './compile-create.ts';
import { emitSetAt } from './compile-set.ts';
import { emitMark, trailOf } from './compile-trace.ts';
import { emitValue } from './compile-value.ts';
import { assign, nameOf, type TargetWriter, traced } from './compile-writer.ts';
import { text, typeCode } from './emitter.ts';
import type { IdentityCase, TargetPlan, TransformPlan } from './plan.ts';
import { isDynamic } from './session.ts';

/** Write one target of a rule. */
export function emitTarget(writer: TargetWriter, target: TargetPlan): void {
  const { out } = writer;
  const { transform, place, variable } = target;
  if (variable !== undefined) {
    const { slot } = variable;
    out.line(`let v${slot}${isDynamic(variable) ? `, t${slot}` : ''}${out.book === undefined ? '' : `, P${slot}`};`);
  }
  if (transform.kind === 'create') {
    if (place === undefined)
      assign(out, variable, {
        value: out.newObject(transform.type),
        type: nameOf(transform.type, transform.named),
        ...traced(out, '"#" + ++R.made'),
      });
    else emitCreateAt(writer, target, place, transform.type, (made) => assign(out, variable, made));
    // What is made in a place that is there is there.
    if (variable !== undefined && (place === undefined || out.present.has(place.into.slot)))
      out.present.add(variable.slot);
    return;
  }
  if (transform.kind === 'identity') {
    emitIdentity(writer, target, transform);
    return;
  }
  emitValue(writer, target, (result) => {
    const { value, type, sources } = result;
    if (place === undefined) assign(out, variable, { value, type, ...traced(out, `(${sources}[0] ?? "")`) });
    else emitSetAt(writer, target, place, result);
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
  const value = `v${source.slot}`;
  const trail = trailOf(out, source);
  const sources = out.book === undefined ? '' : `[${trail.path}]`;
  const copy = (type: string): void => {
    emitMark(out, source);
    emitSetAt(writer, target, place, { value: `H.clone(${value})`, type, sources });
  };
  const one = (found: IdentityCase): void => {
    if (found.group === undefined) {
      copy(found.to === undefined ? typeCode(source) : text(found.to.name));
      return;
    }
    const { group } = found;
    const create: TargetPlan = { ...target, transform: { kind: 'create', type: found.to, named: undefined } };
    const given = { value, type: typeCode(source), path: trail.path, key: trail.key, ...owned(trail.owner) };
    emitCreateAt(writer, create, place, found.to, (made) => writer.call(group, [given, made]));
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
  copy(`${table}.get(t${source.slot})`);
  out.line(`} else ${last === undefined ? `if (t${source.slot} === undefined)` : ''} {`);
  if (last !== undefined) one(last);
  else if (first !== undefined) one(first);
  out.line(last === undefined ? `} else H.stop('mapping-wrong-type', 'There is no rule for this type.');` : '}');
}

function owned(owner: string | undefined): { readonly owner?: string } {
  return owner === undefined ? {} : { owner };
}
