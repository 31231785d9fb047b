import { type Issue, isFault } from '../core/fhir/issue.ts';
import type { Validator } from '../core/validate/validator.ts';
import type { CallEhr } from './ehr.ts';
import { inLanes } from './lanes.ts';
import type { ReferralSender } from './read-referral.ts';
import { placeOf } from './reference-place.ts';
import { isOtherPatient } from './same-patient.ts';

type Json = Readonly<Record<string, unknown>>;

export interface AroundWorld {
  /** One GET at the partner's own base URL; other hosts cannot be reached by it, and no redirect is followed. */
  readonly call: CallEhr;
  readonly validator: Validator;
  /** Our own base URL. */
  readonly base: string;
  readonly now: () => string;
}

/** An order that was read at its placer's server. */
export interface OrderThere {
  readonly resource: Json;
  /** Where the order stands in what is told to the sender, for example `Task.focus.resolve()`. */
  readonly expression: string;
  readonly correlationId: string | null;
}

/** What was found there, as entries of a Bundle; a warning for each reference that could not be followed. */
export interface Around {
  readonly entries: readonly { readonly fullUrl: string; readonly resource: Json }[];
  readonly issues: readonly Issue[];
}

/** What is read with an order; what is screened comes first. */
const ofOrder = ['subject', 'reasonReference', 'supportingInfo', 'insurance', 'requester', 'performer'];
/** What a medicine or a role is made of, named by what was read. */
const ofOthers = ['medicationReference', 'practitioner', 'organization'];

export const aroundLimits = { resources: 20, bytes: 1_000_000, milliseconds: 10_000, atOnce: 4 } as const;

/**
 * Read what an order refers to at the placer's own server: the patient, the reasons and records that are screened, who
 * asks and who pays. Bounded in number, size and time. What cannot be read is no evidence of absence: the reference stays
 * open in the order, and the plan says so.
 */
export async function readAround(world: AroundWorld, sender: ReferralSender, order: OrderThere): Promise<Around> {
  const until = Date.parse(world.now()) + aroundLimits.milliseconds;
  const turn: Turn = { world, sender, order, until, entries: new Map(), issues: [], bytes: 0 };
  await follow(turn, referencesOf(order.resource, ofOrder));
  const entries = [...turn.entries].flatMap(([path, resource]) =>
    resource === undefined ? [] : [{ fullUrl: `${sender.baseUrl}/${path}`, resource }],
  );
  return { entries, issues: turn.issues };
}

interface Reference {
  /** FHIRPath in the order; of what another resource names, that of the reference which led there. */
  readonly path: string;
  readonly reference: string;
}

type Read = { readonly ok: true; readonly resource: Json } | { readonly ok: false; readonly why: string };

/** What was read so far for one order. */
interface Turn {
  readonly world: AroundWorld;
  readonly sender: ReferralSender;
  readonly order: OrderThere;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** By the path at the server, in the order of the references; undefined while it is read, or was not. */
  readonly entries: Map<string, Json | undefined>;
  readonly issues: Issue[];
  bytes: number;
}

async function follow(turn: Turn, references: readonly Reference[]): Promise<void> {
  const wanted = references.flatMap((one) => wantedFrom(turn, one) ?? []);
  await inLanes(wanted, aroundLimits.atOnce, async ({ path, type, id }) => {
    const read = await readOne(turn, type, id);
    if (read.ok) turn.entries.set(`${type}/${id}`, read.resource);
    else warn(turn, path, read.why);
  });
  const next = wanted.flatMap(({ path, type, id }) =>
    referencesOf(turn.entries.get(`${type}/${id}`) ?? {}, ofOthers).map((one) => ({ ...one, path })),
  );
  if (next.length > 0) await follow(turn, next);
}

/** @returns Undefined for what is here already, is elsewhere, or is one too many. */
function wantedFrom(turn: Turn, { path, reference }: Reference) {
  const { sender, world, entries } = turn;
  const place = placeOf(reference, sender.baseUrl, world.base);
  if (place.at === 'elsewhere') warn(turn, path, foreign(sender.baseUrl));
  if (place.at !== 'theirs' && place.at !== 'either') return undefined;
  const { type, id } = place;
  if (entries.has(`${type}/${id}`)) return undefined;
  if (entries.size >= aroundLimits.resources) {
    warn(turn, path, `more than ${aroundLimits.resources} resources are not read for one order`);
    return undefined;
  }
  entries.set(`${type}/${id}`, undefined);
  return { path, type, id };
}

async function readOne(turn: Turn, type: string, id: string): Promise<Read> {
  const { world, sender, order } = turn;
  const left = turn.until - Date.parse(world.now());
  if (left <= 0) return { ok: false, why: `reading took longer than ${aroundLimits.milliseconds / 1000} s in all` };
  const heard = await world.call({
    partner: sender.id,
    method: 'GET',
    path: `${type}/${id}`,
    timeoutMilliseconds: left,
    ...(order.correlationId === null ? {} : { correlationId: order.correlationId }),
  });
  if (heard.kind === 'broken') return { ok: false, why: `your server could not be read (${heard.reason})` };
  const { body, status } = heard;
  if (status < 200 || status >= 300) return { ok: false, why: `your server gave HTTP ${status}` };
  if (!isObject(body) || body.resourceType !== type || body.id !== id) {
    return { ok: false, why: 'your server gave another resource' };
  }
  return judged(turn, body);
}

function judged(turn: Turn, resource: Json): Read {
  const { validator } = turn.world;
  const size = JSON.stringify(resource).length;
  if (turn.bytes + size > aroundLimits.bytes) {
    return { ok: false, why: `more than ${aroundLimits.bytes / 1_000_000} MB is not read for one order` };
  }
  const isReadable =
    validator.accepts(resource) ||
    !validator.validate(resource).some((issue) => isFault(issue) && issue.type !== 'code-invalid');
  if (!isReadable) return { ok: false, why: 'it is no valid resource of R4' };
  if (isOtherPatient(turn.sender.baseUrl, turn.order.resource.subject, resource.subject ?? resource.patient)) {
    return { ok: false, why: 'it is of another patient than the order' };
  }
  turn.bytes += size;
  return { ok: true, resource };
}

function warn({ order, issues }: Turn, path: string, why: string): void {
  const expression = path.replace(/^ServiceRequest/, order.expression);
  const message = `What ${expression} refers to was not read: ${why}. The order was taken without it.`;
  issues.push({ severity: 'warning', code: 'reference-unread', type: 'not-found', expression, message });
}

function referencesOf(resource: Json, names: readonly string[]): Reference[] {
  return names.flatMap((name) => {
    const value = resource[name];
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all.flatMap((one, index) => {
      if (!isObject(one) || typeof one.reference !== 'string') return [];
      const path = `ServiceRequest.${name}${Array.isArray(value) ? `[${index}]` : ''}`;
      return [{ path, reference: one.reference }];
    });
  });
}

function foreign(baseUrl: string): string {
  return `it is at another server than yours; references are followed only below ${baseUrl}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
