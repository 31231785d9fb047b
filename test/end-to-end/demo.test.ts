import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { home } from '../../src/start/run.ts';

const run = promisify(execFile);

interface Told {
  readonly seen: readonly string[];
  readonly task: string;
  readonly reason?: string;
  readonly procedures: readonly string[];
  readonly observations: readonly string[];
}

describe('the demonstration', () => {
  it('ends with three answers at the hospital and the sessions of the referral that was treated', async () => {
    const { stdout } = await run(process.execPath, [join(home, 'bin/tactus.mjs'), 'demo', '--json'], {
      timeout: 90_000,
    });
    const { referrals } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { referrals: Told[] };
    expect(referrals.map(({ task }) => task)).toEqual(['completed', 'accepted', 'rejected']);
    // What each looked like from the hospital, one state after the other; its doctor answers what is asked.
    expect(referrals.map(({ seen }) => seen)).toEqual([
      ['accepted', 'completed'],
      ['received', 'accepted'],
      ['rejected'],
    ]);
    expect(stdout).toMatch(
      /hospital {2}answers for the doctor: PUT \/fhir\/Task\/\S+, If-Match W\/"\d+": six sessions/,
    );
    expect(referrals.map(({ procedures }) => procedures.length)).toEqual([2, 0, 0]);
    // Pain before and after, and the statement about adverse events, of each of two sessions.
    expect(referrals[0]?.observations).toHaveLength(6);
    expect(referrals[2]?.reason).toContain('deep vein thrombosis');
  }, 100_000);
});
