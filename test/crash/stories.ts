import { order as demoOrder } from '../../src/cli/demo/orders.ts';
import type { Acts, Order } from './acts.ts';

/** How a referral must stand when the storm is over. */
export interface Ending {
  readonly referralId: string;
  readonly plan: 'accepted' | 'held' | 'in-progress' | 'completed' | 'stopped' | 'cancelled';
  /** Of the Task, at the hospital and here. */
  readonly task: string;
  /** The order as it was sent last. */
  readonly order: Order;
  /** Accepted versions of the order; absent where the order of arrival decides how many there are. */
  readonly versions?: number;
  /** Sessions of the plan; absent where nobody told a number. */
  readonly prescribed?: number;
  readonly sessions: readonly string[];
  /** What must have happened to the plan exactly so often. */
  readonly events: Readonly<Record<string, number>>;
  /** Of the request to cancel. */
  readonly cancellation?: 'accepted' | 'rejected';
}

export interface Story {
  readonly name: string;
  /** How many of 300 referrals. */
  readonly count: number;
  readonly play: (acts: Acts, number: string, dice: () => number) => Promise<Ending>;
}

const isStatus = (status: string) => (task: { readonly status?: string }) => task.status === status;

function order(number: string, sessions?: number, more: object = {}): Order {
  const plain = { number, site: 'lumbar', reason: 'lowBackPain' } as const;
  return { ...demoOrder(sessions === undefined ? plain : { ...plain, sessions }), ...more };
}

function version(of: number): object {
  return { meta: { versionId: String(of) } };
}

/** Wait for acceptance, assess, and give so many sessions. */
async function treated(acts: Acts, referralId: string, sessions: number) {
  const { planId } = await acts.taskWhen(referralId, isStatus('accepted'));
  await acts.assess(planId);
  const ids: string[] = [];
  for (let seq = 1; seq <= sessions; seq++) ids.push(await acts.treat(planId, seq));
  return { planId, ids };
}

