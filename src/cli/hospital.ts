import { parseArgs } from 'node:util';
import { readMisbehaviour } from './hospital/misbehaviour.ts';
import { startHospital } from './hospital/server.ts';

export const help = `npx tactus hospital [--port 8090] [--unavailable P] [--drop-after-accept P] [--slow MS] [--seed N]

Starts a simulated hospital: a FHIR R4 server in memory with transactions and conditional create. For demonstrations and
tests; it keeps nothing and asks nobody who they are. P is a probability from 0 to 1.
While it runs, POST /misbehave changes that: {"unavailable": 0.1, "dropAfterAccept": 0.1, "slowMilliseconds": 500}; what is not
named goes well again, and it knows dropBefore, refuse (with 422) and retryAfterSeconds, too.`;

/** Runs until SIGINT or SIGTERM. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      port: { type: 'string', default: '8090' },
      unavailable: { type: 'string', default: '0' },
      'drop-after-accept': { type: 'string', default: '0' },
      slow: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const misbehaviour = readMisbehaviour({
    unavailable: Number(values.unavailable),
    dropAfterAccept: Number(values['drop-after-accept']),
    slowMilliseconds: Number(values.slow),
  });
  if (typeof misbehaviour === 'string') {
    process.stderr.write(`tactus hospital: ${misbehaviour}\n`);
    return 2;
  }
  const hospital = await startHospital({ port: Number(values.port), seed: Number(values.seed), misbehaviour });
  process.stdout.write(`The simulated hospital answers at ${hospital.baseUrl}; Ctrl+C ends it.\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await hospital.close();
  return 0;
}
