import type { Resource } from '@medplum/fhirtypes';
import type { Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { servedReferral } from './fhir-resource.ts';

type Json = Readonly<Record<string, unknown>>;

/** A number with the digits that were written. */
class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * JSON as Node 24 has it; the type definitions of ES2024 do not know these two yet.
 * https://tc39.es/proposal-json-parse-with-source/
 */
const exactJson = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/**
 * Give numbers back as they were sent: `1.00` says more than `1`, and R4 wants its precision kept.
 * https://hl7.org/fhir/R4/json.html#decimal
 *
 * @param resource A ServiceRequest as it is served.
 * @param text What was received: the ServiceRequest, or a Bundle that has it. It passed the gate when it came.
 * @returns The same, to be written by JSON.stringify: numbers whose digits JavaScript would change are raw JSON.
 */
export function withNumberTexts<Served extends object>(resource: Served, text: string): Served {
  if (!losesDigits(text)) return resource;
  const sent = exactJson.parse(text.replace(/^\ufeff/, ''), (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? new NumberText(source) : value,
  );
  return restored(resource, orderIn(sent, resource as Json)) as Served;
}

/** A referral as it is served, with its numbers as they were sent. */
export async function asSent(
  { store }: { readonly store: Pick<Store, 'referralText'> },
  referral: Referral,
): Promise<Resource> {
  const text = await store.referralText(referral.id, referral.version);
  return text === undefined ? servedReferral(referral) : withNumberTexts(servedReferral(referral), text);
}

/** Whether a number in the text would be written differently; what looks like one in a string costs only time. */
function losesDigits(text: string): boolean {
  for (const [, digits = ''] of text.matchAll(/[:,[]\s*(-?\d[\d.eE+-]*)/g)) {
    if (String(Number(digits)) !== digits) return true;
  }
  return false;
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
    const isSame = sent instanceof NumberText && Number(sent.text) === value && sent.text !== String(value);
    return isSame ? exactJson.rawJSON(sent.text) : value;
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
