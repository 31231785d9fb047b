import type { Issue } from '../core/fhir/issue.ts';
import type { OrderLayer } from '../core/plan/order-layers.ts';
import type { Session } from '../core/plan/session.ts';
import type { TreatmentPlan } from '../core/plan/treatment-plan.ts';

/**
 * What the flows keep, in the project's words. All instants are ISO 8601 in UTC with milliseconds.
 *
 * referral: the ServiceRequest as received. plan: what we made of it. session: one treatment, done or not.
 * delivery: something on its way to one hospital (an outcome, an answer, a summary, a message).
 */

/** The hospital's own number of a referral: what makes two referrals the same one. */
export interface PlacerNumber {
  readonly system: string;
  readonly value: string;
}

export interface Referral {
  /** Ours: the id under /fhir/ServiceRequest, and of the Task that answers it. */
  readonly id: string;
  readonly partner: string;
  readonly placer: PlacerNumber;
  /** Counted from 1; each accepted change is one more. */
  readonly version: number;
  /** The ServiceRequest as received. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** The Bundle it came in, where it came in one; null otherwise. */
  readonly context: unknown;
  /** What came with the versions before this one, oldest first; absent where there is nothing (core/plan/order-layers.ts). */
  readonly earlier?: readonly OrderLayer[];
  /** SHA-256 of the bytes as received, hex. */
  readonly bytesHash: string;
  /** SHA-256 of the meaning (keys sorted, server-set meta left out): equal means "the same referral again". */
  readonly contentHash: string;
  readonly receivedAt: string;
  readonly updatedAt: string;
  /** X-Correlation-Id that it came with; null without. */
  readonly correlationId: string | null;
}

export interface NewReferral extends Referral {
  /** Exactly what was received: kept as proof. */
  readonly bytes: Uint8Array;
}

