import { evalFhirPathTyped, toTypedValue } from '@medplum/core';
import type { Issue } from '../../../src/core/fhir/issue.ts';
import { isObject, list, own } from '../../../src/core/validate/json.ts';
import type { Definitions } from '../../../src/core/validate/validator.ts';

/**
 * A second opinion on a broken invariant, by @medplum/core's FHIRPath: true when it finds it broken as well, undefined
 * when it cannot evaluate it.
 */
export function isBrokenToo(issue: Issue, resource: unknown, definitions: Definitions): boolean | undefined {
  const expression = expressionOf(issue, definitions);
  const focus = valueAt(issue.expression, resource);
  if (expression === undefined || focus === undefined) return undefined;
  try {
    const variables = {
      '%resource': toTypedValue(resource),
      '%context': toTypedValue(focus),
      '%ucum': toTypedValue('http://unitsofmeasure.org'),
    };
    const answer = evalFhirPathTyped(expression, [toTypedValue(focus)], variables);
    return !(answer.length === 0 || (answer.length === 1 && answer[0]?.value === true));
  } catch {
    return undefined;
  }
}

function expressionOf(issue: Issue, definitions: Definitions): string | undefined {
  const structure = definitions.structure(issue.profile ?? '');
  const elements = [structure, definitions.structure(issue.expression.split('.')[0] ?? '')].flatMap((one) =>
    list(own(own(one, 'snapshot'), 'element')),
  );
  const types = elements.flatMap((element) =>
    list(own(element, 'type')).map((type) => definitions.structure(String(own(type, 'code')))),
  );
  const all = [...elements, ...types.map((type) => list(own(own(type, 'snapshot'), 'element'))[0])];
  const rule = all.flatMap((element) => list(own(element, 'constraint'))).find((one) => own(one, 'key') === issue.rule);
  const expression = own(rule, 'expression');
  return typeof expression === 'string' ? expression : undefined;
}

/** The value at one of our own expressions. */
export function valueAt(expression: string, resource: unknown): unknown {
  let value: unknown = resource;
  for (const step of expression.split(/\.(?!ofType)/).slice(1)) {
    const [, name = '', type, index] = /^([A-Za-z]+)(?:\.ofType\(([A-Za-z]+)\))?(?:\[(\d+)\])?$/.exec(step) ?? [];
    const key = type === undefined ? name : name + type.charAt(0).toUpperCase() + type.slice(1);
    value = isObject(value) ? value[key] : undefined;
    if (index !== undefined) value = list(value)[Number(index)];
  }
  return value;
}
