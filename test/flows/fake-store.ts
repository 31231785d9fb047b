import { layersOfBefore } from '../../src/core/plan/order-layers.ts';
import type {
  Delivery,
  HistoryEntry,
  NewReferral,
  OutboxEntry,
  PlanRecord,
  Referral,
  RefusedItem,
  SessionRecord,
} from '../../src/flows/records.ts';
import type { CommitResult, LeasedDelivery, PlanQuery, Store, Token, Writes } from '../../src/flows/store.ts';

/** What the fake holds, open to tests. */
export interface FakeStore extends Store {
  readonly referrals: Map<string, NewReferral[]>;
  readonly planRecords: Map<string, PlanRecord>;
  readonly sessions: Map<string, SessionRecord>;
  readonly deliveries: Map<string, Delivery>;
  readonly past: HistoryEntry[];
  readonly outbox: OutboxEntry[];
  readonly tokens: Map<string, Token>;
  readonly refused: RefusedItem[];
  /** Everything above rejects with this while it is set: the database is away. */
  broken: Error | undefined;
}

/** The store's promises, kept in memory: for tests of flows and doors. The real one's tests are in test/io/store. */
export function fakeStore(): FakeStore {
  const referrals = new Map<string, NewReferral[]>();
  const planRecords = new Map<string, PlanRecord>();
  const sessions = new Map<string, SessionRecord>();
  const deliveries = new Map<string, Delivery>();
  const leases = new Map<string, { lease: number; until: string }>();
  const past: HistoryEntry[] = [];
  const outbox: OutboxEntry[] = [];
  const tokens = new Map<string, Token>();
  const refused: RefusedItem[] = [];
  let leased = 0;
  const latest = (id: string) => referrals.get(id)?.at(-1);
  /** With what was told with the orders before it, as the store reads it. */
  const read = (referral: Referral | undefined): Referral | undefined => {
    const ids = referral === undefined ? [] : (planOf(referral.id)?.screensWith ?? []);
    const before = ids.map((id) => read(latest(id))).flatMap((one) => (one === undefined ? [] : layersOfBefore(one)));
    if (referral === undefined || before.length === 0) return referral;
    const own = (referral.earlier ?? []).filter(({ order }) => order === undefined);
    return { ...referral, earlier: [...before, ...own] };
  };
  const planOf = (referralId: string) => [...planRecords.values()].find((record) => record.referralId === referralId);
  const byPlacer = (partner: string, placer: { system: string; value: string }) =>
    [...referrals.values()]
      .map((versions) => versions.at(-1))
      .find(
        (one) => one?.partner === partner && one.placer.system === placer.system && one.placer.value === placer.value,
      );

  function conflict(writes: Pick<Writes, 'referral' | 'moreReferrals' | 'plan' | 'session'>): CommitResult | undefined {
    const { referral, plan, session } = writes;
    const more = (writes.moreReferrals ?? []).map((record) => ({ record, expect: 0 }));
    for (const { record, expect } of referral === undefined ? more : [referral, ...more]) {
      if ((latest(record.id)?.version ?? 0) !== expect) return { kind: 'conflict', which: 'referral' };
      const same = byPlacer(record.partner, record.placer);
      if (same !== undefined && same.id !== record.id) return { kind: 'conflict', which: 'referral' };
    }
    if (plan !== undefined) {
      const { record, expect } = plan;
      if ((planRecords.get(record.plan.planId)?.version ?? 0) !== expect) return { kind: 'conflict', which: 'plan' };
      const same = planOf(record.referralId);
      if (same !== undefined && same.plan.planId !== record.plan.planId) return { kind: 'conflict', which: 'plan' };
    }
    if (session !== undefined && sessions.has(session.record.session.sessionId)) {
      return { kind: 'conflict', which: 'session' };
    }
    return undefined;
  }

  function write(writes: Writes): void {
    const { referral, plan, session } = writes;
    if (referral) referrals.set(referral.record.id, [...(referrals.get(referral.record.id) ?? []), referral.record]);
    for (const record of writes.moreReferrals ?? []) referrals.set(record.id, [record]);
    if (plan) planRecords.set(plan.record.plan.planId, plan.record);
    if (session) sessions.set(session.record.session.sessionId, session.record);
    for (const delivery of writes.deliveries ?? []) {
      const same = [...deliveries.values()].find(
        (one) => one.kind === 'answer' && delivery.kind === 'answer' && one.planId === delivery.planId,
      );
      const id = same?.id ?? delivery.id;
      deliveries.set(id, same ? { ...same, ...delivery, id, createdAt: same.createdAt } : delivery);
    }
    for (const id of writes.supersede ?? []) {
      const delivery = deliveries.get(id);
      if (delivery && delivery.state !== 'sent') deliveries.set(id, { ...delivery, state: 'superseded' });
    }
    past.push(...writes.history);
    outbox.push(...writes.outbox);
  }

  const store: FakeStore = {
    referrals,
    planRecords,
    sessions,
    deliveries,
    past,
    outbox,
    tokens,
    refused,
    broken: undefined,
    async commit(writes) {
      const found = conflict(writes);
      if (found) return found;
      write(writes);
      return { kind: 'done' };
    },
    referral: async (id) => read(latest(id)),
    referralByPlacer: async (partner, placer) => read(byPlacer(partner, placer)),
    referralsBySentId: async (partner, id) =>
      [...referrals.values()].flatMap((versions) => {
        const one = versions.at(-1);
        const sent = versions.map(({ resource }) => resource.id).findLast((known) => known !== undefined);
        return one?.partner === partner && sent === id ? [one] : [];
      }),
    referralVersion: async (id, version) => referrals.get(id)?.find((one) => one.version === version),
    async referralText(id, version) {
      const bytes = referrals.get(id)?.find((one) => one.version === version)?.bytes;
      return bytes && new TextDecoder().decode(bytes);
    },
    plan: async (planId) => planRecords.get(planId),
    planOfReferral: async (referralId) => planOf(referralId),
    async plans(query) {
      const found = [...planRecords.values()]
        .filter((record) => matches(record, query))
        .sort((a, b) => (a.plan.planId < b.plan.planId ? -1 : 1));
      const rest = query.after === undefined ? found : found.filter((one) => one.plan.planId > (query.after ?? ''));
      const items = rest.slice(0, query.limit);
      return { items, next: rest.length > items.length ? (items.at(-1)?.plan.planId ?? null) : null };
    },
    async duePlans({ kind, partner, before, after = '', limit }) {
      const placeOf = ({ plan, deadlines }: PlanRecord) => {
        const place = kind === 'unused' ? deadlines?.lastDay : deadlines?.askedAt;
        const isFound = kind !== 'unreminded' || deadlines?.isReminded !== true;
        return place !== undefined && isFound && (kind === 'unused' ? place < before : place <= before)
          ? `${place} ${plan.planId}`
          : undefined;
      };
      const found = [...planRecords.values()]
        .flatMap((record) => ({ record, place: record.partner === partner ? placeOf(record) : undefined }))
        .filter(({ place }) => place !== undefined && place > after)
        .sort((a, b) => ((a.place ?? '') < (b.place ?? '') ? -1 : 1));
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.place ?? null) : null;
      return { items: page.map(({ record }) => record), next };
    },
    session: async (sessionId) => sessions.get(sessionId),
    sessionsOfPlan: async (planId) => [...sessions.values()].filter((one) => one.planId === planId),
    async course(planId, sessionId) {
      const record = planRecords.get(planId);
      const own = [...sessions.values()].filter((one) => one.planId === planId);
      return record && { record, sessions: own, known: sessions.get(sessionId) };
    },
    delivery: async (id) => deliveries.get(id),
    deliveriesOfPlan: async (planId) => [...deliveries.values()].filter((one) => one.planId === planId),
    waitingDeliveries: async (limit) =>
      [...deliveries.values()].filter((one) => one.state === 'waiting').slice(0, limit),
    async lease(ids, now, leaseSeconds) {
      const taken: LeasedDelivery[] = [];
      const along = ids
        .map((id) => deliveries.get(id))
        .filter((one) => one !== undefined && one.kind !== 'answer')
        .flatMap((one) =>
          [...deliveries.values()].filter(({ kind, planId }) => kind === 'answer' && planId === one?.planId),
        );
      for (const id of new Set([...ids, ...along.map((one) => one.id)])) {
        const delivery = deliveries.get(id);
        const held = leases.get(id);
        if (delivery?.state !== 'pending' || delivery.dueAt > now || (held && held.until > now)) continue;
        const counted = { ...delivery, attempts: delivery.attempts + 1 };
        leased++;
        leases.set(id, { lease: leased, until: new Date(Date.parse(now) + leaseSeconds * 1000).toISOString() });
        deliveries.set(id, counted);
        const plan = planRecords.get(delivery.planId);
        const referral = latest(plan?.referralId ?? '');
        const session = sessions.get(delivery.sessionId ?? '');
        const isFirst = !taken.some((one) => one.delivery.planId === delivery.planId);
        taken.push({
          delivery: counted,
          lease: leased,
          ...(isFirst && plan ? { plan } : {}),
          ...(isFirst && referral ? { referral } : {}),
          ...(session ? { session } : {}),
        });
      }
      return taken;
    },
    async settle({ delivery, lease }, settlement, now, then) {
      const current = deliveries.get(delivery.id);
      if (leases.get(delivery.id)?.lease !== lease || current === undefined) return false;
      if (conflict(then) !== undefined) return false;
      leases.delete(delivery.id);
      deliveries.set(delivery.id, settled(current, settlement, now));
      const answer = settlement.kind === 'sent' ? settlement.answer : undefined;
      const told = deliveries.get(answer?.leased.delivery.id ?? '');
      if (answer && told && leases.get(told.id)?.lease === answer.leased.lease) {
        leases.delete(told.id);
        const wantedVersion = Math.max(told.wantedVersion, then.plan?.record.version ?? 0);
        deliveries.set(told.id, settled({ ...told, wantedVersion }, { kind: 'sent', ...answer }, now));
      }
      write(then);
      return true;
    },
    async retry(id, now) {
      const delivery = deliveries.get(id);
      if (delivery?.state !== 'waiting') return false;
      deliveries.set(id, { ...delivery, state: 'pending', dueAt: now, attempts: 0, issues: [] });
      outbox.push({ queue: 'delivery', subject: id, dueAt: now, priority: delivery.priority });
      return true;
    },
    history: async (about, id) => past.filter((entry) => entry.about === about && entry.id === id),
    async takeOutbox(now, limit, forward) {
      const rows = outbox.filter((row) => row.dueAt <= now).slice(0, limit);
      if (rows.length > 0) await forward(rows);
      for (const row of rows) outbox.splice(outbox.indexOf(row), 1);
      return rows.length;
    },
    outboxSignal: async () => {},
    async sweep(now) {
      const lost = [...referrals.keys()].filter((id) => planOf(id) === undefined);
      for (const subject of lost) outbox.push({ queue: 'intake', subject, dueAt: now, priority: 10 });
      return lost.length;
    },
    takeOver: async () => 0,
    keepRefused: async (item) => void refused.push({ ...item, lastAt: item.firstAt, times: 1 }),
    refusedItems: async ({ owner, limit }) =>
      refused.filter((item) => owner === undefined || item.owner === owner).slice(0, limit),
    forgetRefused: async () => 0,
    tokenByHash: async (hash) => tokens.get(hash),
    addToken: async (token) => void tokens.set(token.hash, token),
    async revokeTokens(audience, owner) {
      const gone = [...tokens.values()].filter((token) => token.audience === audience && token.owner === owner);
      for (const token of gone) tokens.delete(token.hash);
      return gone.length;
    },
    ping: async () => {},
    close: async () => {},
  };
  return breakable(store);
}

