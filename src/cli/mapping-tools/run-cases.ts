import type { Mapping } from '../../core/mapping/mapping.ts';
import type { MeasureTable } from '../../core/plan/measure.ts';
import type { GoldenCase } from '../../io/mappings/read-cases.ts';
import { areAlike, type Difference, differences } from './differences.ts';
import { goldenOf, runsOf } from './run-mapping.ts';

/** How one golden case ended. */
export interface CaseResult {
  readonly golden: GoldenCase;
  readonly passed: boolean;
  /** Why not, when there is more to say than differences: no expected.json, no such mapping, an unusable input. */
  readonly fault?: string;
  readonly differences: readonly Difference[];
  /** What came out; undefined when nothing could. */
  readonly actual: unknown;
}

/** Run one golden case. A case without expected.json fails: it shows nothing. */
export function runCase(golden: GoldenCase, mapping: Mapping | undefined, measures: MeasureTable): CaseResult {
  const failed = (fault: string, actual?: unknown): CaseResult => ({
    golden,
    passed: false,
    fault,
    differences: [],
    actual,
  });
  if (golden.fault !== undefined) return failed(golden.fault);
  if (mapping === undefined) return failed(`There is no usable mapping "${golden.mapping}".`);
  let actual: unknown;
  try {
    const made = goldenOf(runsOf(mapping, golden.input, measures));
    if (golden.expected !== undefined && areAlike(golden.expected, made))
      return { golden, passed: true, differences: [], actual: made };
    // Through JSON, as it would be sent: an undefined element is none.
    actual = JSON.parse(JSON.stringify(made));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  if (golden.expected === undefined)
    return failed(
      `It has no expected.json; look at what comes out (npx tactus map ${golden.mapping} ${golden.folder}/input.json), then write it with --update.`,
      actual,
    );
  const found = differences(golden.expected, actual);
  return { golden, passed: found.length === 0, differences: found, actual };
}

/** The differences of a failed case, one a line. */
export function tellFailure({ golden, fault, differences: found }: CaseResult): string {
  const head = `${golden.mapping}/${golden.name}: ${fault ?? `${found.length} ${found.length === 1 ? 'difference' : 'differences'}`}`;
  const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  const lines = found.map(
    ({ path, expected, actual }) => `    ${path || '(all)'}: expected ${shown(expected)}, got ${shown(actual)}`,
  );
  return [head, ...lines].join('\n');
}

/** JUnit XML, as CI servers read it: https://github.com/testmoapp/junitxml */
export function junitXml(results: readonly CaseResult[]): string {
  const failures = results.filter(({ passed }) => !passed).length;
  const cases = results.map((result) => {
    const open = `  <testcase classname="${escapeXml(result.golden.mapping)}" name="${escapeXml(result.golden.name)}"`;
    if (result.passed) return `${open}/>`;
    const [first = '', ...rest] = tellFailure(result).split('\n');
    const failure = `<failure message="${escapeXml(first)}">${escapeXml(rest.join('\n'))}</failure>`;
    return `${open}>\n    ${failure}\n  </testcase>`;
  });
  const suite = `<testsuite name="mappings" tests="${results.length}" failures="${failures}" errors="0" skipped="0">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', suite, ...cases, '</testsuite>', ''].join('\n');
}

function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // XML 1.0 knows no other control characters, and no halves of characters.
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => names[character] ?? character);
}
