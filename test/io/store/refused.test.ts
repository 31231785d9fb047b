import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RefusedItem } from '../../../src/flows/records.ts';
import { refusedKeptDays, runForget } from '../../../src/flows/refused.ts';
import type { Store } from '../../../src/flows/store.ts';
import { openStore } from '../../../src/io/store/open.ts';
import { withSharedDatabase } from './database.ts';
import { at, start } from './examples.ts';

const database = withSharedDatabase();
let store: Store;
beforeAll(async () => {
  store = await openStore({ connectionString: database.connectionString });
});
afterAll(() => store.close());

type Kept = Omit<RefusedItem, 'lastAt' | 'times'>;

function refused(changes: Partial<Kept>): Kept {
  return {
    audience: 'partner',
    owner: 'north',
    route: 'POST /fhir/ServiceRequest',
    bytesHash: 'a'.repeat(64),
    status: 422,
    size: 1200,
    issues: [
      { severity: 'error', code: 'cardinality', type: 'required', expression: 'ServiceRequest.subject', line: 3 },
    ],
    requestId: 'r-1',
    correlationId: null,
    firstAt: start,
    ...changes,
  };
}

it('what is refused again is counted, with its newest reasons; anything else is another one', async () => {
  const owner = 'counted';
  await store.keepRefused(refused({ owner }));
  const issues = [{ severity: 'error', code: 'newer', type: 'value', expression: '' }] as const;
  await store.keepRefused(refused({ owner, firstAt: at(60), requestId: 'r-2', issues }));
  await store.keepRefused(refused({ owner, firstAt: at(30), status: 409 }));
  await store.keepRefused(refused({ owner, firstAt: at(20), bytesHash: 'b'.repeat(64) }));
  await store.keepRefused(refused({ owner: 'other', firstAt: at(99) }));
  const found = await store.refusedItems({ owner, limit: 10 });
  expect(found[0]).toEqual({ ...refused({ owner, requestId: 'r-2', issues }), lastAt: at(60), times: 2 });
  expect(found.map(({ lastAt, times }) => [lastAt, times])).toEqual([
    [at(60), 2],
    [at(30), 1],
    [at(20), 1],
  ]);
  expect(await store.refusedItems({ owner, limit: 1 })).toHaveLength(1);
  expect((await store.refusedItems({ limit: 1 }))[0]?.owner).toBe('other');
});

it('two that come at once are one with a count of two', async () => {
  const owner = 'at-once';
  await Promise.all(Array.from({ length: 8 }, () => store.keepRefused(refused({ owner }))));
  expect((await store.refusedItems({ owner, limit: 10 })).map(({ times }) => times)).toEqual([8]);
});

it(`is forgotten ${refusedKeptDays} days after it was last refused`, async () => {
  const owner = 'forgotten';
  const day = 86_400;
  await store.keepRefused(refused({ owner, firstAt: at(0), bytesHash: 'old' }));
  await store.keepRefused(refused({ owner, firstAt: at(0.001), bytesHash: 'border' }));
  let rounds = 0;
  const failures: unknown[] = [];
  const instants = [at(refusedKeptDays * day), at(refusedKeptDays * day + 0.001)];
  const left: string[][] = [];
  await runForget({
    forgetRefused: store.forgetRefused,
    now: () => instants[rounds] ?? '',
    stopped: () => rounds === 2,
    failed: (error) => failures.push(error),
    wait: async () => {
      rounds++;
      left.push((await store.refusedItems({ owner, limit: 10 })).map(({ bytesHash }) => bytesHash));
    },
  });
  expect(failures).toEqual([]);
  expect(left).toEqual([['border', 'old'], ['border']]);
});
