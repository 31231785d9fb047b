import { isValidPrimitive, primitives } from '../validate/primitive.ts';
import type { ElementModel, TypeModel } from './models.ts';
import type { ArgumentPlan } from './plan.ts';
import { suggestion } from './problems.ts';
import type { Scope } from './resolve-scope.ts';
import type { Span } from './syntax.ts';

/** Where a constant goes. */
export interface ConstantPlace {
  /** As written: `tgt.gender`. */
  readonly text: string;
  readonly types: readonly TypeModel[];
  readonly element: ElementModel | undefined;
  readonly span: Span;
}

/**
 * A constant that its element can never hold is a slip that every output would carry: it has the form of its type
 * (https://hl7.org/fhir/R4/datatypes.html#primitive), and is one of the codes that a required binding allows.
 */
export function checkConstant(scope: Scope, place: ConstantPlace, argument: ArgumentPlan): void {
  const [type] = place.types;
  if (argument.kind !== 'literal' || type?.kind !== 'primitive' || place.types.length !== 1) return;
  const { value } = argument;
  const form = primitives[type.name];
  // Another kind of JSON value is a wrong type, which is told as such.
  if (form === undefined || typeof value !== form.json) return;
  if (!isValidPrimitive(type.name, value)) {
    scope.problems.error(
      'mapping-wrong-type',
      place.span,
      `"${place.text}" cannot be ${JSON.stringify(value)}: it should be ${form.wants}.`,
      'value',
    );
    return;
  }
  if (type.name === 'code' && typeof value === 'string') checkCode(scope, place, value);
}

function checkCode(scope: Scope, { text, element, span }: ConstantPlace, code: string): void {
  const { binding } = element ?? {};
  if (binding?.strength !== 'required') return;
  const set = scope.shop.models.codes?.(binding.valueSet);
  if (set === undefined || set.incomplete || set.openSystems.size > 0 || set.codes.has(`|${code}`)) return;
  const known = [...set.codes].flatMap((one) => (one.startsWith('|') ? [one.slice(1)] : []));
  scope.problems.error(
    'mapping-outside-value-set',
    span,
    `"${text}" cannot be "${code}": it is not in ${binding.valueSet}, which the target requires.${suggestion(code, known)}`,
    'code-invalid',
  );
}
