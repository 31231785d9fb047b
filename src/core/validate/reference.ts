import { isAbsolute } from './absolute-url.ts';
import type { ElementNode, TypeRule } from './element.ts';
import { isObject, type JsonObject, own, text } from './json.ts';
import type { Path } from './path.ts';
import { type Resolution, resolveReference, wantedUrl } from './resolve.ts';
import type { Run, Scope } from './run.ts';
import { shownToken } from './shown.ts';

/**
 * References: local ones must be found, what they point to must be of a type (and, where it can be seen, of a profile)
 * that the element takes.
 * @see https://hl7.org/fhir/R4/references.html
 */
export function checkReference(
  run: Run,
  value: JsonObject,
  node: ElementNode,
  rule: TypeRule,
  path: Path,
  scope: Scope,
): void {
  const reference = text(own(value, 'reference'));
  const named = text(own(value, 'type'));
  if (reference === undefined) {
    if (named !== undefined) checkTargetType(run, named, node, rule, path);
    return;
  }
  const resolution = resolveReference(run, reference, scope);
  if (reference.startsWith('#') && resolution.target === undefined) {
    run.issues.add(path, {
      code: 'reference-unresolved',
      type: 'not-found',
      message: `The reference points to ${shownReference(reference)}, but no contained resource has that id; add it or correct the reference.`,
      node,
      rule: 'ref-1',
    });
    return;
  }
  if (resolution.target === undefined && !checkOutside(run, reference, node, path, scope)) return;
  checkBundleMatch(run, reference, resolution, node, path, scope);
  checkAggregation(run, resolution, node, rule, path);
  const type = text(own(resolution.target, 'resourceType')) ?? typeInReference(run, reference);
  if (type !== undefined) checkTargetType(run, type, node, rule, path);
  if (named !== undefined && type !== undefined && named !== type) {
    run.issues.add(path, {
      code: 'reference-type',
      type: 'structure',
      message: `The reference says that it points to a ${shownToken(named)}, but what it points to is a ${type}; correct one of them.`,
      node,
    });
  }
  if (resolution.target !== undefined && type !== undefined)
    checkTargetProfile(run, resolution, type, node, rule, path);
}

/**
 * What a reference that leads out of the resource and its Bundle must look like; false when it does not.
 * @see https://hl7.org/fhir/R4/references.html#literal
 */
function checkOutside(run: Run, reference: string, node: ElementNode, path: Path, scope: Scope): boolean {
  if (/^urn:(?:uuid|oid):/.test(reference)) {
    const type = own(scope.bundle?.bundle, 'type');
    // What a search or a history returns is a part of something larger.
    if (type === undefined || type === 'searchset' || type === 'history') return true;
    const message = `${node.name} refers to an entry by its fullUrl, but no entry of the Bundle has that one; add the entry or correct the reference.`;
    run.issues.add(path, { code: 'reference-unresolved', type: 'not-found', message, node });
    return false;
  }
  if (isAbsolute(reference)) return true;
  const type = /^([A-Z][A-Za-z]{0,63})[/?]/.exec(reference)?.[1];
  if (type === undefined) {
    const message = `${node.name} has a relative reference that is not of the form Type/id; write it so, for example Patient/123.`;
    run.issues.add(path, { code: 'reference-format', type: 'value', message, node });
    return false;
  }
  if (run.registry.isKind(type, 'Resource')) return true;
  // Where anything may be referred to, it may be something newer than R4.
  const message = `${node.name} names the type ${shownToken(type)}, which is no resource of FHIR R4; correct the reference.`;
  run.issues.add(path, { severity: 'warning', code: 'reference-type-unknown', type: 'value', message, node });
  return true;
}

/** `Patient/1`, `http://server/Patient/1/_history/2`: the type is in the URL. */
export function typeInReference(run: Run, reference: string): string | undefined {
  const match = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(
    reference.length > 2048 ? '' : reference,
  );
  const type = match?.[1];
  // Other systems have addresses of this form, too: an absolute one says a type only when FHIR has such a type.
  return type === undefined || !isAbsolute(reference) || run.registry.isKind(type, 'Resource') ? type : undefined;
}

