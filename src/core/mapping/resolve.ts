import { type FoundGroup, isImported, type LinkedMaps } from './link.ts';
import type { Models, TypeLibrary, TypeModel } from './models.ts';
import type { GroupPlan, MapPlan, Variable } from './plan.ts';
import { suggestion } from './problems.ts';
import { planRules } from './resolve-rule.ts';
import { expressionIn, refuseForbidden, type Scope, typeNamed, type Workshop } from './resolve-scope.ts';
import type { GroupSyntax, MapSyntax, ParameterSyntax } from './syntax.ts';

/** More group plans than this come only from groups that call each other with ever new types. */
const groupLimit = 5000;

/** Plan a map from its first group. Problems go to the files that they are in. */
export function planMap(map: MapSyntax, linked: LinkedMaps, library: TypeLibrary, models: Models): MapPlan | undefined {
  const [entry] = map.groups;
  if (entry === undefined) return undefined;
  const shop = newWorkshop(linked, library, models);
  planConstants(map, shop);
  const plan = shop.planGroup(
    { map, group: entry },
    entry.parameters.map((parameter) => inferredTypes(map, parameter, shop)),
  );
  const reached = new Set(shop.groups.values());
  // Groups that nothing calls are checked all the same: a broken one must not wait for its first caller.
  for (const group of map.groups)
    if (!isPlanned(shop, map, group))
      shop.planGroup(
        { map, group },
        group.parameters.map(() => []),
      );
  checkRequired(shop, map, plan);
  return {
    entry: plan,
    groups: [...shop.groups.values()],
    reached,
    rules: shop.rules,
    constants: shop.constants,
    sets: shop.sets,
    made: shop.made,
  };
}

/** Tells the elements that something made must have (minimum 1 in its model) and that no rule ever sets. */
function checkRequired(shop: Workshop, map: MapSyntax, entry: GroupPlan): void {
  const span = map.groups[0]?.span ?? map.span;
  const problems = shop.linked.problemsOf(map.file);
  // What a library's first group gets was made by the map that imports it.
  for (const { mode, types } of isImported(map, shop.linked) ? [] : entry.parameters)
    for (const type of mode === 'target' ? types : [])
      if (!shop.made.has(type)) shop.made.set(type, { span, problems });
  for (const [type, made] of shop.made) {
    const set = shop.sets.get(type) ?? new Set<string>();
    const missing = [...type.elements.values()].filter((element) => element.required && !set.has(element.name));
    if (missing.length === 0) continue;
    const names = missing.map((element) => `"${element.name}"`).join(', ');
    made.problems.warning(
      'mapping-missing-required',
      made.span,
      `${type.name} must have ${names}, but no rule sets ${missing.length === 1 ? 'it' : 'them'}.`,
    );
  }
}

function newWorkshop(linked: LinkedMaps, library: TypeLibrary, models: Models): Workshop {
  const shop: Workshop = {
    linked,
    library,
    models,
    groups: new Map(),
    rules: [],
    ruleOf: new Map(),
    constants: [],
    constantOf: new Map(),
    sets: new Map(),
    made: new Map(),
    planGroup: (found, types) => planGroup(shop, found, types),
    expressions: 0,
  };
  return shop;
}

function isPlanned(shop: Workshop, map: MapSyntax, group: GroupSyntax): boolean {
  return [...shop.groups.values()].some((plan) => plan.map === map.url && plan.name === group.name);
}

/** A parameter of the first group without a type has that of the only `uses` with its mode. */
function inferredTypes(map: MapSyntax, parameter: ParameterSyntax, shop: Workshop): readonly TypeModel[] {
  const uses = map.uses.filter((use) => use.mode === parameter.mode);
  const [only] = uses;
  const type =
    parameter.type === undefined && uses.length === 1 && only !== undefined ? shop.library.find(only.url) : undefined;
  return type === undefined ? [] : [type];
}

