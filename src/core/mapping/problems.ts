import type { Issue, IssueType, Severity } from '../fhir/issue.ts';
import type { MappingSource } from './mapping.ts';
import type { Span } from './syntax.ts';

/** More than this many issues of one file say nothing new. */
const issueLimit = 100;

/** What is wrong in one file of mapping text, collected: all issues of a file at once. */
export interface Problems {
  readonly file: string;
  readonly issues: readonly Issue[];
  error(code: string, span: Span, message: string, type?: IssueType): void;
  warning(code: string, span: Span, message: string, type?: IssueType): void;
  /** An issue that was told of this file before. */
  add(issue: Issue): void;
  hasErrors(): boolean;
}

/** An empty collection for one file. Issues say `file:line:column` as their expression. */
export function newProblems(file: string): Problems {
  const issues: Issue[] = [];
  const seen = new Set<string>();
  const add = (issue: Issue): void => {
    const key = `${issue.severity} ${issue.code} ${issue.expression} ${issue.message}`;
    if (seen.has(key) || issues.length >= issueLimit) return;
    seen.add(key);
    issues.push(issue);
  };
  const tell = (severity: Severity, code: string, { line, column }: Span, message: string, type: IssueType): void =>
    add({ severity, code, type, expression: `${file}:${line}:${column}`, message, line, column });
  return {
    file,
    issues,
    error: (code, span, message, type = 'invalid') => tell('error', code, span, message, type),
    warning: (code, span, message, type = 'informational') => tell('warning', code, span, message, type),
    add,
    hasErrors: () => issues.some((issue) => issue.severity === 'error' || issue.severity === 'fatal'),
  };
}

/** ` Did you mean "status"?` for the nearest known name within two typing errors, otherwise nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.max(2, Math.ceil(name.length / 3) + 1));
  for (const candidate of known) {
    if (candidate === '' || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}

/** Letters to add, remove, change or swap with their neighbour to get from one word to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * An issue with the line it is about and a caret under the place, for a terminal:
 * ```
 * error[mapping-unknown-element]: ServiceRequest has no element "statsu". Did you mean "status"?
 *   --> referral-to-plan.map:12:7
 *    |
 * 12 |   src.statsu -> tgt.status;
 *    |       ^
 * ```
 */
export function pictureOf(issue: Issue, sources: readonly MappingSource[]): string {
  const file = issue.expression.replace(/:\d+:\d+$/, '');
  const line = issue.line ?? 0;
  const text = sources.find((source) => source.file === file)?.text.split(/\r\n|\r|\n/)[line - 1];
  const head = `${issue.severity}[${issue.code}]: ${issue.message}\n  --> ${issue.expression}`;
  if (text === undefined) return head;
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const { shown, at } = partOf(text, (issue.column ?? 1) - 1);
  const caret = shown.slice(0, at).replace(/[^\t]/g, ' ');
  return `${head}\n${margin} |\n${number} | ${shown}\n${margin} | ${caret}^`;
}

/** Longer lines are cut around the place that is meant: tools write whole rules into one line. */
const lineWidth = 120;

function partOf(text: string, at: number): { readonly shown: string; readonly at: number } {
  if (text.length <= lineWidth) return { shown: text, at };
  const from = Math.max(0, Math.min(at - lineWidth / 2, text.length - lineWidth));
  const [before, after] = [from > 0 ? '…' : '', from + lineWidth < text.length ? '…' : ''];
  return { shown: before + text.slice(from, from + lineWidth) + after, at: at - from + before.length };
}
