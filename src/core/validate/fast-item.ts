import { checkDatatype, identifierFaults, isQuantity, isSizeRight, isUnitKnown } from './datatype.ts';
import type { ElementNode, TypeRule } from './element.ts';
import { bindingCode } from './fast-binding.ts';
import { extensionCheck } from './fast-extension.ts';
import { invariantTest } from './fast-invariant.ts';
import type { FastLinks, FastScope } from './fast-link.ts';
import { expectedCode } from './fast-pattern.ts';
import { referenceTest } from './fast-reference.ts';
import type { Source } from './fast-source.ts';
import { isObject } from './json.ts';
import { rootPath } from './path.ts';
import { isPrimitive, isValidPrimitive, primitives } from './primitive.ts';
import { needsExtra } from './primitive-value.ts';
import { rangeFault } from './range.ts';
import { checkXhtml } from './xhtml.ts';

/** Where an item is checked. */
export interface ItemPlace {
  /** Name of the variable that holds the value; `s` and `e`, scope and depth, are there besides. */
  readonly name: string;
  /** Url of an extension, where that is known already. */
  readonly url?: string;
  /** Whether the form of a primitive is looked at by who asks. */
  readonly isFormKnown?: boolean;
}

/** Conditions, as JavaScript, under which one occurrence is not surely right: what `walkItem` checks. */
export function itemCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  code: string,
  place: ItemPlace,
): readonly string[] {
  const type = node.types.find((rule) => rule.code === code) ?? {
    code,
    profiles: [],
    targetProfiles: [],
    aggregation: [],
  };
  return isPrimitive(code)
    ? primitiveCheck(links, source, node, type, place)
    : complexCheck(links, source, node, type, place);
}

function primitiveCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: TypeRule,
  { name, isFormKnown }: ItemPlace,
): readonly string[] {
  const check = primitives[type.code];
  if (check === undefined || type.profiles.length > 0 || needsExtra(node)) return ['true'];
  if (type.code === 'url' && links.still.options.refuseExampleUrls) return ['true'];
  const rules = ruleChecks(links, source, node, type, name);
  const failures: string[] = [];
  if (!rules.isWhole) failures.push(`typeof ${name}!=="${check.json}"`);
  if (!rules.isWhole && !isFormKnown && check.json !== 'boolean')
    failures.push(`!${source.constant(check.isValid)}(${name})`);
  if (type.code === 'xhtml') failures.push(`${source.constant(checkXhtml)}(${name}).length>0`);
  failures.push(...rules.failures);
  for (const rule of node.invariants) {
    const test = invariantTest(links, source, rule, node, type.code);
    if (test !== undefined) failures.push(`!${test}(${name},s)`);
  }
  return failures;
}

interface RuleChecks {
  readonly failures: readonly string[];
  /** Whether a value that passes is well-formed, because it is one of few that are. */
  readonly isWhole: boolean;
}

/** Fixed and pattern, range, binding. */
function ruleChecks(links: FastLinks, source: Source, node: ElementNode, type: TypeRule, name: string): RuleChecks {
  const failures: string[] = [];
  let isWhole = false;
  for (const expected of node.expected) {
    failures.push(`!(${expectedCode(source, expected, name)})`);
    isWhole ||= isValidPrimitive(type.code, expected.value);
  }
  for (const binding of node.bindings) {
    const test = bindingCode(links, source, binding, type.code, name);
    if (test !== undefined) failures.push(`!${test.code}`);
    isWhole ||= test?.isWhole === true;
  }
  if (node.minValue !== undefined || node.maxValue !== undefined || node.maxLength !== undefined) {
    const { now } = links.still.options;
    failures.push(`!${source.constant((value: unknown) => rangeFault(value, node, now) === undefined)}(${name})`);
  }
  return { failures, isWhole };
}

function complexCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: TypeRule,
  place: ItemPlace,
): readonly string[] {
  const { name } = place;
  const failures = [`typeof ${name}!=="object"||${name}===null||Array.isArray(${name})`];
  failures.push(...ruleChecks(links, source, node, type, name).failures);
  if (links.still.registry.isKind(type.code, 'Resource')) {
    const { resource } = links;
    if (node.children !== undefined) return ['true'];
    const test = (value: unknown, scope: FastScope, depth: number) => resource(value, scope, depth, node);
    return [...failures, `!${source.constant(test)}(${name},s,e)`];
  }
  if (type.code === 'Extension') return [...failures, ...extensionCheck(links, source, node, place)];
  if (type.code === 'Reference') failures.push(`!${referenceTest(links, source, node, type)}(${name},s)`);
  if (type.code === 'Identifier') failures.push(`${source.constant(identifierFaults)}(${name}).length>0`);
  if (isQuantity(type.code)) failures.push(`!${source.constant(isUnitKnown)}(${name})`);
  if (type.code === 'Attachment') failures.push(`!${source.constant(isSizeRight)}(${name})`);
  if (isDisplayStrict(links) && (type.code === 'Coding' || type.code === 'CodeableConcept'))
    failures.push(`!${source.constant(displayTest(node, type.code))}(${name},s)`);
  const content = node.isChoice && node.children === undefined ? links.still.registry.type(type.code) : node;
  if (type.code === 'Coding' && (content === undefined || !isCodingContent(content)))
    failures.push(`!${source.constant(links.coding)}(${name}.system,${name}.code)`);
  if (content !== undefined) failures.push(`!${source.constant(links.body(content))}.run(${name},s,e)`);
  failures.push(...invariantChecks(links, source, node, type.code, content, name));
  failures.push(...profileChecks(links, source, type, name));
  return failures;
}

/** Whether the body of a node is that of codings, which looks up their system and code. */
export function isCodingContent(node: ElementNode): boolean {
  return (node.types.length === 1 ? node.types[0]?.code : node.name) === 'Coding';
}

/** Those that the shared body of the type does not check itself. */
function invariantChecks(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  code: string,
  content: ElementNode | undefined,
  name: string,
): readonly string[] {
  const inside = content === node && node.children !== undefined ? links.still.shapes.of(node).invariants : [];
  const outside = node.invariants.filter((rule) => !inside.includes(rule));
  return outside.flatMap((rule) => {
    const test = invariantTest(links, source, rule, node, code);
    return test === undefined ? [] : [`!${test}(${name},s)`];
  });
}

/** One of the profiles must be satisfied. */
function profileChecks(links: FastLinks, source: Source, type: TypeRule, name: string): readonly string[] {
  const roots = type.profiles.map((url) => links.still.registry.profile(url));
  if (roots.includes(undefined)) return ['true'];
  const calls = roots.flatMap((root) =>
    root === undefined ? [] : [`${source.constant(links.body(root))}.run(${name},s,e)`],
  );
  return calls.length === 0 ? [] : [`!(${calls.join('||')})`];
}

const nowhere = rootPath('');

/** Where a wrong display is a fault, it is found by the rule of the thorough tier. */
function isDisplayStrict({ still }: FastLinks): boolean {
  return still.options.wrongDisplay === 'error' || still.options.wrongDisplay === 'fatal';
}

function displayTest(node: ElementNode, code: string): (value: unknown, scope: FastScope) => boolean {
  return (value, scope) => {
    if (!isObject(value)) return false;
    checkDatatype(scope.run, value, code, node, nowhere);
    return !scope.run.issues.hasFault;
  };
}
