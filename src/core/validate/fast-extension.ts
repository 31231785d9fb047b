import { isAbsolute } from './absolute-url.ts';
import type { ElementNode } from './element.ts';
import { contextAllows } from './extension-context.ts';
import type { FastLinks, FastScope, Lazy } from './fast-link.ts';
import { isObject, type JsonObject, own } from './json.ts';

const extensionUrl = 'http://hl7.org/fhir/StructureDefinition/Extension';

interface Known {
  readonly body: Lazy;
  readonly isModifier: boolean;
  readonly isPlaceAllowed: boolean;
}

/** One extension, as `checkExtension` and `walkItem` hold it to its definition. */
export function extensionTest(links: FastLinks, node: ElementNode): (value: unknown, scope: FastScope) => boolean {
  const { registry, options } = links.still;
  const places = placesOf(links, node);
  const isModifier = node.name === 'modifierExtension';
  const content = links.body(node);
  const isUnknownFault = options.unknownExtension === 'error' || options.unknownExtension === 'fatal';
  const isPart = node.sliceName !== undefined && places.holder === 'Extension';
  const table = new Map<string, Known | undefined>();
  const profiled = node.types.some((type) => type.profiles.length > 0);

  function lookUp(url: string): Known | undefined {
    if (table.has(url)) return table.get(url);
    const root = url.includes('|') ? undefined : registry.profile(url);
    const known =
      root?.name === 'Extension'
        ? {
            body: links.body(root),
            isModifier: root.isModifier,
            isPlaceAllowed: contextAllows(links.still, registry.source(url), places),
          }
        : undefined;
    if (table.size < 500) table.set(url, known);
    return known;
  }

  return (value, scope) => {
    const url = own(value, 'url');
    if (typeof url !== 'string') return false;
    if (!isAbsolute(url)) {
      const isDefined = isPart || places.isUnknownExtension;
      return isDefined && !profiled && content.run(value, scope);
    }
    const known = lookUp(url);
    if (known === undefined)
      return !isModifier && !isUnknownFault && !url.includes('|') && !profiled && content.run(value, scope);
    if (known.isModifier !== isModifier || !known.isPlaceAllowed) return false;
    if (!known.body.run(value, scope)) return false;
    if (node.children === undefined) return true;
    scope.twice += 1;
    return scope.twice < 1000 && content.run(value, scope);
  };
}

/** What is known of the place of an extension when its node is compiled: enough to say that it is allowed, not that it is not. */
export interface StaticPlace {
  readonly names: readonly string[];
  readonly holder: string;
  /** In an extension without definition nobody can say which parts it has. */
  readonly isUnknownExtension: boolean;
}

function placesOf(links: FastLinks, node: ElementNode): StaticPlace {
  const path = node.id.split('.').map((step) => step.split(':')[0]?.replace('[x]', '') ?? '');
  const holder = path.slice(0, -1);
  return {
    names: [holder.join('.')],
    holder: holderType(links, node),
    isUnknownExtension: holder.join('.') === 'Extension' && node.profile === extensionUrl,
  };
}

/** Type of the element that an extension stands on; empty where that is not known from the definition alone. */
function holderType(links: FastLinks, node: ElementNode): string {
  const holder = node.id.slice(0, node.id.lastIndexOf('.'));
  const found = links.still.registry.profile(`${node.profile}#${holder}`);
  if (found === undefined) return '';
  return holder.includes('.') ? (found.types.length === 1 ? (found.types[0]?.code ?? '') : '') : found.name;
}

/** What stands under `_name`: id and extensions of a primitive. */
export function extraTest(
  links: FastLinks,
  child: ElementNode,
  type: string,
): (extra: unknown, scope: FastScope, value: unknown) => boolean {
  const root = links.still.registry.type(type);
  const extension = root === undefined ? undefined : links.still.registry.children(root).get('extension');
  const hasRules =
    child.children !== undefined || child.slicing !== undefined || child.types.some((rule) => rule.profiles.length > 0);
  const strict = child.invariants.some((rule) => rule.severity === 'error' && rule.key !== 'ele-1');
  const test =
    extension === undefined ? undefined : extensionTest(links, { ...extension, id: `${child.id}.extension` });
  return (extra, scope, value) => {
    if (!isObject(extra) || test === undefined || hasRules || (value === undefined && (strict || child.mustHaveValue)))
      return false;
    const list = own(extra, 'extension');
    if (!Array.isArray(list) || list.length === 0 || !hasOnly(extra, scope)) return false;
    return list.every((item) => isObject(item) && test(item, scope));
  };
}

function hasOnly(extra: JsonObject, scope: FastScope): boolean {
  for (const key in extra) {
    if (key === 'extension') continue;
    if (key !== 'id' || typeof extra.id !== 'string' || extra.id.trim() === '') return false;
    scope.hasIds = true;
  }
  return true;
}
