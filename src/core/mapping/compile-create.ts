import {
  guarded,
  isObjectVariable,
  keyOf,
  named,
  nameOf,
  newObject,
  type Prunes,
  type TargetWriter,
} from './compile-writer.ts';
import { type Emitter, text, typeCode } from './emitter.ts';
import type { TypeModel } from './models.ts';
import type { PlacePlan, StepPlan, TargetPlan } from './plan.ts';
import { isUsedAfter } from './plan-uses.ts';

/** Goes down to the object that the last step belongs to; gives the code of it. */
export function emitSpot(writer: TargetWriter, place: PlacePlan): string {
  const { out, prunes } = writer;
  let owner = out.fresh('o');
  if (isObjectVariable(place.into)) out.line(`const ${owner} = v${place.into.slot};`);
  else out.line(`const ${owner} = H.objectAt(v${place.into.slot}, ${text(place.into.name)});`);
  for (const step of place.path) {
    const next = out.fresh('o');
    const isNew = out.fresh('n');
    const [type] = step.types;
    out.line(`let ${next} = ${owner}[${text(step.key)}]; const ${isNew} = !H.isObject(${next});`);
    out.line(
      `if (${isNew}) { ${next} = ${newObject(out, type)}; H.put(R, ${owner}, ${out.constant(step)}, ${next}, ${nameOf(type, undefined)}); }`,
    );
    prunes.push(`if (${isNew} && H.isEmpty(${next})) H.prune(R, ${owner}, ${text(step.key)}, ${next});`);
    owner = next;
  }
  return owner;
}

export function emitCreateAt(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  type: TypeModel | undefined,
  done: (value: string, type: string) => void,
): void {
  const { out, prunes } = writer;
  const { last } = place;
  if (last === undefined) {
    done(`v${place.into.slot}`, typeCode(place.into));
    return;
  }
  if (canWait(writer, target, place, last, type)) {
    emitLate(writer, target, place, last, type, done);
    return;
  }
  // Declared outside of the guard, since it is taken back after the nested rules.
  const made = out.fresh('m');
  const owner = out.fresh('w');
  out.line(`let ${made}, ${owner};`);
  const local: Prunes = [];
  guarded(writer, place, () => {
    const spot = emitSpot({ ...writer, prunes: local }, place);
    out.line(`${owner} = ${spot};`);
    const { shareId } = target;
    if (shareId !== undefined) {
      const shared = out.fresh('s');
      out.line(`const ${shared} = H.shared(R, ${owner}, ${text(shareId)}); if (${shared} !== undefined) { `);
      done(shared, nameOf(type, named(target)));
      out.line('} else {');
    }
    const value =
      type?.kind === 'primitive'
        ? emitCell(writer, target, last, type, owner)
        : emitObject(writer, target, last, type, owner, made);
    if (shareId !== undefined) out.line(`H.share(R, ${owner}, ${text(shareId)}, ${value});`);
    done(value, nameOf(type, named(target)));
    if (shareId !== undefined) out.line('}');
    // Objects on the way are taken back right away where nothing can fill them later through this target.
    if (local.length > 0) prunes.push(...hoisted(out, local));
  });
  if (type?.kind !== 'primitive')
    prunes.push(
      `if (${made} !== undefined && H.isEmpty(${made})) H.prune(R, ${owner}, ${text(keyOf(last, type, target))}, ${made});`,
    );
}

/** Whether a new element can be put into its place once it is filled: the usual case, and without taking back. */
function canWait(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  step: StepPlan,
  type: TypeModel | undefined,
): boolean {
  const plain = place.path.length === 0 && target.shareId === undefined && target.listMode === undefined && !step.typed;
  const settled = step.kind === 'key' || (step.kind === 'choice' && keyOf(step, type, target) !== step.key);
  if (!plain || !settled || type?.kind === 'primitive' || step.list === undefined || (step.list && writer.usesLast))
    return false;
  return target.transform.kind === 'create' && !isUsedAfter(writer.rule, target, place.into);
}

function emitLate(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  step: StepPlan,
  type: TypeModel | undefined,
  done: (value: string, type: string) => void,
): void {
  const { out, prunes } = writer;
  const made = out.fresh('m');
  const owner = out.fresh('w');
  const key = text(keyOf(step, type, target));
  out.line(`let ${made}, ${owner};`);
  guarded(writer, place, () => {
    out.line(
      `${owner} = ${isObjectVariable(place.into) ? `v${place.into.slot}` : `H.objectAt(v${place.into.slot}, ${text(place.into.name)})`};`,
    );
    if (step.list) {
      out.line(`${made} = ${newObject(out, type)};`);
      done(made, nameOf(type, named(target)));
      return;
    }
    const value = out.fresh('p');
    out.line(
      `let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) ${made} = ${value} = ${newObject(out, type)};`,
    );
    done(value, nameOf(type, named(target)));
  });
  const put = step.list
    ? `if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`
    : `if (${owner}[${key}] === undefined) ${owner}[${key}] = ${made}; else H.put(R, ${owner}, ${out.constant(step)}, ${made}, ${nameOf(type, named(target))}, undefined);`;
  prunes.push(`if (${made} !== undefined && !H.isEmpty(${made})) { ${put} }`);
}

/** Makes closures of what must be taken back later but is known only here. */
function hoisted(out: Emitter, local: Prunes): Prunes {
  const name = out.fresh('u');
  out.declare(name);
  out.line(`${name} = () => { ${[...local].reverse().join(' ')} };`);
  return [`if (${name} !== undefined) { ${name}(); ${name} = undefined; }`];
}

function emitCell(writer: TargetWriter, target: TargetPlan, step: StepPlan, type: TypeModel, owner: string): string {
  const { out } = writer;
  const choice =
    step.kind === 'choice' ? step.choices.find((candidate) => candidate.type.name === type.name) : undefined;
  const settled: StepPlan =
    choice === undefined ? step : { ...step, kind: 'key', key: choice.key, choices: [choice], types: [choice.type] };
  return `H.newCell(${owner}, ${out.constant(settled)}, ${target.listMode === undefined ? 'undefined' : text(target.listMode)}, undefined, undefined)`;
}

/** A new element, or the one that is there where only one may be. `made` is set only for a new one. */
function emitObject(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  type: TypeModel | undefined,
  owner: string,
  made: string,
): string {
  const { out, usesLast } = writer;
  const key = text(keyOf(step, type, target));
  const mode = target.listMode === undefined ? 'undefined' : text(target.listMode);
  const create = newObject(out, type);
  const simple =
    !step.typed &&
    target.listMode === undefined &&
    (step.kind === 'key' || (step.kind === 'choice' && key !== text(step.key)));
  if (simple && step.list === true && !usesLast) {
    out.line(
      `${made} = ${create}; if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`,
    );
    return made;
  }
  const value = out.fresh('p');
  const put = `${made} = ${value} = ${create}; H.put(R, ${owner}, ${out.constant(step)}, ${value}, ${nameOf(type, named(target))}, ${mode});`;
  if (step.list === false) {
    out.line(
      `let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) { ${simple ? `if (${value} === undefined) ${owner}[${key}] = ${made} = ${value} = ${create}; else { ${put} }` : put} }`,
    );
    return value;
  }
  if (target.listMode === 'single')
    out.line(
      `let ${value} = Array.isArray(${owner}[${key}]) ? ${owner}[${key}][0] : undefined; if (!H.isObject(${value})) { ${put} }`,
    );
  else out.line(`let ${value}; ${put}`);
  return value;
}
