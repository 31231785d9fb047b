import { describe, expect, test } from 'vitest';
import { anchor } from '../../core/answer/answer-parts.ts';
import { decide } from './expectation.ts';
import type { Facts, Row, ToldIssue } from './facts.ts';
import { readArguments } from './run.ts';
import { compareTable } from './state-table.ts';

const issue = (text: string, more: Partial<ToldIssue> = {}): ToldIssue => ({
  severity: 'error',
  code: 'business-rule',
  ours: 'x',
  expression: '',
  text,
  ...more,
});
const facts = (more: Partial<Facts>): Facts => ({
  status: 201,
  state: '',
  reasons: [],
  issues: [],
  plans: [],
  body: undefined,
  ...more,
});
const row = (expected: string): Row => ({ file: 'any.json', what: '', expected, structure: 'ok' });
const because = 'A sentence that says what is wrong.';

describe('the words of a manifest', () => {
  test.each<[string, string, Partial<Facts>]>([
    ['expected', 'REJECT: service not offered', { state: 'rejected', reasons: ['unsupported-service-code'] }],
    ['expected', 'REJECT: service not offered', { status: 422, issues: [issue(because)] }],
    ['unexpected', 'REJECT: service not offered', { state: 'accepted' }],
    ['unexpected', 'REJECT: service not offered', { status: 422 }],
    ['unexpected', 'structure accept; code reject', { status: 422, issues: [issue(because)] }],
    ['expected', 'REJECT 415', { status: 415, issues: [issue('It reads application/fhir+json, and nothing else.')] }],
    ['unexpected', 'as inbound RESPONSE; not a request', { status: 415, issues: [issue(because)] }],
    ['expected', 'must be refused as inbound', { status: 422, issues: [issue(because)] }],
    ['unexpected', 'must be refused as inbound', { state: 'accepted' }],
    ['expected', 'DELIVERY: retry', { status: 0, delivery: { verdict: 'again', httpStatus: 503, codes: [] } }],
    ['unexpected', 'DELIVERY: retry', { status: 0, delivery: { verdict: 'refused', httpStatus: 503, codes: [] } }],
    [
      'expected',
      'DELIVERY: retry',
      { status: 0, delivery: { verdict: 'again', httpStatus: 400, codes: ['transient'] } },
    ],
    ['expected', 'NOTIFY', { state: 'received' }],
    ['unexpected', 'NOTIFY', { status: 422, issues: [issue(because)] }],
    ['unexpected', 'NOTIFY', { status: 500, issues: [issue(because)] }],
    ['unexpected', 'words that nobody knows', { state: 'accepted' }],
    ['unexpected', 'treat as amendment, not a new plan', { state: 'accepted', plans: [{}] as never }],
  ])('%s: "%s" when %j', (verdict, expected, told) => {
    expect(decide(facts(told), row(expected)).verdict).toBe(verdict);
  });
});

describe('a table of states', () => {
  const table = (...lines: string[]) => compareTable(['from\tto\twho', ...lines].join('\n'), anchor('nl'));

  test('agrees where each row is legal and each other pair is not', () => {
    expect(table('in-progress\ton-hold\tTask.owner', 'on-hold\tin-progress\tTask.owner')).toEqual({
      rows: 2,
      wrong: [],
    });
  });

  test('differs where a row is refused, a pair too many is permitted, or the wrong one may', () => {
    expect(table('completed\trejected\tTask.owner').wrong).toEqual(['completed -> rejected is refused']);
    expect(table('in-progress\ton-hold\tTask.owner').wrong).toEqual(['on-hold -> in-progress is permitted']);
    expect(table('in-progress\ton-hold\tplacer', 'on-hold\tin-progress\tTask.owner').wrong).toEqual([
      'in-progress -> on-hold is refused',
      'in-progress -> on-hold is permitted to the filler',
    ]);
  });

  test('of nothing holds nothing', () => {
    expect(table().rows).toBe(0);
  });
});

test('arguments are rows of a table that begin with a path or a pattern', () => {
  const page =
    '| file | why |\n|---|---|\n| `**/*.xml` | Because. |\n| `a/b.json` | Why not. |\ntext `c.json` | no |\n';
  expect(readArguments(page)).toEqual([
    { path: '**/*.xml', reason: 'Because.' },
    { path: 'a/b.json', reason: 'Why not.' },
  ]);
});
