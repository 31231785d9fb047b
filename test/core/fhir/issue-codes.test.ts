import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const types =
  'invalid|structure|required|value|invariant|security|login|unknown|forbidden|processing|not-supported|duplicate|' +
  'not-found|too-long|too-costly|code-invalid|extension|business-rule|conflict|transient|throttled|timeout|exception|informational';

/** How code names its issues: a code before its FHIR type, a code of a mapping, a rule of a session or a measure. */
const patterns: readonly (readonly [file: RegExp, code: RegExp])[] = [
  [
    /^(?!core\/plan\/treatment-plan|core\/plan\/plan-parts|core\/delivery\/answer|core\/answer\/(?:codes|project|status))/,
    new RegExp(`'([a-z0-9]+(?:-[a-z0-9]+)+)',\\s*'(?:${types})'`, 'g'),
  ],
  [/./, new RegExp(`code: '([a-z0-9-]+)',\\s*type: '(?:${types})'`, 'g')],
  [/./, /'(mapping-[a-z-]+)'/g],
  [/^core\/plan\/(?:session-rules|measure)/, /\bfault\(\s*'([a-z0-9-]+)'/g],
];

function codesInSource(): Map<string, string> {
  const found = new Map<string, string>();
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    for (const [where, pattern] of patterns) {
      if (!where.test(file)) continue;
      for (const [, code = ''] of text.matchAll(pattern)) found.set(code, file);
    }
  }
  return found;
}

const listed = new Set(
  [...readFileSync(join(root, 'docs/issues.md'), 'utf8').matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)*)`/g)].map(
    ([, code]) => code,
  ),
);

test('every issue code is explained in docs/issues.md', () => {
  const found = codesInSource();
  expect(found.size).toBeGreaterThan(100);
  expect([...found].filter(([code]) => !listed.has(code)).map(([code, file]) => `${code} of ${file}`)).toEqual([]);
});
