import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolsLoader } from '../../src/cli/mapping-tools/load-tools.ts';
import { type Saved, watchMappings } from '../../src/cli/mapping-tools/watch.ts';
import { tellSaved } from '../../src/cli/test-mappings.ts';
import { mappingsFolder } from '../../src/io/mappings/read-mappings.ts';
import type { FolderWatch } from '../../src/io/mappings/watch-folder.ts';

const cases = ['referral-to-plan/minimal', 'referral-to-plan/priority-urgent', 'session-to-outcome/completed-minimal'];
let folder: string;
let watching: FolderWatch;
let tell: (saved: Saved) => void = () => {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-watch-'));
  cpSync(mappingsFolder, folder, {
    recursive: true,
    filter: (path) => !path.startsWith(join(mappingsFolder, 'cases')),
  });
  for (const name of cases)
    cpSync(join(mappingsFolder, 'cases', name), join(folder, 'cases', name), { recursive: true });
  watching = watchMappings(toolsLoader(folder), '', (saved) => tell(saved));
});

afterAll(() => {
  watching.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Saves a file as an editor does, and waits for what is told of it. */
function save(file: string, change: (text: string) => string): Promise<Saved> {
  const path = join(folder, file);
  return new Promise((resolve) => {
    tell = resolve;
    writeFileSync(`${path}.tmp`, change(readFileSync(path, 'utf8')));
    renameSync(`${path}.tmp`, path);
  });
}

function told({ results }: Saved): readonly string[] {
  return results.map(({ golden, passed }) => `${golden.name} ${passed}`);
}

describe('a save while the cases are watched', () => {
  test('runs the cases of the map that it changes, and of no other', async () => {
    expect(told(await save('referral-dosage.map', (text) => `${text}\n// a comment\n`))).toEqual([
      'minimal true',
      'priority-urgent true',
    ]);
    const saved = await save('referral-to-plan.map', (text) =>
      text.replace('plan.priority = v', "plan.priority = 'stat'"),
    );
    expect(told(saved)).toEqual(['minimal true', 'priority-urgent false']);
    expect(tellSaved(saved)).toContain('output.priority: expected "urgent", got "stat"\n1 of 2 cases pass.\n');
  });

  test('of a map with an error tells the error and leaves the cases waiting, until it is mended', async () => {
    const broken = await save('referral-to-plan.map', (text) => text.replace('plan.priority =', 'plan.prioritty ='));
    expect(told(broken)).toEqual([]);
    expect(tellSaved(broken)).toMatch(
      /prioritty.*Did you mean "priority"\?\n {2}--> mappings\/referral-to-plan\.map:\d+:\d+/,
    );
    const mended = await save('referral-to-plan.map', (text) =>
      text.replace('plan.prioritty =', 'plan.priority =').replace("plan.priority = 'stat'", 'plan.priority = v'),
    );
    expect(told(mended)).toEqual(['minimal true', 'priority-urgent true']);
  });

  test('of a case runs that case alone, and says what is wrong with one that is no JSON', async () => {
    const file = 'cases/session-to-outcome/completed-minimal/expected.json';
    expect(told(await save(file, (text) => `${text}\n`))).toEqual(['completed-minimal true']);
    const broken = await save(file, (text) => text.slice(1));
    expect(told(broken)).toEqual(['completed-minimal false']);
    expect(tellSaved(broken)).toContain('expected.json cannot be read as JSON');
    expect(told(await save(file, (text) => `{${text}`))).toEqual(['completed-minimal true']);
  });

  test('of a measure runs all cases, and names a measure that is none', async () => {
    expect(told(await save('measures/pain-nrs.json', (text) => `${text}\n`))).toHaveLength(3);
    const broken = await save('measures/pain-nrs.json', (text) => text.replace('"range"', '"rang"'));
    expect(broken.faults).toContain('pain-nrs.json');
    expect(told(broken)).toEqual([]);
    expect(told(await save('measures/pain-nrs.json', (text) => text.replace('"rang"', '"range"')))).toHaveLength(3);
  });
});
