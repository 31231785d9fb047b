import { grammarOf } from './code-grammar.ts';
import { isQuantity } from './datatype.ts';
import type { BindingRule, ElementNode } from './element.ts';
import { isObject, list, own, text } from './json.ts';
import type { Path } from './path.ts';
import type { Run } from './run.ts';
import { shownToken } from './shown.ts';
import type { CodeSet, Definitions } from './validator.ts';

/** Codes against the value sets their element is bound to: https://hl7.org/fhir/R4/terminologies.html#strength */
export function checkBindings(run: Run, value: unknown, node: ElementNode, type: string, path: Path): void {
  for (const binding of node.bindings) {
    const verdict = judgeBinding(run.registry.definitions, value, type, binding);
    if (verdict === 'member') continue;
    const strict = binding.strength !== 'extensible';
    if (verdict === 'unknown') {
      run.issues.add(path, {
        severity: 'information',
        code: 'code-not-checkable',
        type: 'informational',
        message: `Whether the code of ${node.name} belongs to ${binding.valueSet} cannot be checked here; its codes are not all known.`,
        node,
      });
    } else {
      run.issues.add(path, {
        severity: strict ? 'error' : 'warning',
        code: strict ? 'binding-required' : 'binding-extensible',
        type: 'code-invalid',
        message: () => {
          const advice = strict ? useOf(run, value, binding) : 'use a code from it where one fits';
          return `${node.name} has ${shownCodes(value)} the value set ${binding.valueSet}; ${advice}.`;
        },
        node,
      });
    }
  }
}

/** Codes of a small value set may all be told. */
const toldCodes = 16;

function useOf(run: Run, value: unknown, binding: BindingRule): string {
  const set = binding.local?.set ?? codeSet(run.registry.definitions, binding.valueSet);
  const isCode = typeof value === 'string';
  const codes = [...(set?.codes ?? [])].filter((entry) => entry.startsWith('|') === isCode);
  if (set === undefined || set.incomplete || set.openSystems.size > 0 || codes.length > toldCodes || codes.length === 0)
    return 'use a code from it';
  const bySystem = Map.groupBy(codes, (entry) => entry.slice(0, entry.indexOf('|')));
  const told = [...bySystem].map(([system, entries]) => {
    const names = entries.map((entry) => entry.slice(system.length + 1));
    const listed = names.join(', ').replace(/, ([^,]*)$/, ' or $1');
    return isCode ? listed : `${listed} of ${system}`;
  });
  return `use ${told.join(', or ')}`;
}

export type BindingVerdict = 'member' | 'outside' | 'unknown';

/** @param type FHIR type of the value: code, Coding, CodeableConcept, Quantity, string or uri; others are not bound. */
export function judgeBinding(
  definitions: Definitions,
  value: unknown,
  type: string,
  binding: BindingRule,
): BindingVerdict {
  const codes = codesOf(value, type);
  if (codes === undefined || (typeof value === 'string' && binding.also?.includes(value))) return 'member';
  const set = binding.local?.set ?? codeSet(definitions, binding.valueSet);
  if (set === undefined) return 'unknown';
  if (codes.length === 0) return type === 'CodeableConcept' && binding.strength === 'extensible' ? 'member' : 'outside';
  let verdict: BindingVerdict = 'outside';
  for (const code of codes) {
    // A coding without a system is in no value set.
    const one =
      typeof value === 'string' || code.system !== undefined ? judgeCode(set, code.system, code.code) : 'outside';
    if (one === 'member') return one;
    if (one === 'unknown') verdict = one;
  }
  return verdict;
}

export function codeSet(definitions: Definitions, url: string): CodeSet | undefined {
  const bar = url.indexOf('|');
  return definitions.codes(url) ?? (bar < 0 ? undefined : definitions.codes(url.slice(0, bar)));
}

/** @param system Undefined for an element of type code, which has none of its own. */
export function judgeCode(set: CodeSet, system: string | undefined, code: string | undefined): BindingVerdict {
  if (code === undefined) return 'outside';
  if (set.codes.has(`${system ?? ''}|${code}`)) return 'member';
  for (const open of set.openSystems) {
    if (system !== undefined && system !== open) continue;
    const isCode = grammarOf(open);
    if (isCode === undefined) return 'unknown';
    if (isCode(code)) return 'member';
  }
  return set.incomplete ? 'unknown' : 'outside';
}

interface Code {
  readonly system: string | undefined;
  readonly code: string | undefined;
}

function codesOf(value: unknown, type: string): readonly Code[] | undefined {
  if (typeof value === 'string') return [{ system: undefined, code: value }];
  if (!isObject(value)) return undefined;
  if (type === 'CodeableConcept') return list(own(value, 'coding')).map(codeOf);
  if (type === 'CodeableReference') return list(own(own(value, 'concept'), 'coding')).map(codeOf);
  if (type === 'Coding') return [codeOf(value)];
  return isQuantity(type) && own(value, 'code') !== undefined ? [codeOf(value)] : undefined;
}

function codeOf(value: unknown): Code {
  return { system: text(own(value, 'system')), code: text(own(value, 'code')) };
}

/** Codes and systems are not personal data; displays and texts are never shown. */
function shownCodes(value: unknown): string {
  if (typeof value === 'string') return `the code ${shownToken(value)}, which is not in`;
  const isCoding = own(value, 'code') !== undefined || own(value, 'system') !== undefined;
  const coded = own(value, 'coding') === undefined ? (isCoding ? [value] : []) : list(own(value, 'coding'));
  const codes = coded.map((item) => {
    const { system, code } = codeOf(item);
    return `${(system ?? '').slice(0, 128)}#${code === undefined ? '' : shownToken(code)}`;
  });
  return codes.length === 0 ? 'no code, but must have one from' : `${codes.slice(0, 3).join(', ')}, which is not in`;
}
