import type { Task } from '@medplum/fhirtypes';
import { placerTask } from '../core/answer/placer-task.ts';
import { deliveryIssue, judge } from '../core/delivery/answer.ts';
import { answerWork, pendingAnswer } from './answer.ts';
import type { CallEhr, EhrResponse } from './ehr.ts';
import type { ReferralSender } from './read-referral.ts';
import type { HistoryEntry, Referral } from './records.ts';
import { notTaken, type Sent } from './send.ts';
import type { Store } from './store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Where the placer's own Task about an order is. */
export interface PlacerTaskPlace {
  /** Its id at the placer's server; null where only its number is known. */
  readonly id: string | null;
  /** `system|value`; null without. */
  readonly number: string | null;
  /** It came after the order: our own Task may be at the hospital, and is told as well. */
  readonly isLate: boolean;
}

const nowhere: PlacerTaskPlace = { id: null, number: null, isLate: false };

export type KeepingStore = Pick<Store, 'commit' | 'history' | 'planOfReferral'>;

const event = 'placer-task';

/** The line of history that keeps where the placer's own Task is, for an order that comes with it. */
export function placerTaskEntry(
  sender: Pick<ReferralSender, 'id' | 'answers'>,
  referralId: string,
  task: Json | undefined,
  at: string,
): HistoryEntry[] {
  const place = task === undefined || sender.answers !== 'update-task' ? nowhere : placeOf(task);
  if (place.id === null && place.number === null) return [];
  return [{ at, about: 'referral', id: referralId, event, by: sender.id, detail: { ...place } }];
}

/** The same for an order that is here, once: it may have been answered by our own Task already, and is answered again. */
export async function keepPlacerTask(
  { store, now }: { readonly store: KeepingStore; readonly now: () => string },
  sender: Pick<ReferralSender, 'id' | 'answers'>,
  referralId: string,
  task: Json,
): Promise<void> {
  const [entry] = placerTaskEntry(sender, referralId, task, now());
  if (entry === undefined) return;
  const known = await knownPlacerTask(store, referralId);
  if (known?.id === entry.detail.id && known?.number === entry.detail.number) return;
  const detail = { ...entry.detail, isLate: known === undefined || known.isLate };
  const plan = await store.planOfReferral(referralId);
  const [deliveries, outbox] = plan === undefined ? [[], []] : [[pendingAnswer(plan)], [answerWork(plan)]];
  await store.commit({ history: [{ ...entry, detail }], deliveries, outbox });
}

/** The newest that was kept. */
export async function knownPlacerTask(
  store: Pick<Store, 'history'>,
  referralId: string,
): Promise<PlacerTaskPlace | undefined> {
  const entry = (await store.history('referral', referralId)).findLast((one) => one.event === event);
  return entry && (entry.detail as unknown as PlacerTaskPlace);
}

function placeOf({ id, identifier }: Json): PlacerTaskPlace {
  const numbers: readonly Json[] = Array.isArray(identifier) ? identifier : [];
  const number = numbers.find(({ system, value }) => typeof system === 'string' && typeof value === 'string');
  return {
    id: typeof id === 'string' && isId(id) ? id : null,
    number: number === undefined ? null : `${String(number.system)}|${String(number.value)}`,
    isLate: false,
  };
}

function isId(id: string): boolean {
  return /^[A-Za-z0-9.-]{1,64}$/.test(id) && !/^\.+$/.test(id);
}

export interface ToldTask {
  readonly partner: string;
  readonly place: PlacerTaskPlace;
  /** The answer to the referral. */
  readonly task: Task;
  readonly referral: Pick<Referral, 'correlationId'>;
}

type Telling = ToldTask & { readonly call: CallEhr /** Milliseconds since 1970, UTC. */; readonly now: number };

/** The placer works on its Task, too; each try reads it anew. More are for the next attempt. */
const tries = 3;

/**
 * Tell the placer by its own Task: read it, change what is ours to say, and write it on the condition that nobody changed it
 * meanwhile (https://hl7.org/fhir/R4/http.html#concurrency). A repeat finds that all is told, and writes nothing.
 */