/** Everything that happens to referrals in a storm. All together 300 referrals and 205 sessions. */
export const stories: readonly Story[] = [
  {
    name: 'only accepted',
    count: 30,
    play: async (acts, number) => {
      const sent = order(number, 2);
      const referralId = await acts.place(sent);
      return ending(referralId, sent, { plan: 'accepted', task: 'accepted', versions: 1, prescribed: 2 });
    },
  },
  {
    name: 'treated to the end',
    count: 60,
    play: async (acts, number) => {
      const sent = order(number, 2);
      const referralId = await acts.place(sent);
      const { ids } = await treated(acts, referralId, 2);
      return ending(referralId, sent, {
        plan: 'completed',
        task: 'completed',
        versions: 1,
        prescribed: 2,
        sessions: ids,
        events: { 'session-recorded': 2 },
      });
    },
  },
  {
    name: 'changed twice, perhaps before it is planned',
    count: 40,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 2));
      await acts.change(referralId, 1, order(number, 3));
      const sent = order(number, 4);
      await acts.change(referralId, 2, sent);
      return ending(referralId, sent, { plan: 'accepted', task: 'accepted', versions: 3, prescribed: 4 });
    },
  },
  {
    name: 'changed, then treated to the end',
    count: 10,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 6));
      await acts.taskWhen(referralId, isStatus('accepted'));
      const sent = order(number, 2);
      await acts.change(referralId, 1, sent);
      const { ids } = await treated(acts, referralId, 2);
      return ending(referralId, sent, {
        plan: 'completed',
        task: 'completed',
        versions: 2,
        prescribed: 2,
        sessions: ids,
        events: { amended: 1, 'session-recorded': 2 },
      });
    },
  },
  {
    name: 'changed by versions that overtake each other',
    count: 20,
    play: async (acts, number, dice) => {
      const referralId = await acts.place(order(number, 2, version(1)));
      const sent = order(number, 4, version(3));
      const changes = [order(number, 3, version(2)), sent];
      await Promise.all((dice() < 0.5 ? changes : changes.toReversed()).map((one) => acts.changeAny(referralId, one)));
      return ending(referralId, sent, { plan: 'accepted', task: 'accepted', prescribed: 4 });
    },
  },
  {
    name: 'told by messages that overtake each other',
    count: 15,
    play: async (acts, number, dice) => {
      const sent = order(number, 4, version(3));
      const messages = [
        { event: 'referral-new' as const, order: order(number, 2, version(1)) },
        { event: 'referral-update' as const, order: order(number, 3, version(2)) },
        { event: 'referral-update' as const, order: sent },
      ];
      const turned = Math.floor(dice() * messages.length);
      const shuffled = [...messages.slice(turned), ...messages.slice(0, turned)];
      await Promise.all(shuffled.map((one) => acts.message(one.event, one.order)));
      const referralId = await acts.idOf(number);
      return ending(referralId, sent, { plan: 'accepted', task: 'accepted', prescribed: 4 });
    },
  },
  {
    name: 'revoked, perhaps before it is planned',
    count: 20,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 2));
      const sent = order(number, 2, { status: 'revoked' });
      await acts.change(referralId, 1, sent);
      return ending(referralId, sent, {
        plan: 'cancelled',
        task: 'cancelled',
        versions: 2,
        prescribed: 2,
        events: { cancelled: 1 },
      });
    },
  },
  {
    name: 'on hold, then active',
    count: 20,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 2));
      await acts.change(referralId, 1, order(number, 2, { status: 'on-hold' }));
      const sent = order(number, 2);
      await acts.change(referralId, 2, sent);
      return ending(referralId, sent, { plan: 'accepted', task: 'accepted', versions: 3, prescribed: 2 });
    },
  },
  {
    name: 'on hold',
    count: 10,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 2));
      await acts.taskWhen(referralId, isStatus('accepted'));
      const sent = order(number, 2, { status: 'on-hold' });
      await acts.change(referralId, 1, sent);
      return ending(referralId, sent, {
        plan: 'held',
        task: 'on-hold',
        versions: 2,
        prescribed: 2,
        events: { amended: 1 },
      });
    },
  },
  {
    name: 'asked and answered',
    count: 20,
    play: async (acts, number) => {
      const sent = order(number);
      const referralId = await acts.place(sent);
      await acts.taskWhen(referralId, (task) => (task.input?.length ?? 0) > 0);
      await acts.answer(referralId, 6);
      return ending(referralId, sent, {
        plan: 'accepted',
        task: 'accepted',
        versions: 1,
        prescribed: 6,
        events: { held: 1, answered: 1 },
      });
    },
  },
  {
    name: 'asked and not answered',
    count: 5,
    play: async (acts, number) => {
      const sent = order(number);
      const referralId = await acts.place(sent);
      return ending(referralId, sent, { plan: 'held', task: 'received', versions: 1, events: { held: 1 } });
    },
  },
  {
    name: 'cancelled after work began',
    count: 15,
    play: async (acts, number) => {
      const { sent, referralId, planId, ids } = await begun(acts, number);
      await acts.abort(referralId);
      await acts.decide(planId, true);
      return ending(referralId, sent, {
        plan: 'cancelled',
        task: 'cancelled',
        versions: 1,
        prescribed: 2,
        sessions: ids,
        events: { 'cancellation-requested': 1, 'cancellation-accepted': 1 },
        cancellation: 'accepted',
      });
    },
  },
  {
    name: 'not cancelled after work began',
    count: 10,
    play: async (acts, number) => {
      const { sent, referralId, planId, ids } = await begun(acts, number);
      await acts.abort(referralId);
      await acts.decide(planId, false);
      return ending(referralId, sent, {
        plan: 'completed',
        task: 'completed',
        versions: 1,
        prescribed: 2,
        sessions: [...ids, await acts.treat(planId, 2)],
        events: { 'cancellation-requested': 1, 'cancellation-rejected': 1, 'session-recorded': 2 },
        cancellation: 'rejected',
      });
    },
  },
  {
    name: 'revoked after work began',
    count: 5,
    play: async (acts, number) => {
      const referralId = await acts.place(order(number, 2));
      const { planId, ids } = await treated(acts, referralId, 1);
      const sent = order(number, 2, { status: 'revoked' });
      await acts.change(referralId, 1, sent);
      await acts.decide(planId, true);
      return ending(referralId, sent, {
        plan: 'cancelled',
        task: 'cancelled',
        versions: 2,
        prescribed: 2,
        sessions: ids,
        events: { 'cancellation-requested': 1, 'cancellation-accepted': 1 },
        cancellation: 'accepted',
      });
    },
  },
  {
    name: 'stopped early',
    count: 15,
    play: async (acts, number) => {
      const { sent, referralId, planId, ids } = await begun(acts, number);
      await acts.stop(planId);
      return ending(referralId, sent, {
        plan: 'stopped',
        task: 'failed',
        versions: 1,
        prescribed: 2,
        sessions: ids,
        events: { stopped: 1 },
      });
    },
  },
  {
    name: 'changed in vain after work began',
    count: 5,
    play: async (acts, number) => {
      const { sent, referralId, planId, ids } = await begun(acts, number);
      await acts.changeInVain(referralId, 1, order(number, 5), 'amend-after-start');
      return ending(referralId, sent, {
        plan: 'completed',
        task: 'completed',
        versions: 1,
        prescribed: 2,
        sessions: [...ids, await acts.treat(planId, 2)],
        events: { 'session-recorded': 2 },
      });
    },
  },
];

/** One story a referral, in an order that the seed decides, so that every kind meets every part of the storm. */
export function deal(dice: () => number): readonly Story[] {
  const all = stories.flatMap((story) => Array.from({ length: story.count }, () => story));
  return all
    .map((story) => ({ story, place: dice() }))
    .sort((a, b) => a.place - b.place)
    .map(({ story }) => story);
}

/** An order of two sessions after its first one. */
async function begun(acts: Acts, number: string) {
  const sent = order(number, 2);
  const referralId = await acts.place(sent);
  return { sent, referralId, ...(await treated(acts, referralId, 1)) };
}

function ending(
  referralId: string,
  sent: Order,
  rest: Pick<Ending, 'plan' | 'task'> & Partial<Omit<Ending, 'referralId' | 'order'>>,
): Ending {
  return { sessions: [], events: {}, ...rest, referralId, order: sent };
}
