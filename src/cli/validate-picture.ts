import { type Issue, isFault, worstFirst } from '../core/fhir/issue.ts';

/** Longer lines are cut around the place that is meant: files of one line are common. */
const width = 100;

/**
 * A picture for a person: each issue with the line it is about and a caret under the place.
 *
 * @param text Of the file, as it was read.
 */
export function drawIssues(file: string, text: string, issues: readonly Issue[]): string {
  const faults = issues.filter(isFault).length;
  const others = issues.length - faults;
  const verdict = faults === 0 ? 'valid' : `not valid: ${count(faults, 'fault')}`;
  const head = `${file}: ${verdict}${others === 0 ? '' : `, ${count(others, 'remark')}`}`;
  const lines = text.split('\n');
  return (
    [head, ...worstFirst(issues).map((issue) => draw(file, lines, issue))].join('\n\n') +
    (issues.length > 0 ? '\n' : '')
  );
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function draw(file: string, lines: readonly string[], issue: Issue): string {
  const place = issue.line === undefined ? file : `${file}:${issue.line}:${issue.column ?? 1}`;
  const told = [`${issue.severity}: ${issue.message}`, `  at ${issue.expression || 'the whole file'} (${place})`];
  const line = issue.line === undefined ? undefined : lines[issue.line - 1];
  if (line !== undefined) told.push(...pointAt(line, issue.line ?? 1, issue.column ?? 1));
  const source = [
    issue.code,
    issue.rule,
    issue.profile === undefined ? undefined : `${issue.profile}#${issue.element ?? ''}`,
  ];
  told.push(`  ${source.filter((part) => part !== undefined).join(' · ')}`);
  return told.join('\n');
}

function pointAt(line: string, number: number, column: number): readonly string[] {
  const from = Math.max(0, Math.min(column - 1 - width / 2, line.length - width));
  const shown = line
    .slice(from, from + width)
    .replaceAll('\t', ' ')
    .trimEnd();
  const margin = ` ${number} | `;
  return [`${margin}${shown}`, `${' '.repeat(margin.length + Math.max(0, column - 1 - from))}^`];
}
