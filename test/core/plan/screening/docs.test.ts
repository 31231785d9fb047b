import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Rule } from '../../../../src/core/plan/screening/rule.ts';
import { planStatuses } from '../../../../src/core/plan/treatment-plan.ts';
import { rules } from './record.ts';

const page = readFileSync(new URL('../../../../docs/screening.md', import.meta.url), 'utf8');

/** One row of the page's table. */
function row({ id, title, scope, disposition, outside, variants }: Rule): string {
  const others = [
    ...new Set([
      ...(variants ?? []).map((variant) => variant.disposition),
      ...(outside === undefined ? [] : [outside]),
    ]),
  ];
  const also = others.filter((one) => one !== disposition).join(', ');
  return `| \`${id}\` | ${title} | ${scope} | ${disposition} | ${also} |`;
}

test('docs/screening.md lists every rule as it is, and no other', () => {
  const listed = page.split('\n').filter((line) => line.startsWith('| `') && line.split('|').length === 7);
  expect(listed).toEqual([...rules.rules.values()].map(row).sort());
});

test('the example in docs/screening.md is the rule file itself', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  expect(JSON.parse(example)).toEqual(rules.rules.get('fever'));
});

test('docs/answers.md tells every state of a plan', () => {
  const answers = readFileSync(new URL('../../../../docs/answers.md', import.meta.url), 'utf8');
  for (const status of planStatuses) expect(answers).toContain(`| ${status} |`);
});
