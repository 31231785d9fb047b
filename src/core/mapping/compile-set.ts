import { emitSpot, type Spot } from './compile-spot.ts';
import { pathCode } from './compile-trace.ts';
import {
  assign,
  emitShare,
  type Given,
  guarded,
  type Prunes,
  sharedPath,
  type TargetWriter,
  traced,
} from './compile-writer.ts';
import { text } from './emitter.ts';
import { settle } from './place.ts';
import type { PlacePlan, StepPlan, TargetPlan } from './plan.ts';
import { jsonKind } from './type-check.ts';

/** A value that a transform gave, as code, and in the traced form where it came from. */
export interface Result {
  readonly value: string;
  readonly type: string;
  /** Code of the paths that it came from, and of the row of a concept map. */
  readonly sources: string;
  readonly row?: string;
  /** Code of the path of a variable that is part of an output, or waits to become one, and stays the same thing. */
  readonly linked?: string;
  /** It is known to be no object. */
  readonly isPrimitive?: boolean;
}

/** Sets a value that is there. */
export function emitSetAt(writer: TargetWriter, target: TargetPlan, place: PlacePlan, result: Result): void {
  const { out } = writer;
  const { variable } = target;
  const { last } = place;
  const { value, type } = result;
  if (last === undefined) {
    const cell = `v${place.into.slot}`;
    out.line(`H.setCell(R, ${cell}, ${value}, ${type}, ${text(target.text)});`);
    if (out.book !== undefined) {
      const { linked: _, ...plain } = result;
      emitEntry(writer, target, `${cell}.path + "." + ${cell}.at`, { ...plain, value: `${cell}.value` });
    }
    assign(out, variable, { value: cell, type, ...traced(out, `P${place.into.slot}`) });
    return;
  }
  guarded(writer, place, () => {
    const local: Prunes = [];
    const names: string[] = [];
    const declare = out.reserve();
    const spot = emitSpot({ ...writer, prunes: local }, place, names);
    declare(`let ${names.join(', ')};`);
    const bound = emitPut(writer, target, last, spot, result);
    const [fixed] = last.types;
    const bare = type === 'undefined' && fixed !== undefined && last.types.length === 1;
    assign(out, variable, { ...bound, type: bare ? text(fixed.name) : type });
  });
}

/** The entries of the trace for a value. */
function emitEntry({ out, rule }: TargetWriter, target: TargetPlan, where: string, result: Result): void {
  if (out.book === undefined) return;
  const { transform } = target;
  const code = transform.kind === 'call' ? transform.code : transform.kind === 'identity' ? 'copy' : transform.kind;
  const { value, sources, row, linked, isPrimitive } = result;
  const rest = `${sources}, ${out.constant(rule.info.place)}, ${text(code)}`;
  if (linked !== undefined) out.line(`T.link(${linked}, ${where}, ${value}, ${rest});`);
  else if (isPrimitive === true && row === undefined) out.line(`T.leaf(${where}, ${rest});`);
  else out.line(`T.value(${where}, ${value}, ${rest}${row === undefined ? '' : `, ${row}`});`);
}

/** Puts a value into an object; gives the code of what a variable for it is. */
function emitPut(writer: TargetWriter, target: TargetPlan, step: StepPlan, spot: Spot, result: Result): Given {
  const { out } = writer;
  const { owner } = spot;
  const { shareId, variable, listMode } = target;
  const { value, type } = result;
  const cell = variable?.form === 'cell';
  const name = out.fresh('j');
  const direct = shareId === undefined && !cell ? emitDirect(writer, target, step, spot, result, name) : undefined;
  if (direct !== undefined) return direct;
  const at = out.fresh('g');
  const path = out.fresh('p');
  const mode = listMode === undefined ? 'undefined' : text(listMode);
  const shared = shareId === undefined ? 'undefined' : `H.shared(R, ${owner}, ${text(shareId)})`;
  const made = cell
    ? `H.newCell(${owner}, ${out.constant(step)}, ${spot.path ?? '""'}, ${mode}, ${at}, ${name}0)`
    : `${name}0`;
  const known = shareId === undefined || out.book === undefined ? '' : `, ${path} = ${sharedPath(owner, shareId)}`;
  out.line(`let ${name} = ${shared}${known === '' && out.book !== undefined ? `, ${path}` : known};`);
  out.line(
    `if (${name} === undefined) { const ${name}0 = ${value}; const ${at} = H.put(R, ${owner}, ${out.constant(step)}, ${name}0, ${type}, ${mode}); ${name} = ${made};`,
  );
  if (spot.path !== undefined) out.line(`${path} = ${pathCode(spot.path, '"."', at)};`);
  emitEntry(writer, target, path, { ...result, value: `${name}0` });
  const given: Given = { value: name, type, ...traced(out, path) };
  if (shareId !== undefined) emitShare(out, owner, shareId, given);
  out.line('}');
  return given;
}

/** The frequent cases without a call: a settled key, no list mode, a type that is known. */
function emitDirect(
  writer: TargetWriter,
  target: TargetPlan,
  step: StepPlan,
  spot: Spot,
  result: Result,
  name: string,
): Given | undefined {
  const { out, usesLast } = writer;
  const { owner } = spot;
  const [type] = step.types;
  const careful = step.kind !== 'key' || step.typed || target.listMode !== undefined || step.types.length !== 1;
  if (careful || type === undefined || step.list === undefined || (step.list && usesLast)) return undefined;
  const settled = settledLiteral(target, step);
  let raw = result.value;
  if (settled !== undefined) out.line(`const ${name} = ${text(settled)};`);
  else {
    const wanted = type.kind === 'primitive' ? jsonKind(type) : 'object';
    if (out.book !== undefined && result.isPrimitive !== true) {
      // The trace tells of the value as it came, which is not always the one that is set.
      raw = `${name}0`;
      out.line(`const ${raw} = ${result.value};`);
    }
    out.line(
      `let ${name} = ${raw}; if (typeof ${name} !== ${text(wanted)}) ${name} = H.settle(${out.constant(step)}, ${name}, undefined);`,
    );
  }
  const place = `${owner}[${text(step.key)}]`;
  const after = pathCode(spot.path ?? '""', text(`.${step.key}`));
  let path = after;
  if (step.list && out.book !== undefined) {
    path = out.fresh('p');
    out.line(`const ${path} = ${pathCode(after, '"["', `H.count(${place})`, '"]"')};`);
  }
  if (step.list) out.line(`if (${place} === undefined) ${place} = [${name}]; else ${place}.push(${name});`);
  else
    out.line(
      `if (${place} === undefined) ${place} = ${name}; else H.second(${out.constant(step)}, ${place}, ${name});`,
    );
  emitEntry(writer, target, path, { ...result, value: raw });
  return { value: name, type: result.type, ...traced(out, path) };
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
