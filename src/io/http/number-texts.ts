import type { Resource } from '@medplum/fhirtypes';
import { selfContained } from '../../core/fhir/self-contained.ts';
import type { Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { servedReferral } from './fhir-resource.ts';

type Json = Readonly<Record<string, unknown>>;

/** Stands for a number with the digits that were written. Its name cannot come from outside: the gate refuses NUL. */
const mark = '\u0000';

/**
 * A number that JavaScript would write differently: zeros at the end, an exponent, more digits than it keeps, small ones
 * (1e-7), -0. Most orders have none, and then nothing more is done; what only looks like one in a string costs time.
 */
const mayDiffer = /[:,[]\s*-?(?:\d+\.\d*0(?!\d)|\d[\d.]*[eE]|[\d.]{16}|0\.000000)|[:,[]\s*-0/;

/** Strings, so that numbers in them are passed over, and numbers. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** https://tc39.es/proposal-json-parse-with-source/: Node 24 has it, the type definitions of ES2024 do not. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/**
 * Give numbers back as they were sent: `1.00` says more than `1`, and R4 wants its precision kept.
 * https://hl7.org/fhir/R4/json.html#decimal
 *
 * @param resource A ServiceRequest as it is served.
 * @param text What was received: the ServiceRequest, or a Bundle that has it. It passed the gate when it came.
 * @returns The same, to be written by JSON.stringify: numbers whose digits JavaScript would change are raw JSON.
 */
export function withNumberTexts<Served extends object>(resource: Served, text: string): Served {
  if (!mayDiffer.test(text)) return resource;
  const marked = text.replace(/^\ufeff/, '').replace(stringOrNumber, (found) => {
    const isKept = found.startsWith('"') || String(Number(found)) === found;
    return isKept ? found : JSON.stringify({ [mark]: found });
  });
  const sent: unknown = JSON.parse(marked);
  return restored(resource, sentAlone(sent, resource as Json)) as Served;
}

/** A referral as it is served, with its numbers as they were sent. */
export async function asSent(
  { store }: { readonly store: Pick<Store, 'referralText'> },
  referral: Referral,
): Promise<Resource> {
  const text = await store.referralText(referral.id, referral.version);
  return text === undefined ? servedReferral(referral) : withNumberTexts(servedReferral(referral), text);
}

/** As it would be served: with what came in its Bundle inside, and the numbers as they were written. */
function sentAlone(sent: unknown, wanted: Json): unknown {
  const order = orderIn(sent, wanted);
  return isObject(order) && order !== sent ? selfContained(order, sent) : order;
}

/** The order itself, or in a Bundle the one with the same identifiers. */
function orderIn(sent: unknown, wanted: Json): unknown {
  if (!isObject(sent) || sent.resourceType !== 'Bundle') return sent;
  const entries: unknown[] = Array.isArray(sent.entry) ? sent.entry : [];
  const resources = entries.map((entry) => (isObject(entry) ? orderIn(entry.resource, wanted) : undefined));
  const known = JSON.stringify(wanted.identifier);
  return resources.find(
    (one) => isObject(one) && one.resourceType === 'ServiceRequest' && JSON.stringify(one.identifier) === known,
  );
}

function restored(value: unknown, sent: unknown): unknown {
  if (typeof value === 'number') {
    const digits = isObject(sent) ? sent[mark] : undefined;
    return typeof digits === 'string' && Number(digits) === value ? rawJSON(digits) : value;
  }
  if (Array.isArray(value)) {
    return Array.isArray(sent) ? value.map((item, at) => restored(item, sent[at])) : value;
  }
  if (!isObject(value) || !isObject(sent)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restored(item, sent[name])]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
