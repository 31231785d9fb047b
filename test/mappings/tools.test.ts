import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as diff from '../../src/cli/diff.ts';
import * as map from '../../src/cli/map.ts';
import { toolsLoader } from '../../src/cli/mapping-tools/load-tools.ts';
import { rerun } from '../../src/cli/mapping-tools/watch.ts';
import * as testMappings from '../../src/cli/test-mappings.ts';
import { readCases } from '../../src/io/mappings/read-cases.ts';
import { mappingsFolder } from '../../src/io/mappings/read-mappings.ts';

const minimal = join(mappingsFolder, 'cases/referral-to-plan/minimal/input.json');
let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-mappings-'));
  said = '';
  const listen = (text: string | Uint8Array): boolean => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(listen);
  vi.spyOn(process.stderr, 'write').mockImplementation(listen);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of our mappings with only some cases, so that a test may change it. */
function copyOfMappings(...cases: readonly string[]): string {
  for (const name of ['concept-maps', 'measures'])
    cpSync(join(mappingsFolder, name), join(folder, name), { recursive: true });
  cpSync(mappingsFolder, folder, {
    recursive: true,
    filter: (path) => path === mappingsFolder || path.endsWith('.map'),
  });
  for (const name of cases)
    cpSync(join(mappingsFolder, 'cases', name), join(folder, 'cases', name), { recursive: true });
  return folder;
}

/** Two rules; the one case shows the first and not the second. */
function writeSmallMapping(): void {
  for (const name of ['measures', 'cases/small/one']) mkdirSync(join(folder, name), { recursive: true });
  const lines = [
    "/// url = 'https://example.org/small'",
    "/// name = 'small'",
    'uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as source',
    'uses "http://hl7.org/fhir/StructureDefinition/Person" alias Person as target',
    'group Small(source src : Patient, target tgt : Person) {',
    '  src.active as v where ($this = true) -> tgt.id = \'yes\' "active";',
    '  src.gender as v -> tgt.gender = v "gender";',
    '}',
  ];
  writeFileSync(join(folder, 'small.map'), lines.join('\n'));
  writeFileSync(join(folder, 'cases/small/one/input.json'), '{"src":{"resourceType":"Patient","active":true}}');
  writeFileSync(
    join(folder, 'cases/small/one/expected.json'),
    '{"output":{"tgt":{"resourceType":"Person","id":"yes"}}}',
  );
}

function edit(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe('every command', () => {
  test.each([
    ['map', map],
    ['test', testMappings],
    ['diff', diff],
  ] as const)('%s says how it is used', async (name, command) => {
    expect(await command.run(['--help'])).toBe(0);
    expect(said).toContain(`npx tactus ${name}`);
    expect(said).toContain('Exit: 0');
  });
});

describe('map', () => {
  test('prints the plan of an order', async () => {
    expect(await map.run(['referral-to-plan', minimal])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ status: 'received', authoredOn: '2026-01-10', dosage: {} });
  });

  test('tells with --trace where each value came from, and what was not used', async () => {
    const order = { ...JSON.parse(readFileSync(minimal, 'utf8')), encounter: { reference: 'Encounter/e1' } };
    writeFileSync(join(folder, 'order.json'), JSON.stringify(order));
    expect(await map.run(['referral-to-plan', join(folder, 'order.json'), '--trace'])).toBe(0);
    expect(said).toMatch(
      /plan\.authoredOn = "2026-01-10" +<- referral\.authoredOn +\(Dates\.authoredOn, referral-to-plan:\d+\)/,
    );
    expect(said).toContain('Not used:\n  referral.status\n  referral.intent\n  referral.encounter.reference\n');
    expect(said).not.toContain('context.');
  });

  test('tells contained resources by where they stood', async () => {
    await map.run([
      'referral-to-plan',
      join(mappingsFolder, 'cases/referral-to-plan/requester-contained/input.json'),
      '--trace',
    ]);
    expect(said).toContain('<- referral.contained[0].identifier[0].value');
  });

  test('gives one JSON object an order with --json', async () => {
    const bundle = join(mappingsFolder, 'cases/referral-to-plan/bundle-with-several-orders/input.json');
    expect(await map.run(['referral-to-plan', bundle, '--json', '--trace'])).toBe(0);
    const runs = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({
      ok: true,
      output: { dosage: { sessions: 15 } },
      trace: expect.any(Array),
      dropped: expect.any(Array),
    });
  });

  test('answers no when the mapping refuses', async () => {
    expect(
      await map.run([
        'referral-to-plan',
        join(mappingsFolder, 'cases/referral-to-plan/refused-without-service/input.json'),
      ]),
    ).toBe(1);
    expect(said).toContain('The service has neither a code nor a text.');
  });

  test('cannot be asked for a mapping that does not exist, or without a file', async () => {
    await expect(map.run(['referal-to-plan', minimal])).rejects.toThrow('There is no usable mapping "referal-to-plan"');
    expect(await map.run(['referral-to-plan'])).toBe(2);
  });

  test('cannot be asked with a file that holds no order', async () => {
    writeFileSync(join(folder, 'patient.json'), '{"resourceType":"Patient"}');
    await expect(map.run(['referral-to-plan', join(folder, 'patient.json')])).rejects.toThrow(
      'must hold a ServiceRequest',
    );
  });
});