export interface PlanRecord {
  readonly plan: TreatmentPlan;
  readonly referralId: string;
  readonly partner: string;
  /** Counted from 1; rises with everything that an answer tells (state, findings, questions, outcomes delivered). */
  readonly version: number;
  /** What the prescriber is asked while the plan is held, and why a plan ended: codes of core/answer. */
  readonly reasons: readonly string[];
  readonly questions: readonly unknown[];
  /** What the hospital has of it so far; absent: nothing yet. The Task's output is made of this. */
  readonly outcomes?: readonly ToldOutcome[];
  /** Version of the referral that the plan follows; absent: 1. */
  readonly referralVersion?: number;
  /** Requests to cancel after work began, and their answers; oldest first. */
  readonly cancellations?: readonly Cancellation[];
  /** The order before it, that this one replaces or continues. */
  readonly follows?: FollowedOrder;
  /** Our ids of the orders before it: what was told of the patient with them is screened with it. */
  readonly screensWith?: readonly string[];
  /** What time may do to it; absent: nothing. */
  readonly deadlines?: Deadlines;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Since when the prescriber is asked, and the last day on which the first session may take place (UTC). */
export interface Deadlines {
  readonly askedAt?: string;
  /** The hospital was told again since then. */
  readonly isReminded?: boolean;
  readonly lastDay?: string;
}

/** A request to cancel, told as a Task of code `abort` (COW: CancellationRequestTask). */
export interface Cancellation {
  /** Id of that Task here: `{referralId}-abort-{n}`. */
  readonly taskId: string;
  readonly state: 'requested' | 'accepted' | 'rejected' | 'withdrawn';
  /** Partner id. */
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** The prescriber's words; null without. */
  readonly reason: string | null;
  /** Who decided, by name (`tactus`: nothing was left to decide), when, and why; absent while it is open. */
  readonly decided?: { readonly by: string; readonly at: string; readonly reason: string };
}

/** replaces: the old plan ended. extends: a new prescription goes on where the old one ends (Belgian claim-extend). */
export interface FollowedOrder {
  readonly how: 'replaces' | 'extends';
  readonly referralId: string;
}

/** What the hospital calls the resources of one session, or of the series' summary. */
export interface ToldOutcome {
  readonly kind: 'outcome' | 'summary';
  /** Of an outcome; empty for a summary. */
  readonly sessionId: string;
  readonly resources: readonly Pick<DeliveredResource, 'type' | 'id'>[];
}

export interface SessionRecord {
  readonly session: Session;
  readonly planId: string;
  /** Hash of the session as recorded: the same id with another hash is a conflict. */
  readonly contentHash: string;
  readonly recordedAt: string;
}

export type DeliveryKind = 'outcome' | 'answer' | 'summary' | 'message';

/** pending: will be tried at `dueAt`. sent: the hospital has it. waiting: a person must look. superseded: a newer one took its place. */
export type DeliveryState = 'pending' | 'sent' | 'waiting' | 'superseded';

export interface Delivery {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly partner: string;
  readonly planId: string;
  /** Of an outcome: its session. null otherwise. */
  readonly sessionId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: string;
  /** 0 goes before 10: a serious adverse event is told at once. */
  readonly priority: number;
  /** Of an answer: the plan version that the hospital must come to know. 0 otherwise. */
  readonly wantedVersion: number;
  /** What was sent (a Bundle or a resource); null until it was made. */
  readonly body: unknown;
  /** What the hospital said: one row a resource, `{ type, id, status }`. */
  readonly proof: readonly DeliveredResource[];
  /** Why it waits, or why the last attempt failed. */
  readonly issues: readonly Issue[];
  readonly createdAt: string;
  readonly sentAt: string | null;
}

/** What a worker needs to know of a delivery: what was sent before stays in the store. */
export type DeliveryTurn = Omit<Delivery, 'body' | 'proof'>;

/** One resource as the hospital holds it. */
export interface DeliveredResource {
  readonly type: string;
  readonly id: string;
  /** HTTP status of the entry: 201 created, 200 existed already. */
  readonly status: number;
  /** Our identifier's value, by which it can be found there. */
  readonly identifier: string;
}

/** One line of what happened. `detail` holds codes, ids, versions and paths: never a patient's data. */
export interface HistoryEntry {
  readonly at: string;
  readonly about: 'referral' | 'plan' | 'session' | 'delivery';
  readonly id: string;
  readonly event: string;
  /** Who: a partner id, `clinic`, `tactus`, or a named person (override). */
  readonly by: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Why something was refused, without the sentence: that may quote a value of what was sent. */
export type RefusedIssue = Pick<Issue, 'severity' | 'code' | 'type' | 'expression' | 'line' | 'column' | 'rule'>;

/** Something that was sent and not taken in. Of its bytes only the hash is kept: what was refused is not ours to keep. */
export interface RefusedItem {
  readonly audience: 'partner' | 'clinic';
  /** Partner id, or the clinic's name. */
  readonly owner: string;
  /** Method and pattern of the address, for example `PUT /fhir/Task/:id`. */
  readonly route: string;
  /** SHA-256 of the bytes as received, hex. */
  readonly bytesHash: string;
  /** HTTP status that it was answered with. */
  readonly status: number;
  /** Bytes. */
  readonly size: number;
  readonly issues: readonly RefusedIssue[];
  /** Of the last time. */
  readonly requestId: string;
  readonly correlationId: string | null;
  readonly firstAt: string;
  readonly lastAt: string;
  /** How often the same bytes were refused there with the same status. */
  readonly times: number;
}

/** Work to be done later by a worker. */
export interface OutboxEntry {
  readonly queue: QueueName;
  /** Id of the referral (intake), the delivery (delivery) or the plan (plans). */
  readonly subject: string;
  /** Not before this instant. */
  readonly dueAt: string;
  readonly priority: number;
}

/** intake: referral -> plan. delivery: send it. plans: a feed of plan ids that a clinic's own system may consume. */
export type QueueName = 'intake' | 'delivery' | 'plans';
