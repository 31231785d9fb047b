import { emitOwner } from './compile-spot.ts';
import { pathCode } from './compile-trace.ts';
import {
  createEntry,
  emptyTest,
  type Given,
  guarded,
  keyOf,
  named,
  nameOf,
  type TargetWriter,
  traced,
} from './compile-writer.ts';
import { text } from './emitter.ts';
import type { TypeModel } from './models.ts';
import type { PlacePlan, StepPlan, TargetPlan } from './plan.ts';
import { isUsedAfter } from './plan-uses.ts';

/**
 * Writes a new element that is put into its place once it is filled: the usual case, and without taking back what
 * stayed empty.
 *
 * @returns Whether that can be done; otherwise nothing was written.
 */
export function emitLate(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  step: StepPlan,
  type: TypeModel | undefined,
  done: (made: Given) => void,
): boolean {
  if (!canWait(writer, target, place, step, type)) return false;
  const { out, prunes } = writer;
  const made = out.fresh('m');
  const key = text(keyOf(step, type, target));
  const names = [made];
  const declare = out.reserve();
  const create = out.newObject(type);
  const typeName = nameOf(type, named(target));
  const after = pathCode(`P${place.into.slot}`, text(`.${keyOf(step, type, target)}`));
  let owner = '';
  guarded(writer, place, () => {
    owner = emitOwner(writer, place, names);
    if (step.list) {
      const at = out.fresh('p');
      if (out.book !== undefined)
        out.line(
          `const ${at} = ${pathCode(after, '"["', `H.count(${owner}[${key}])`, '"]"')};${createEntry(writer, at)}`,
        );
      out.line(`${made} = ${create};`);
      done({ value: made, type: typeName, ...traced(out, at) });
      return;
    }
    const value = out.fresh('p');
    out.line(
      `let ${value} = ${owner}[${key}]; if (!H.isObject(${value})) { ${made} = ${value} = ${create};${createEntry(writer, after)} }`,
    );
    done({ value, type: typeName, ...traced(out, after) });
  });
  const put = step.list
    ? `if (${owner}[${key}] === undefined) ${owner}[${key}] = [${made}]; else ${owner}[${key}].push(${made});`
    : `if (${owner}[${key}] === undefined) ${owner}[${key}] = ${made}; else H.put(R, ${owner}, ${out.constant(step)}, ${made}, ${typeName}, undefined);`;
  prunes.push(`if (${made} !== undefined && !(${emptyTest(writer, target.variable, made)})) { ${put} }`);
  declare(`let ${names.join(', ')};`);
  return true;
}

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
