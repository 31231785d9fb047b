import { describe, expect, test } from 'vitest';
import { loadMappings } from '../../../src/core/mapping/load.ts';
import { loadDefinitions } from '../../../src/io/definitions/definitions.ts';
import { readMappingSources } from '../../../src/io/mappings/read-mappings.ts';

/** What slips of the hand leave in a file, and what means something to the lexer. */
const scraps = [
  '{',
  '}',
  '(',
  ')',
  ';',
  '->',
  'as',
  'then',
  '"',
  "'",
  '`',
  ',',
  '.',
  '<<',
  '/*',
  '//',
  '///',
  'group',
].concat(['1..*', '@2020', '\\', '\u0000', '😀', 'conceptmap', 'let', '%', '$this', 'share', 'where', '|']);

/** Numbers from 0 up to `below`, the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
}

/** The text with one to four pieces taken out, put in or doubled. */
function broken(text: string, roll: (below: number) => number): string {
  let now = text;
  for (let times = 1 + roll(4); times > 0; times--) {
    const at = roll(now.length + 1);
    const way = roll(3);
    const put = way === 1 ? (scraps[roll(scraps.length)] ?? '') : way === 2 ? now.slice(at, at + roll(200)) : '';
    now = now.slice(0, at) + put + now.slice(way === 0 ? at + 1 + roll(30) : at);
  }
  return now;
}

describe('our own maps, broken at random', () => {
  test('are loaded or refused with issues that stand in the file, and nothing throws', () => {
    const maps = readMappingSources().filter(({ file }) => file.endsWith('.map'));
    const definitions = loadDefinitions();
    const roll = dice(11);
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const text = broken(maps[roll(maps.length)]?.text ?? '', roll);
      const lines = text.split('\n').length;
      const { mappings, issues } = loadMappings([{ file: 'm.map', text }], definitions);
      const errors = issues.filter(({ severity }) => severity === 'error');
      expect(mappings.size).toBeLessThanOrEqual(errors.length > 0 ? 0 : 1);
      if (errors.length > 0) refused++;
      for (const { line, column, message } of issues) {
        expect({ message, inside: (line ?? 0) >= 1 && (line ?? 0) <= lines && (column ?? 0) >= 1 }).toMatchObject({
          inside: true,
        });
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
