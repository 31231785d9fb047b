import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Who may import whom (docs/architecture.md), and what core may not touch. Broken on purpose at the end of this file. */
const source = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

interface SourceFile {
  /** Below src/, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Pure libraries that core may use. */
const pureLibraries = [
  '@medplum/core',
  '@medplum/fhirtypes',
  '@sinclair/typebox',
  'ajv',
  'ajv/dist/2020.js',
  '@atomic-ehr/ucum',
];

/** What reads a clock, dice, the network or the environment; core gets these as arguments. */
const impure: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\s*\(/, 'reads the clock (Date.now)'],
  [/\bnew Date\s*\(\s*\)/, 'reads the clock (new Date())'],
  [/\bMath\.random\s*\(/, 'throws dice (Math.random)'],
  [/\b(?:fetch|setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/, 'touches the world (fetch or a timer)'],
  [/\b(?:process|globalThis|console|performance)\s*[.[]/, 'touches the process'],
];

function filesOf(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(source, path), text: readFileSync(path, 'utf8') }));
}

function importsOf(file: SourceFile): { readonly target: string; readonly typeOnly: boolean }[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...withoutComments(file.text).matchAll(pattern)].map((match) => ({
    target: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Strings are data: a map may say "process." without touching one. */
function codeOnly(text: string): string {
  return withoutComments(text)
    .replace(/`(?:\\[\s\S]|[^`\\])*`/g, '``')
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replace(/"(?:\\.|[^"\\\n])*"/g, '""')
    .replace(/\/\/.*$/gm, '')
    .replace(/\/(?![*/ ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g, '/r/');
}

function room(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'io' ? `io/${second.replace(/\.ts$/, '')}` : first.replace(/\.ts$/, '');
}

function violation(file: SourceFile, target: string, typeOnly: boolean): string | undefined {
  const from = room(file.path);
  if (!target.startsWith('.')) {
    if (from === 'core' && !pureLibraries.includes(target)) return `core may not import ${target}`;
    if (from === 'flows' && target !== '@medplum/fhirtypes') return `flows may not import ${target}`;
    return undefined;
  }
  const to = room(relative(source, resolve(source, dirname(file.path), target)));
  if (to === 'main') return 'nobody imports main.ts';
  if (from === 'core' && to !== 'core') return `core may not import ${to}`;
  if (from === 'flows' && to !== 'core' && to !== 'flows') return `flows may not import ${to}`;
  // What io implements is stated in flows as types, which are gone when the program runs: the compiler may compare them.
  if (from.startsWith('io/') && to === 'flows' && typeOnly) return undefined;
  if (from.startsWith('io/') && to !== 'core' && to !== from) return `${from} may not import ${to}`;
  return undefined;
}

function faultsOf(file: SourceFile): string[] {
  const imports = importsOf(file)
    .map(({ target, typeOnly }) => violation(file, target, typeOnly))
    .filter((fault) => fault !== undefined);
  const touches =
    room(file.path) === 'core'
      ? impure.filter(([pattern]) => pattern.test(codeOnly(file.text))).map(([, fault]) => `core ${fault}`)
      : [];
  const types = /(?::\s*any\b|\bas any\b|<any>|@ts-(?:ignore|nocheck|expect-error))/.test(codeOnly(file.text))
    ? ['uses any or silences the compiler']
    : [];
  return [...imports, ...touches, ...types].map((fault) => `${file.path}: ${fault}`);
}

/** Files that import each other's values in a circle, one line a circle. */
function circles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
        .map(({ target }) => relative(source, resolve(source, dirname(file.path), target))),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

describe('the house', () => {
  const files = filesOf(source);

  it('has rooms that import only what they may', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap(faultsOf)).toEqual([]);
  });

  it('has no files that import each other in a circle', () => {
    expect(circles(files)).toEqual([]);
  });

  it('has no file called after nothing', () => {
    const nameless = files.filter(({ path }) => /(?:^|\/)(?:utils?|helpers?|common|types|misc)\.ts$/.test(path));
    expect(nameless.map(({ path }) => path)).toEqual([]);
  });
});

describe('the guard of the house', () => {
  it.each([
    ['core/plan/x.ts', "import { readFile } from 'node:fs';", 'core may not import node:fs'],
    ['core/plan/x.ts', "import { open } from '../../io/store/open.ts';", 'core may not import io/store'],
    ['core/plan/x.ts', 'import "../../io/store/open.ts";', 'core may not import io/store'],
    ['core/plan/x.ts', "export * from '../../flows/plan.ts';", 'core may not import flows'],
    ['core/plan/x.ts', 'const today = new Date();', 'core reads the clock (new Date())'],
    ['core/plan/x.ts', 'const dice = Math.random();', 'core throws dice (Math.random)'],
    ['core/plan/x.ts', 'const zone = process.env.TZ;', 'core touches the process'],
    ['flows/x.ts', "import { openStore } from '../io/store/open.ts';", 'flows may not import io/store'],
    ['flows/x.ts', "import { Kysely } from 'kysely';", 'flows may not import kysely'],
    ['io/ehr/x.ts', "import { openStore } from '../store/open.ts';", 'io/ehr may not import io/store'],
    ['io/ehr/x.ts', "import { runRelay } from '../../flows/relay.ts';", 'io/ehr may not import flows'],
    ['io/ehr/x.ts', "const open = await import('../../main.ts');", 'nobody imports main.ts'],
    ['io/ehr/x.ts', 'const it = value as any;', 'uses any or silences the compiler'],
  ])('finds in %s the fault of %s', (path, text, fault) => {
    expect(faultsOf({ path, text })).toContain(`${path}: ${fault}`);
  });

  it('lets strings and comments say what code may not', () => {
    const text = "/* Date.now() */ const said = 'process.exit'; // console.log\n";
    expect(faultsOf({ path: 'core/plan/x.ts', text })).toEqual([]);
  });

  it('finds a circle', () => {
    const files = [
      { path: 'core/a.ts', text: "import { b } from './b.ts';" },
      { path: 'core/b.ts', text: "import { a } from './a.ts';" },
    ];
    expect(circles(files)).toEqual(['core/a.ts -> core/b.ts -> core/a.ts']);
  });
});
