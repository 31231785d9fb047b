import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Resource, ValueSet } from '@medplum/fhirtypes';
import { afterAll, describe, expect, test } from 'vitest';
import { writePackage } from '../../../profiles/build/package.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { definitionsOf } from '../../../src/io/definitions/from-resources.ts';
import { loadPackage } from '../../../src/io/definitions/package.ts';
import { readTar, writeTar } from '../../../src/io/definitions/tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'tactus-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const colours: ValueSet = {
  resourceType: 'ValueSet',
  id: 'colours',
  url: 'urn:colours',
  status: 'active',
  compose: {
    include: [
      { system: 'urn:c', concept: [{ code: 'red' }] },
      { valueSet: ['http://hl7.org/fhir/ValueSet/request-intent'] },
    ],
  },
};
const example: Resource = { resourceType: 'Patient', id: 'p1' };

function packed(files: Readonly<Record<string, string>>): string {
  const file = join(mkdtempSync(join(folder, 'p-')), 'package.tgz');
  writeFileSync(file, gzipSync(writeTar(Object.entries(files).map(([name, text]) => ({ name, text })))));
  return file;
}

describe('a package', () => {
  test('that we write is one that we read; examples are apart', () => {
    const file = join(folder, 'own.tgz');
    expect(writePackage(file, [colours, example])).toBe(2);
    expect(loadPackage(file)).toEqual([colours]);
    writePackage(join(folder, 'again.tgz'), [colours, example]);
    expect(loadPackage(join(folder, 'again.tgz'))).toEqual(loadPackage(file));
  });

  test('gives its resources, those in Bundles too, and nothing that is no resource', () => {
    const bundle = { resourceType: 'Bundle', entry: [{ resource: example }, {}] };
    const file = packed({
      'package/package.json': '{"name":"x"}',
      'package/.index.json': '{"files":[]}',
      'package/a.json': `\uFEFF${JSON.stringify(colours)}`,
      'package/b.json': JSON.stringify(bundle),
      'package/other/c.json': 'not looked at',
      'package/notes.md': 'not looked at',
    });
    expect(loadPackage(file)).toEqual([colours, example]);
  });

  test.each(['package', '.'])('may be a folder, with its files in %s', (inner) => {
    const unpacked = mkdtempSync(join(folder, 'd-'));
    mkdirSync(join(unpacked, inner), { recursive: true });
    writeFileSync(join(unpacked, inner, 'v.json'), JSON.stringify(colours));
    writeFileSync(join(unpacked, inner, 'package.json'), '{}');
    expect(loadPackage(unpacked)).toEqual([colours]);
  });

  test('with a file that is not JSON is refused by the name of the file', () => {
    expect(() => loadPackage(packed({ 'package/bad.json': '{' }))).toThrow(/^bad\.json of the package is not JSON/);
  });

  test.each([
    ['that is no archive', 'hello'],
    ['whose gzip is cut off', gzipSync('x'.repeat(5000)).subarray(0, 20)],
  ])('%s is refused by its name, with what a package is', (_, bytes) => {
    const file = join(mkdtempSync(join(folder, 'n-')), 'bad.tgz');
    writeFileSync(file, bytes);
    expect(() => loadPackage(file)).toThrow(/bad\.tgz is not a whole \.tgz archive .*gzipped tar/);
  });

  test('that does not exist is refused by its name', () => {
    expect(() => loadPackage(join(folder, 'nowhere.tgz'))).toThrow(/nowhere\.tgz does not exist/);
  });

  test('without a resource is refused: an archive of something else, or an empty folder', () => {
    expect(() => loadPackage(packed({ 'a.json': JSON.stringify(colours) }))).toThrow(/holds no FHIR resource/);
    expect(() => loadPackage(mkdtempSync(join(folder, 'e-')))).toThrow(/holds no FHIR resource/);
  });

  test('whose archive is cut off is refused', () => {
    const tar = writeTar([{ name: 'package/a.json', text: 'x'.repeat(2000) }]);
    const file = join(folder, 'cut.tgz');
    writeFileSync(file, gzipSync(tar.subarray(0, 1024)));
    expect(() => loadPackage(file)).toThrow(/cut off/);
  });
});

describe('definitions of a package', () => {
  const base = loadDefinitions();

  test('expand their value sets with what the base knows', () => {
    const codes = definitionsOf([colours], base).codes('urn:colours|1')?.codes;
    expect(codes?.has('urn:c|red')).toBe(true);
    expect(codes?.has('http://hl7.org/fhir/request-intent|order')).toBe(true);
    expect(codes?.has('|green')).toBe(false);
  });

  test('answer only for what the package holds', () => {
    expect(definitionsOf([colours], base).codes('http://hl7.org/fhir/ValueSet/request-intent')).toBeUndefined();
  });
});

describe('a tar archive', () => {
  test('is written the same each time, whatever the hour', () => {
    const files = [{ name: 'a.txt', text: 'ü'.repeat(300) }];
    expect(Buffer.from(writeTar(files))).toEqual(Buffer.from(writeTar(files)));
    expect(readTar(writeTar(files)).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['a.txt', 'ü'.repeat(300)],
    ]);
  });

  test.each([
    ['pax', 'x', '28 path=long/name/in/pax.json\n', 'long/name/in/pax.json'],
    ['GNU', 'L', 'long/name/in/gnu.json\0', 'long/name/in/gnu.json'],
  ])('may carry long names as %s does', (_, kind, header, name) => {
    const archive = Buffer.from(
      writeTar([
        { name: 'meta', text: header },
        { name: 'short', text: '{}' },
      ]),
    );
    archive.write(kind, 156);
    expect(readTar(archive).map((file) => file.name)).toEqual([name]);
  });

  test('does not write a name that does not fit', () => {
    expect(() => writeTar([{ name: 'x'.repeat(100), text: '' }])).toThrow(/too long/);
  });
});
