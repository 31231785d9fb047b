import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences } from './compare.ts';
import { type Files, generate } from './generate.ts';
import { writePackage } from './package.ts';
import { readR4 } from './r4.ts';
import { runSushi } from './sushi.ts';

const generated = fileURLToPath(new URL('../generated', import.meta.url));
const help = `Build the FHIR profiles of Tactus from profiles/input/fsh, without network.

npm run profiles                      build profiles/generated
npm run profiles -- --check           build twice, compare both and profiles/generated; exit 1 where they differ
npm run profiles -- --package [FILE]  write a FHIR package (default package.tgz)
npm run profiles -- --help            this text`;

process.exitCode = await main(process.argv.slice(2));

async function main([mode, file]: readonly string[]): Promise<number> {
  if (mode === undefined) return await rebuild();
  if (mode === '--check') return await check();
  if (mode === '--package') return await pack(file ?? 'package.tgz');
  console.log(help);
  return mode === '--help' ? 0 : 2;
}

async function rebuild(): Promise<number> {
  const files = await build();
  const before = committed();
  for (const path of before.keys()) if (!files.has(path)) rmSync(join(generated, path));
  for (const [path, text] of files) if (before.get(path) !== text) write(path, text);
  console.log(
    `profiles/generated: ${files.size} files, ${sizeOf(files)} bytes; ${differences(before, files).length} changed.`,
  );
  return 0;
}

async function check(): Promise<number> {
  const first = await build();
  const unstable = differences(first, await build()).map((line) => `Two builds differ: ${line}`);
  const stale = differences(committed(), first).map(
    (line) => `profiles/generated is not what the sources give: ${line}`,
  );
  const found = [...unstable, ...stale];
  for (const line of found) console.error(line);
  if (found.length > 0) console.error('Run "npm run profiles" and commit profiles/generated.');
  else console.log(`profiles/generated is what the sources give: ${first.size} files, built twice, byte for byte.`);
  return found.length > 0 ? 1 : 0;
}

async function pack(file: string): Promise<number> {
  const count = writePackage(file, await runSushi(readR4()));
  console.log(`${file}: a FHIR package with ${count} resources.`);
  return 0;
}

async function build(): Promise<Files> {
  const r4 = readR4();
  return generate(r4, await runSushi(r4));
}

function committed(): Map<string, string> {
  mkdirSync(generated, { recursive: true });
  const entries = readdirSync(generated, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(generated, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return new Map(paths.map((path) => [path, readFileSync(join(generated, path), 'utf8')]));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(generated, path)), { recursive: true });
  writeFileSync(join(generated, path), text);
}

function sizeOf(files: Files): number {
  return [...files.values()].reduce((total, text) => total + Buffer.byteLength(text), 0);
}
