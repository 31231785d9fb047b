/**
 * The syntax tree of one map, whether it came from mapping-language text or from a StructureMap resource.
 * Names follow https://hl7.org/fhir/R4/structuremap.html.
 */

/** A place in the text of a file; line and column from 1, offset from 0. */
export interface Span {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export interface MapSyntax {
  readonly file: string;
  readonly url: string;
  readonly name: string;
  /** `///` metadata by dotted name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly uses: readonly UseSyntax[];
  readonly imports: readonly NamedSpan[];
  readonly constants: readonly ConstantSyntax[];
  readonly conceptMaps: readonly ConceptMapSyntax[];
  readonly groups: readonly GroupSyntax[];
  readonly span: Span;
}

export interface NamedSpan {
  readonly name: string;
  readonly span: Span;
}

export type ModelMode = 'source' | 'target' | 'queried' | 'produced';

export interface UseSyntax {
  readonly url: string;
  readonly alias?: string;
  readonly mode: ModelMode;
  readonly span: Span;
}

export interface ConstantSyntax {
  readonly name: string;
  readonly expression: ExpressionSyntax;
  readonly span: Span;
}

/** An embedded FHIRPath expression as written. */
export interface ExpressionSyntax {
  readonly text: string;
  readonly span: Span;
}

export interface ConceptMapSyntax {
  readonly id: string;
  readonly span: Span;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly unmapped: readonly {
    readonly source: string;
    readonly mode: 'provided' | 'fixed';
    readonly target?: string;
    readonly code?: string;
    readonly span: Span;
  }[];
  readonly rows: readonly ConceptRowSyntax[];
}

export interface ConceptRowSyntax {
  readonly source: string;
  readonly code: string;
  readonly relation: string;
  readonly target: string;
  readonly targetCode: string;
  readonly span: Span;
  readonly end: number;
}

export interface GroupSyntax {
  readonly name: string;
  readonly parameters: readonly ParameterSyntax[];
  readonly extends?: NamedSpan;
  readonly typeMode?: 'types' | 'type-and-types';
  readonly rules: readonly RuleSyntax[];
  readonly span: Span;
}

export interface ParameterSyntax {
  readonly mode: 'source' | 'target';
  readonly name: string;
  readonly type?: NamedSpan;
  readonly span: Span;
}

export interface RuleSyntax {
  readonly name: string;
  readonly sources: readonly SourceSyntax[];
  readonly targets: readonly TargetSyntax[];
  /** `src.a -> tgt.b;`: the identity form. */
  readonly simple: boolean;
  readonly calls: readonly CallSyntax[];
  readonly rules: readonly RuleSyntax[];
  readonly span: Span;
  /** Offset just after its last character. */
  readonly end: number;
}

export type SourceListMode = 'first' | 'not_first' | 'last' | 'not_last' | 'only_one';

export interface SourceSyntax {
  readonly context: NamedSpan;
  readonly path: readonly NamedSpan[];
  readonly type?: NamedSpan;
  readonly min?: number;
  /** Infinity for `*`. */
  readonly max?: number;
  readonly default?: ExpressionSyntax;
  readonly listMode?: SourceListMode;
  readonly variable?: NamedSpan;
  readonly where?: ExpressionSyntax;
  readonly check?: ExpressionSyntax;
  readonly log?: ExpressionSyntax;
  readonly span: Span;
}

export type TargetListMode = 'first' | 'share' | 'last' | 'single';

export interface TargetSyntax {
  /** Absent where a transform or an expression only fills a variable. */
  readonly context?: NamedSpan;
  readonly path: readonly NamedSpan[];
  readonly transform?: TransformSyntax;
  readonly variable?: NamedSpan;
  readonly listMode?: TargetListMode;
  readonly shareId?: string;
  readonly span: Span;
}

export interface TransformSyntax {
  /** A transform code such as `copy`, or `group:name` where a target names a group. */
  readonly code: string;
  readonly parameters: readonly ArgumentSyntax[];
  readonly span: Span;
}

export type ArgumentSyntax =
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly type: string; readonly span: Span }
  | { readonly kind: 'variable'; readonly name: string; readonly span: Span }
  | { readonly kind: 'expression'; readonly expression: ExpressionSyntax; readonly span: Span };

export interface CallSyntax {
  readonly group: NamedSpan;
  readonly arguments: readonly ArgumentSyntax[];
}
