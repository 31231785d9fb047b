import type { Issue } from '../core/fhir/issue.ts';
import type {
  DeliveredResource,
  Delivery,
  DeliveryTurn,
  HistoryEntry,
  NewReferral,
  OutboxEntry,
  PlacerNumber,
  PlanRecord,
  QueueName,
  Referral,
  RefusedItem,
  SessionRecord,
} from './records.ts';

/**
 * Everything that one step changes. It is written whole, in one transaction, or not at all: that is promise 1
 * (nothing accepted is lost) and the reason why there is one door for writing.
 */
export interface Writes {
  /** A new referral (version 1), or a new version of one: `expect` is the version it replaces, 0 for new. */
  readonly referral?: { readonly record: NewReferral; readonly expect: number };
  /** Further new referrals that came in the same transaction; without plans. */
  readonly moreReferrals?: readonly NewReferral[];
  /** A new plan (`expect` 0) or a changed one: `expect` is the version that was read. */
  readonly plan?: { readonly record: PlanRecord; readonly expect: number };
  readonly session?: { readonly record: SessionRecord; readonly amends?: string };
  /** New deliveries. An answer is one row a plan: it is made pending again with the higher wantedVersion. */
  readonly deliveries?: readonly Delivery[];
  /** Deliveries (not yet sent) that these writes make pointless. */
  readonly supersede?: readonly string[];
  readonly history: readonly HistoryEntry[];
  readonly outbox: readonly OutboxEntry[];
}

/** conflict: somebody was first (same placer number, same plan, same session id, or a changed version). Read again. */
export type CommitResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict'; readonly which: 'referral' | 'plan' | 'session' };

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand it in again for the next page; null at the end. */
  readonly next: string | null;
}

export interface PlanQuery {
  readonly statuses?: readonly string[];
  readonly partner?: string;
  readonly referralIds?: readonly string[];
  readonly updatedSince?: string;
  /** Identifier of the patient in the plan, `system|value`. */
  readonly patient?: string;
  readonly after?: string;
  readonly limit: number;
}

/**
 * One partner's plans whose time has come. unanswered: asked at `before` or earlier. unreminded: the same, and not told
 * again since. unused: no session, and the last day for the first one is before the day `before`.
 */
export interface DuePlans {
  readonly kind: 'unanswered' | 'unreminded' | 'unused';
  readonly partner: string;
  /** An instant; a day (YYYY-MM-DD) for `unused`. */
  readonly before: string;
  readonly after?: string;
  readonly limit: number;
}

/** A delivery that this process alone may work on until the lease ends. */
export interface LeasedDelivery {
  readonly delivery: DeliveryTurn;
  /** Fencing token: settling with an older token changes nothing. */
  readonly lease: number;
  /** What it is made of, as it was when it was leased; of several deliveries of one plan the first has it. */
  readonly plan?: PlanRecord;
  readonly referral?: Referral;
  /** Of an outcome. */
  readonly session?: SessionRecord;
}

/** What a hospital has now. `sentVersion`: of an answer, the plan version that was told. */
export interface SentDelivery {
  readonly body: unknown;
  readonly proof: readonly DeliveredResource[];
  readonly sentVersion: number;
}

/** How one attempt ended. `answer`: the Task that went along in the same call. */
export type Settlement =
  | (SentDelivery & { readonly kind: 'sent'; readonly answer?: SentDelivery & { readonly leased: LeasedDelivery } })
  | {
      readonly kind: 'again';
      readonly dueAt: string;
      readonly issues: readonly Issue[];
      /** Nothing was sent: the attempt does not count. */
      readonly isUntried?: true;
    }
  | { readonly kind: 'waiting'; readonly body: unknown; readonly issues: readonly Issue[] }
  | { readonly kind: 'superseded' };

/** A plan and what was done on it. */
export interface Course {
  readonly record: PlanRecord;
  readonly sessions: readonly SessionRecord[];
  readonly known: SessionRecord | undefined;
}

export interface Token {
  readonly hash: string;
  readonly audience: 'partner' | 'clinic';
  /** Partner id, or the clinic's name. */
  readonly owner: string;
}

export interface RefusedQuery {
  readonly owner?: string;
  readonly limit: number;
}

