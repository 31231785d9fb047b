import { isAbsolute } from './absolute-url.ts';
import type { ElementNode } from './element.ts';
import { contextFault } from './extension-context.ts';
import { type JsonObject, own, text } from './json.ts';
import type { Path } from './path.ts';
import type { Walk } from './resource.ts';
import type { Run, Scope } from './run.ts';
import { shownToken } from './shown.ts';
import { valueAt } from './value-at.ts';

/**
 * An extension against its definition: known or not, modifier or not, in a place it is meant for, and its content.
 *
 * @returns Whether its content was held to a definition.
 * @see https://hl7.org/fhir/R4/extensibility.html
 */
export function checkExtension(
  run: Run,
  value: JsonObject,
  node: ElementNode,
  path: Path,
  scope: Scope,
  walk: Walk,
): boolean {
  const url = text(own(value, 'url'));
  if (url === undefined) return false;
  const isModifier = node.name === 'modifierExtension';
  const outer = enclosingUrl(path, scope);
  if (!isAbsolute(url)) return checkNested(run, url, outer, node, path);
  const plain = url.split('|')[0] ?? url;
  if (plain !== url) {
    run.issues.add(path, {
      code: 'extension-version',
      type: 'value',
      message: 'The url of an extension carries no version; remove the part from "|" on.',
      node,
    });
  }
  const root = run.registry.profile(plain);
  if (root === undefined || root.name !== 'Extension') {
    reportUnknown(run, plain, isModifier, node, path);
    return false;
  }
  checkModifier(run, root, plain, isModifier, node, path);
  const fault = contextFault(run, run.registry.source(plain), path, scope);
  if (fault !== undefined) run.issues.add(path, { code: 'extension-context', type: 'extension', message: fault, node });
  walk(run, value, root, path, scope);
  return true;
}

/** The url of the extension that this one stands in; undefined for those that stand on elements. */
function enclosingUrl(path: Path, scope: Scope): string | undefined {
  const parent = path.parent;
  if (parent === undefined || (parent.name !== 'extension' && parent.name !== 'modifierExtension')) return undefined;
  return text(own(valueAt(parent, scope), 'url')) ?? '';
}

/** Parts of a complex extension have relative urls, which only the outer definition can know. */
function checkNested(run: Run, url: string, outer: string | undefined, node: ElementNode, path: Path): boolean {
  if (outer === undefined) {
    run.issues.add(path, {
      code: 'extension-url',
      type: 'value',
      message: 'The url of an extension must be absolute, such as https://example.org/fhir/StructureDefinition/name.',
      node,
    });
    return false;
  }
  const definition = isAbsolute(outer) ? run.registry.profile(outer) : undefined;
  const inner = node.sliceName === undefined && node.slices.length > 0 ? node : undefined;
  const parts = definition === undefined ? inner : run.registry.children(definition).get('extension');
  const isDefined = parts?.slices.some((slice) => run.registry.children(slice).get('url')?.expected[0]?.value === url);
  if (parts !== undefined && isDefined === false) {
    run.issues.add(path, {
      code: 'extension-part',
      type: 'extension',
      message: `${outer} defines no part ${shownToken(url)}; its parts are ${partNames(run, parts).join(', ')}. Correct its url or remove it.`,
      node,
    });
  }
  return false;
}

function partNames(run: Run, parts: ElementNode): readonly string[] {
  return parts.slices.map((slice) =>
    String(run.registry.children(slice).get('url')?.expected[0]?.value ?? slice.sliceName),
  );
}

function reportUnknown(run: Run, url: string, isModifier: boolean, node: ElementNode, path: Path): void {
  const shown = url.slice(0, 256);
  if (isModifier) {
    run.issues.add(path, {
      code: 'modifier-extension-unknown',
      type: 'extension',
      message: `The modifier extension ${shown} is not known here; it may change the meaning of what it stands on, so it cannot be ignored.`,
      node,
    });
    return;
  }
  // HL7 publishes extensions of its own outside of R4, which those who only have R4 cannot know.
  const severity = url.startsWith('http://hl7.org/fhir/')
    ? 'information'
    : (run.options.unknownExtension ?? 'information');
  run.issues.add(path, {
    severity,
    code: 'extension-unknown',
    type: 'extension',
    message: `The extension ${shown} is not known here; its content was not checked.`,
    node,
  });
}

function checkModifier(
  run: Run,
  root: ElementNode,
  url: string,
  isModifier: boolean,
  node: ElementNode,
  path: Path,
): void {
  if (root.isModifier === isModifier) return;
  const message = root.isModifier
    ? `${url} changes the meaning of what it stands on; put it under modifierExtension.`
    : `${url} is not a modifier; put it under extension.`;
  run.issues.add(path, { code: 'extension-modifier', type: 'extension', message, node });
}
