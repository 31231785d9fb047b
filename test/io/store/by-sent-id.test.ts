import { afterAll, beforeAll, expect, it } from 'vitest';
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

const sent = (id: string | undefined, partner = 'north') => {
  const record = referral({ partner });
  return { ...record, resource: { ...record.resource, id } };
};
const keep = async (record: ReturnType<typeof sent>, expect = 0) =>
  store.commit({ referral: { record, expect }, ...nothing });
const found = async (id: string, partner = 'north') =>
  (await store.referralsBySentId(partner, id)).map((one) => [one.id, one.version]);

it('finds an order by the id that it has at its hospital, in its newest version', async () => {
  const record = sent('sent-1');
  await keep(record);
  expect(await found('sent-1')).toEqual([[record.id, 1]]);
  expect(await found('sent-1', 'south')).toEqual([]);
  expect(await found('sent-2')).toEqual([]);
  await keep({ ...record, version: 2, resource: { ...record.resource, id: undefined } }, 1);
  expect(await found('sent-1')).toEqual([[record.id, 2]]);
  await keep({ ...record, version: 3, resource: { ...record.resource, id: 'sent-3' } }, 2);
  expect([await found('sent-1'), await found('sent-3')]).toEqual([[], [[record.id, 3]]]);
});

it('finds two where two were sent with it, and no more', async () => {
  for (let count = 0; count < 3; count++) await keep(sent('sent-twice'));
  await keep(sent('sent-twice', 'south'));
  expect(await found('sent-twice')).toHaveLength(2);
});
