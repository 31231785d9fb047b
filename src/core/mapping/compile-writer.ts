import { sourcesOf } from './compile-trace.ts';
import { type Emitter, text } from './emitter.ts';
import type { TypeModel } from './models.ts';
import type { GroupPlan, MapPlan, PlacePlan, RulePlan, StepPlan, TargetPlan, Variable } from './plan.ts';
import { keysWritten } from './plan-uses.ts';
import { isDynamic } from './session.ts';

/** What is written after the rules that are nested in a rule: taking back what stayed empty. */
export type Prunes = string[];

/** A value as code, with its type and, in the traced form, its path; of the input also what it stands in. */
export interface Given {
  readonly value: string;
  readonly type: string;
  readonly path?: string;
  readonly owner?: string;
  readonly key?: string;
}

/** What the writer of targets needs to know of the map around. */
export interface TargetWriter {
  readonly out: Emitter;
  readonly plan: MapPlan;
  readonly rule: RulePlan;
  /** Some target wants to stay last: every list then goes the careful way. */
  readonly usesLast: boolean;
  readonly prunes: Prunes;
  readonly call: (group: GroupPlan, given: readonly Given[]) => void;
}

/** Gives a target variable its value, and in the traced form its path. */
export function assign(out: Emitter, variable: Variable | undefined, { value, type, path }: Given): void {
  if (variable === undefined) return;
  const { slot } = variable;
  const traced = path === undefined ? '' : ` P${slot} = ${path};`;
  out.line(`v${slot} = ${value};${isDynamic(variable) ? ` t${slot} = ${type};` : ''}${traced}`);
}

export function nameOf(type: TypeModel | undefined, named: string | undefined): string {
  const name = type?.name ?? named;
  return name === undefined ? 'undefined' : text(name);
}

/** A target of a known type that is no primitive was made as an object or tested when it was set. */
export function isObjectVariable(variable: Variable): boolean {
  return (
    variable.form === 'value' && variable.types.length > 0 && variable.types.every((type) => type.kind !== 'primitive')
  );
}

/** What is done with the object that a target goes into, if that was made. */
export function guarded(writer: TargetWriter, place: PlacePlan, inner: () => void): void {
  const { out } = writer;
  if (out.present.has(place.into.slot)) {
    inner();
    return;
  }
  out.line(`if (v${place.into.slot} !== undefined) {`);
  inner();
  out.line('}');
}

/** Code of a test that nothing was put into a new element; the keys that are likely are looked at first. */
export function emptyTest({ rule }: TargetWriter, variable: Variable | undefined, made: string): string {
  const keys = variable === undefined ? [] : keysWritten(rule, variable);
  return [...keys.map((key) => `${made}[${text(key)}] === undefined`), `H.isEmpty(${made})`].join(' && ');
}

export function named(target: TargetPlan): string | undefined {
  return target.transform.kind === 'create' ? target.transform.named : undefined;
}

export function keyOf(step: StepPlan, type: TypeModel | undefined, target: TargetPlan): string {
  if (step.kind !== 'choice') return step.key;
  const name = type?.name ?? named(target);
  return step.choices.find((choice) => choice.type.name === name)?.key ?? step.key;
}

/** A path that only the traced form has. */
export function traced(out: Emitter, path: string): { readonly path?: string } {
  return out.book === undefined ? {} : { path };
}

/** The path of a shared element is kept beside it: no name has a line break. */
export function sharedPath(owner: string, shareId: string): string {
  return `H.shared(R, ${owner}, ${text(`${shareId}\n`)})`;
}

export function emitShare(out: Emitter, owner: string, shareId: string, { value, path }: Given): void {
  out.line(`H.share(R, ${owner}, ${text(shareId)}, ${value});`);
  if (path !== undefined) out.line(`H.share(R, ${owner}, ${text(`${shareId}\n`)}, ${path});`);
}

/** The entry of the trace for a new element. */
export function createEntry({ out, rule }: TargetWriter, path: string): string {
  if (out.book === undefined) return '';
  return ` T.leaf(${path}, ${sourcesOf(out, rule)}, ${out.constant(rule.info.place)}, "create");`;
}