/** The store as the flows see it. Implemented by io/store on PostgreSQL; its promises are tested there. */
export interface Store {
  commit(writes: Writes): Promise<CommitResult>;

  referral(id: string): Promise<Referral | undefined>;
  referralByPlacer(partner: string, placer: PlacerNumber): Promise<Referral | undefined>;
  /** Those whose order has this id at the hospital, as it was sent last; two at most, to see that it is not told which. */
  referralsBySentId(partner: string, id: string): Promise<readonly Referral[]>;
  /** One version of a referral, newest first without `version`. */
  referralVersion(id: string, version: number): Promise<Referral | undefined>;
  /** The bytes that a version of a referral came in, as text: the ServiceRequest, or the Bundle around it. */
  referralText(id: string, version: number): Promise<string | undefined>;

  plan(planId: string): Promise<PlanRecord | undefined>;
  planOfReferral(referralId: string): Promise<PlanRecord | undefined>;
  plans(query: PlanQuery): Promise<Page<PlanRecord>>;
  /** By PlanRecord.deadlines; the longest due first. */
  duePlans(query: DuePlans): Promise<Page<PlanRecord>>;

  session(sessionId: string): Promise<SessionRecord | undefined>;
  sessionsOfPlan(planId: string): Promise<readonly SessionRecord[]>;
  /** A plan with its sessions in the order of their numbers, and the session of this id, whosever it is. */
  course(planId: string, sessionId: string): Promise<Course | undefined>;

  delivery(id: string): Promise<Delivery | undefined>;
  deliveriesOfPlan(planId: string): Promise<readonly Delivery[]>;
  /** Waiting for a person, oldest first. */
  waitingDeliveries(limit: number): Promise<readonly Delivery[]>;
  /**
   * Takes those of `ids` that are pending, due and not leased by another, and with an outcome the answer of its plan, which
   * can then travel with it; counts the attempts.
   */
  lease(ids: readonly string[], now: string, leaseSeconds: number): Promise<readonly LeasedDelivery[]>;
  /**
   * Ends an attempt, together with what follows from it, in one transaction. False when the lease was lost: then
   * nothing was written. An answer whose plan moved on meanwhile (wantedVersion > sentVersion) stays pending, and so does
   * one that went along under a lease that was lost.
   */
  settle(
    leased: LeasedDelivery,
    settlement: Settlement,
    now: string,
    then: Pick<Writes, 'plan' | 'deliveries' | 'history' | 'outbox'>,
  ): Promise<boolean>;
  /** A waiting delivery is tried again, by a person's word. */
  retry(id: string, now: string, by: string): Promise<boolean>;

  history(about: HistoryEntry['about'], id: string): Promise<readonly HistoryEntry[]>;

  /**
   * Hands up to `limit` due outbox rows (of `queues` only, when given) to `forward` and deletes them when it resolves;
   * safe with several relays.
   * @returns how many rows were forwarded.
   */
  takeOutbox(
    now: string,
    limit: number,
    forward: (rows: readonly OutboxEntry[]) => Promise<void>,
    queues?: readonly QueueName[],
  ): Promise<number>;
  /** Resolves when a commit of this process wrote outbox rows, or after `milliseconds`. */
  outboxSignal(milliseconds: number): Promise<void>;
  /**
   * Finds what has no next step although it should (queue lost, process died): referrals without a plan, pending
   * deliveries that are overdue. Writes outbox rows for them. @returns how many.
   */
  sweep(now: string, overdueSeconds: number): Promise<number>;
  /**
   * Gives back what processes had leased that died: found dead twice, `graceSeconds` apart. Writes outbox rows for it.
   * @returns how many.
   */
  takeOver(now: string, graceSeconds: number): Promise<number>;

  /** Kept as one row with a count, where the same was refused before. */
  keepRefused(item: Omit<RefusedItem, 'lastAt' | 'times'>): Promise<void>;
  /** Newest first. */
  refusedItems(query: RefusedQuery): Promise<readonly RefusedItem[]>;
  /** Deletes what was last refused before this instant. @returns how many. */
  forgetRefused(before: string): Promise<number>;

  tokenByHash(hash: string): Promise<Token | undefined>;
  addToken(token: Token, now: string): Promise<void>;
  revokeTokens(audience: Token['audience'], owner: string, now: string): Promise<number>;

  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
