import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../io/config/settings.ts';
import { home } from '../start/run.ts';
import { type RunningTactus, startTactus } from '../start/tactus.ts';
import { caller } from './demo/clients.ts';
import { playJourney } from './demo/journey.ts';
import { type SimulatedHospital, startHospital } from './hospital/server.ts';
import { newToken, tokenHash } from './partner.ts';

export const help = `npm run demo [-- --stay] [-- --json]

Starts Tactus on its embedded PostgreSQL and a simulated hospital, sends three referrals, works as the clinic, and shows
what the hospital has in the end. Nothing is kept unless TACTUS_DATA names a folder.

  --stay  keep everything running and print addresses and tokens
  --json  close with one line of JSON for scripts`;

/** @returns 0 when the hospital has in the end what it should, else it throws. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean' }, stay: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const began = performance.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const hospital = await startHospital({ port: values.stay === true ? 8090 : 0 });
  const folder = process.env.TACTUS_DATA ?? (await mkdtemp(join(tmpdir(), 'tactus-demo-')));
  const tactus = await startForDemo(hospital, folder, values.stay === true);
  try {
    say(`Tactus answers at ${tactus.url}, the simulated hospital at ${hospital.baseUrl} (${seconds(began)} s).`);
    const tokens = await giveTokens(tactus);
    const told = await playJourney({
      ehr: caller(`${tactus.url}/fhir`, tokens.partner, 'application/fhir+json'),
      clinic: caller(`${tactus.url}/clinic`, tokens.clinic, 'application/json'),
      hospital: caller(hospital.baseUrl, undefined, 'application/fhir+json'),
      say,
      run: `D-${Date.now().toString(36)}`,
    });
    const sessions = told.reduce((sum, { procedures }) => sum + procedures.length, 0);
    say(`\nThree referrals, three answers, ${sessions} sessions at the hospital, in ${seconds(began)} s.`);
    if (values.json === true) say(JSON.stringify({ referrals: told, seconds: Number(seconds(began)) }));
    if (values.stay === true) await stay(tactus, hospital, tokens, say);
    return 0;
  } finally {
    await tactus.stop();
    await hospital.close();
    if (process.env.TACTUS_DATA === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function startForDemo(hospital: SimulatedHospital, folder: string, isFixed: boolean): Promise<RunningTactus> {
  const env = {
    ...process.env,
    PORT: process.env.PORT ?? (isFixed ? '8080' : String(await freePort())),
    TACTUS_DATA: folder,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
    TACTUS_HOSPITAL_URL_DEMO_HOSPITAL: hospital.baseUrl,
  };
  const read = readSettings(env, home);
  if (!read.ok) throw new Error(read.faults.join(' '));
  return startTactus(read.settings, env);
}

async function giveTokens({ store }: RunningTactus): Promise<{ readonly partner: string; readonly clinic: string }> {
  const [partner, clinic] = [newToken(), newToken()];
  const now = new Date().toISOString();
  await store.addToken({ hash: tokenHash(partner), audience: 'partner', owner: 'demo-hospital' }, now);
  await store.addToken({ hash: tokenHash(clinic), audience: 'clinic', owner: 'demo-clinic' }, now);
  return { partner, clinic };
}

async function stay(
  tactus: RunningTactus,
  hospital: SimulatedHospital,
  tokens: { readonly partner: string; readonly clinic: string },
  say: (line: string) => void,
): Promise<void> {
  say(`
Everything stays up; Ctrl+C ends it.
  FHIR for hospitals   ${tactus.url}/fhir       Authorization: Bearer ${tokens.partner}
  clinic               ${tactus.url}/clinic     Authorization: Bearer ${tokens.clinic}
  OpenAPI of clinic    ${tactus.url}/clinic/openapi.json
  metrics              ${tactus.url}/metrics
  simulated hospital   ${hospital.baseUrl}`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}
