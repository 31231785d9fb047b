/**
 * The contract of our one FHIRPath engine, used by the validator's invariants and by the mapping language.
 * @see http://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
 */

/** What an expression may see besides its focus. Everything is an argument: no clock, no network. */
export interface FhirPathEnvironment {
  /** `%resource`: the resource that contains the focus. */
  readonly resource?: unknown;
  /** `%rootResource`: the outermost one; differs from `%resource` inside contained resources. */
  readonly rootResource?: unknown;
  /** `now()`, `today()`, `timeOfDay()`: an instant with offset, for example `2026-11-26T09:00:00Z`. */
  readonly now?: string;
  /** `%name` for other names. Values are collections. */
  readonly variables?: Readonly<Record<string, readonly unknown[]>>;
  /** `resolve()`: finds what a reference points to inside the Bundle or `contained`; undefined when it cannot. */
  readonly resolve?: (reference: string) => unknown;
  /** `memberOf(valueSet)`: undefined when it cannot be decided here. */
  readonly memberOf?: (value: unknown, valueSet: string) => boolean | undefined;
  /** `conformsTo(profile)`: undefined when it cannot be decided here. */
  readonly conformsTo?: (value: unknown, profile: string) => boolean | undefined;
}

/** One compiled expression. */
export interface FhirPathExpression {
  readonly text: string;
  /**
   * @param focus One FHIR JSON value (or an array as a collection); its FHIR type, where known, as `type`.
   * @returns The resulting collection, plain JSON values.
   * @throws FhirPathError, naming the expression and the position, when evaluation meets a type error or its limit of
   *   work.
   */
  evaluate(focus: unknown, environment: FhirPathEnvironment, type?: string): readonly unknown[];
  /** As a condition that is met unless it says otherwise: an empty collection or a single true is true; all else is false. */
  holds(focus: unknown, environment: FhirPathEnvironment, type?: string): boolean;
  /** As a condition that must be met: a single true is true; an empty collection is not. */
  isTrue?(focus: unknown, environment: FhirPathEnvironment, type?: string): boolean;
}

/** An expression that cannot be parsed, uses something unknown, or fails when evaluated. */
export class FhirPathError extends Error {
  readonly expression: string;
  /** Offset into the expression, from 0; -1 when unknown. */
  readonly offset: number;
  constructor(message: string, expression: string, offset = -1) {
    super(message);
    this.name = 'FhirPathError';
    this.expression = expression;
    this.offset = offset;
  }
}
