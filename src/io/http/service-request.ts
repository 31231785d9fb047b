import type { Parameters, Resource } from '@medplum/fhirtypes';
import type { Partner } from '../../core/answer/partner.ts';
import { parseToken } from '../../core/fhir/identifiers.ts';
import type { Issue } from '../../core/fhir/issue.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { DryRun } from '../../flows/dry-run.ts';
import type { IncomingReferral, Received } from '../../flows/receive.ts';
import type { Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, notFound, Refusal, refusal } from './answer.ts';
import type { Call } from './door.ts';
import { resourceAnswer, searchset, servedReferral, versionHeaders } from './fhir-resource.ts';
import { asSent, withNumberTexts } from './number-texts.ts';
import { isId } from './request.ts';
import { fullTokens, readSearch, searchFault } from './search-parameters.ts';

/** What the ServiceRequest's routes need. */
export interface ReferralWorld {
  readonly store: Pick<Store, 'referral' | 'referralByPlacer' | 'referralVersion' | 'referralText'>;
  readonly partners: ReadonlyMap<string, Partner>;
  readonly receive: (incoming: IncomingReferral) => Promise<Received>;
  readonly dryRun: (sender: Partner, text: string) => Promise<DryRun>;
  readonly onReceived: (partner: string, what: 'created' | 'same' | 'conflict' | 'refused') => void;
}

/** Versions that a history tells, newest first. */
const historyLimit = 50;

export const searchNames = ['identifier', '_id'] as const;

/** The partner of a token, whose file says how it is treated. */
export function partnerOf(partners: ReadonlyMap<string, Partner>, call: Call): Partner {
  const partner = partners.get(call.caller);
  if (partner !== undefined) return partner;
  throw refusal(403, 'partner-unknown', 'forbidden', 'The token is of a partner that has no file here any more.');
}

/** POST ServiceRequest. https://hl7.org/fhir/R4/http.html#create and #ccreate */
export async function create(world: ReferralWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const ifNoneExist = condition(call.headers['if-none-exist']);
  const { bytes, text } = call.body;
  const correlationId = call.correlationId ?? null;
  const received = await world.receive({ sender, bytes, text, correlationId, ...(ifNoneExist && { ifNoneExist }) });
  world.onReceived(sender.id, received.kind === 'existing' ? 'same' : received.kind);
  if (received.kind === 'refused') throw new Refusal(received.status, received.issues);
  if (received.kind === 'conflict') throw new Refusal(409, received.issues);
  const resource = servedReferral(received.referral);
  const headers = {
    ...versionHeaders(resource),
    Location: `${call.base}/ServiceRequest/${resource.id}/_history/${received.referral.version}`,
    Link: `<${call.base}/Task/${resource.id}>; rel="related"`,
  };
  const status = received.kind === 'created' ? 201 : 200;
  if (call.prefer.returns === 'minimal') return { status, headers };
  if (call.prefer.returns === 'OperationOutcome') {
    return { status, headers, body: toOperationOutcome(await remarks(world, sender, text, received.issues)) };
  }
  const isNew = received.kind === 'created';
  return { status, headers, body: isNew ? withNumberTexts(resource, text) : await asSent(world, received.referral) };
}

export async function read(world: ReferralWorld, call: Call): Promise<Answer> {
  return resourceAnswer(await asSent(world, await own(world, call)));
}

/** https://hl7.org/fhir/R4/http.html#vread */
export async function readVersion(world: ReferralWorld, call: Call): Promise<Answer> {
  const { id } = await own(world, call);
  const wanted = call.params.version ?? '';
  const version = /^[1-9]\d{0,8}$/.test(wanted) ? await world.store.referralVersion(id, Number(wanted)) : undefined;
  if (version === undefined) throw notFound('version of this ServiceRequest');
  return resourceAnswer(await asSent(world, version));
}

