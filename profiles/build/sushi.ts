import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Resource } from '@medplum/fhirtypes';
import { type R4, writeCorePackage } from './r4.ts';

const guide = fileURLToPath(new URL('..', import.meta.url));

// SUSHI looks for the newest terminology packages in registries. An address where nobody listens keeps what it builds
// independent of the day and of the network; that it cannot load them are warnings only.
const nowhere = 'http://127.0.0.1:9';

/**
 * Compile the FSH sources to FHIR resources with snapshots.
 *
 * @returns The resources, ordered by file name.
 * @throws Error with SUSHI's own words when it reports an error.
 */
export async function runSushi(r4: R4): Promise<Resource[]> {
  const home = mkdtempSync(join(tmpdir(), 'tactus-profiles-'));
  try {
    writeCorePackage(home, r4);
    const told = await run(home);
    if (/^error /m.test(told) || !/\b0 Errors\b/.test(told)) throw new Error(`SUSHI found errors:\n${errorsOf(told)}`);
    const folder = join(home, 'out/fsh-generated/resources');
    const names = readdirSync(folder).filter((name) => !name.startsWith('ImplementationGuide-'));
    return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Resource);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function run(home: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const app = join(dirname(require.resolve('fsh-sushi/package.json')), 'dist/app.js');
  const env = { PATH: process.env.PATH ?? '', HOME: home, USERPROFILE: home, FPL_REGISTRY: nowhere };
  const proxies = { HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, http_proxy: nowhere, https_proxy: nowhere };
  const sushi = spawn(process.execPath, [app, 'build', guide, '--snapshot', '--out', join(home, 'out')], {
    env: { ...env, ...proxies },
  });
  let told = '';
  const hear = (chunk: Buffer): void => {
    told += chunk.toString('utf8');
  };
  sushi.stdout.on('data', hear);
  sushi.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    sushi.on('error', reject);
    sushi.on('close', () => resolve(told));
  });
}

function errorsOf(told: string): string {
  const lines = told.split('\n');
  const wanted = lines.filter(
    (line, n) => /^error /.test(line) || /^error /.test(lines[n - 1] ?? '') || /^ {2}(File|Line)/.test(line),
  );
  return wanted.length > 0 ? wanted.join('\n') : lines.slice(-40).join('\n');
}
