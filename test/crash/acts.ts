import { setTimeout as wait } from 'node:timers/promises';
import type { Bundle, Task } from '@medplum/fhirtypes';
import type { caller, Reply } from '../../src/cli/demo/clients.ts';
import { session } from '../../src/cli/demo/orders.ts';
import { planNumberSystem } from '../../src/core/answer/codes.ts';
import type { Store } from '../../src/flows/store.ts';
import { insist } from './insist.ts';

export type Order = Readonly<Record<string, unknown>>;
type Caller = ReturnType<typeof caller>;

/** What hospital and clinic do in a storm; each act is done when it was answered, or is known to have had its effect. */
export interface Acts {
  place(order: Order): Promise<string>;
  /** Of a referral that is here, by the hospital's number. */
  idOf(number: string): Promise<string>;
  /** PUT with If-Match of the version that it replaces. */
  change(referralId: string, version: number, order: Order): Promise<void>;
  /** PUT with If-Match: *. An order that the hospital wrote anew meanwhile is refused; both are an end. */
  changeAny(referralId: string, order: Order): Promise<void>;
  /** PUT that must be refused with this code. */
  changeInVain(referralId: string, version: number, order: Order, code: string): Promise<void>;
  message(event: 'referral-new' | 'referral-update', order: Order): Promise<void>;
  /** The Task at our door as soon as it is so, with the plan that it tells of. */
  taskWhen(
    referralId: string,
    isSo: (task: Task) => boolean,
  ): Promise<{ readonly task: Task; readonly planId: string }>;
  /** The number of sessions, as the answer to what the Task asks. */
  answer(referralId: string, sessions: number): Promise<void>;
  /** A Task of code abort. */
  abort(referralId: string): Promise<void>;
  assess(planId: string): Promise<void>;
  /** @returns The session's id. */
  treat(planId: string, seq: number): Promise<string>;
  stop(planId: string): Promise<void>;
  decide(planId: string, accept: boolean): Promise<void>;
}

/** @param store Only to see whether a call that had no answer had its effect. */
export function actsOf(ehr: Caller, clinic: Caller, store: Store): Acts {
  const happened = async (planId: string, event: string) =>
    (await store.history('plan', planId)).some((entry) => entry.event === event);
  const put = (referralId: string, order: Order, ifMatch: string) =>
    ehr('PUT', `/ServiceRequest/${referralId}`, { ...order, id: referralId }, ifMatch);
  return {
    place: async (order) => String((await insist(() => ehr('POST', '/ServiceRequest', order)))?.body.id),
    idOf: async (number) => {
      const path = `/ServiceRequest?identifier=https://demo-hospital.example/sid/referral|${number}`;
      const reply = await insist(() => ehr('GET', path));
      const { entry } = (reply?.body ?? {}) as unknown as Bundle;
      return String(entry?.[0]?.resource?.id);
    },
    change: async (referralId, version, order) => {
      await insist(() => put(referralId, order, `W/"${version}"`), {
        hadEffect: async () => isState((await store.referral(referralId))?.resource, order),
      });
    },
    changeAny: async (referralId, order) => {
      const isWanted = (reply: Reply) => reply.status === 200 || hasCode(reply, 409, 'referral-overtaken');
      await insist(() => put(referralId, order, '*'), { isWanted });
    },
    changeInVain: async (referralId, version, order, code) => {
      await insist(() => put(referralId, order, `W/"${version}"`), { isWanted: (reply) => hasCode(reply, 409, code) });
    },
    message: async (event, order) => {
      const sent = messageOf(event, order);
      await insist(() => ehr('POST', '/$process-message', sent));
    },
    taskWhen: (referralId, isSo) => taskWhen(ehr, referralId, isSo),
    answer: (referralId, sessions) => answer(ehr, store, referralId, sessions),
    abort: async (referralId) => {
      await insist(() => ehr('POST', '/Task', abortOf(referralId)));
    },
    assess: async (planId) => {
      const assessment = { performedAt: new Date().toISOString(), by: 'Tom Therapist' };
      const goals = [{ goalId: 'goal-1', measure: 'pain-nrs' }];
      await insist(() => clinic('PUT', `/plans/${planId}/assessment`, { assessment, goals }));
    },
    treat: async (planId, seq) => {
      const done = session({ planId, seq, site: 'lumbar', painBefore: 6, painAfter: 4, end: new Date() });
      await insist(() => clinic('POST', `/plans/${planId}/sessions`, done));
      return String(done.sessionId);
    },
    stop: async (planId) => {
      const stopping = { by: 'Tom Therapist', reason: 'patient-declined' };
      const hadEffect = () => happened(planId, 'stopped');
      await insist(() => clinic('POST', `/plans/${planId}/stop`, stopping), { hadEffect });
    },
    decide: async (planId, accept) => {
      const decision = { accept, by: 'Tom Therapist', reason: accept ? 'As you wish.' : 'The last session is near.' };
      const hadEffect = () => happened(planId, accept ? 'cancellation-accepted' : 'cancellation-rejected');
      await insist(() => clinic('POST', `/plans/${planId}/cancellation`, decision), { hadEffect });
    },
  };
}

