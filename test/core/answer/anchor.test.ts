import { describe, expect, test } from 'vitest';
import {
  type AnchorState,
  legalMove,
  loadAnchors,
  route,
  type TaskStatus,
  taskStatuses,
} from '../../../src/core/answer/anchor.ts';
import { mappingsFolder, readDataFiles } from '../../../src/io/rules/read-rules.ts';
import { anchor, anchorIssues } from './answer-parts.ts';

/** A state as a word: `in-progress`, or `in-progress 5.1.1` with the anchor's number. */
function state(words: string): AnchorState {
  const [status = '', number] = words.split(' ');
  return { status: status as TaskStatus, ...(number === undefined ? {} : { number }) };
}

/** The published tables, read again from the standards: from, to. */
const published = {
  au: `requested: received accepted rejected cancelled
    received: accepted rejected cancelled
    accepted: in-progress cancelled
    in-progress: on-hold completed failed
    on-hold: in-progress`,
  nl: `requested: received accepted rejected cancelled in-progress completed failed
    received: accepted rejected cancelled in-progress completed failed
    accepted: cancelled in-progress completed failed
    in-progress: completed failed on-hold
    on-hold: in-progress completed failed`,
} as const;

function rows(table: string): Map<string, string[]> {
  return new Map(
    table.split('\n').map((line) => {
      const [from = '', to = ''] = line.trim().split(': ');
      return [from, to.split(' ')];
    }),
  );
}

test('every anchor file is right', () => {
  expect(anchorIssues).toEqual([]);
});

describe.each(['au', 'nl'] as const)('%s', (id) => {
  const table = rows(published[id]);
  const pairs = taskStatuses.flatMap((from) =>
    taskStatuses.map((to) => [from, to, table.get(from)?.includes(to) ?? false] as const),
  );

  test.each(pairs)('%s to %s is legal: %s', (from, to, legal) => {
    expect(legalMove({ status: from }, { status: to }, anchor(id))).toBe(legal);
  });

  test('a Task is made as requested, by the placer', () => {
    expect(legalMove(undefined, state('requested'), anchor(id), 'placer')).toBe(true);
    expect(legalMove(undefined, state('requested'), anchor(id), 'filler')).toBe(false);
    expect(legalMove(undefined, state('received'), anchor(id))).toBe(false);
  });
});

test('in NL only the owner moves a Task', () => {
  expect(legalMove(state('requested'), state('cancelled'), anchor('nl'), 'placer')).toBe(false);
  expect(legalMove(state('requested'), state('cancelled'), anchor('nl'), 'filler')).toBe(true);
});

/** HL7 BSeR harmonised with 360X: number, who (i: initiator, r: recipient), from, to. */
const bser = `1 i draft > received 2.0
2 r received > accepted 3.0
3 r received > rejected 4.0
4 i received > in-progress 5.2
5 r accepted > rejected 4.0
6 r accepted > in-progress 5.1.1
7 i accepted > in-progress 5.2
8 r accepted > in-progress 5.1.4
9 r accepted > completed 7.0
10 r in-progress 5.1.1 > rejected 4.0
11 r in-progress 5.1.1 > in-progress 5.1.1
12 r in-progress 5.1.1 > in-progress 5.1.2
13 r in-progress 5.1.1 > in-progress 5.1.3
14 i in-progress 5.1.1 > in-progress 5.2
15 r in-progress 5.1.1 > in-progress 5.1.4
16 r in-progress 5.1.1 > completed 7.0
17 r in-progress 5.1.2 > rejected 4.0
18 r in-progress 5.1.2 > in-progress 5.1.1
19 r in-progress 5.1.2 > in-progress 5.1.3
20 i in-progress 5.1.2 > in-progress 5.2
21 r in-progress 5.1.3 > in-progress 5.1.1
22 i in-progress 5.1.3 > in-progress 5.2
23 r in-progress 5.2 > cancelled 6.0
24 r in-progress 5.2 > completed 7.0
25 r in-progress 5.1.4 > rejected 4.0
26 r in-progress 5.1.4 > in-progress 5.1.1
27 r in-progress 5.1.4 > in-progress 5.1.3
28 i in-progress 5.1.4 > in-progress 5.2
29 r in-progress 5.1.4 > in-progress 5.1.4
30 r in-progress 5.1.4 > completed 7.0
31 r accepted > in-progress 5.1
32 r accepted > in-progress 5.1
33 r in-progress 5.1 > rejected 4.0
34 i in-progress 5.1 > in-progress 5.2`
  .split('\n')
  .map((line) => {
    const [, number = '', who = '', from = '', to = ''] = /^(\d+) ([ir]) (.+) > (.+)$/.exec(line) ?? [];
    return { number, who: who === 'i' ? ('placer' as const) : ('filler' as const), from, to };
  });