describe('test', () => {
  const one = 'referral-to-plan/priority-urgent';

  test('passes when all outputs are as expected', async () => {
    expect(await testMappings.run(['--folder', copyOfMappings(one), '--json'])).toBe(0);
    expect(JSON.parse(said)).toEqual({ cases: 1, passed: 1, failed: 0, failures: [] });
  });

  test('fails by path when a mapping changes, writes it down with --update, then passes', async () => {
    copyOfMappings(one);
    edit('referral-to-plan.map', 'plan.priority = v', "plan.priority = 'stat'");
    expect(await testMappings.run(['--folder', folder])).toBe(1);
    expect(said).toContain('output.priority: expected "urgent", got "stat"');
    expect(await testMappings.run(['--folder', folder, '--update'])).toBe(0);
    expect(await testMappings.run(['--folder', folder])).toBe(0);
  });

  test('fails a case without expected.json', async () => {
    copyOfMappings(one);
    rmSync(join(folder, 'cases', one, 'expected.json'));
    expect(await testMappings.run(['--folder', folder])).toBe(1);
    expect(said).toContain('It has no expected.json');
  });

  test('fails with the place when a map cannot be loaded', async () => {
    copyOfMappings(one);
    edit('referral-to-plan.map', 'plan.priority = v', 'plan.prioritty = v');
    expect(await testMappings.run(['--folder', folder])).toBe(1);
    expect(said).toMatch(/error\[mapping-unknown-element\]: .*prioritty.* Did you mean "priority"\?/);
    expect(said).toMatch(/--> mappings\/referral-to-plan\.map:\d+:\d+\n/);
  });

  test('writes JUnit XML', async () => {
    const file = join(folder, 'junit.xml');
    copyOfMappings(one, 'referral-to-plan/priority-stat');
    edit('referral-to-plan.map', 'plan.priority = v', "plan.priority = 'stat'");
    expect(await testMappings.run(['--folder', folder, '--junit', file])).toBe(1);
    const xml = readFileSync(file, 'utf8');
    expect(xml).toContain('<testsuite name="mappings" tests="2" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('expected &quot;urgent&quot;, got &quot;stat&quot;');
  });

  test('counts with --coverage what the cases reach, and with --require demands it', async () => {
    copyOfMappings(one);
    expect(await testMappings.run(['--folder', folder, '--coverage', '--json'])).toBe(0);
    const { coverage } = JSON.parse(said);
    expect(coverage).toHaveLength(1);
    expect(coverage[0]).toMatchObject({ mapping: 'referral-to-plan', cases: 1 });
    expect(coverage[0].rules.missing).toContainEqual(
      expect.stringMatching(/referral-people\.map:\d+ Insurance\.reference/),
    );
    expect(coverage[0].mustSupport.missing).toContain('TreatmentPlan TreatmentPlan.bodySites');
    expect(coverage[0].neverRead).toContain('referral.status');
    said = '';
    expect(await testMappings.run(['--folder', folder, '--coverage', '--require'])).toBe(1);
    expect(said).toMatch(/referral-to-plan +1 +\d+\/\d+ [\d.]+ %/);
  });

  test('lists with --mutate the small changes that no case notices', async () => {
    writeSmallMapping();
    expect(await testMappings.run(['--folder', folder, '--mutate', '--json'])).toBe(1);
    const { mutants } = JSON.parse(said.slice(said.indexOf('{')));
    const told = mutants.unnoticed.map(({ kind, place }: { kind: string; place: string }) => `${kind} ${place}`);
    expect(told).toEqual(['rule-removed mappings/small.map:7']);
    expect(mutants.noticed).toBe(3);
  });

  test('runs with --watch only the cases that a saved file changes', () => {
    copyOfMappings(one, 'referral-to-plan/minimal', 'session-to-outcome/completed-minimal');
    const load = toolsLoader(folder);
    const before = load();
    const cases = readCases(join(folder, 'cases'));
    const names = (saved: readonly string[]) =>
      rerun(cases, before, load(), saved, '').map(({ golden, passed }) => `${golden.name} ${passed}`);
    expect(names(['cases/referral-to-plan/minimal/expected.json'])).toEqual(['minimal true']);
    expect(names(['measures/pain-nrs.json'])).toHaveLength(3);
    edit('referral-to-plan.map', 'plan.priority = v', "plan.priority = 'stat'");
    expect(names(['referral-to-plan.map'])).toEqual(['minimal true', 'priority-urgent false']);
  });

  test('cannot be asked about cases that do not exist', async () => {
    await expect(testMappings.run(['--folder', copyOfMappings(one), 'no-such-case'])).rejects.toThrow(
      'There are no cases',
    );
  });
});

describe('diff', () => {
  const inputs = join(mappingsFolder, 'cases/referral-to-plan');

  test('says that nothing changes', async () => {
    expect(await diff.run([mappingsFolder, mappingsFolder, join(inputs, 'minimal')])).toBe(0);
    expect(said).toBe('0 of 1 outputs change.\n');
  });

  test('groups changes by kind and path with counts and one example', async () => {
    copyOfMappings();
    edit('referral-to-plan.map', "plan.priority = 'routine'", "plan.priority = 'asap'");
    expect(await diff.run([mappingsFolder, folder, join(inputs, 'minimal'), '--json'])).toBe(1);
    expect(JSON.parse(said)).toMatchObject({
      inputs: 1,
      changed: 1,
      changes: [{ kind: 'changed', path: 'priority', count: 1, example: { before: 'routine', after: 'asap' } }],
    });
  });

  test('tells outputs that become refused', async () => {
    copyOfMappings();
    edit('referral-to-plan.map', "plan.status = 'received'", "plan.patientInstruction = 'received'");
    expect(await diff.run([mappingsFolder, folder, join(inputs, 'minimal')])).toBe(1);
    expect(said).toContain('1  refused   (the whole output)');
  });

  test('cannot be asked with a map that gives a status that there is not, and says where', async () => {
    copyOfMappings();
    edit('referral-to-plan.map', "plan.status = 'received'", "plan.status = 'recieved'");
    await expect(diff.run([mappingsFolder, folder, join(inputs, 'minimal')])).rejects.toThrow(
      /mapping-outside-value-set.*Did you mean "received"\?\n +--> mappings\/referral-to-plan\.map:\d+:\d+/,
    );
  });

  test('tells outcomes that do not conform to their profile any more', async () => {
    copyOfMappings();
    edit(
      'outcome-procedure.map',
      "k.system = 'https://tactus.example/fhir/CodeSystem/not-done-reason'",
      "k.system = 'https://tactus.example/fhir/CodeSystem/reason'",
    );
    const sessions = join(mappingsFolder, 'cases/session-to-outcome/not-done-patient-did-not-come');
    expect(await diff.run([mappingsFolder, folder, sessions, '--mapping', 'session-to-outcome', '--json'])).toBe(1);
    expect(JSON.parse(said).invalid).toHaveLength(1);
  });

  test('takes a single map beside the rest of ours', async () => {
    const text = readFileSync(join(mappingsFolder, 'referral-dosage.map'), 'utf8');
    writeFileSync(join(folder, 'candidate.map'), text.replace("d.pattern = 'once'", "d.pattern = 'series'"));
    const once = join(inputs, 'timing-count-1');
    expect(await diff.run([mappingsFolder, join(folder, 'candidate.map'), once, '--mapping', 'referral-to-plan'])).toBe(
      1,
    );
    expect(said).toContain('"once" -> "series"');
  });
});