export async function tellByPlacerTask(
  { call, now }: { readonly call: CallEhr; readonly now: () => string },
  told: ToldTask,
): Promise<Sent> {
  const telling: Telling = { ...told, call, now: Date.parse(now()) };
  for (let attempt = 0; attempt < tries; attempt++) {
    const read = await readTask(telling);
    if (read.kind !== 'read') return read;
    const wanted = placerTask(read.task, telling.task);
    if (wanted.kind === 'ended') return ended(wanted.status, telling.task.status);
    if (wanted.kind === 'same') return taken(telling, read.id, 200);
    if (read.version === undefined) return refused('placer-task-unversioned', 'not-supported', unversioned);
    const heard = await telling.call({
      ...traced(telling),
      method: 'PUT',
      path: `Task/${read.id}`,
      body: wanted.task,
      ifMatch: `W/"${read.version}"`,
    });
    if (heard.kind === 'answered' && (heard.status === 412 || heard.status === 409)) continue;
    const verdict = judge(heard, telling.now);
    if (verdict.kind !== 'taken') return notTaken(verdict);
    return taken(telling, read.id, heard.kind === 'answered' ? heard.status : 0);
  }
  const message = `The hospital's own Task was changed by others ${tries} times while it was written.`;
  return { kind: 'again', issues: [deliveryIssue('placer-task-busy', 'transient', message)] };
}

const unversioned =
  "The hospital's own Task has no version (ETag or meta.versionId), so writing it could undo what others wrote; let the hospital's file say another way of answers.";

type Read =
  | { readonly kind: 'read'; readonly id: string; readonly task: Json; readonly version: string | undefined }
  | Exclude<Sent, { kind: 'taken' }>;

async function readTask(telling: Telling): Promise<Read> {
  const { id, number } = telling.place;
  const path = id === null ? `Task?identifier=${encodeURIComponent(number ?? '')}` : `Task/${id}`;
  const heard = await telling.call({ ...traced(telling), method: 'GET', path });
  const verdict = judge(heard, telling.now);
  if (verdict.kind !== 'taken') return notTaken(verdict);
  const task = id === null ? onlyMatch(heard) : bodyOf(heard);
  const found = task?.resourceType === 'Task' && typeof task.id === 'string' && isId(task.id) ? task.id : undefined;
  if (task === undefined || found === undefined || (id !== null && found !== id)) {
    const message =
      'The Task that the hospital sent for this order is not at its server any more, or is several there.';
    return refused('placer-task-missing', 'not-found', message);
  }
  const meta = (task.meta ?? {}) as { readonly versionId?: unknown };
  const told = /^(?:W\/)?"([^"]{1,64})"$/.exec(
    heard.kind === 'answered' && id !== null ? (heard.headers.etag ?? '') : '',
  );
  const version = told?.[1] ?? (typeof meta.versionId === 'string' ? meta.versionId : undefined);
  return { kind: 'read', id: found, task, version };
}

function bodyOf(heard: EhrResponse): Json | undefined {
  const body = heard.kind === 'answered' ? heard.body : undefined;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : undefined;
}

function onlyMatch(heard: EhrResponse): Json | undefined {
  const { entry } = (bodyOf(heard) ?? {}) as { readonly entry?: readonly { readonly resource?: Json }[] };
  const tasks = (Array.isArray(entry) ? entry : []).flatMap(({ resource }) =>
    resource?.resourceType === 'Task' ? [resource] : [],
  );
  return tasks.length === 1 ? tasks[0] : undefined;
}

function ended(theirs: string, ours: string): Sent {
  const message = `The hospital's own Task is ${/^[a-z-]{1,20}$/.test(theirs) ? theirs : 'ended'}, and the plan says ${ours}: nothing is moved out of an ended Task; settle with the hospital which is true.`;
  return refused('placer-task-ended', 'conflict', message);
}

function refused(
  code: string,
  type: Parameters<typeof deliveryIssue>[1],
  message: string,
): Extract<Sent, { kind: 'refused' }> {
  return { kind: 'refused', issues: [deliveryIssue(code, type, message)] };
}

function taken({ task }: Telling, id: string, status: number): Sent {
  return { kind: 'taken', proof: [{ type: 'Task', id, status, identifier: task.identifier?.[0]?.value ?? '' }] };
}

function traced({ partner, referral: { correlationId } }: Telling) {
  return { partner, ...(correlationId === null ? {} : { correlationId }) };
}
