/** A process that leases the deliveries that it is told (arguments: database, ids), says so, and then only lives. */
import { openStore } from '../../../src/io/store/open.ts';
import { start } from './examples.ts';

const [connectionString = '', ...ids] = process.argv.slice(2);
const store = await openStore({ connectionString });
const leased = await store.lease(ids, start, 3600);
process.stdout.write(`${JSON.stringify(leased)}\n`);
setInterval(() => {}, 1000);
