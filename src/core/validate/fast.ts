import { checkBundle } from './bundle.ts';
import { checkContained } from './contained.ts';
import type { ElementNode } from './element.ts';
import { checkElementIds } from './element-ids.ts';
import { bodyCheck } from './fast-body.ts';
import { itemCheck } from './fast-item.ts';
import type { Check, FastLinks, FastScope, Lazy } from './fast-link.ts';
import { Source } from './fast-source.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { rootPath } from './path.ts';
import { scopeOf } from './resource.ts';
import type { Run } from './run.ts';

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
  const links: FastLinks = { still, body, item, resource };

  function body(node: ElementNode): Lazy {
    const own = node.children === undefined ? typeRoot(node) : node;
    const known = bodies.get(own);
    if (known !== undefined) return known;
    const made = lazy(() =>
      bodyCheck(links, own, still.registry.isKind(own.name, 'Resource') && !own.id.includes('.')),
    );
    bodies.set(own, made);
    return made;
  }

  /** Elements without children of their own share the code of their type. */
  function typeRoot(node: ElementNode): ElementNode {
    const [type] = node.types;
    if (node.contentReference !== undefined || node.types.length !== 1 || type === undefined) return node;
    return still.registry.type(type.code) ?? node;
  }

  function item(node: ElementNode, code: string): Lazy {
    const known = items.get(node)?.get(code);
    if (known !== undefined) return known;
    const made = lazy(() => {
      const source = new Source();
      for (const failure of itemCheck(links, source, node, code, 'v')) source.line(`if(${failure})return false;`);
      source.line('return true;');
      return source.compile<Check>('v,s');
    });
    const byCode = items.get(node) ?? new Map<string, Lazy>();
    items.set(node, byCode.set(code, made));
    return made;
  }

  function resource(value: unknown, outer: FastScope, node: ElementNode): boolean {
    if (!isObject(value) || node.types.length !== 1) return false;
    const isContained = node.name === 'contained';
    const [type] = node.types;
    const scope: FastScope = {
      ...scopeOf(outer.run, value, { outer, path: nowhere, isContained }),
      ...{
        run: outer.run,
        depth: outer.depth,
        twice: outer.twice,
        hasIds: false,
        hasExtras: false,
        environment: undefined,
      },
    };
    const isRight = type !== undefined && whole(value, scope, type.code, type.profiles);
    outer.twice = scope.twice;
    return isRight;
  }

  function whole(value: JsonObject, scope: FastScope, expectedType: string, profiles: readonly string[]): boolean {
    const { registry } = still;
    const type = text(own(value, 'resourceType'));
    if (type === undefined || !registry.isKind(type, 'Resource') || !registry.isKind(type, expectedType)) return false;
    const base = registry.type(type);
    const roots = rootsOf(value, type, profiles);
    if (roots === undefined || base === undefined) return false;
    for (const root of roots.size > 0 ? roots : [base]) if (!body(root).run(value, scope)) return false;
    const { run } = scope;
    if (value.contained !== undefined || scope.isContained) checkContained(run, value, nowhere, scope);
    if (scope.hasIds) checkElementIds(run, value, nowhere);
    if (type === 'Bundle') checkBundle(run, value, nowhere);
    return !run.issues.hasFault;
  }

  /** Profiles that the resource is held to; undefined when one is unknown or of another type. */
  function rootsOf(value: JsonObject, type: string, profiles: readonly string[]): Set<ElementNode> | undefined {
    const roots = new Set<ElementNode>();
    for (const url of profiles) {
      const root = still.registry.profile(url);
      if (root === undefined || !still.registry.isKind(type, root.name)) return undefined;
      roots.add(root);
    }
    for (const url of list(own(own(value, 'meta'), 'profile'))) {
      const root = typeof url === 'string' ? still.registry.profile(url) : undefined;
      if (root === undefined) continue;
      if (!still.registry.isKind(type, root.name)) return undefined;
      roots.add(root);
    }
    return roots;
  }

  return {
    accepts(value, profiles, run) {
      const scope = scopeOf(run, value, { path: nowhere, isContained: false });
      return whole(
        value,
        { ...scope, run, depth: 0, twice: 0, hasIds: false, hasExtras: false, environment: undefined },
        'Resource',
        profiles,
      );
    },
  };
}

/** Made when first called: most elements of a definition are never met. */
function lazy(make: () => Check): Lazy {
  const made: Lazy = {
    run(value, scope) {
      made.run = make();
      return made.run(value, scope);
    },
  };
  return made;
}
