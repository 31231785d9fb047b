import type { FhirPathEnvironment } from '../fhirpath/expression.ts';
import type { ElementNode } from './element.ts';
import type { BundleScope, Run, Scope } from './run.ts';

/**
 * The fast tier answers true only where the thorough one finds no fault. Wherever it cannot be sure, for whatever
 * reason, it answers false, and the thorough tier decides: being unsure costs time, never truth.
 *
 * @param depth Objects open above this value.
 */
export type Check = (value: unknown, scope: FastScope, depth: number) => boolean;

/** What a fast check may know of its surroundings; a Scope, so that rules written for both tiers can be asked. */
export interface FastScope extends Scope {
  /** Its issues are a FaultFlag: one fault anywhere ends the fast tier. */
  readonly run: Run;
  readonly bundle: BundleScope | undefined;
  /** Times that an extension was held to two definitions at once; bounded, as that can double with each level. */
  twice: number;
  /** Whether an element with an id was met, so that their uniqueness must be looked at. */
  hasIds: boolean;
  /** Whether something stands beside a primitive value (`_birthDate`), of which generated conditions are not sure. */
  hasExtras: boolean;
  environment: FhirPathEnvironment | undefined;
}

/** A check that is made when it is first needed; generated code calls it through `run`. */
export interface Lazy {
  run: Check;
}

/** What generated code is made with. */
export interface FastLinks {
  /** Facts that do not depend on a resource. */
  readonly still: Run;
  /** Children and rules of an object, without what its node says of it from outside. */
  body(node: ElementNode): Lazy;
  /** One occurrence of an element, everything its node says. @param url Of the extension, where that is known. */
  item(node: ElementNode, type: string, url?: string): Lazy;
  /** A resource inside another. */
  resource(value: unknown, scope: FastScope, depth: number, node: ElementNode): boolean;
  /** Whether a coding's system is one, and its code one of that system's as far as those are known. */
  coding(system: unknown, code: unknown): boolean;
}
