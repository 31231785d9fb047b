import { codeSet, judgeBinding } from './binding.ts';
import type { BindingRule } from './element.ts';
import type { FastLinks } from './fast-link.ts';

/** Whether a value surely does not break a binding; undefined when nothing could. */
export function bindingTest(
  links: FastLinks,
  binding: BindingRule,
  type: string,
): ((value: unknown) => boolean) | undefined {
  const { definitions } = links.still.registry;
  if (binding.strength === 'extensible') return undefined;
  const set = binding.local?.set ?? codeSet(definitions, binding.valueSet);
  if (set === undefined) return undefined;
  if (type === 'code' || type === 'string' || type === 'uri' || type === 'id') {
    if (set.incomplete || set.openSystems.size > 0) return undefined;
    const codes = new Set([...set.codes].filter((code) => code.startsWith('|')).map((code) => code.slice(1)));
    return (value) => codes.has(value as string);
  }
  return (value) => judgeBinding(definitions, value, type, binding) !== 'outside';
}
