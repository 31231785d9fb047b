import type { ConceptTable } from './concept-table.ts';
import type { MappingPlace } from './mapping.ts';
import type { TypeModel } from './models.ts';
import type { Problems } from './problems.ts';
import type { SourceListMode, Span, TargetListMode } from './syntax.ts';
import type { RunWorld } from './world.ts';

/**
 * What a map means once names, types and imports are settled: the interpreter walks it, the compiler prints it as
 * JavaScript. A group called with other types is another group plan, so that every step knows its types beforehand.
 */
export interface MapPlan {
  readonly entry: GroupPlan;
  readonly groups: readonly GroupPlan[];
  /** Groups that the first one calls, itself or through others. */
  readonly reached: ReadonlySet<GroupPlan>;
  readonly rules: readonly RuleInfo[];
  readonly constants: readonly ExpressionPlan[];
  /** Elements that some rule sets, by type, and where each type is made. */
  readonly sets: ReadonlyMap<TypeModel, ReadonlySet<string>>;
  readonly made: ReadonlyMap<TypeModel, { readonly span: Span; readonly problems: Problems }>;
}

/** One rule as written; several rule plans may come from it. */
export interface RuleInfo {
  readonly index: number;
  readonly place: MappingPlace;
  readonly file: string;
  readonly column: number;
}

export interface GroupPlan {
  readonly id: number;
  readonly map: string;
  readonly name: string;
  readonly parameters: readonly Variable[];
  /** Filled after creation, since groups call each other. */
  rules: readonly RulePlan[];
  /** How many variable slots a run of it needs. */
  slots: number;
}

/** A variable of a group, by slot. */
export interface Variable {
  readonly name: string;
  readonly slot: number;
  readonly mode: 'source' | 'target';
  /** Empty: unknown. One: that type. Several: known only when the map runs. */
  readonly types: readonly TypeModel[];
  /** `cell`: a place that holds a primitive, or will; otherwise the value itself. */
  readonly form: 'value' | 'cell';
}

export interface RulePlan {
  readonly info: RuleInfo;
  readonly sources: readonly SourcePlan[];
  readonly targets: readonly TargetPlan[];
  readonly calls: readonly CallPlan[];
  readonly rules: readonly RulePlan[];
}

/** One step from a value to its children. */
export interface StepPlan {
  readonly name: string;
  /** `key` where it is settled; `choice` where the value's type decides; `open` where no model says. */
  readonly kind: 'key' | 'choice' | 'open';
  readonly key: string;
  readonly choices: readonly { readonly key: string; readonly type: TypeModel }[];
  /** What the model says of repetition; undefined where there is none. */
  readonly list: boolean | undefined;
  readonly types: readonly TypeModel[];
  /** Values carry `xsi:type`. */
  readonly typed: boolean;
}

export interface SourcePlan {
  readonly from: Variable;
  readonly steps: readonly StepPlan[];
  /** Only values of this type. `resource` compares `resourceType`, `value` the JavaScript type. */
  readonly filter?: { readonly name: string; readonly by: 'resource' | 'type' | 'value' };
  readonly min?: number;
  readonly max?: number;
  readonly default?: ExpressionPlan;
  readonly listMode?: SourceListMode;
  readonly variable: Variable;
  readonly where?: ExpressionPlan;
  readonly check?: ExpressionPlan;
  readonly log?: ExpressionPlan;
  /** As written, for errors. */
  readonly text: string;
}

export interface ExpressionPlan {
  readonly index: number;
  readonly text: string;
  /** Variables it sees, by the names that the expression uses. */
  readonly variables: readonly Variable[];
  /** Constants of the map that it names, by their index. */
  readonly constants: readonly { readonly name: string; readonly index: number }[];
  /** Element paths that it follows from its focus (undefined) or from a variable: what counts as read. */
  readonly reads: readonly { readonly variable?: Variable; readonly path: readonly ReadStep[] }[];
  /** The variable that is the focus; absent for constants. */
  readonly focus?: Variable;
  /** What it can give; empty when that cannot be said. */
  readonly types: readonly TypeModel[];
  /** The same in JavaScript, over `f` (the focus) and `v<slot>`, where the expression is simple enough. */
  readonly script?: ExpressionScript;
  readonly evaluate: Evaluate;
  readonly line: number;
}

/**
 * JavaScript of an expression, over `f` (the focus), `w<slot>` (variables), `R`, and the functions of script.ts.
 * `truth`: whether a condition lets the rule go on. `value`: the only value, or undefined.
 */
export interface ExpressionScript {
  readonly truth?: ScriptPart;
  readonly value?: ScriptPart;
}

export interface ScriptPart {
  /** What its function, and in front of a number the functions of its loops, are called. */
  readonly name: string;
  /** An expression, and the variables that it uses. */
  readonly code: string;
  readonly locals: readonly string[];
  /** Loops over lists as functions of their own, and what these count in: declared beside the script. */
  readonly declarations: readonly string[];
  /** Parts that are left to the FHIRPath engine; the code reaches them as `<name>leaves`. */
  readonly leaves: readonly Evaluate[];
}

/** One element that an expression goes through; `*` for all. */
export interface ReadStep {
  readonly name: string;
  /** It may stand in JSON under a key with its type. */
  readonly isChoice: boolean;
}

/** One result of an expression; the type is empty where it cannot be said. */
export interface Selected {
  readonly value: unknown;
  readonly type: string;
}

export type Evaluate = (
  focus: unknown,
  variables: Readonly<Record<string, readonly unknown[]>>,
  world: RunWorld,
) => readonly Selected[];

/** Where a value goes. */
export interface PlacePlan {
  readonly into: Variable;
  /** Elements between, created where they are absent. */
  readonly path: readonly StepPlan[];
  /** The element itself; absent when the variable's own value is meant. */
  readonly last?: StepPlan;
}

export interface TargetPlan {
  readonly place?: PlacePlan;
  readonly transform: TransformPlan;
  readonly variable?: Variable;
  readonly listMode?: TargetListMode;
  readonly shareId?: string;
  /** As written, for errors. */
  readonly text: string;
}

export type ArgumentPlan =
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly type: string }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'expression'; readonly expression: ExpressionPlan };

export type TransformPlan =
  /** Only another name for the context. */
  | { readonly kind: 'same' }
  /** A new element; `primitive` ones have a place but no value yet. */
  | { readonly kind: 'create'; readonly type: TypeModel | undefined; readonly named: string | undefined }
  | { readonly kind: 'copy'; readonly argument: ArgumentPlan }
  | { readonly kind: 'evaluate'; readonly expression: ExpressionPlan }
  | {
      readonly kind: 'translate';
      readonly argument: ArgumentPlan;
      readonly table: ConceptTable;
      readonly output: TranslateOutput;
    }
  | {
      readonly kind: 'call';
      readonly code: string;
      readonly arguments: readonly ArgumentPlan[];
      /** The FHIR type of what it gives, where that is settled. */
      readonly gives?: string;
    }
  | { readonly kind: 'identity'; readonly source: Variable; readonly cases: readonly IdentityCase[] };

export type TranslateOutput = 'code' | 'system' | 'display' | 'Coding' | 'CodeableConcept';

/** What the identity form does for one source type: a default group, or a copy. */
export interface IdentityCase {
  /** Undefined: any type. */
  readonly from?: TypeModel;
  readonly to?: TypeModel;
  readonly group?: GroupPlan;
}

export interface CallPlan {
  readonly group: GroupPlan;
  readonly arguments: readonly ArgumentPlan[];
}
