import { afterEach, describe, expect, test, vi } from 'vitest';
import { picture, run } from '../../src/cli/refused.ts';
import type { RefusedItem } from '../../src/flows/records.ts';
import { openStore } from '../../src/io/store/open.ts';
import { withSharedDatabase } from '../io/store/database.ts';

const database = withSharedDatabase();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const item: RefusedItem = {
  audience: 'partner',
  owner: 'demo-hospital',
  route: 'POST /fhir/ServiceRequest',
  bytesHash: 'ab'.repeat(32),
  status: 422,
  size: 812,
  issues: [
    {
      severity: 'error',
      code: 'cardinality',
      type: 'required',
      expression: 'ServiceRequest.subject',
      line: 3,
      column: 5,
    },
    { severity: 'error', code: 'order-status', type: 'business-rule', expression: '' },
  ],
  requestId: 'r-9',
  correlationId: 'c-4',
  firstAt: '2026-12-01T08:00:00.000Z',
  lastAt: '2026-12-02T08:00:00.000Z',
  times: 3,
};

test('a refused item is printed with its time, its sender, its hash and each reason with its place', () => {
  expect(picture(item).split('\n')).toEqual([
    '2026-12-02T08:00:00.000Z  partner demo-hospital  POST /fhir/ServiceRequest  HTTP 422, 3 times since 2026-12-01T08:00:00.000Z',
    `  812 bytes, SHA-256 ${'ab'.repeat(32)}`,
    '  request r-9, correlation c-4',
    '  error cardinality at ServiceRequest.subject, line 3, column 5',
    '  error order-status',
  ]);
  expect(picture({ ...item, times: 1, correlationId: null })).not.toMatch(/times since|correlation/);
});

describe('npx tactus refused', () => {
  async function printed(...args: readonly string[]) {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    vi.stubEnv('DATABASE_URL', database.connectionString);
    const code = await run(args);
    vi.restoreAllMocks();
    return { code, text: lines.join('') };
  }

  test('shows what was refused, of one sender or of all, and ends with 1 when that is nothing', async () => {
    expect(await printed()).toEqual({ code: 1, text: 'Nothing was refused.\n' });
    const store = await openStore({ connectionString: database.connectionString });
    const { lastAt: _, times: __, ...kept } = item;
    await store.keepRefused(kept);
    await store.keepRefused({ ...kept, owner: 'practice', audience: 'clinic' });
    await store.close();
    const all = await printed('--json');
    expect([all.code, all.text.trim().split('\n').length]).toEqual([0, 2]);
    const own = await printed('demo-hospital', '--json');
    expect(JSON.parse(own.text)).toEqual({ ...item, lastAt: item.firstAt, times: 1 });
    expect((await printed('demo-hospital')).text).toContain('error cardinality at ServiceRequest.subject');
    expect(await printed('nobody', '--json')).toEqual({ code: 1, text: '' });
  });

  test.each(['0', 'ten', '100000'])('--limit %s cannot be asked', async (limit) => {
    await expect(printed('--limit', limit)).rejects.toThrow(`--limit is "${limit}", should be 1 to 99999.`);
  });

  test('--help says what is kept', async () => {
    expect((await printed('--help')).text).toContain('The bytes themselves are not kept');
  });
});
