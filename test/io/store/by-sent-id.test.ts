import pg from 'pg';
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

it('finds orders from before their ids were kept', async () => {
  const connectionString = await database.another();
  const before = await openStore({ connectionString });
  const record = sent('old-1');
  await before.commit({ referral: { record, expect: 0 }, ...nothing });
  await before.commit({ referral: { record: { ...record, version: 2 }, expect: 1 }, ...nothing });
  await before.close();
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('alter table tactus.referral drop column sent_id');
  await client.query("delete from tactus.kysely_migration where name >= '005-sent-id'");
  await client.end();
  const after = await openStore({ connectionString });
  expect((await after.referralsBySentId('north', 'old-1')).map(({ id, version }) => [id, version])).toEqual([
    [record.id, 2],
  ]);
  await after.close();
});