/** Constants may name those before them (and none of those after, so they never go in circles). */
function planConstants(map: MapSyntax, shop: Workshop): void {
  for (const seen of shop.linked.seenFrom(map)) {
    const problems = shop.linked.problemsOf(seen.file);
    const group: GroupPlan = { id: -1, map: seen.url, name: '', parameters: [], rules: [], slots: 0 };
    for (const constant of seen.constants) {
      refuseForbidden({ problems }, constant);
      const scope: Scope = { shop, map: seen, problems, group, variables: new Map() };
      const plan = expressionIn(scope, constant.expression);
      if (plan === undefined) continue;
      shop.constantOf.set(`${seen.url}#${constant.name}`, shop.constants.length);
      shop.constants.push(plan);
    }
  }
}

/** One plan a group and combination of types. Registered before its rules are planned, since groups call themselves. */
function planGroup(shop: Workshop, found: FoundGroup, types: readonly (readonly TypeModel[])[]): GroupPlan {
  const { map, group } = found;
  const problems = shop.linked.problemsOf(map.file);
  const variables = group.parameters.map((parameter, slot): Variable => {
    const declared = parameter.type === undefined ? undefined : typeNamed({ map, problems, shop }, parameter.type);
    const given = types[slot] ?? [];
    const settled = declared === undefined || (declared.open && given.length > 0) ? given : [declared];
    const primitive = settled.length > 0 && settled.every((type) => type.kind === 'primitive');
    return {
      name: parameter.name,
      slot,
      mode: parameter.mode,
      types: settled,
      form: parameter.mode === 'target' && primitive ? 'cell' : 'value',
    };
  });
  const key = [
    map.url,
    group.name,
    ...variables.map((variable) => variable.types.map((type) => type.url).join('+')),
  ].join(' ');
  const existing = shop.groups.get(key);
  if (existing !== undefined) return existing;
  const plan: GroupPlan = {
    id: shop.groups.size,
    map: map.url,
    name: group.name,
    parameters: variables,
    rules: [],
    slots: variables.length,
  };
  if (shop.groups.size >= groupLimit) {
    problems.error(
      'mapping-too-many-groups',
      group.span,
      `The groups call each other with more than ${groupLimit} combinations of types.`,
      'too-costly',
    );
    return plan;
  }
  shop.groups.set(key, plan);
  const names = new Map(variables.map((variable) => [variable.name, variable]));
  for (const parameter of group.parameters) refuseForbidden({ problems }, parameter);
  plan.rules = [
    ...inheritedRules(shop, found, plan, names, [group]),
    ...planRules({ shop, map, problems, group: plan, variables: names }, group.rules),
  ];
  return plan;
}

/** `extends`: the rules of the other group come first, with its own names for the same parameters. */
function inheritedRules(
  shop: Workshop,
  found: FoundGroup,
  plan: GroupPlan,
  variables: ReadonlyMap<string, Variable>,
  chain: readonly GroupSyntax[],
): GroupPlan['rules'] {
  const { map, group } = found;
  if (group.extends === undefined) return [];
  const problems = shop.linked.problemsOf(map.file);
  const { name, span } = group.extends;
  const base = shop.linked.group(map, name);
  if (base === undefined) {
    problems.error(
      'mapping-unknown-group',
      span,
      `There is no group "${name}" to extend.${suggestion(name, shop.linked.groupNames(map))}`,
      'not-found',
    );
    return [];
  }
  if (chain.includes(base.group)) {
    problems.error('mapping-circle', span, `The group "${group.name}" extends itself through "${name}".`);
    return [];
  }
  const bound = new Map<string, Variable>();
  for (const [at, parameter] of base.group.parameters.entries()) {
    const same = variables.get(parameter.name) ?? plan.parameters[at];
    if (same === undefined || same.mode !== parameter.mode) {
      problems.error(
        'mapping-arguments',
        span,
        `The group "${name}" needs a ${parameter.mode} "${parameter.name}", which "${group.name}" does not have.`,
      );
      return [];
    }
    bound.set(parameter.name, same);
  }
  const scope: Scope = {
    shop,
    map: base.map,
    problems: shop.linked.problemsOf(base.map.file),
    group: plan,
    variables: bound,
  };
  return [...inheritedRules(shop, base, plan, bound, [...chain, base.group]), ...planRules(scope, base.group.rules)];
}
