import { isObject, type JsonObject, own } from './json.ts';
import { at, type Path } from './path.ts';
import { reportRule } from './report-rule.ts';
import type { Run } from './run.ts';

/**
 * Ids of elements have no white space and are unique within their resource: https://hl7.org/fhir/R4/element-definitions.html#Element.id
 * One pass without recursion; resources inside keep ids of their own.
 */
export function checkElementIds(run: Run, resource: JsonObject, path: Path): void {
  const seen = new Set<string>();
  const rest: { value: unknown; path: Path }[] = [{ value: resource, path }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value } = next;
    if (Array.isArray(value)) {
      // Last first, because the last that is put there is taken first.
      for (let index = value.length - 1; index >= 0; index -= 1) {
        const item: unknown = value[index];
        if (typeof item === 'object' && item !== null) rest.push({ value: item, path: { ...next.path, index } });
      }
      continue;
    }
    if (!isObject(value) || (value !== resource && own(value, 'resourceType') !== undefined)) continue;
    const { id } = value;
    if (value !== resource && typeof id === 'string') {
      if (seen.has(id)) {
        const message = 'Another element of this resource has the same id; give each its own.';
        reportRule(run, 'Element.id', next.path, { code: 'id-duplicate', type: 'duplicate', message });
      }
      seen.add(id);
      if (/\s/.test(id)) {
        const message = 'The id of an element may not contain white space; choose another.';
        reportRule(run, 'Element.id', at(next.path, 'id'), { code: 'element-id', type: 'value', message });
      }
    }
    for (const key of Object.keys(value).reverse()) {
      const inner = value[key];
      if (typeof inner === 'object' && inner !== null) rest.push({ value: inner, path: at(next.path, key) });
    }
  }
}
