import { isAbsolute } from './absolute-url.ts';
import type { ElementNode, TypeRule } from './element.ts';
import type { FastLinks, FastScope } from './fast-link.ts';
import { quote, type Source } from './fast-source.ts';
import { isObject } from './json.ts';
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
  const types = new Set(allowed);
  return (value, scope) => {
    if (!isObject(value)) return false;
    const { reference, type } = value;
    const isPlain = scope.bundle === undefined && rule.aggregation.length === 0 && type === undefined;
    if (isPlain && typeof reference === 'string') {
      const slash = reference.indexOf('/');
      if (isTypeName(reference, slash) && reference.indexOf('/', slash + 1) < 0)
        return isAllowed(reference.slice(0, slash));
      if (isAbsolute(reference) && (allowed.length === 0 || types.has(typeAtEnd(reference)))) return true;
    }
    checkReference(scope.run, value, node, rule, nowhere, scope);
    return !scope.run.issues.hasFault;
  };
}

/** Whether a text begins with letters, the first of them a capital, up to a place. */
function isTypeName(reference: string, end: number): boolean {
  for (let at = 0; at < end; at += 1) {
    const unit = reference.charCodeAt(at);
    const isCapital = unit >= 65 && unit <= 90;
    if (!isCapital && (at === 0 || unit < 97 || unit > 122)) return false;
  }
  return end > 0;
}

/** `Patient` of `https://server/Patient/1`: the last step but one. */
function typeAtEnd(reference: string): string {
  const end = reference.lastIndexOf('/');
  return reference.slice(reference.lastIndexOf('/', end - 1) + 1, end);
}
