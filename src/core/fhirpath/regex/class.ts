import { type CharTest, RegexError } from './tree.ts';

interface FoundClass {
  readonly test: CharTest;
  readonly end: number;
}

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0, a: 7, e: 27 };

const isDigit: CharTest = (code) => code >= 48 && code <= 57;
const isWord: CharTest = (code) =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isSpace: CharTest = (code) => code === 32 || (code >= 9 && code <= 13);
const shorthands: Readonly<Record<string, CharTest>> = { d: isDigit, w: isWord, s: isSpace };

/** Whether a code point is one that `\w` stands for. */
export function isWordCode(code: number): boolean {
  return isWord(code);
}

/** `[…]` at an offset. */
export function parseClass(source: string, start: number): FoundClass {
  let at = start + 1;
  const isNegated = source[at] === '^';
  if (isNegated) at++;
  const tests: CharTest[] = [];
  const singles = new Set<number>();
  for (let isFirst = true; ; isFirst = false) {
    if (at >= source.length)
      throw new RegexError(`The regular expression has a "[" that is never closed (at ${start}).`);
    if (source[at] === ']' && !isFirst) break;
    const shorthand = source[at] === '\\' ? classEscape(source, at) : undefined;
    if (shorthand !== undefined) {
      tests.push(shorthand.test);
      at = shorthand.end;
      continue;
    }
    const from = classCode(source, at);
    at = from.end;
    const isRange = source[at] === '-' && source[at + 1] !== ']' && at + 1 < source.length;
    if (!isRange || (source[at + 1] === '\\' && classEscape(source, at + 1) !== undefined)) {
      singles.add(from.code);
      continue;
    }
    const to = classCode(source, at + 1);
    at = to.end;
    if (to.code < from.code) throw new RegexError(`The regular expression has a range out of order (at ${start}).`);
    tests.push((code) => code >= from.code && code <= to.code);
  }
  const has: CharTest = (code) => singles.has(code) || tests.some((test) => test(code));
  return { test: isNegated ? (code) => !has(code) : has, end: at + 1 };
}

/** `\d`, `\W`, `\p{L}` and the like at a backslash; undefined for an escaped character. */
export function classEscape(source: string, start: number): FoundClass | undefined {
  const letter = source.charAt(start + 1);
  const lower = letter.toLowerCase();
  const shorthand = Object.hasOwn(shorthands, lower) ? shorthands[lower] : undefined;
  if (shorthand !== undefined) {
    return { test: letter === lower ? shorthand : (code) => !shorthand(code), end: start + 2 };
  }
  if (lower !== 'p') return undefined;
  const found = /^\\[pP]\{([A-Za-z_=]{1,40})\}/.exec(source.slice(start, start + 48));
  if (found === null) throw new RegexError(`The regular expression has an unfinished \\p (at ${start}).`);
  return { test: property(found[1] ?? '', letter === 'P', start), end: start + found[0].length };
}

/** The character that an escape at a backslash stands for. */
export function escapedCode(source: string, start: number): { readonly code: number; readonly end: number } {
  const letter = source.charAt(start + 1);
  const hex = /^\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(source.slice(start, start + 6));
  if (hex !== null) return { code: Number.parseInt(hex[1] ?? hex[2] ?? '0', 16), end: start + hex[0].length };
  const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
  if (control !== undefined) return { code: control, end: start + 2 };
  if (letter === '' || /[A-Za-z0-9]/.test(letter)) {
    throw new RegexError(`The regular expression has \\${letter}, which is not supported (at ${start}).`);
  }
  const code = source.codePointAt(start + 1) ?? 0;
  return { code, end: start + (code > 0xffff ? 3 : 2) };
}

function classCode(source: string, at: number): { readonly code: number; readonly end: number } {
  if (source[at] === '\\') {
    return source[at + 1] === 'b' ? { code: 8, end: at + 2 } : escapedCode(source, at);
  }
  const code = source.codePointAt(at) ?? 0;
  return { code, end: at + (code > 0xffff ? 2 : 1) };
}

/** The processor knows the Unicode tables; asked about one character it has nothing to backtrack over. */
function property(name: string, isNegated: boolean, at: number): CharTest {
  try {
    const pattern = new RegExp(`^\\p{${name}}$`, 'u');
    return (code) => pattern.test(String.fromCodePoint(code)) !== isNegated;
  } catch {
    throw new RegexError(`The regular expression asks for an unknown property of characters (at ${at}).`);
  }
}
