import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layersBelow } from '../../../src/core/plan/order-layers.ts';
import type { NewReferral } from '../../../src/flows/records.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { nothing, referral } from './examples.ts';

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
