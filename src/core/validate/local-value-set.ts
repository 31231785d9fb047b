import type { BindingRule, LocalValueSet } from './element.ts';
import { list, own, text } from './json.ts';

/** Give a binding to a contained value set (`#id`) that value set; other bindings stay as they are. */
export function withLocalValueSet(binding: BindingRule, structure: unknown): BindingRule {
  if (!binding.valueSet.startsWith('#')) return binding;
  const id = binding.valueSet.slice(1);
  const valueSet = list(own(structure, 'contained')).find((item) => own(item, 'id') === id);
  return valueSet === undefined ? binding : { ...binding, local: readValueSet(valueSet) };
}

/** Codes that are listed, in its expansion or its compose; anything else of it leaves it incomplete. */
function readValueSet(valueSet: unknown): LocalValueSet {
  const codes = new Set<string>();
  const displays = new Map<string, string[]>();
  const add = (system: string, concept: unknown) => {
    const code = text(own(concept, 'code'));
    if (code === undefined) return;
    codes.add(`${system}|${code}`).add(`|${code}`);
    const names = [own(concept, 'display'), ...list(own(concept, 'designation')).map((item) => own(item, 'value'))];
    displays.set(
      `${system}|${code}`,
      names.filter((name) => typeof name === 'string'),
    );
  };
  const expansion = list(own(own(valueSet, 'expansion'), 'contains'));
  const includes = expansion.length > 0 ? [] : list(own(own(valueSet, 'compose'), 'include'));
  for (const item of expansion) add(text(own(item, 'system')) ?? '', item);
  for (const include of includes)
    for (const item of list(own(include, 'concept'))) add(text(own(include, 'system')) ?? '', item);
  const incomplete = expansion.length === 0 && includes.some((include) => own(include, 'concept') === undefined);
  return { set: { codes, openSystems: new Set(), incomplete }, displays };
}
