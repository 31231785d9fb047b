import type { ElementNode, TypeRule } from './element.ts';
import type { Check, FastLinks } from './fast-link.ts';
import { isObject, own, text } from './json.ts';
import { rootPath } from './path.ts';
import { checkReference, targetTypes } from './reference.ts';

const nowhere = rootPath('');

/** Relative references outside of Bundles are decided here; all others by the rule of the thorough tier. */
export function referenceTest(links: FastLinks, node: ElementNode, rule: TypeRule): Check {
  const { registry } = links.still;
  const allowed = targetTypes(links.still, rule);
  const known = new Map<string, boolean>();
  const isAllowed = (type: string) => {
    let answer = known.get(type);
    if (answer === undefined) {
      answer = allowed.length === 0 || allowed.some((code) => registry.isKind(type, code));
      if (known.size < 500) known.set(type, answer);
    }
    return answer;
  };
  return (value, scope) => {
    if (!isObject(value)) return false;
    const reference = text(own(value, 'reference'));
    const isPlain = scope.bundle === undefined && rule.aggregation.length === 0 && own(value, 'type') === undefined;
    const slash = reference?.indexOf('/') ?? -1;
    if (
      reference !== undefined &&
      isPlain &&
      slash > 0 &&
      reference.indexOf('/', slash + 1) < 0 &&
      isName(reference, slash)
    ) {
      return isAllowed(reference.slice(0, slash));
    }
    checkReference(scope.run, value, node, rule, nowhere, scope);
    return !scope.run.issues.hasFault;
  };
}

function isName(reference: string, end: number): boolean {
  for (let at = 0; at < end; at += 1) {
    const unit = reference.charCodeAt(at) | 32;
    if (unit < 97 || unit > 122) return false;
  }
  return true;
}
