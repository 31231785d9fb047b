import type { Bundle, BundleEntry, Resource, Task } from '@medplum/fhirtypes';
import type { Partner } from '../../core/answer/partner.ts';
import { parseJson, strangerLimits } from '../../core/fhir/json.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import { readBundle } from '../../core/fhir/transaction.ts';
import type { EntryDone, IncomingTransaction, ReceivedTransaction } from '../../flows/receive-transaction.ts';
import type { PlanRecord, Referral } from '../../flows/records.ts';
import type { Store } from '../../flows/store.ts';
import { type Answer, fault, Refusal } from './answer.ts';
import { type EntryServer, serveBatch } from './bundle-batch.ts';
import type { Call } from './door.ts';
import { servedReferral, versionHeaders } from './fhir-resource.ts';
import { asSent, withNumberTexts } from './number-texts.ts';
import { partnerOf } from './service-request.ts';

/** What Bundles at our base need. */
export interface BundleWorld {
  readonly partners: ReadonlyMap<string, Partner>;
  readonly store: Pick<Store, 'planOfReferral' | 'referralText'>;
  readonly transact: (incoming: IncomingTransaction) => Promise<ReceivedTransaction>;
  readonly taskOf: (partner: Partner, referral: Referral, plan: PlanRecord | undefined) => Task;
  readonly onReceived: (partner: string, what: 'created' | 'same' | 'conflict' | 'refused') => void;
}

/**
 * POST to our base: a transaction, of which all or nothing is done, or a batch, whose entries are served one by one.
 *
 * @param serve Serves one entry as if it had come alone.
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
export async function postBundle(world: BundleWorld, serve: EntryServer, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const parsed = parseJson(call.body.text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  const read = readBundle(parsed.value, call.base);
  if (!read.ok) throw new Refusal(read.status, read.issues);
  if (read.kind === 'batch') return serveBatch(serve, call, read.actions, parsed.source);
  const received = await world.transact({
    sender,
    bytes: call.body.bytes,
    bundle: parsed.value as Readonly<Record<string, unknown>>,
    actions: read.actions,
    correlationId: call.correlationId ?? null,
    locate: parsed.locate,
  });
  if (received.kind === 'refused') {
    world.onReceived(sender.id, received.status === 409 ? 'conflict' : 'refused');
    throw new Refusal(received.status, received.issues);
  }
  const entry: BundleEntry[] = [];
  for (const [at, done] of received.entries.entries()) {
    const action = read.actions[at];
    if (done.kind === 'order') world.onReceived(sender.id, done.order.kind === 'created' ? 'created' : 'same');
    const isRead = done.kind === 'read' && action !== undefined;
    entry.push(isRead ? await serve(call, action) : await tell(world, sender, call, done));
  }
  const body: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction-response',
    ...(entry.length === 0 ? {} : { entry }),
  };
  return { status: 200, body };
}

async function tell(world: BundleWorld, partner: Partner, call: Call, done: EntryDone): Promise<BundleEntry> {
  if (done.kind === 'order') {
    const { referral, issues, kind } = done.order;
    const isNew = kind === 'created';
    const resource = isNew ? withNumberTexts(servedReferral(referral), call.body.text) : await asSent(world, referral);
    return written(call, resource, isNew, issues);
  }
  if (done.kind === 'task') {
    const { referral } = done;
    const plan = done.isNew ? undefined : await world.store.planOfReferral(referral.id);
    return written(call, world.taskOf(partner, referral, plan), done.isNew, done.issues);
  }
  const message =
    'It is kept with the referrals of this Bundle as what they refer to, and has no address of its own here.';
  const issue = { ...fault('kept-as-context', 'informational', message), severity: 'information' as const };
  return { response: { status: '200', outcome: toOperationOutcome([issue]) } };
}

/** What now stands here for an entry that asked to create something. */
function written(
  { base, prefer }: Call,
  resource: Resource,
  isNew: boolean,
  issues: Parameters<typeof toOperationOutcome>[0],
): BundleEntry {
  const { ETag: etag } = versionHeaders(resource);
  const url = `${base}/${resource.resourceType}/${resource.id}`;
  const version = resource.resourceType === 'ServiceRequest' ? `/_history/${resource.meta?.versionId}` : '';
  const lastModified = resource.meta?.lastUpdated;
  return {
    fullUrl: url,
    ...(prefer.returns === 'minimal' ? {} : { resource }),
    response: {
      status: isNew ? '201' : '200',
      location: `${url}${version}`,
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
      ...(issues.length === 0 ? {} : { outcome: toOperationOutcome(issues) }),
    },
  };
}
