import { type ConceptTable, isTranslation } from './concept-table.ts';
import type { TypeModel } from './models.ts';
import type { ArgumentPlan, TranslateOutput } from './plan.ts';
import { suggestion } from './problems.ts';
import type { Scope } from './resolve-scope.ts';
import type { PlannedTransform } from './resolve-transform.ts';
import type { Span, TransformSyntax } from './syntax.ts';

const outputs: readonly TranslateOutput[] = ['code', 'system', 'display', 'Coding', 'CodeableConcept'];
const givenTypes: Readonly<Record<TranslateOutput, string>> = {
  code: 'code',
  system: 'uri',
  display: 'string',
  Coding: 'Coding',
  CodeableConcept: 'CodeableConcept',
};

/** `translate(source, 'map', 'output')`; the output may be left out where the target's type says it. */
export function planTranslate(
  scope: Scope,
  transform: TransformSyntax,
  expected: readonly TypeModel[],
  given: readonly ArgumentPlan[] | undefined,
): PlannedTransform | undefined {
  if (given === undefined) return undefined;
  const { problems, shop, map } = scope;
  const [argument, url, output] = given;
  if (argument === undefined || url?.kind !== 'literal' || (output !== undefined && output.kind !== 'literal')) {
    problems.error(
      'mapping-transform',
      transform.span,
      "translate() takes a source, the url of a concept map in quotes, and what to give, for example translate(v, '#gender', 'code').",
    );
    return undefined;
  }
  const table = shop.linked.table(map, String(url.value));
  if (table === undefined) {
    problems.error(
      'mapping-unknown-concept-map',
      transform.span,
      url.value === ''
        ? 'translate() names no concept map: give its url in the second argument.'
        : `The concept map "${url.value}" is not loaded.${suggestion(String(url.value), shop.linked.tableUrls(map))}`,
      'not-found',
    );
    return undefined;
  }
  const wanted =
    output === undefined
      ? implied(expected)
      : outputs.find((name) => name.toLowerCase() === String(output.value).toLowerCase());
  if (wanted === undefined) {
    const has = output === undefined ? 'nothing' : `"${output.value}"`;
    problems.error(
      'mapping-transform',
      transform.span,
      `translate() gives one of ${outputs.join(', ')}, but ${has} is asked for.${suggestion(String(output?.value ?? ''), outputs)}`,
    );
    return undefined;
  }
  checkSystems(scope, transform, table, wanted);
  const type = shop.library.find(givenTypes[wanted]);
  return { plan: { kind: 'translate', argument, table, output: wanted }, types: type === undefined ? [] : [type] };
}

function implied(expected: readonly TypeModel[]): TranslateOutput | undefined {
  const [type] = expected;
  if (expected.length !== 1 || type === undefined) return undefined;
  if (type.name === 'Coding' || type.name === 'CodeableConcept') return type.name;
  return type.kind === 'primitive' ? 'code' : undefined;
}

/** A Coding without a system says nothing, and an unknown relation is no translation. */
function checkSystems(scope: Scope, transform: TransformSyntax, table: ConceptTable, output: TranslateOutput): void {
  const needsSystem = output === 'system' || output === 'Coding' || output === 'CodeableConcept';
  if (needsSystem && table.groups.some((group) => group.target === ''))
    scope.problems.error(
      'mapping-no-target-system',
      transform.span,
      `The concept map "${table.url}" has a group without a target system, so ${output} cannot be given.`,
    );
  if (table.groups.every((group) => [...group.rows.values()].every((rows) => !rows.some(isTranslation))))
    scope.problems.warning(
      'mapping-empty-concept-map',
      transform.span,
      `The concept map "${table.url}" translates nothing.`,
    );
}

/** Every code that a concept map can give must stand in the value set that the target element requires. */
export function checkValueSet(
  scope: Scope,
  table: ConceptTable,
  valueSet: string,
  target: { readonly span: Span },
): void {
  const set = scope.shop.models.codes?.(valueSet);
  if (set === undefined || set.incomplete) return;
  const problems = scope.shop.linked.problemsOf(table.file);
  for (const group of table.groups) {
    if (set.openSystems.has(group.target)) continue;
    for (const row of [...group.rows.values()].flat().filter(isTranslation)) {
      if (set.codes.has(`${group.target}|${row.code}`) || (group.target === '' && set.codes.has(`|${row.code}`)))
        continue;
      problems.error(
        'mapping-outside-value-set',
        table.file === scope.map.file ? row.span : target.span,
        `The code "${group.target}|${row.code}" of concept map "${table.url}" is not in ${valueSet}, which the target requires.`,
        'code-invalid',
      );
    }
  }
}
