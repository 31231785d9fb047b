import type { Issue } from '../fhir/issue.ts';

/** What a mapping may see besides its input. Time and ids are arguments, so the same input gives the same output. */
export interface MappingEnvironment {
  /** An instant with offset: what `now()` and `dateOp` see. */
  readonly now: string;
  /** What `uuid()` gives, one value a call. */
  readonly newId: () => string;
  /** Values a caller hands in by name, `%name` in FHIRPath: for example the partner's identifier system. */
  readonly constants?: Readonly<Record<string, unknown>>;
}

/** Something worth telling that did not stop the mapping: a code that fell to the map's declared fallback, a `log`. */
export interface MappingReport {
  readonly kind: 'unmapped-code' | 'log';
  readonly message: string;
  readonly place: MappingPlace;
}

/** Where in a mapping. */
export interface MappingPlace {
  readonly map: string;
  readonly group: string;
  readonly rule: string;
  readonly line: number;
}

/** Why a mapping gave no output; there is never a partial one. */
export interface MappingFailure {
  /** Our stable code, for example `mapping-check-failed`, `mapping-unmapped-code`, `mapping-too-much-work`. */
  readonly code: string;
  readonly message: string;
  readonly place: MappingPlace;
  /** Path of the source element that was being read and the type of its value; never the value. */
  readonly sourcePath: string;
  readonly sourceType: string;
}

export type MappingResult =
  | {
      readonly ok: true;
      readonly outputs: Readonly<Record<string, unknown>>;
      readonly reports: readonly MappingReport[];
    }
  | { readonly ok: false; readonly failures: readonly MappingFailure[] };

/** For one element of an output: where it came from. */
export interface TraceEntry {
  /** `output:` name and path, for example `plan.dosage.sessions`. */
  readonly target: string;
  /** Input paths, for example `referral.quantityQuantity.value`; empty for constants. */
  readonly sources: readonly string[];
  readonly place: MappingPlace;
  readonly transform: string;
  /** The ConceptMap row that was used, `map url#system|code -> system|code`. */
  readonly conceptMapRow?: string;
}

export type TracedResult = MappingResult & {
  readonly trace: readonly TraceEntry[];
  /** Every leaf of the inputs that no rule read. */
  readonly dropped: readonly string[];
};

/** One compiled mapping. */
export interface Mapping {
  readonly name: string;
  readonly url: string;
  /** Hash of the map's text and all that it imports: what a plan records as its mapping version. */
  readonly version: string;
  readonly inputs: readonly { readonly name: string; readonly type: string }[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
  /** Inputs by the names of the entry group's sources. Inputs are never changed. */
  run(inputs: Readonly<Record<string, unknown>>, environment: MappingEnvironment): MappingResult;
  /** The same, and for every element where it came from. */
  trace(inputs: Readonly<Record<string, unknown>>, environment: MappingEnvironment): TracedResult;
}

/** One file of mapping text, or a StructureMap / ConceptMap resource as JSON text. */
export interface MappingSource {
  readonly file: string;
  readonly text: string;
}

/** Issues of `load` carry the file's name in `expression` as `file:line:column` and line and column beside. */
export interface LoadedMappings {
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly issues: readonly Issue[];
}
