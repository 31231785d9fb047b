import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { retryDelaysSeconds } from '../src/core/delivery/retry.ts';
import { settingNames } from '../src/io/config/settings.ts';

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

describe('the project', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

  it('says of every dependency why it is there, and of nothing else', () => {
    const named = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]+`) \|/gm)]
      .flatMap(([, names = '']) => names.split(', '))
      .map((name) => name.replaceAll('`', ''));
    expect(named.sort()).toEqual(Object.keys(all).sort());
  });

  it('pins every dependency exactly', () => {
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('keeps no registry address in its lock file', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  it('explains every setting in docs/operations.md as --help does', () => {
    const told = read('docs/operations.md');
    for (const [name, meaning] of settingNames) expect(told).toContain(`| \`${name}\` | ${meaning} |`);
  });

  it('prints the table of retries as the code has it', () => {
    const rows = [...read('docs/operations.md').matchAll(/^\| (\d+) \| (\d+) s \|/gm)].map(([, , delay]) =>
      Number(delay),
    );
    expect(rows).toEqual(retryDelaysSeconds);
  });
});