/** Whether the order stands as it was sent, as far as the storm changes orders. */
export function isState(kept: Order | undefined, sent: Order): boolean {
  const told = (order: Order) => JSON.stringify([order.status, order.quantityQuantity]);
  return kept !== undefined && told(kept) === told(sent);
}

function hasCode({ status, body }: Reply, wanted: number, code: string): boolean {
  return status === wanted && JSON.stringify(body).includes(`"${code}"`);
}

async function taskWhen(ehr: Caller, referralId: string, isSo: (task: Task) => boolean) {
  for (;;) {
    const reply = await insist(() => ehr('GET', `/Task/${referralId}`));
    const task = reply?.body as unknown as Task;
    const planId = task.identifier?.find(({ system }) => system === planNumberSystem)?.value;
    if (planId !== undefined && isSo(task)) return { task, planId };
    await wait(200);
  }
}

/** The plan's version rises for other reasons too, so a stale Task is read again and answered again, as long as it asks. */
async function answer(ehr: Caller, store: Store, referralId: string, sessions: number): Promise<void> {
  for (;;) {
    const { task } = await taskWhen(ehr, referralId, () => true);
    if ((task.input?.length ?? 0) === 0) return;
    const told = {
      ...task,
      input: task.input?.map(({ type }) => ({ type, valuePositiveInt: sessions })),
    };
    const reply = await insist(() => ehr('PUT', `/Task/${referralId}`, told, `W/"${task.meta?.versionId}"`), {
      isWanted: ({ status }) => status < 300 || status === 412,
      hadEffect: async () => (await store.planOfReferral(referralId))?.questions.length === 0,
    });
    if (reply?.status !== 412) return;
  }
}

function abortOf(referralId: string): object {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'abort' }] },
    focus: { reference: `Task/${referralId}` },
    reasonCode: { text: 'The patient is better.' },
  };
}

function messageOf(event: string, order: Order): Bundle {
  const { versionId } = (order.meta ?? {}) as { readonly versionId?: string };
  const header = {
    resourceType: 'MessageHeader',
    id: `${event}-${String(order.id)}-${versionId}`,
    eventCoding: { system: 'https://tactus.example/fhir/CodeSystem/massage-message-event', code: event },
    source: { endpoint: 'https://demo-hospital.example/messages' },
    focus: [{ reference: `ServiceRequest/${String(order.id)}` }],
  };
  const base = 'https://demo-hospital.example/fhir';
  return {
    resourceType: 'Bundle',
    type: 'message',
    entry: [header, order].map((resource) => ({
      fullUrl: `${base}/${String(resource.resourceType)}/${String(resource.id)}`,
      resource,
    })),
  } as unknown as Bundle;
}
