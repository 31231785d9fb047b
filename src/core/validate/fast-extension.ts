import { isAbsolute } from './absolute-url.ts';
import type { ElementNode } from './element.ts';
import { contextAllows } from './extension-context.ts';
import type { ItemPlace } from './fast-item.ts';
import type { Check, FastLinks, FastScope, Lazy } from './fast-link.ts';
import type { Source } from './fast-source.ts';
import { isObject, type JsonObject, own } from './json.ts';

const extensionUrl = 'http://hl7.org/fhir/StructureDefinition/Extension';

interface Known {
  readonly body: Lazy;
  readonly isModifier: boolean;
  readonly isPlaceAllowed: boolean;
}

/** Conditions under which an extension is not surely right. Of one whose url is known, nothing has to be looked up. */
export function extensionCheck(
  links: FastLinks,
  source: Source,
  node: ElementNode,
  { name, url }: ItemPlace,
): readonly string[] {
  const known = url === undefined || !isAbsolute(url) ? undefined : lookUp(links, node, url);
  if (known === undefined) return [`!${source.constant(extensionTest(links, node))}(${name},s,e)`];
  if (known.isModifier !== isModifierElement(node) || !known.isPlaceAllowed) return ['true'];
  const body = `!${source.constant(known.body)}.run(${name},s,e)`;
  if (node.children === undefined) return [body];
  return [body, `(s.twice+=1)>=${twiceLimit}||!${source.constant(links.body(node))}.run(${name},s,e)`];
}

const twiceLimit = 1000;

function isModifierElement(node: ElementNode): boolean {
  return node.name === 'modifierExtension';
}

function lookUp(links: FastLinks, node: ElementNode, url: string): Known | undefined {
  const { registry } = links.still;
  const root = url.includes('|') ? undefined : registry.profile(url);
  if (root?.name !== 'Extension') return undefined;
  return {
    body: links.body(root),
    isModifier: root.isModifier,
    isPlaceAllowed: contextAllows(links.still, registry.source(url), placesOf(links, node)),
  };
}

/** One extension, as `checkExtension` and `walkItem` hold it to its definition. */
function extensionTest(links: FastLinks, node: ElementNode): Check {
  let made: Check | undefined;
  // Any element may have extensions, few do: what they need is worked out when one is met.
  return (value, scope, depth) => {
    made ??= makeExtensionTest(links, node);
    return made(value, scope, depth);
  };
}

function makeExtensionTest(links: FastLinks, node: ElementNode): Check {
  const { options } = links.still;
  const places = placesOf(links, node);
  const isModifier = isModifierElement(node);
  const content = links.body(node);
  const isUnknownFault = options.unknownExtension === 'error' || options.unknownExtension === 'fatal';
  const isPart = node.sliceName !== undefined && places.holder === 'Extension';
  const table = new Map<string, Known | undefined>();
  const profiled = node.types.some((type) => type.profiles.length > 0);

  function find(url: string): Known | undefined {
    const found = table.get(url);
    if (found !== undefined || table.has(url)) return found;
    const known = lookUp(links, node, url);
    if (table.size < 500) table.set(url, known);
    return known;
  }

  return (value, scope, depth) => {
    const url = isObject(value) ? value.url : undefined;
    if (typeof url !== 'string') return false;
    if (!isAbsolute(url)) {
      const isDefined = isPart || places.isUnknownExtension;
      return isDefined && !profiled && content.run(value, scope, depth);
    }
    const known = find(url);
    if (known === undefined)
      return !isModifier && !isUnknownFault && !url.includes('|') && !profiled && content.run(value, scope, depth);
    if (known.isModifier !== isModifier || !known.isPlaceAllowed) return false;
    if (!known.body.run(value, scope, depth)) return false;
    if (node.children === undefined) return true;
    scope.twice += 1;
    return scope.twice < twiceLimit && content.run(value, scope, depth);
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
    isUnknownExtension: holder.join('.') === 'Extension' && node.profile === extensionUrl && node.slices.length === 0,
  };
}

/** Type of the element that an extension stands on; empty where that is not known from the definition alone. */
function holderType(links: FastLinks, node: ElementNode): string {
  const holder = node.id.slice(0, node.id.lastIndexOf('.'));
  const found = links.still.registry.profile(`${node.profile}#${holder}`);
  if (found === undefined) return '';
  return holder.includes('.') ? (found.types.length === 1 ? (found.types[0]?.code ?? '') : '') : found.name;
}

/** What stands under `_name` in an object: id and extensions of the primitive `name`, its key there. */
export function extraTest(
  links: FastLinks,
  child: ElementNode,
  key: string,
  type: string,
): (extra: unknown, scope: FastScope, object: JsonObject, depth: number) => boolean {
  const hasRules =
    child.children !== undefined || child.slicing !== undefined || child.types.some((rule) => rule.profiles.length > 0);
  const strict = child.invariants.some((rule) => rule.severity === 'error' && rule.key !== 'ele-1');
  let test: Check | undefined;
  return (extra, scope, object, depth) => {
    const isAlone = object[key] === undefined;
    if (!isObject(extra) || hasRules || (isAlone && (strict || child.mustHaveValue))) return false;
    const list = own(extra, 'extension');
    if (!Array.isArray(list) || list.length === 0 || !hasOnly(extra, scope)) return false;
    const found = test ?? testOfType(links, child, type);
    test = found;
    return found !== undefined && list.every((item) => isObject(item) && found(item, scope, depth));
  };
}

function testOfType(links: FastLinks, child: ElementNode, type: string): Check | undefined {
  const root = links.still.registry.type(type);
  const extension = root === undefined ? undefined : links.still.registry.children(root).get('extension');
  return extension && extensionTest(links, { ...extension, id: `${child.id}.extension` });
}

function hasOnly(extra: JsonObject, scope: FastScope): boolean {
  for (const key in extra) {
    if (key === 'extension') continue;
    if (key !== 'id' || typeof extra.id !== 'string' || extra.id.trim() === '') return false;
    scope.hasIds = true;
  }
  return true;
}