/** https://hl7.org/fhir/R4/http.html#history */
export async function history(world: ReferralWorld, call: Call): Promise<Answer> {
  const latest = await own(world, call);
  const versions: Referral[] = [latest];
  for (let at = latest.version - 1; at > 0 && versions.length < historyLimit; at--) {
    const version = await world.store.referralVersion(latest.id, at);
    if (version !== undefined) versions.push(version);
  }
  const url = `${call.base}/ServiceRequest/${latest.id}`;
  const resources = await Promise.all(versions.map((version) => asSent(world, version)));
  const entry = versions.map((version, at) => ({
    fullUrl: url,
    resource: resources[at],
    request:
      version.version === 1
        ? { method: 'POST', url: 'ServiceRequest' }
        : { method: 'PUT', url: `ServiceRequest/${latest.id}` },
    response: {
      status: version.version === 1 ? '201' : '200',
      etag: `W/"${version.version}"`,
      lastModified: version.updatedAt,
    },
  }));
  const link = [{ relation: 'self', url: `${url}/_history` }];
  return { status: 200, body: { resourceType: 'Bundle', type: 'history', total: latest.version, link, entry } };
}

/** GET ServiceRequest?identifier=system|value; also _id. https://hl7.org/fhir/R4/http.html#search */
export async function search(world: ReferralWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const asked = readSearch(call.query, searchNames, `${call.base}/ServiceRequest`, call.prefer.strict);
  const identifiers = asked.values('identifier').map((values) => fullTokens('identifier', values));
  const ids = asked.values('_id');
  if (identifiers.length + ids.length === 0) {
    throw searchFault('A search of ServiceRequests needs identifier=system|value or _id.');
  }
  const sets = await Promise.all([
    ...identifiers.map((tokens) => Promise.all(tokens.map((one) => world.store.referralByPlacer(sender.id, one)))),
    ...ids.map((values) => Promise.all(values.filter(isId).map((id) => world.store.referral(id)))),
  ]);
  const found = new Map<string, Resource>();
  for (const referral of sets[0] ?? []) {
    const everywhere = sets.every((set) => set.some((one) => one !== undefined && one.id === referral?.id));
    if (referral?.partner === sender.id && everywhere) found.set(referral.id, await asSent(world, referral));
  }
  return { status: 200, body: searchset(call.base, asked.self, [...found.values()], { total: found.size }) };
}

/**
 * POST ServiceRequest/$validate: a dry run that keeps nothing. Answers Parameters: `return` (all issues), `plan` (the
 * treatment plan that would result, as JSON) and `task` (the answer that would be given).
 */
export async function validate(world: ReferralWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const result = await world.dryRun(sender, call.body.text);
  if (result.kind === 'unreadable') throw new Refusal(400, result.issues);
  const { plan, task, issues } = result.draft;
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'return', resource: toOperationOutcome(issues) },
      ...(plan === undefined ? [] : [{ name: 'plan', valueString: JSON.stringify(plan) }]),
      ...(task === undefined ? [] : [{ name: 'task', resource: task as Resource }]),
    ],
  };
  return { status: 200, body };
}

/**
 * An order that conforms is taken in without looking for remarks; who asks for them is told what the dry run tells, and
 * what only the taking in could find (an order that it names and nobody knows).
 */
async function remarks(
  world: ReferralWorld,
  sender: Partner,
  text: string,
  known: readonly Issue[],
): Promise<readonly Issue[]> {
  const dry = await world.dryRun(sender, text);
  if (dry.kind !== 'checked' || !dry.conforms) return known;
  const told = new Set(dry.draft.issues.map(({ code, expression }) => `${code} ${expression}`));
  return [...known.filter(({ code, expression }) => !told.has(`${code} ${expression}`)), ...dry.draft.issues];
}

async function own(world: ReferralWorld, call: Call): Promise<Referral> {
  const { id } = call.params;
  const referral = isId(id) ? await world.store.referral(id) : undefined;
  if (referral === undefined || referral.partner !== partnerOf(world.partners, call).id) {
    throw notFound('ServiceRequest');
  }
  return referral;
}

/** If-None-Exist holds a search; the only one that is promised here is by the hospital's number. */
function condition(header: string | string[] | undefined) {
  if (header === undefined) return undefined;
  const query = new URLSearchParams(String(header).replace(/^\?/, ''));
  const token = query.size === 1 ? parseToken(query.get('identifier') ?? '') : undefined;
  if (token !== undefined) return token;
  const message = 'If-None-Exist must be identifier=system|value here; nothing was taken in.';
  throw refusal(400, 'if-none-exist', 'not-supported', message);
}
