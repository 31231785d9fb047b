import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/screen.ts';
import { at, concept, condition, onset, order, systems } from '../core/plan/screening/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'tactus-screen-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Exit code and what was printed. */
async function screen(content: unknown, ...args: readonly string[]) {
  const file = join(folder, 'referral.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    return { code: await run([file, '--now', '2026-11-26T10:00:00Z', ...args]), printed };
  } finally {
    spy.mockRestore();
  }
}

const knee = { bodySite: [{ coding: [{ system: systems.sct, code: '72696002' }] }] };
const fracture = (date: string) =>
  order([condition('S82.001A', { ...onset(date), ...at('72696002') })], {
    ...knee,
    note: [{ text: 'Please be careful.' }],
  });

describe('npx tactus screen', () => {
  test('explains a rejection: rule, place, both sentences, source and who signed', async () => {
    const { code, printed } = await screen(fracture('2026-10-30'));
    expect(code).toBe(1);
    for (const words of [
      'ServiceRequest: REJECT: cannot be accepted',
      'treats: knee; techniques: none named',
      'record: partial',
      'REJECT  Recent fracture (rule fracture 1.0.0)',
      'found at: ServiceRequest.contained[0].code.coding[0]; region: knee',
      'to the prescriber: The record has a fracture',
      'to the therapist:  Fracture: leave the region out.',
      'not yet signed by a clinician',
      'avoid-region (knee)',
      'ServiceRequest.note[0].text: Please be careful.',
    ]) {
      expect(printed).toContain(words);
    }
  });

  test('finds what came with a version that was sent before, and names it', async () => {
    const before = join(folder, 'before.json');
    writeFileSync(before, JSON.stringify(fracture('2026-10-30')));
    const { code, printed } = await screen(order([], knee), '--earlier', before);
    expect(code).toBe(1);
    for (const words of [
      'found at: version 1: ServiceRequest.contained[0].code.coding[0]; region: knee',
      'Fracture: leave the region out. (Told with version 1 of the order, and not taken back since.)',
    ]) {
      expect(printed).toContain(words);
    }
    writeFileSync(before, JSON.stringify({ resourceType: 'Bundle' }));
    await expect(screen(order([], knee), '--earlier', before)).rejects.toThrow('Version 1, given by --earlier, has no');
  });

  test('exits with 0 when findings only travel with the plan', async () => {
    const { code, printed } = await screen(fracture('2026-01-30'));
    expect(code).toBe(0);
    expect(printed).toContain('may be accepted; the findings travel with the plan');
  });

  test('says that no rule found anything', async () => {
    const { code, printed } = await screen(order([]));
    expect(code).toBe(0);
    expect(printed).toContain('may be accepted; no rule found anything');
    expect(printed).toContain('treats: no region named (may be any)');
  });

  test('gives machines the whole result', async () => {
    const { code, printed } = await screen(fracture('2026-10-30'), '--json');
    const [first] = JSON.parse(printed) as readonly { path: string; facts: unknown; result: { disposition: string } }[];
    expect([code, first?.path, first?.result.disposition]).toEqual([1, 'ServiceRequest', 'reject']);
  });

  test('screens every ServiceRequest of a Bundle with all that came with it', async () => {
    const orderDetail = [concept('https://tactus.example/fhir/CodeSystem/massage-technique', 'full-body')];
    const resources = [order([], { id: 'a' }), condition('A41.9'), order([], { id: 'b', orderDetail })];
    const { code, printed } = await screen({
      resourceType: 'Bundle',
      type: 'collection',
      entry: resources.map((resource) => ({ resource })),
    });
    expect(code).toBe(1);
    expect(printed).toContain('Bundle.entry[0].resource: REJECT');
    expect(printed).toContain('Bundle.entry[2].resource: REJECT');
    expect(printed).toContain('treats: the whole body');
    expect(printed).toContain('found at: Bundle.entry[1].resource.code.coding[0]');
  });

  test('takes the settings of a partner', async () => {
    const pregnant = order([condition('77386006')]);
    expect((await screen(pregnant)).code).toBe(0);
    expect((await screen(pregnant, '--setting', 'hold-first-trimester')).code).toBe(1);
  });

  test.each([
    ['{', /cannot be read/],
    ['[]', /holds no FHIR resource/],
    [{ resourceType: 'Patient' }, /no ServiceRequest/],
  ])('refuses a file that is no referral: %j', async (content, message) => {
    await expect(screen(content)).rejects.toThrow(message);
  });

  test('refuses a moment that is none', async () => {
    await expect(screen(order([]), '--now', 'yesterday')).rejects.toThrow(/--now is "yesterday"/);
  });

  test('prints its help', async () => {
    expect((await screen(order([]), '--help')).printed).toContain('npx tactus screen FILE');
  });
});
