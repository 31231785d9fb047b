import type { ElementNode, TypeRule } from './element.ts';
import type { FastLinks, FastScope } from './fast-link.ts';
import { quote, type Source } from './fast-source.ts';
import { isObject, own, text } from './json.ts';
import { rootPath } from './path.ts';
import { checkReference, targetTypes } from './reference.ts';

const nowhere = rootPath('');

/**
 * Name of a function `(value, scope)` that tells whether a reference surely is right. `Patient/1`, relative and outside
 * of Bundles, is told by its first letters; all others by the rule of the thorough tier.
 */
export function referenceTest(links: FastLinks, source: Source, node: ElementNode, rule: TypeRule): string {
  const slow = source.constant(slowTest(links, node, rule));
  const allowed = targetTypes(links.still, rule);
  return source.helper('v,s', (frame) => {
    const reference = frame.variable();
    const isPlain = `typeof ${reference}==="string"&&s.bundle===undefined&&v.type===undefined`;
    const cases = rule.aggregation.length === 0 ? byLetter(allowed, reference) : '';
    return `${reference}=v.reference;if(${isPlain})${cases === '' ? '' : `switch(${reference}.charCodeAt(0)){${cases}}`};return ${slow}(v,s);`;
  });
}

/** One number tells most types apart, and only those that begin alike are compared. */
function byLetter(allowed: readonly string[], reference: string): string {
  const letters = new Map<number, string[]>();
  for (const type of new Set(allowed)) {
    if (!/^[A-Za-z]{1,64}$/.test(type)) continue;
    const letter = type.charCodeAt(0);
    letters.set(letter, [...(letters.get(letter) ?? []), type]);
  }
  const test = (type: string) =>
    `(${reference}.startsWith(${quote(`${type}/`)})&&${reference}.indexOf("/",${type.length + 1})<0)`;
  return [...letters]
    .map(([letter, types]) => `case ${letter}:if(${types.map(test).join('||')})return true;break;`)
    .join('');
}

function slowTest(links: FastLinks, node: ElementNode, rule: TypeRule): (value: unknown, scope: FastScope) => boolean {
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
