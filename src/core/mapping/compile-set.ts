import { emitSpot } from './compile-create.ts';
import { assign, guarded, type Prunes, type TargetWriter } from './compile-writer.ts';
import { text } from './emitter.ts';
import { settle } from './place.ts';
import type { PlacePlan, StepPlan, TargetPlan } from './plan.ts';
import { jsonKind } from './type-check.ts';

/** Sets a value that is there. */
export function emitSetAt(
  writer: TargetWriter,
  target: TargetPlan,
  place: PlacePlan,
  value: string,
  type: string,
): void {
  const { out } = writer;
  const { variable } = target;
  const { last } = place;
  if (last === undefined) {
    out.line(`H.setCell(R, v${place.into.slot}, ${value}, ${type}, ${text(target.text)});`);
    if (variable !== undefined) assign(out, variable, `v${place.into.slot}`, type);
    return;
  }
  const local: Prunes = [];
  guarded(writer, place, () => {
    const owner = emitSpot({ ...writer, prunes: local }, place);
    const bound = emitPut(writer, target, last, owner, value, type);
    if (variable !== undefined) {
      const [fixed] = last.types;
      assign(
        out,
        variable,
        bound,
        type === 'undefined' && fixed !== undefined && last.types.length === 1 ? text(fixed.name) : type,
      );
    }
  });
}

/** Puts a value into an object; gives the code of what a variable for it is. */
function emitPut(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  owner: string,
  value: string,
  type: string,
): string {
  const { out } = writer;
  const { shareId, variable, listMode } = target;
  const cell = variable?.form === 'cell';
  const at = out.fresh('g');
  const result = out.fresh('j');
  const direct = shareId === undefined && !cell && emitDirect(writer, target, step, owner, value, result);
  if (direct) return result;
  const mode = listMode === undefined ? 'undefined' : text(listMode);
  const shared = shareId === undefined ? 'undefined' : `H.shared(R, ${owner}, ${text(shareId)})`;
  const made = cell ? `H.newCell(${owner}, ${out.constant(step)}, ${mode}, ${at}, ${result}0)` : `${result}0`;
  out.line(
    `let ${result} = ${shared}; if (${result} === undefined) { const ${result}0 = ${value}; const ${at} = H.put(R, ${owner}, ${out.constant(step)}, ${result}0, ${type}, ${mode}); ${result} = ${made};`,
  );
  if (shareId !== undefined) out.line(`H.share(R, ${owner}, ${text(shareId)}, ${result});`);
  out.line('}');
  return result;
}

/** The frequent cases without a call: a settled key, no list mode, a type that is known. */
function emitDirect(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  owner: string,
  value: string,
  result: string,
): boolean {
  const { out, usesLast } = writer;
  const [type] = step.types;
  if (
    step.kind !== 'key' ||
    step.typed ||
    target.listMode !== undefined ||
    step.types.length !== 1 ||
    type === undefined
  )
    return false;
  if (step.list === undefined || (step.list && usesLast)) return false;
  const settled = settledLiteral(target, step);
  if (settled !== undefined) out.line(`const ${result} = ${text(settled)};`);
  else {
    const wanted = type.kind === 'primitive' ? jsonKind(type) : 'object';
    out.line(
      `let ${result} = ${value}; if (typeof ${result} !== ${text(wanted)}) ${result} = H.settle(${out.constant(step)}, ${result}, undefined);`,
    );
  }
  const key = text(step.key);
  if (step.list)
    out.line(
      `if (${owner}[${key}] === undefined) ${owner}[${key}] = [${result}]; else ${owner}[${key}].push(${result});`,
    );
  else
    out.line(
      `if (${owner}[${key}] === undefined) ${owner}[${key}] = ${result}; else H.second(${out.constant(step)}, ${owner}[${key}], ${result});`,
    );
  return true;
}

function settledLiteral(target: TargetPlan, step: StepPlan): string | number | boolean | undefined {
  const { transform } = target;
  if (transform.kind !== 'copy' || transform.argument.kind !== 'literal') return undefined;
  try {
    const value = settle(step, transform.argument.value, transform.argument.type);
    return typeof value === 'object' ? undefined : (value as string);
  } catch {
    return undefined;
  }
}
