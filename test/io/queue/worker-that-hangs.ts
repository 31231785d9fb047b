import { openQueue } from '../../../src/io/queue/open.ts';

/** Takes packs, says which, and never ends them: for a test that kills it. */
const [connectionString = ''] = process.argv.slice(2);
const queue = await openQueue({ backend: { kind: 'postgres', connectionString } });
await queue.work(
  'delivery',
  async ({ ids }) => {
    process.stdout.write(`${ids.join(' ')}\n`);
    await new Promise(() => {});
  },
  1,
);
