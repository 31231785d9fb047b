import type { Issue } from '../core/fhir/issue.ts';
import { inVersion, type LayeredOrder, versionNamed } from '../core/plan/order-layers.ts';
import { patientNumbers } from '../core/plan/screening/records.ts';
import type { Referral } from './records.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Where two orders have different numbers of one system for their patients; undefined where they may be of one person.
 *
 * @returns The places in both; versions before the existing one are named.
 */
export function otherNumber(existing: LayeredOrder, order: LayeredOrder): readonly [string, string] | undefined {
  const [known, told] = [patientNumbers(existing), patientNumbers(order)];
  const systemOf = (number: string) => number.slice(0, number.lastIndexOf('|'));
  for (const [number, place] of told) {
    const same = [...known].filter(([one]) => systemOf(one) === systemOf(number));
    const [first] = same;
    const isAnother = first !== undefined && !same.some(([one]) => told.has(one));
    if (isAnother)
      return [versionNamed(first[1]) === undefined ? inVersion(existing.version, first[1]) : first[1], place];
  }
  return undefined;
}

/** The facts are named by their places: numbers of patients stand in no answer. */
export function otherPatient({ id }: Referral, before: string, after: string): Issue {
  const message = `The patient of ServiceRequest/${id} cannot be changed: the number at ${before} is another than that at ${after}, of the same system; withdraw the order (status entered-in-error) and send a new one.`;
  return {
    severity: 'error',
    code: 'subject-differs',
    type: 'business-rule',
    expression: 'ServiceRequest.subject',
    message,
  };
}

/** Only what is certain: two references to different places, and no number in common. */
export function isOtherPatient(baseUrl: string, before: unknown, after: unknown): boolean {
  if (!isObject(before) || !isObject(after)) return false;
  const number = ({ identifier }: Json) =>
    isObject(identifier) && identifier.value !== undefined ? `${identifier.system}|${identifier.value}` : undefined;
  const [oldNumber, newNumber] = [number(before), number(after)];
  if (oldNumber !== undefined && newNumber !== undefined) return oldNumber !== newNumber;
  const place = ({ reference }: Json) =>
    typeof reference === 'string' && !/^(#|urn:)/.test(reference)
      ? reference.replace(`${baseUrl}/`, '').replace(/\/_history\/.*$/, '')
      : undefined;
  const [oldPlace, newPlace] = [place(before), place(after)];
  return oldPlace !== undefined && newPlace !== undefined && oldPlace !== newPlace;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
