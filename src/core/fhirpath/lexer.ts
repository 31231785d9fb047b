import { FhirPathError } from './expression.ts';

export type TokenKind =
  | 'word'
  | 'name'
  | 'string'
  | 'number'
  | 'date'
  | 'variable'
  | 'special'
  | 'symbol'
  | 'unknown'
  | 'end';

/** One token. `value` is unescaped; `start` and `end` are offsets into the text. */
export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const symbols2 = new Set(['<=', '>=', '!=', '!~']);
const symbols1 = '()[]{}.,+-*/&|<>=~';
const escapes: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '`': '`',
  '\\': '\\',
  '/': '/',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const datePattern =
  /@(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?)?(?:Z|[+-]\d\d:\d\d)?)/y;
const wordPattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const numberPattern = /\d+(?:\.\d+)?/y;
/** `%vs-name` and `%ext-name` may stand without quotes in older FHIR texts; other names are plain identifiers. */
const variablePattern = /(?:vs|ext)-[A-Za-z0-9-]+|[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * The token at or after an offset, white space and comments skipped.
 *
 * @returns Kind `unknown` for a character that FHIRPath has no use for, `end` after the last token.
 * @throws FhirPathError for a string, comment or escape that is not finished.
 * @see http://hl7.org/fhirpath/N1/#lexical-elements
 */
export function nextToken(text: string, offset: number): Token {
  const start = skipSpace(text, offset);
  if (start >= text.length) return { kind: 'end', value: '', start, end: start };
  const char = text.charAt(start);
  // HL7's validator takes double quotes for strings too, and profiles in the field use them.
  if (char === "'" || char === '"') return quoted(text, start, char, 'string');
  if (char === '`') return quoted(text, start, '`', 'name');
  if (char === '@') return matched(text, start, datePattern, 'date', 1);
  if (char === '%') return variable(text, start);
  if (char === '$') return matchedAfter(text, start, wordPattern, 'special');
  if (char >= '0' && char <= '9') return matched(text, start, numberPattern, 'number', 0);
  if (/[A-Za-z_]/.test(char)) return matched(text, start, wordPattern, 'word', 0);
  return symbol(text, start);
}

function skipSpace(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char === 32 || (char >= 9 && char <= 13) || char === 0xa0) {
      at++;
    } else if (char === 47 && text[at + 1] === '/') {
      while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
    } else if (char === 47 && text[at + 1] === '*') {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) throw new FhirPathError('This comment is never closed with */.', text, at);
      at = close + 2;
    } else {
      return at;
    }
  }
}

function symbol(text: string, start: number): Token {
  const two = text.slice(start, start + 2);
  // "->" belongs to the mapping language around an expression, never to FHIRPath.
  if (two === '->') return { kind: 'unknown', value: two, start, end: start + 2 };
  if (symbols2.has(two)) return { kind: 'symbol', value: two, start, end: start + 2 };
  const one = text.charAt(start);
  return { kind: symbols1.includes(one) ? 'symbol' : 'unknown', value: one, start, end: start + 1 };
}

function matched(text: string, start: number, pattern: RegExp, kind: TokenKind, drop: number): Token {
  pattern.lastIndex = start;
  const found = pattern.exec(text)?.[0];
  if (found === undefined) return { kind: 'unknown', value: text.charAt(start), start, end: start + 1 };
  return { kind, value: found.slice(drop), start, end: start + found.length };
}

function matchedAfter(text: string, start: number, pattern: RegExp, kind: TokenKind): Token {
  const rest = matched(text, start + 1, pattern, kind, 0);
  if (rest.kind === 'unknown') return { ...rest, start };
  return { kind, value: rest.value, start, end: rest.end };
}

function variable(text: string, start: number): Token {
  const next = text.charAt(start + 1);
  if (next === '`' || next === "'" || next === '"') return { ...quoted(text, start + 1, next, 'variable'), start };
  return matchedAfter(text, start, variablePattern, 'variable');
}

function quoted(text: string, start: number, quote: string, kind: TokenKind): Token {
  let value = '';
  let at = start + 1;
  for (;;) {
    if (at >= text.length) throw new FhirPathError(`This text is never closed with ${quote}.`, text, start);
    const char = text.charAt(at);
    if (char === quote) return { kind, value, start, end: at + 1 };
    if (char === '\\') {
      value += unescaped(text, at);
      at += text[at + 1] === 'u' ? 6 : 2;
    } else {
      value += char;
      at++;
    }
  }
}

function unescaped(text: string, at: number): string {
  const char = text.charAt(at + 1);
  if (char === 'u') {
    const digits = text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new FhirPathError('\\u needs four hexadecimal digits.', text, at);
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const plain = escapes[char];
  if (plain !== undefined) return plain;
  // HL7's own invariants contain '\_' and the like; their validator keeps the character.
  if (char === '') throw new FhirPathError('A backslash stands at the end.', text, at);
  return `\\${char}`;
}
