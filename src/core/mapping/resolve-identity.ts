import type { FoundGroup } from './link.ts';
import type { TypeModel } from './models.ts';
import type { IdentityCase, PlacePlan, SourcePlan, TransformPlan } from './plan.ts';
import { make, type Scope, typeNamed } from './resolve-scope.ts';
import type { RuleSyntax } from './syntax.ts';
import { descends, fits, typeNames } from './type-check.ts';

/**
 * Plan `src.a -> tgt.b;`: for each type that the source can have, the default group for it (`<<types>>`,
 * `<<type+>>`), or a copy where there is none and the types agree.
 *
 * @see https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#simple
 */
export function planIdentity(scope: Scope, rule: RuleSyntax, source: SourcePlan, place: PlacePlan): TransformPlan {
  const to = place.last?.types ?? [];
  const from = source.variable.types;
  const cases =
    from.length === 0
      ? [anyCase(to)]
      : from.map((type) => caseFor(scope, rule, type, to)).filter((found) => found !== undefined);
  if (cases.length === 0)
    scope.problems.error(
      'mapping-wrong-type',
      rule.span,
      `"${rule.targets[0]?.path.at(-1)?.name}" takes ${typeNames(to)}, but gets ${typeNames(from)}, and no default group (<<types>>) says how.`,
      'value',
    );
  return { kind: 'identity', source: source.variable, cases };
}

/** Nothing is known of the source: copy it. */
function anyCase(to: readonly TypeModel[]): IdentityCase {
  const [only] = to;
  return to.length === 1 && only !== undefined ? { to: only } : {};
}

function caseFor(scope: Scope, rule: RuleSyntax, from: TypeModel, to: readonly TypeModel[]): IdentityCase | undefined {
  const group = defaultGroup(scope, from, to);
  if (group !== undefined) {
    const type = group.to;
    if (type !== undefined) make(scope, rule, [type]);
    return {
      from,
      group: scope.shop.planGroup(group.found, [[from], type === undefined ? [] : [type]]),
      ...(type === undefined ? {} : { to: type }),
    };
  }
  if (to.length === 0) return { from };
  const same = to.find((type) => type.name === from.name) ?? to.find((type) => fits(from, type, scope.shop.library));
  return same === undefined ? undefined : { from, to: same };
}

/** The default group for a source type: the target's type must match too, unless the target's type is open. */
function defaultGroup(
  scope: Scope,
  from: TypeModel,
  to: readonly TypeModel[],
): { found: FoundGroup; to: TypeModel | undefined } | undefined {
  const { shop } = scope;
  for (const map of shop.linked.seenFrom(scope.map)) {
    for (const group of map.groups) {
      const [source, target] = group.parameters;
      if (group.typeMode === undefined || source?.type === undefined || target?.type === undefined) continue;
      const at = { map, shop, problems: shop.linked.problemsOf(map.file) };
      const takes = typeNamed(at, source.type);
      const gives = typeNamed(at, target.type);
      if (takes === undefined || takes.name !== from.name) continue;
      const found = { found: { map, group }, to: gives };
      if (to.length === 1 && gives !== undefined && descends(gives, to[0] ?? gives, shop.library)) return found;
      if (
        to.length !== 1 &&
        group.typeMode === 'type-and-types' &&
        (to.length === 0 || to.some((type) => type.name === gives?.name))
      )
        return found;
    }
  }
  return undefined;
}
