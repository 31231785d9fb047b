import { type Emitter, text } from './emitter.ts';
import type { TypeModel } from './models.ts';
import type { GroupPlan, MapPlan, PlacePlan, RulePlan, StepPlan, TargetPlan, Variable } from './plan.ts';
import { isDynamic } from './session.ts';

/** What is written after the rules that are nested in a rule: taking back what stayed empty. */
export type Prunes = string[];

/** What the writer of targets needs to know of the map around. */
export interface TargetWriter {
  readonly out: Emitter;
  readonly plan: MapPlan;
  readonly rule: RulePlan;
  /** Some target wants to stay last: every list then goes the careful way. */
  readonly usesLast: boolean;
  readonly prunes: Prunes;
  readonly call: (group: GroupPlan, given: readonly { readonly value: string; readonly type: string }[]) => void;
}

export function assign(out: Emitter, variable: Variable | undefined, value: string, type: string): void {
  if (variable === undefined) out.line(`${value};`);
  else out.line(`v${variable.slot} = ${value};${isDynamic(variable) ? ` t${variable.slot} = ${type};` : ''}`);
}

export function nameOf(type: TypeModel | undefined, named: string | undefined): string {
  const name = type?.name ?? named;
  return name === undefined ? 'undefined' : text(name);
}

export function newObject(out: Emitter, type: TypeModel | undefined): string {
  void out;
  return type?.kind === 'resource' && !type.open ? `{ resourceType: ${text(type.name)} }` : '{}';
}

/** A target of a known type that is no primitive was made as an object or tested when it was set. */
export function isObjectVariable(variable: Variable): boolean {
  return (
    variable.form === 'value' && variable.types.length > 0 && variable.types.every((type) => type.kind !== 'primitive')
  );
}

/** Prunes of a part of the code that sits in a block of its own must be written there, where its names are known. */
export function guarded(writer: TargetWriter, place: PlacePlan, inner: () => void): void {
  const { out } = writer;
  out.line(`if (v${place.into.slot} !== undefined) {`);
  inner();
  out.line('}');
}

export function named(target: TargetPlan): string | undefined {
  return target.transform.kind === 'create' ? target.transform.named : undefined;
}

export function keyOf(step: StepPlan, type: TypeModel | undefined, target: TargetPlan): string {
  if (step.kind !== 'choice') return step.key;
  const name = type?.name ?? named(target);
  return step.choices.find((choice) => choice.type.name === name)?.key ?? step.key;
}
