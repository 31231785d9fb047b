import type { Issue } from '../fhir/issue.ts';

/** Where a value stands in the sender's text, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Looks up the position of a FHIRPath such as `ServiceRequest.code.coding[0]`; when that element does not exist, the
 * position of the nearest parent that does.
 */
export type Locate = (expression: string) => Position | undefined;

/** Definitions by canonical URL (or by type name for R4's own): what a validator is compiled from. */
export interface Definitions {
  /** A StructureDefinition with a snapshot, as JSON; undefined when unknown. */
  structure(url: string): unknown;
  /** The codes of an expanded ValueSet, `system|code`; undefined when it is not known or cannot be expanded here. */
  codes(valueSet: string): CodeSet | undefined;
  /** All codes of a CodeSystem known completely here; undefined otherwise. */
  codeSystem(system: string): ReadonlySet<string> | undefined;
  /** How a code may be displayed, in any language; undefined when that is not known here. */
  displays?(system: string, code: string): readonly string[] | undefined;
}

/** An expanded ValueSet. */
export interface CodeSet {
  /** `system|code`, or `|code` for elements of type code that carry no system (every code is listed under both). */
  readonly codes: ReadonlySet<string>;
  /** Systems of which the ValueSet takes every code and whose codes are not known here (for example all of SNOMED). */
  readonly openSystems: ReadonlySet<string>;
  /** Whether something of the ValueSet could not be expanded: a code outside `codes` may still belong to it. */
  readonly incomplete: boolean;
}

/** What one validation asks. */
export interface ValidationRequest {
  /** Profiles besides the base definition and `meta.profile`. */
  readonly profiles?: readonly string[];
  /** Fills `line` and `column` of issues. */
  readonly locate?: Locate;
  /** Finds what a literal reference outside the resource points to; undefined where it cannot be known. */
  readonly resolve?: (reference: string) => unknown;
}

/** A validator compiled from definitions. It keeps what it compiled; it never changes a resource. */
export interface Validator {
  /** All issues, worst first, at most 200; without a fault among them the resource conforms. */
  validate(resource: unknown, request?: ValidationRequest): readonly Issue[];
  /** The fast tier: true exactly when `validate` finds no fault. */
  accepts(resource: unknown, profiles?: readonly string[]): boolean;
}
