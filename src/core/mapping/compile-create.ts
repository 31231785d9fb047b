import { emitLate } from './compile-late.ts';
import { emitSpot, type Spot } from './compile-spot.ts';
import { pathCode } from './compile-trace.ts';
import {
  createEntry,
  emitShare,
  emptyTest,
  type Given,
  guarded,
  keyOf,
  named,
  nameOf,
  type Prunes,
  sharedPath,
  type TargetWriter,
  traced,
} from './compile-writer.ts';
import { text, typeCode } from './emitter.ts';
import type { TypeModel } from './models.ts';
import type { PlacePlan, StepPlan, TargetPlan } from './plan.ts';

/** Writes a new element, or the one that is there where only one may be; `done` gets it. */
export function emitCreateAt(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  type: TypeModel | undefined,
  done: (made: Given) => void,
): void {
  const { out, prunes } = writer;
  const { last } = place;
  if (last === undefined) {
    const { slot } = place.into;
    done({ value: `v${slot}`, type: typeCode(place.into), ...traced(out, `P${slot}`) });
    return;
  }
  if (emitLate(writer, target, place, last, type, done)) return;
  const made = out.fresh('m');
  // Declared outside of the guard, since it is taken back after the nested rules.
  const names: string[] = [made];
  const declare = out.reserve();
  const local: Prunes = [];
  guarded(writer, place, () => {
    const spot = emitSpot({ ...writer, prunes: local }, place, names);
    const { owner } = spot;
    const { shareId } = target;
    if (shareId !== undefined) {
      const shared = out.fresh('s');
      out.line(`const ${shared} = H.shared(R, ${owner}, ${text(shareId)}); if (${shared} !== undefined) { `);
      done({ value: shared, type: nameOf(type, named(target)), ...traced(out, sharedPath(owner, shareId)) });
      out.line('} else {');
    }
    const given =
      type?.kind === 'primitive'
        ? emitCell(writer, target, last, type, spot)
        : emitObject(writer, target, last, type, spot, made);
    if (shareId !== undefined) emitShare(out, owner, shareId, given);
    done(given);
    if (shareId !== undefined) out.line('}');
    prunes.push(...local);
    if (type?.kind !== 'primitive')
      prunes.push(
        `if (${made} !== undefined && ${emptyTest(writer, target.variable, made)}) H.prune(R, ${owner}, ${text(keyOf(last, type, target))}, ${made});`,
      );
  });
  declare(`let ${names.join(', ')};`);
}

function emitCell(writer: TargetWriter, target: TargetPlan, step: StepPlan, type: TypeModel, spot: Spot): Given {
  const { out } = writer;
  const choice =
    step.kind === 'choice' ? step.choices.find((candidate) => candidate.type.name === type.name) : undefined;
  const settled: StepPlan =
    choice === undefined ? step : { ...step, kind: 'key', key: choice.key, choices: [choice], types: [choice.type] };
  const mode = target.listMode === undefined ? 'undefined' : text(target.listMode);
  const cell = out.fresh('p');
  out.line(
    `const ${cell} = H.newCell(${spot.owner}, ${out.constant(settled)}, ${spot.path ?? '""'}, ${mode}, undefined, undefined);`,
  );
  const path = spot.path === undefined ? {} : { path: pathCode(spot.path, text(`.${settled.key}`)) };
  return { value: cell, type: text(type.name), ...path };
}

/** A new element, or the one that is there where only one may be. `made` is set only for a new one. */
function emitObject(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  type: TypeModel | undefined,
  spot: Spot,
  made: string,
): Given {
  const { out, usesLast } = writer;
  const { owner } = spot;
  const key = text(keyOf(step, type, target));
  const mode = target.listMode === undefined ? 'undefined' : text(target.listMode);
  const create = out.newObject(type);
  const at = out.fresh('p');
  const typeName = nameOf(type, named(target));
  const isTraced = spot.path !== undefined;
  const after = pathCode(spot.path ?? '""', text(`.${keyOf(step, type, target)}`));
  if (isTraced) out.line(`let ${at};`);
  const result = (value: string): Given => ({ value, type: typeName, ...(isTraced ? { path: at } : {}) });
  const settled = step.kind === 'key' || (step.kind === 'choice' && key !== text(step.key));
  const simple = !step.typed && target.listMode === undefined && settled;
  if (simple && step.list === true && !usesLast) {
    if (isTraced)
      out.line(`${at} = ${pathCode(after, '"["', `H.count(${owner}[${key}])`, '"]"')};${createEntry(writer, at)}`);
    out.line(
      `${made} = ${create}; if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`,
    );
    return result(made);
  }
  const value = out.fresh('p');
  const putAt = `H.put(R, ${owner}, ${out.constant(step)}, ${value}, ${typeName}, ${mode})`;
  const put = `${made} = ${value} = ${create}; ${isTraced ? `${at} = ${pathCode(spot.path ?? '""', '"."', putAt)};${createEntry(writer, at)}` : `${putAt};`}`;
  const there = isTraced ? ` else ${at} = ${after};` : '';
  if (step.list === false) {
    const quick = `if (${value} === undefined) { ${owner}[${key}] = ${made} = ${value} = ${create};${isTraced ? ` ${at} = ${after};${createEntry(writer, at)}` : ''} } else { ${put} }`;
    out.line(`let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) { ${simple ? quick : put} }${there}`);
    return result(value);
  }
  if (target.listMode === 'single') {
    const first = isTraced ? ` else ${at} = ${pathCode(after, '"[0]"')};` : '';
    out.line(
      `let ${value} = Array.isArray(${owner}[${key}]) ? ${owner}[${key}][0] : undefined; if (!H.isObject(${value})) { ${put} }${first}`,
    );
  } else out.line(`let ${value}; ${put}`);
  return result(value);
}
