import { codeSet, judgeCode } from './binding.ts';
import type { BindingRule } from './element.ts';
import type { FastLinks } from './fast-link.ts';
import { isObject } from './json.ts';
import type { CodeSet } from './validator.ts';

/** Whether a value surely does not break a binding; undefined when nothing could. */
export function bindingTest(
  links: FastLinks,
  binding: BindingRule,
  type: string,
): ((value: unknown) => boolean) | undefined {
  if (binding.strength === 'extensible') return undefined;
  const set = binding.local?.set ?? codeSet(links.still.registry.definitions, binding.valueSet);
  if (set === undefined || set.incomplete) return undefined;
  if (type === 'code' || type === 'string' || type === 'uri' || type === 'id') {
    if (set.openSystems.size > 0)
      return (value) => typeof value === 'string' && judgeCode(set, undefined, value) !== 'outside';
    const codes = new Set([...set.codes].filter((code) => code.startsWith('|')).map((code) => code.slice(1)));
    return (value) => codes.has(value as string);
  }
  const coding = codingTest(set);
  if (type === 'Coding') return coding;
  if (type === 'CodeableConcept')
    return (value) => isObject(value) && Array.isArray(value.coding) && value.coding.some(coding);
  // A quantity without a code has none that could be outside.
  return (value) => isObject(value) && (value.code === undefined || coding(value));
}

/** By system, so that no text has to be put together to look up a code. */
function codingTest(set: CodeSet): (value: unknown) => boolean {
  const systems = new Map<string, Set<string>>();
  for (const entry of set.codes) {
    const bar = entry.indexOf('|');
    const system = entry.slice(0, bar);
    const codes = systems.get(system) ?? new Set<string>();
    systems.set(system, codes.add(entry.slice(bar + 1)));
  }
  return (value) => {
    if (!isObject(value) || typeof value.code !== 'string') return false;
    if (typeof value.system !== 'string') return false;
    if (systems.get(value.system)?.has(value.code) === true) return true;
    return set.openSystems.has(value.system) && judgeCode(set, value.system, value.code) !== 'outside';
  };
}
