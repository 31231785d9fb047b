import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/cli/main.ts';
import { tellIssues, toolsLoader } from '../../src/cli/mapping-tools/load-tools.ts';
import { junitXml } from '../../src/cli/mapping-tools/run-cases.ts';
import { misuse } from '../../src/cli/usage.ts';
import { mappingsFolder } from '../../src/io/mappings/read-mappings.ts';
import { parseXml } from '../conformance/mapping/xml.ts';

const minimal = join(mappingsFolder, 'cases/referral-to-plan/minimal/input.json');
let folder: string;
let said: string;
let complained: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tactus-cli-'));
  said = '';
  complained = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Our maps and concept maps, without cases. */
function copyOfMappings(): void {
  const cases = join(mappingsFolder, 'cases');
  cpSync(mappingsFolder, folder, { recursive: true, filter: (path) => !path.startsWith(cases) });
}

describe('a command that is called wrongly', () => {
  test.each([
    ['mapp', [], '"mapp" is no command of tactus. Did you mean "map"?'],
    ['map', ['--trce', 'a', 'b'], 'Unknown option \'--trce\'. Did you mean "--trace"?'],
    ['test', ['--junit'], '"npx tactus test --help" tells all options.'],
    ['map', [], 'MAPPING and FILE are missing.'],
    ['screen', [minimal, '--setting', 'hold-first-trimster'], 'no rule asks for; known are hold-first-trimester.'],
    ['hospital', ['--unavailable', '7'], 'unavailable is 7; a probability is a number from 0 to 1.'],
    ['hospital', ['--slow', 'very'], 'slowMilliseconds must be a number of 0 or more.'],
    ['map', ['referral-to-plan'], 'FILE is missing.'],
    ['map', ['a', 'b', 'c'], 'nothing is known of "c"'],
    ['test', ['a', 'b'], 'nothing is known of "b"'],
    ['diff', ['mappings'], 'NEW and FOLDER are missing.'],
    ['explain', [], 'ID is missing.'],
    ['screen', [], 'FILE is missing.'],
    ['validate', [], 'FILE is missing.'],
    ['map', ['referal-to-plan', minimal], 'Did you mean "referral-to-plan"?'],
    ['map', ['referral-to-plan', '/no/such/file.json'], 'There is no file /no/such/file.json.'],
    ['map', ['referral-to-plan', mappingsFolder], 'is a folder; a file is needed.'],
    ['screen', ['/no/such/file.json'], 'There is no file /no/such/file.json.'],
    ['diff', ['/no/such', mappingsFolder, mappingsFolder], 'There is no file or folder /no/such.'],
    ['diff', [mappingsFolder, mappingsFolder, '/no/such'], '/no/such is no folder.'],
    ['test', ['--folder', '/no/such'], '/no/such is no folder.'],
    ['test', ['no-such-case'], 'that contain "no-such-case"'],
    ['test', ['--junit', '/no/such/file.xml', 'minimal'], 'The folder /no/such of the JUnit file does not exist'],
  ])('%s %j ends with 2 and says what is wrong', async (name, args, says) => {
    expect(await runCommand([name, ...args])).toBe(2);
    expect(complained).toContain(says);
    expect(complained).not.toMatch(/^\s+at /m);
  });

  test('words in brackets may be left out, others not', () => {
    expect(misuse([], ['[NAME]'])).toBeUndefined();
    expect(misuse(['a'], ['[NAME]'])).toBeUndefined();
    expect(misuse([], ['FILE', '[NAME]'])).toBe('FILE is missing.');
    expect(misuse(['a'], [])).toBe('It takes no words, and nothing is known of "a".');
  });
});