function settled(delivery: Delivery, settlement: Parameters<Store['settle']>[1], now: string): Delivery {
  switch (settlement.kind) {
    case 'sent': {
      const moved = delivery.kind === 'answer' && delivery.wantedVersion > settlement.sentVersion;
      const { body, proof } = settlement;
      return { ...delivery, state: moved ? 'pending' : 'sent', body, proof, issues: [], sentAt: now };
    }
    case 'again': {
      const attempts = Math.max(0, delivery.attempts - (settlement.isUntried === true ? 1 : 0));
      return { ...delivery, state: 'pending', attempts, dueAt: settlement.dueAt, issues: settlement.issues };
    }
    case 'waiting':
      return { ...delivery, state: 'waiting', body: settlement.body, issues: settlement.issues };
    case 'superseded':
      return { ...delivery, state: 'superseded' };
  }
}

function matches(record: PlanRecord, query: PlanQuery): boolean {
  const { statuses, partner, referralIds, updatedSince, patient } = query;
  const identifiers = record.plan.patient.identifiers.map((one) => `${one.system ?? ''}|${one.value ?? ''}`);
  return (
    (statuses === undefined || statuses.includes(record.plan.status)) &&
    (partner === undefined || record.partner === partner) &&
    (referralIds === undefined || referralIds.includes(record.referralId)) &&
    (updatedSince === undefined || record.updatedAt >= updatedSince) &&
    (patient === undefined || identifiers.includes(patient))
  );
}

/** Every method rejects while `broken` is set. */
function breakable(store: FakeStore): FakeStore {
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => (target.broken ? Promise.reject(target.broken) : value.apply(target, given));
    },
  });
}
