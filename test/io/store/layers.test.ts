import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layersBelow } from '../../../src/core/plan/order-layers.ts';
import type { NewReferral } from '../../../src/flows/records.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { nothing, plan, referral } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

const bundle = (id: string) => ({ resourceType: 'Bundle', type: 'message', entry: [{ resource: { id } }] });

interface Sent {
  readonly context: unknown;
  readonly contained?: readonly unknown[];
}

/** One order, each of whose versions came so; as a flow would write it. */
async function sentAs(versions: readonly Sent[]): Promise<readonly NewReferral[]> {
  const first = referral();
  const written: NewReferral[] = [];
  for (const [at, { context, contained }] of versions.entries()) {
    const before = written.at(-1);
    const earlier = before === undefined ? [] : layersBelow(before);
    const resource = { ...first.resource, ...(contained === undefined ? {} : { contained }) };
    const record = { ...first, version: at + 1, resource, context, ...(earlier.length === 0 ? {} : { earlier }) };
    expect(await store.commit({ referral: { record, expect: at }, ...nothing })).toEqual({ kind: 'done' });
    written.push(record);
  }
  return written;
}

describe('an order with what came with its earlier versions', () => {
  it.each<[string, readonly Sent[], readonly number[]]>([
    ['of which there is none', [{ context: bundle('a') }], []],
    ['which came alone', [{ context: null }, { context: null }], []],
    ['each with a Bundle of its own', [{ context: bundle('a') }, { context: bundle('b') }, { context: null }], [1, 2]],
    [
      'with one Bundle, kept with each of them',
      [{ context: bundle('a') }, { context: bundle('a') }, { context: bundle('b') }],
      [2],
    ],
    [
      'with a Bundle that came again in between',
      [{ context: bundle('a') }, { context: bundle('b') }, { context: bundle('a') }, { context: bundle('c') }],
      [2, 3],
    ],
    [
      'which contained something',
      [{ context: null, contained: [{ id: '1' }] }, { context: null, contained: [{ id: '2' }] }, { context: null }],
      [1, 2],
    ],
    [
      'which contained different things beside one Bundle',
      [{ context: bundle('a'), contained: [{ id: '1' }] }, { context: bundle('a') }, { context: null }],
      [1, 2],
    ],
  ])('%s', async (_, versions, layers) => {
    const written = await sentAs(versions);
    const last = written.at(-1);
    if (last === undefined) throw new Error('Nothing was written.');
    const { bytes: __, ...kept } = last;
    for (const read of [
      await store.referral(last.id),
      await store.referralByPlacer(last.partner, last.placer),
      await store.referralVersion(last.id, last.version),
    ]) {
      expect(read).toEqual(kept);
      expect((read?.earlier ?? []).map(({ version }) => version)).toEqual(layers);
    }
  });
});

describe('an order with what came with the orders before it', () => {
  const replacing = { replaces: [{ reference: 'ServiceRequest/before' }] };

  async function order(screensWith: readonly string[], resource: object = replacing, context: unknown = null) {
    const one = referral({ context });
    const record = { ...one, resource: { ...one.resource, ...resource } };
    await store.commit({ referral: { record, expect: 0 }, ...nothing });
    await store.commit({ plan: { record: plan({ referralId: one.id, screensWith }), expect: 0 }, ...nothing });
    return record;
  }
  const layersOf = async (id: string) =>
    ((await store.referral(id))?.earlier ?? []).map(({ order: before, version, context }) => ({
      before,
      version,
      context,
    }));

  it('goes back through a chain, oldest first, and names the order that each layer came with', async () => {
    const first = await order([], {}, bundle('a'));
    const second = await order([first.id], replacing, bundle('b'));
    const third = await order([second.id]);
    expect(await layersOf(third.id)).toEqual([
      { before: first.id, version: 1, context: bundle('a') },
      { before: second.id, version: 1, context: bundle('b') },
    ]);
  });

  it('keeps it when a later version does not name the one before any more', async () => {
    const first = await order([], {}, bundle('a'));
    const second = await order([first.id], replacing, bundle('b'));
    const { replaces: _, ...resource } = second.resource as Record<string, unknown>;
    await store.commit({ referral: { record: { ...second, version: 2, resource }, expect: 1 }, ...nothing });
    expect(await layersOf(second.id)).toEqual([
      { before: first.id, version: 1, context: bundle('a') },
      { before: undefined, version: 1, context: bundle('b') },
    ]);
  });

  it('goes no further back than five orders', async () => {
    let last = await order([], {}, bundle('0'));
    for (let at = 1; at <= 7; at++) last = await order([last.id], replacing, bundle(String(at)));
    expect((await layersOf(last.id)).map(({ context }) => context)).toEqual(['2', '3', '4', '5', '6'].map(bundle));
  });
});