describe('bser', () => {
  test.each(bser)('row $number: $who moves $from to $to, and nobody else does', ({ who, from, to }) => {
    const other = who === 'placer' ? 'filler' : 'placer';
    expect(legalMove(state(from), state(to), anchor('bser'), who)).toBe(true);
    expect(legalMove(state(from), state(to), anchor('bser'), other)).toBe(false);
  });

  test('permits nothing that is not in its 34 rows', () => {
    const numbered = [
      'received 2.0',
      'accepted 3.0',
      'rejected 4.0',
      'in-progress 5.1',
      'in-progress 5.1.1',
      'in-progress 5.1.2',
    ];
    numbered.push('in-progress 5.1.3', 'in-progress 5.1.4', 'in-progress 5.2', 'cancelled 6.0', 'completed 7.0');
    const isRow = (from: string, to: string) =>
      bser.some((row) => (row.from === from || row.from === from.split(' ')[0]) && row.to === to);
    for (const from of numbered) {
      for (const to of numbered) {
        expect(legalMove(state(from), state(to), anchor('bser')), `${from} > ${to}`).toBe(isRow(from, to));
      }
    }
  });
});

test('four moves are legal everywhere, and only these', () => {
  const everywhere = taskStatuses.flatMap((from) =>
    taskStatuses
      .filter(
        (to) =>
          legalMove({ status: from }, { status: to }, anchor('au')) &&
          legalMove({ status: from }, { status: to }, anchor('nl')) &&
          bser.some((row) => row.from.split(' ')[0] === from && row.to.split(' ')[0] === to),
      )
      .map((to) => `${from} > ${to}`),
  );
  expect(everywhere).toEqual([
    'received > accepted',
    'received > rejected',
    'accepted > in-progress',
    'in-progress > completed',
  ]);
});

describe('the way from one state to another', () => {
  test.each([
    ['own', 'received', 'accepted', ['accepted']],
    ['own', 'accepted', 'accepted', []],
    ['own', 'received', 'completed', ['accepted', 'in-progress', 'completed']],
    ['au', 'received', 'in-progress', ['accepted', 'in-progress']],
    ['nl', 'received', 'completed', ['completed']],
    ['bser', 'received 2.0', 'completed 7.0', ['accepted 3.0', 'completed 7.0']],
    ['bser', 'accepted 3.0', 'cancelled 6.0', ['in-progress 5.2', 'cancelled 6.0']],
    ['bser', 'in-progress 5.1.4', 'in-progress 5.1.2', ['in-progress 5.1.1', 'in-progress 5.1.2']],
    ['au', 'in-progress', 'cancelled', undefined],
    ['nl', 'completed', 'in-progress', undefined],
  ] as const)('%s: %s to %s', (id, from, to, way) => {
    const found = route(state(from), state(to), anchor(id));
    expect(found?.map(({ status, number }) => (number === undefined ? status : `${status} ${number}`))).toEqual(way);
  });
});

test('a faulty anchor file is told with its place', () => {
  const files = readDataFiles(`${mappingsFolder}/anchors`).map((file) =>
    file.file.endsWith('/au.json')
      ? { ...file, content: { ...(file.content as object), moves: [{ to: { status: 'done' }, who: 'either' }] } }
      : file,
  );
  const messages = loadAnchors(files).issues.map(({ message }) => message);
  expect(messages[0]).toMatch(/au\.json\.moves\[0\]\.to\.status must be one of draft, requested/);
  expect(messages.at(-1)).toMatch(/au\.json is missing or faulty/);
});