describe('files that are not what they should be', () => {
  test('map says where a file is no JSON, and where it nests too deeply', async () => {
    expect(await runCommand(['map', 'referral-to-plan', write('a.json', '{\n  "a": ,\n}')])).toBe(2);
    expect(complained).toMatch(/a\.json cannot be read: .*\(line 2, column 8\)/);
    const deep = `${'{"extension":['.repeat(5000)}${']}'.repeat(5000)}`;
    expect(await runCommand(['map', 'referral-to-plan', write('b.json', deep)])).toBe(2);
    expect(complained).toContain('nests more than');
  });

  test('validate goes on after a file that is not there, and ends with 2', async () => {
    expect(await runCommand(['validate', '/no/such/file.json', minimal])).toBe(2);
    expect(complained).toContain('There is no file /no/such/file.json.');
    expect(said).toContain('minimal/input.json: valid');
  });

  test('diff compares the other files, lists those that are no input, and ends with 2', async () => {
    cpSync(minimal, write('inputs/good.json', ''));
    write('inputs/broken.json', '{');
    write('inputs/patient.json', '{"resourceType":"Patient"}');
    expect(await runCommand(['diff', mappingsFolder, mappingsFolder, join(folder, 'inputs')])).toBe(2);
    expect(said).toMatch(/^0 of 1 outputs change\.\n2 files could not be compared:\n/);
    expect(said).toContain('inputs/broken.json: cannot be read as JSON');
    expect(said).toContain('inputs/patient.json: The file must hold a ServiceRequest');
  });

  test('test fails a case whose input is no JSON, and runs the others', async () => {
    copyOfMappings();
    for (const name of ['minimal', 'priority-urgent']) {
      const own = join('cases/referral-to-plan', name);
      cpSync(join(mappingsFolder, own), join(folder, own), { recursive: true });
    }
    write('cases/referral-to-plan/minimal/input.json', '{');
    expect(await runCommand(['test', '--folder', folder])).toBe(1);
    expect(said).toContain('minimal/input.json cannot be read as JSON');
    expect(said).toContain('1 of 2 cases pass.');
  });
});

describe('a map with five errors', () => {
  const text = [
    'map "http://example.org/five" = "five"',
    'uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as source',
    'uses "http://hl7.org/fhir/StructureDefinition/Person" alias Person as taget',
    '',
    'group Five(source src : Patient, target tgt : Person) {',
    '  src.gendre as v -> tgt.gender = v;',
    '  src.birthDate as v -> tgt.birthDate = truncat(v, 10);',
    '  src.name -> tgt.name',
    '  src.telecom as t -> tgt.telecon = t;',
    '}',
    '',
  ].join('\n');

  test('has each told with file, line, column, caret and what was meant, in the order of reading', () => {
    write('five.map', text);
    const tools = toolsLoader(folder)();
    const told = tellIssues(tools.issues, tools.sources);
    const places = [...told.matchAll(/--> (\S+)\n/g)].map(([, place]) => place);
    expect(places).toEqual(['3:71', '6:7', '7:41', '8:23', '9:27'].map((place) => `mappings/five.map:${place}`));
    expect([...told.matchAll(/Did you mean "(.*)"\?/g)].map(([, meant]) => meant)).toEqual([
      'target',
      'gender',
      'truncate',
      'telecom',
    ]);
    expect(told).toContain('6 |   src.gendre as v -> tgt.gender = v;\n  |       ^\n');
    expect(told).toMatch(/\n\n5 errors\n$/);
    expect(told).not.toContain('\u001b');
  });
});

describe('JUnit XML', () => {
  test('is read by an XML parser, whatever stands in a case', () => {
    const golden = { mapping: 'm', name: 'a <b> & "c"', folder: '', input: {}, expected: {} };
    const differences = [{ path: 'x', expected: '\u0000\u001b[31m]]>', actual: '\ud800 <é😀' }];
    const xml = junitXml([
      { golden, passed: false, differences, actual: {} },
      { golden, passed: true, differences: [], actual: {} },
    ]);
    const suite = parseXml(xml);
    expect(suite.attributes).toMatchObject({ tests: '2', failures: '1' });
    expect(suite.children.map(({ name, attributes }) => [name, attributes.name])).toEqual([
      ['testcase', 'a <b> & "c"'],
      ['testcase', 'a <b> & "c"'],
    ]);
    expect(xml).toContain('&lt;é😀');
    expect(xml).not.toMatch(/[\u0000-\u0008\ud800-\udbff](?![\udc00-\udfff])/);
  });
});

describe('output into a closed pipe', () => {
  test('is no fault', () => {
    const tactus = join(mappingsFolder, '../bin/tactus.mjs');
    const script = `"${process.execPath}" "${tactus}" map referral-to-plan "${minimal}" --trace | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
