import type { ElementNode } from './element.ts';
import type { Item } from './items.ts';
import { isObject } from './json.ts';
import { checkNarrative } from './narrative.ts';
import { isValidPrimitive, primitives } from './primitive.ts';
import type { Run } from './run.ts';

/** The form of one primitive value; answers whether it can be looked at further. */
export function checkPrimitive(run: Run, item: Item, node: ElementNode): boolean {
  const { value, extra, path, type } = item;
  const check = primitives[type.code];
  if (check === undefined) return false;
  if (value === undefined) {
    if (extra !== undefined && !isObject(extra)) {
      run.issues.add(path, {
        code: 'object-expected',
        type: 'structure',
        message: `_${node.name} holds id and extensions of ${node.name}, so it must be an object.`,
        node,
      });
      return false;
    }
    if (node.mustHaveValue) {
      run.issues.add(path, {
        code: 'value-missing',
        type: 'required',
        message: `${node.name} must have a value; extensions alone are not enough.`,
        node,
      });
    }
    return true;
  }
  if (typeof value !== check.json) {
    run.issues.add(path, {
      code: 'primitive-type',
      type: 'value',
      message: `${node.name} is of type ${type.code}, which JSON writes as a ${check.json}; it is ${kindOf(value)}. It should be ${check.wants}.`,
      node,
    });
    return false;
  }
  if (!isValidPrimitive(type.code, value)) {
    run.issues.add(path, {
      code: 'primitive-format',
      type: 'value',
      message: `${node.name} is not a well-formed ${type.code}. It should be ${check.wants}.`,
      node,
    });
    return false;
  }
  if (run.options.refuseExampleUrls && type.code === 'url' && isExampleUrl(String(value))) {
    const message = `${node.name} is an address of example.org, which no real system has; give the real one.`;
    run.issues.add(path, { code: 'example-url', type: 'value', message, node });
  }
  if (type.code === 'xhtml' && typeof value === 'string') checkNarrative(run, value, node, path);
  return true;
}

/** Whether something must stand beside the value of a primitive: an extension that its profile demands. */
export function needsExtra(node: ElementNode): boolean {
  const children = [node.children?.get('id'), node.children?.get('extension')];
  return children.some(
    (child) => child !== undefined && (child.min > 0 || child.slices.some((slice) => slice.min > 0)),
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isExampleUrl(url: string): boolean {
  return /^https?:\/\/(?:[A-Za-z0-9-]{1,63}\.){0,8}example\.org(?:[/:?#]|$)/.test(url);
}
