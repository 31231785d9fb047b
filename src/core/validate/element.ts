/**
 * What a snapshot says, arranged for checking: one node an element, its children by name, its slices in order.
 * Choice elements (`value[x]`) are one node named `value`; contents of datatypes are shared and looked up when needed.
 * @see https://hl7.org/fhir/R4/elementdefinition.html
 */

import type { CodeSet } from './validator.ts';

/** An element that a value is held to. Nodes are made once, when a definition is compiled, and then only read. */
export interface ElementNode {
  /** Element id, for example `Observation.component:pain.value[x]`. */
  readonly id: string;
  /** Canonical URL of the StructureDefinition that says so. */
  readonly profile: string;
  /** Name without `[x]`; for a root the type name. */
  readonly name: string;
  readonly isChoice: boolean;
  /** Whether JSON writes an array: decided by the base element, not by the profile. */
  readonly isArray: boolean;
  readonly min: number;
  readonly max: number;
  readonly types: readonly TypeRule[];
  /** All types that the unprofiled element has, to tell "not allowed here" from "unknown". */
  readonly baseTypes: readonly TypeRule[];
  /** Expected value: `exact` (fixed[x]) or at least that much (pattern[x]). */
  readonly expected: readonly ExpectedValue[];
  readonly minValue?: unknown;
  readonly maxValue?: unknown;
  readonly maxLength?: number;
  readonly mustHaveValue: boolean;
  readonly bindings: readonly BindingRule[];
  readonly invariants: readonly InvariantRule[];
  readonly isModifier: boolean;
  readonly slicing?: SlicingRule;
  readonly slices: readonly ElementNode[];
  readonly sliceName?: string;
  /** Children said by this definition; undefined when the type's own children apply unchanged. */
  readonly children?: ReadonlyMap<string, ElementNode>;
  /** URL and id of the element whose content this one repeats, for example `http://…/Questionnaire#Questionnaire.item`. */
  readonly contentReference?: string;
}

export interface TypeRule {
  /** Type name (`Quantity`), also for FHIRPath system types (`id`, `string`). */
  readonly code: string;
  /** The value must satisfy at least one of these. */
  readonly profiles: readonly string[];
  /** What a Reference or canonical may point to, as canonical URLs. */
  readonly targetProfiles: readonly string[];
  readonly aggregation: readonly string[];
}

export interface ExpectedValue {
  readonly kind: 'fixed' | 'pattern';
  readonly value: unknown;
}

export interface BindingRule {
  readonly strength: 'required' | 'extensible' | 'maximum';
  readonly valueSet: string;
  /** Codes that are allowed besides. */
  readonly also?: readonly string[];
  /** Where the definition contains its value set: what that says. */
  readonly local?: LocalValueSet;
}

/** A value set that a definition carries inside itself, and that nobody else can look up. */
export interface LocalValueSet {
  readonly set: CodeSet;
  /** By `system|code`: how the value set wants the code displayed. */
  readonly displays: ReadonlyMap<string, readonly string[]>;
}

export interface InvariantRule {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
  readonly source: string;
}

export type DiscriminatorKind = 'value' | 'pattern' | 'exists' | 'type' | 'profile';

export interface DiscriminatorRule {
  readonly kind: DiscriminatorKind;
  readonly path: string;
}

export interface SlicingRule {
  readonly rules: 'open' | 'closed' | 'openAtEnd';
  readonly ordered: boolean;
  readonly discriminators: readonly DiscriminatorRule[];
}

/** A definition that cannot be used: it is refused by name when it is loaded, never half applied. */
export class UnsupportedDefinitionError extends Error {
  readonly url: string;
  readonly reasons: readonly string[];
  constructor(url: string, reasons: readonly string[]) {
    super(`Definition ${url} cannot be used: ${reasons.join('; ')}.`);
    this.name = 'UnsupportedDefinitionError';
    this.url = url;
    this.reasons = reasons;
  }
}
