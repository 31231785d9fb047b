import { checkBindings } from './binding.ts';
import { checkCardinality } from './cardinality.ts';
import { checkDatatype } from './datatype.ts';
import type { ElementNode, TypeRule } from './element.ts';
import { checkExtension } from './extension.ts';
import { checkExpected } from './fixed.ts';
import { checkInvariants } from './invariant.ts';
import { collectItems, type Item } from './items.ts';
import { isObject, type JsonObject, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { isPrimitive } from './primitive.ts';
import { checkPrimitive, needsExtra } from './primitive-value.ts';
import { checkRange } from './range.ts';
import { checkReference, whyNot } from './reference.ts';
import { checkResource } from './resource.ts';
import { depthLimit, type Run, type Scope } from './run.ts';
import type { Shape } from './shape.ts';
import { isName, shownToken } from './shown.ts';
import { assignSlices } from './slicing.ts';
import { adviceFor } from './spelling.ts';

/** Hold an object to a node: its children, then what is said of the whole. Everything wrong is reported to the run. */
export function walkObject(run: Run, value: JsonObject, node: ElementNode, path: Path, scope: Scope): void {
  if (alreadyHeld(run, value, node)) return;
  if (run.depth.now >= depthLimit) {
    run.issues.add(path, {
      code: 'too-deep',
      type: 'too-costly',
      message: `Objects nest deeper than ${depthLimit} levels.`,
    });
    return;
  }
  run.depth.now += 1;
  const shape = run.shapes.of(node);
  const present = presentChildren(value, shape);
  for (const child of shape.children)
    if (present.has(child) || shape.demanded.has(child)) walkChild(run, value, child, path, scope);
  checkKeys(run, value, node, path);
  checkInvariants(run, value, node, shape.invariants, path, scope);
  run.depth.now -= 1;
}

/** Most objects have few of the children that they could have: to go through all of them took a sixth of a run. */
function presentChildren(value: JsonObject, { keys }: Shape): ReadonlySet<ElementNode> {
  const present = new Set<ElementNode>();
  for (const key of Object.keys(value)) {
    const rule = keys.get(key) ?? (key.startsWith('_') ? keys.get(key.slice(1)) : undefined);
    if (rule !== undefined) present.add(rule.child);
  }
  return present;
}

function alreadyHeld(run: Run, value: object, node: ElementNode): boolean {
  const nodes = run.seen.get(value);
  if (nodes === undefined) run.seen.set(value, new Set([node]));
  else if (nodes.has(node)) return true;
  else nodes.add(node);
  return false;
}

function checkKeys(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  const { keys } = run.shapes.of(node);
  const isResource = node.name === value.resourceType;
  let contents = 0;
  for (const key of Object.keys(value)) {
    if (key !== 'id' && key !== 'resourceType') contents += 1;
    if (keys.has(key) || (key === 'resourceType' && isResource)) continue;
    if (key.startsWith('_') && keys.get(key.slice(1))?.isPrimitive) continue;
    run.issues.add(isName(key) ? at(path, key) : path, {
      code: 'unknown-property',
      type: 'structure',
      message: () => `There is no element ${shownToken(key)} here; ${adviceFor(key, keys.keys())}.`,
      node,
    });
  }
  if (contents > 0 || isResource) return;
  reportEmpty(run, path, node);
}

function walkChild(run: Run, value: JsonObject, child: ElementNode, path: Path, scope: Scope): void {
  const items = collectItems(run, value, child, path);
  checkCardinality(run, child, items.length, path);
  if (child.slicing === undefined || child.slices.length === 0) {
    for (const item of items) walkItem(run, item, child, scope);
    return;
  }
  for (const [item, nodes] of assignSlices(run, child, items, path, scope)) {
    for (const node of nodes) walkItem(run, item, node, scope);
  }
}

/** Hold one occurrence to its node (that of the element or of its slice). */
function walkItem(run: Run, item: Item, node: ElementNode, scope: Scope): void {
  const { value, path } = item;
  const type = typeFor(run, item, node);
  if (isPrimitive(type.code)) {
    walkPrimitive(run, { ...item, type }, node, scope);
    return;
  }
  if (!isObject(value)) {
    run.issues.add(path, {
      code: 'object-expected',
      type: 'structure',
      message: `${node.name} is a ${type.code}, which JSON writes as an object; put its parts in { }.`,
      node,
    });
    return;
  }
  checkExpected(run, value, node, path);
  if (checkResourceItem(run, value, node, type, path, scope)) return;
  checkRange(run, value, node, path);
  checkBindings(run, value, node, type.code, path);
  if (type.code === 'Reference') checkReference(run, value, node, type, path, scope);
  checkDatatype(run, value, type.code, node, path);
  const extended = type.code === 'Extension' && checkExtension(run, value, node, path, scope, walkObject);
  const content = node.isChoice && node.children === undefined ? run.registry.type(type.code) : node;
  if (content !== undefined && !(extended && node.children === undefined)) walkObject(run, value, content, path, scope);
  if (content !== node) checkInvariants(run, value, node, node.invariants, path, scope);
  if (!extended) checkTypeProfiles(run, value, node, type, path, scope);
}

/** The type by which the node allows the value: that of its key, or for resources that of the value itself. */
function typeFor(run: Run, item: Item, node: ElementNode): TypeRule {
  const resourceType = text(own(item.value, 'resourceType'));
  if (resourceType !== undefined) {
    const fitting = node.types.find((rule) => run.registry.isKind(resourceType, rule.code));
    if (fitting !== undefined) return fitting;
  }
  return node.types.find((rule) => rule.code === item.type.code) ?? item.type;
}

function walkPrimitive(run: Run, item: Item, node: ElementNode, scope: Scope): void {
  const { value, extra, path, type } = item;
  if (!checkPrimitive(run, item, node)) return;
  if (value !== undefined) {
    checkExpected(run, value, node, path);
    checkRange(run, value, node, path);
    checkBindings(run, value, node, type.code, path);
  }
  if (isObject(extra)) walkExtra(run, item, extra, node, scope);
  else if (extra === undefined && needsExtra(node)) walkBeside(run, {}, item, node, scope);
  checkInvariants(run, value ?? extra, node, node.invariants, path, scope);
  checkTypeProfiles(run, value, node, type, path, scope);
}

/** `_birthDate` holds id and extensions only; without a value, an id alone says nothing. */
function walkExtra(run: Run, item: Item, extra: JsonObject, node: ElementNode, scope: Scope): void {
  const { path } = item;
  const beside: Path = { ...path, key: path.key.startsWith('_') ? path.key : `_${path.key}` };
  for (const key of Object.keys(extra)) {
    if (key === 'id' || key === '_id' || key === 'extension') continue;
    const message = `Beside a primitive stand only id and extension, not ${shownToken(key)}; remove it.`;
    run.issues.add(isName(key) ? at(beside, key) : beside, {
      code: 'unknown-property',
      type: 'structure',
      message,
      node,
    });
  }
  if (!Object.hasOwn(extra, 'extension') && (item.value === undefined || !Object.hasOwn(extra, 'id'))) {
    reportEmpty(run, beside, node);
  }
  walkBeside(run, extra, item, node, scope);
}

function walkBeside(run: Run, extra: JsonObject, { path, type }: Item, node: ElementNode, scope: Scope): void {
  const beside: Path = { ...path, key: path.key.startsWith('_') ? path.key : `_${path.key}` };
  const root = run.registry.type(type.code);
  const content = node.children ?? (root === undefined ? undefined : run.registry.children(root));
  for (const name of ['id', 'extension']) {
    const child = content?.get(name);
    if (child !== undefined) walkChild(run, extra, child, beside, scope);
  }
}

function reportEmpty(run: Run, path: Path, node: ElementNode): void {
  const message = 'This element has neither a value nor children; fill it or leave it out.';
  run.issues.add(path, { code: 'empty-object', type: 'invariant', message, node, rule: 'ele-1' });
}

/** A resource inside: entry.resource, contained, Parameters.parameter.resource. */
function checkResourceItem(
  run: Run,
  value: JsonObject,
  node: ElementNode,
  type: TypeRule,
  path: Path,
  scope: Scope,
): boolean {
  if (!run.registry.isKind(type.code, 'Resource')) return false;
  const isContained = node.name === 'contained';
  checkResource(
    run,
    value,
    { path, profiles: type.profiles, expectedType: type.code, outer: scope, isContained },
    walkObject,
  );
  if (node.children !== undefined) walkObject(run, value, node, path, { ...scope, resource: value, path });
  return true;
}

/** A profile of a datatype, for example an Address of one country: one of those named must be satisfied. */
function checkTypeProfiles(
  run: Run,
  value: unknown,
  node: ElementNode,
  type: TypeRule,
  path: Path,
  scope: Scope,
): void {
  if (type.profiles.length === 0 || value === undefined) return;
  const roots = type.profiles.map((url) => run.registry.profile(url));
  const [only] = roots;
  const unknown = type.profiles[roots.indexOf(undefined)];
  if (unknown !== undefined) {
    const message = `${node.name} must conform to ${unknown}, which is not loaded; load the package that has it.`;
    run.issues.add(path, { code: 'profile-unknown', type: 'not-found', message, node });
  } else if (roots.length === 1 && only !== undefined && isObject(value)) {
    walkObject(run, value, only, path, scope);
  } else if (!roots.some((root) => root !== undefined && run.conforms(value, root, path, scope))) {
    const message = `${node.name} conforms to none of ${type.profiles.join(', ')}; make it conform to one.${whyNot(run, value, type.profiles)}`;
    run.issues.add(path, { code: 'profile-none', type: 'structure', message, node });
  }
}
