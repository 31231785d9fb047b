import { checkBundle } from './bundle.ts';
import { checkContained } from './contained.ts';
import type { ElementNode } from './element.ts';
import { checkElementIds } from './element-ids.ts';
import { bodyCheck } from './fast-body.ts';
import { codingTest } from './fast-coding.ts';
import { itemCheck } from './fast-item.ts';
import type { Check, FastLinks, FastScope, Lazy } from './fast-link.ts';
import { Source } from './fast-source.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { rootPath } from './path.ts';
import { scopeOf } from './resource.ts';
import type { Run, Scope } from './run.ts';

const nowhere = rootPath('');

/** The fast tier of one validator. */
export interface Fast {
  /** True only if the thorough tier finds no fault; false when it must be asked. The run's issues are a FaultFlag. */
  accepts(resource: JsonObject, profiles: readonly string[], run: Run): boolean;
}

/**
 * @param still A run without resource, for what depends on definitions only.
 * @throws EvalError on first use where the platform forbids code from strings.
 */
export function createFast(still: Run): Fast {
  const bodies = new Map<unknown, Lazy>();
  const items = new Map<ElementNode, Map<string, Lazy>>();
  const { registry } = still;
  const links: FastLinks = { still, body, item, resource, coding: codingTest(registry) };
  const bases = new Map<string, ElementNode>();

  function body(node: ElementNode): Lazy {
    const own = node.children === undefined ? typeRoot(node) : node;
    const known = bodies.get(own);
    if (known !== undefined) return known;
    const made = lazy(() => bodyCheck(links, own, registry.isKind(own.name, 'Resource') && !own.id.includes('.')));
    bodies.set(own, made);
    return made;
  }

  /** Elements without children of their own share the code of their type. */
  function typeRoot(node: ElementNode): ElementNode {
    const [type] = node.types;
    if (node.contentReference !== undefined || node.types.length !== 1 || type === undefined) return node;
    return registry.type(type.code) ?? node;
  }

  function item(node: ElementNode, code: string, url?: string): Lazy {
    const key = url === undefined ? code : `${code} ${url}`;
    const known = items.get(node)?.get(key);
    if (known !== undefined) return known;
    const made = lazy(() => {
      const source = new Source();
      const place = { name: 'v', url };
      for (const failure of itemCheck(links, source, node, code, place)) source.line(`if(${failure})return false;`);
      source.line('return true;');
      return source.compile<Check>('v,s,e');
    });
    const byCode = items.get(node) ?? new Map<string, Lazy>();
    items.set(node, byCode.set(key, made));
    return made;
  }

  function resource(value: unknown, outer: FastScope, depth: number, node: ElementNode): boolean {
    if (!isObject(value) || node.types.length !== 1) return false;
    const isContained = node.name === 'contained';
    const [type] = node.types;
    const scope = fastScope(outer.run, scopeOf(outer.run, value, { outer, path: nowhere, isContained }), outer.twice);
    const isRight = type !== undefined && whole(value, scope, depth, type.code, type.profiles);
    outer.twice = scope.twice;
    return isRight;
  }

  function whole(
    value: JsonObject,
    scope: FastScope,
    depth: number,
    expectedType: string,
    profiles: readonly string[],
  ): boolean {
    const type = text(own(value, 'resourceType'));
    const base = type === undefined ? undefined : baseOf(type);
    if (type === undefined || base === undefined) return false;
    if (expectedType !== 'Resource' && !registry.isKind(type, expectedType)) return false;
    const roots = rootsOf(value, type, base, profiles);
    if (roots === undefined) return false;
    for (const root of roots) if (!body(root).run(value, scope, depth)) return false;
    const { run } = scope;
    if (value.contained !== undefined || scope.isContained) checkContained(run, value, nowhere, scope);
    if (scope.hasIds) checkElementIds(run, value, nowhere);
    if (type === 'Bundle') checkBundle(run, value, nowhere);
    return !run.issues.hasFault;
  }

  function baseOf(type: string): ElementNode | undefined {
    const known = bases.get(type);
    if (known !== undefined) return known;
    const base = registry.isKind(type, 'Resource') ? registry.type(type) : undefined;
    if (base !== undefined) bases.set(type, base);
    return base;
  }

  /** What the resource is held to; undefined when a profile asked for is unknown, or one is of another type. */
  function rootsOf(
    value: JsonObject,
    type: string,
    base: ElementNode,
    profiles: readonly string[],
  ): readonly ElementNode[] | undefined {
    const roots: ElementNode[] = [];
    for (const url of profiles) {
      const root = registry.profile(url);
      if (root === undefined || !isFor(root, type)) return undefined;
      if (!roots.includes(root)) roots.push(root);
    }
    for (const url of list(own(own(value, 'meta'), 'profile'))) {
      const root = typeof url === 'string' ? registry.profile(url) : undefined;
      if (root === undefined || roots.includes(root)) continue;
      if (!isFor(root, type)) return undefined;
      roots.push(root);
    }
    if (roots.length === 0) roots.push(base);
    return roots;
  }

  function isFor(root: ElementNode, type: string): boolean {
    return root.name === type || registry.isKind(type, root.name);
  }

  return {
    accepts(value, profiles, run) {
      const scope = scopeOf(run, value, { path: nowhere, isContained: false });
      return whole(value, fastScope(run, scope, 0), 0, 'Resource', profiles);
    },
  };
}

/** Always with the same properties in the same order, so that generated code meets one kind of scope. */
function fastScope(run: Run, { resource, container, path, bundle, isContained }: Scope, twice: number): FastScope {
  const environment = undefined;
  return { resource, container, path, bundle, isContained, run, twice, hasIds: false, hasExtras: false, environment };
}

/** Made when first called: most elements of a definition are never met. */
function lazy(make: () => Check): Lazy {
  const made: Lazy = {
    run(value, scope, depth) {
      made.run = make();
      return made.run(value, scope, depth);
    },
  };
  return made;
}