/** Two entries for one reference, or one of another type than the reference says: https://hl7.org/fhir/R4/bundle.html#references */
function checkBundleMatch(
  run: Run,
  reference: string,
  resolution: Resolution,
  node: ElementNode,
  path: Path,
  scope: Scope,
): void {
  if (resolution.from !== 'bundle') return;
  if (resolution.matches > 1) {
    run.issues.add(path, {
      code: 'reference-ambiguous',
      type: 'duplicate',
      message: `${resolution.matches} entries of the Bundle fit this reference; name one version.`,
      node,
    });
  }
  const wanted = wantedUrl(reference, text(own(scope.bundle?.entry, 'fullUrl')));
  const type = text(own(resolution.target, 'resourceType'));
  if (wanted?.type !== undefined && type !== wanted.type) {
    run.issues.add(path, {
      code: 'reference-type',
      type: 'structure',
      message: `The reference names a ${shownToken(wanted.type)}, but the entry that it leads to is a ${type ?? 'thing without type'}; correct the reference.`,
      node,
    });
  }
}

function checkAggregation(run: Run, resolution: Resolution, node: ElementNode, rule: TypeRule, path: Path): void {
  if (rule.aggregation.length === 0) return;
  const mode = resolution.from === 'contained' ? 'contained' : resolution.from === 'bundle' ? 'bundled' : 'referenced';
  const isAllowed = rule.aggregation.includes(mode) || (mode === 'bundled' && rule.aggregation.includes('referenced'));
  if (isAllowed) return;
  run.issues.add(path, {
    code: 'reference-aggregation',
    type: 'structure',
    message: `What ${node.name} refers to must be ${rule.aggregation.join(' or ')}, but is ${mode}; put it there.`,
    node,
  });
}

function checkTargetType(run: Run, type: string, node: ElementNode, rule: TypeRule, path: Path): void {
  const allowed = targetTypes(run, rule);
  if (allowed.length === 0 || allowed.some((code) => run.registry.isKind(type, code))) return;
  run.issues.add(path, {
    code: 'reference-target',
    type: 'structure',
    message: `${node.name} points to a ${shownToken(type)}; it may point to ${allowed.join(', ')}. Correct the reference.`,
    node,
  });
}

/** Types of the target profiles; empty when anything may be referenced, or when not all of them are known here. */
export function targetTypes(run: Pick<Run, 'registry'>, rule: TypeRule): readonly string[] {
  let found = typesOfRules.get(rule);
  if (found === undefined) {
    const types = rule.targetProfiles.map((url) => text(own(run.registry.source(url), 'type')));
    const known = types.filter((type) => type !== undefined);
    found = known.length < types.length || known.includes('Resource') ? [] : known;
    typesOfRules.set(rule, found);
  }
  return found;
}

/** Rules belong to one registry, and what it knows does not change. */
const typesOfRules = new WeakMap<TypeRule, readonly string[]>();

function checkTargetProfile(
  run: Run,
  resolution: Resolution,
  type: string,
  node: ElementNode,
  rule: TypeRule,
  path: Path,
): void {
  const { target, container } = resolution;
  if (!isObject(target)) return;
  const fitting = rule.targetProfiles.filter((url) => {
    const source = run.registry.source(url);
    return source === undefined || run.registry.isKind(type, text(own(source, 'type')) ?? '');
  });
  const isPlain = fitting.some((url) => own(run.registry.source(url), 'derivation') !== 'constraint');
  if (isPlain || fitting.length === 0) return;
  const scope: Scope = {
    resource: target,
    container: container ?? target,
    path,
    bundle: resolution.bundle,
    isContained: resolution.from === 'contained',
  };
  const conforms = fitting.some((url) => {
    const root = run.registry.profile(url);
    return root !== undefined && run.conforms(target, root, path, scope);
  });
  if (conforms) return;
  run.issues.add(path, {
    code: 'reference-profile',
    type: 'structure',
    message: `What ${node.name} points to does not conform to ${fitting.join(' or ')}; correct it, or refer to another.${whyNot(run, target, fitting)}`,
    node,
  });
}

/** Why a value conforms to none of some profiles, to be added to a sentence. */
export function whyNot(run: Run, value: unknown, profiles: readonly string[]): string {
  const reasons = profiles.slice(0, 3).flatMap((url) => {
    const root = run.registry.profile(url);
    const reason = root === undefined ? undefined : run.reasonAgainst(value, root);
    return reason === undefined ? [] : [profiles.length > 1 ? `${url}: ${reason}` : reason];
  });
  return reasons.length === 0 ? '' : ` First fault: ${reasons.join(' Or by ')}`;
}

/** A fragment may be shown: it is the sender's own label inside this resource; cut, as everything a sender wrote. */
function shownReference(reference: string): string {
  return shownToken(reference);
}
