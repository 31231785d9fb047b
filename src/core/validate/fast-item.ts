import { checkDatatype, identifierFaults, isQuantity, isUnitKnown } from './datatype.ts';
import type { ElementNode, TypeRule } from './element.ts';
import { expectedTest } from './expected-test.ts';
import { bindingTest } from './fast-binding.ts';
import { extensionTest } from './fast-extension.ts';
import { invariantTest } from './fast-invariant.ts';
import type { FastLinks, FastScope } from './fast-link.ts';
import { referenceTest } from './fast-reference.ts';
import type { Source } from './fast-source.ts';
import { isObject } from './json.ts';
import { rootPath } from './path.ts';
import { isPrimitive, primitives } from './primitive.ts';
import { rangeFault } from './range.ts';
import { checkXhtml } from './xhtml.ts';

/**
 * Conditions, as JavaScript, under which one occurrence is not surely right: what `walkItem` checks, in its order.
 *
 * @param name Of the variable that holds the value.
 */
export function itemCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  code: string,
  name: string,
): readonly string[] {
  const type = node.types.find((rule) => rule.code === code) ?? {
    code,
    profiles: [],
    targetProfiles: [],
    aggregation: [],
  };
  return isPrimitive(code)
    ? primitiveCheck(links, source, node, type, name)
    : complexCheck(links, source, node, type, name);
}

function primitiveCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: TypeRule,
  name: string,
): readonly string[] {
  const check = primitives[type.code];
  if (check === undefined || type.profiles.length > 0) return ['true'];
  const failures = [`typeof ${name}!=="${check.json}"`];
  if (check.json !== 'boolean') failures.push(`!${source.constant(check.isValid)}(${name})`);
  if (type.code === 'xhtml') failures.push(`${source.constant(checkXhtml)}(${name}).length>0`);
  if (type.code === 'url' && links.still.options.refuseExampleUrls) return ['true'];
  failures.push(...ruleChecks(links, source, node, type, name));
  for (const rule of node.invariants) {
    const test = invariantTest(links, source, rule, node, type.code);
    if (test !== undefined) failures.push(`!${test}(${name},s)`);
  }
  return failures;
}

/** Fixed and pattern, range, binding. */
function ruleChecks(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: TypeRule,
  name: string,
): readonly string[] {
  const failures: string[] = [];
  for (const expected of node.expected) {
    const isLiteral = typeof expected.value !== 'object' || expected.value === null;
    const test = isLiteral ? undefined : expectedTest(expected);
    failures.push(
      test === undefined ? `${name}!==${source.constant(expected.value)}` : `!${source.constant(test)}(${name})`,
    );
  }
  if (node.minValue !== undefined || node.maxValue !== undefined || node.maxLength !== undefined) {
    const { now } = links.still.options;
    failures.push(`!${source.constant((value: unknown) => rangeFault(value, node, now) === undefined)}(${name})`);
  }
  for (const binding of node.bindings) {
    const test = bindingTest(links, binding, type.code);
    if (test !== undefined) failures.push(`!${source.constant(test)}(${name})`);
  }
  return failures;
}

function complexCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  type: TypeRule,
  name: string,
): readonly string[] {
  const failures = [`typeof ${name}!=="object"||${name}===null||Array.isArray(${name})`];
  failures.push(...ruleChecks(links, source, node, type, name));
  if (links.still.registry.isKind(type.code, 'Resource')) {
    const { resource } = links;
    if (node.children !== undefined) return ['true'];
    return [
      ...failures,
      `!${source.constant((value: unknown, scope: FastScope) => resource(value, scope, node))}(${name},s)`,
    ];
  }
  if (type.code === 'Extension') return [...failures, `!${source.constant(extensionTest(links, node))}(${name},s)`];
  if (type.code === 'Reference') failures.push(`!${source.constant(referenceTest(links, node, type))}(${name},s)`);
  if (type.code === 'Identifier') failures.push(`${source.constant(identifierFaults)}(${name}).length>0`);
  if (isQuantity(type.code)) failures.push(`!${source.constant(isUnitKnown)}(${name})`);
  if (type.code === 'Coding' || type.code === 'CodeableConcept')
    failures.push(`!${source.constant(datatypeTest(links, node, type.code))}(${name},s)`);
  const content = node.isChoice && node.children === undefined ? links.still.registry.type(type.code) : node;
  if (content !== undefined) failures.push(`!${source.constant(links.body(content))}.run(${name},s)`);
  failures.push(...invariantChecks(links, source, node, type.code, content, name));
  failures.push(...profileChecks(links, source, type, name));
  return failures;
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

function profileChecks(links: FastLinks, source: Source, type: TypeRule, name: string): readonly string[] {
  const roots = type.profiles.map((url) => links.still.registry.profile(url));
  if (roots.includes(undefined)) return ['true'];
  const calls = roots.flatMap((root) =>
    root === undefined ? [] : [`${source.constant(links.body(root))}.run(${name},s)`],
  );
  if (calls.length === 0) return [];
  // After a failed try the depth is not what it was, so several profiles are left to the thorough tier.
  return calls.length === 1 ? [`!${calls[0]}`] : ['true'];
}

const nowhere = rootPath('');

/** Codings are looked up in code systems as in the thorough tier; where displays count, by its own rule. */
function datatypeTest(
  links: FastLinks,
  node: ElementNode,
  code: string,
): (value: unknown, scope: FastScope) => boolean {
  const { options, registry } = links.still;
  if (options.wrongDisplay === 'error' || options.wrongDisplay === 'fatal') {
    return (value, scope) => {
      if (!isObject(value)) return false;
      checkDatatype(scope.run, value, code, node, nowhere);
      return !scope.run.issues.hasFault;
    };
  }
  const coding = (value: unknown) => {
    if (!isObject(value) || typeof value.system !== 'string') return isObject(value);
    const { isAbsolute, codes } = registry.system(value.system);
    const isKnown = codes === undefined || typeof value.code !== 'string' || codes.has(value.code);
    return isAbsolute && (isKnown || value.system.startsWith('http://terminology.hl7.org/'));
  };
  if (code === 'Coding') return coding;
  return (value) =>
    isObject(value) && (value.coding === undefined || (Array.isArray(value.coding) && value.coding.every(coding)));
}
