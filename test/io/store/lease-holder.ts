/** A process that leases deliveries for an hour (arguments: database, instant, ids), says so, and then only lives. */
import { openStore } from '../../../src/io/store/open.ts';

const [connectionString = '', now = '', ...ids] = process.argv.slice(2);
const store = await openStore({ connectionString });
const leased = await store.lease(ids, now, 3600);
process.stdout.write(`${JSON.stringify(leased)}\n`);
setInterval(() => {}, 1000);
