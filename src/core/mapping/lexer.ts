import type { Problems } from './problems.ts';
import type { Span } from './syntax.ts';

export type TokenKind = 'name' | 'quoted-name' | 'string' | 'number' | 'date' | 'symbol' | 'metadata' | 'end';

/** One token. `text` is as written; `value` is the decoded content of strings, quoted names and metadata lines. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value: string;
  readonly span: Span;
}

const symbols = ['->', '<<', '>>', '..', '<=', '>=', '!=', '!~', '==', '<-', '>-'];
const namePattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const numberPattern = /\d+(?:\.\d+)?/y;
const datePattern = /@(?:T\d[\d:.]*|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d[\d:.]*(?:Z|[+-]\d\d:\d\d)?)?)?)/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

/**
 * Tokens of mapping-language text, with FHIRPath's own, so that embedded expressions need no second pass.
 * A character that belongs to nothing is reported and skipped. The last token is always `end`.
 *
 * @see http://hl7.org/fhir/R5/mapping-language.html#grammar
 */
export function tokens(text: string, problems: Problems): readonly Token[] {
  return new Lexer(text, problems).all();
}

class Lexer {
  private readonly text: string;
  private readonly problems: Problems;
  private readonly lineStarts: number[] = [0];
  private readonly found: Token[] = [];
  private at = 0;

  constructor(text: string, problems: Problems) {
    this.text = text;
    this.problems = problems;
    for (let i = 0; i < text.length; i++) if (text[i] === '\n') this.lineStarts.push(i + 1);
    if (text.charCodeAt(0) === 0xfeff) this.at = 1;
  }

  all(): readonly Token[] {
    while (this.skipBlank()) this.next();
    this.push('end', this.at, '');
    return this.found;
  }

  private span(offset: number, length: number): Span {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, length, line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }

  private push(kind: TokenKind, from: number, value: string): void {
    const text = this.text.slice(from, this.at);
    this.found.push({ kind, text, value, span: this.span(from, this.at - from) });
  }

  /** Passes white space and comments; false at the end of the text. `///` lines are metadata only before the rest. */
  private skipBlank(): boolean {
    const { text } = this;
    while (this.at < text.length) {
      if (/\s/.test(text[this.at] ?? '')) this.at++;
      else if (text.startsWith('///', this.at) && this.found.every((token) => token.kind === 'metadata')) return true;
      else if (text.startsWith('//', this.at)) this.at = this.lineEnd(this.at);
      else if (text.startsWith('/*', this.at)) this.skipBlockComment();
      else return true;
    }
    return false;
  }

  private skipBlockComment(): void {
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0) this.problems.error('mapping-syntax', this.span(this.at, 2), 'This comment has no end: add "*/".');
    this.at = end < 0 ? this.text.length : end + 2;
  }

  private lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end < 0 ? this.text.length : end;
  }

  private next(): void {
    const from = this.at;
    const c = this.text[from] ?? '';
    if (this.text.startsWith('///', from)) this.metadata();
    else if (c === "'" || c === '"') this.quoted(c, 'string');
    else if (c === '`') this.quoted(c, 'quoted-name');
    else if (
      !this.match(namePattern, 'name') &&
      !this.match(numberPattern, 'number') &&
      !this.match(datePattern, 'date')
    )
      this.symbol(c);
  }

  private match(pattern: RegExp, kind: TokenKind): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    const from = this.at;
    this.at += found[0].length;
    this.push(kind, from, found[0]);
    return true;
  }

  private symbol(c: string): void {
    const from = this.at;
    const two = symbols.find((symbol) => this.text.startsWith(symbol, from));
    this.at += two === undefined ? 1 : 2;
    if (two !== undefined || '{}()[],;:.=-+*/<>~|&%$!'.includes(c)) {
      this.push('symbol', from, two ?? c);
      return;
    }
    this.problems.error(
      'mapping-syntax',
      this.span(from, 1),
      `The character "${c}" belongs to nothing here: remove it.`,
    );
  }

  /** `/// name = value`, where a value in three double quotes may go over several lines. */
  private metadata(): void {
    const from = this.at;
    let end = this.lineEnd(from);
    const open = this.text.slice(from, end).indexOf('"""');
    if (open >= 0) {
      const close = this.text.indexOf('"""', from + open + 3);
      if (close < 0) this.problems.error('mapping-syntax', this.span(from + open, 3), 'This text has no end: add """.');
      end = close < 0 ? this.text.length : this.lineEnd(close);
    }
    this.at = end;
    this.push('metadata', from, this.text.slice(from + 3, end).trim());
  }

  private quoted(quote: string, kind: TokenKind): void {
    const from = this.at++;
    let value = '';
    while (this.at < this.text.length && this.text[this.at] !== quote) {
      if (this.text[this.at] === '\n' && kind === 'quoted-name') break;
      value += this.text[this.at] === '\\' ? this.escape() : this.text[this.at++];
    }
    if (this.text[this.at] !== quote) {
      this.problems.error('mapping-syntax', this.span(from, 1), `This ${quote} has no partner: close the text.`);
      this.at = this.lineEnd(from);
      this.push(kind, from, this.text.slice(from + 1, this.at).trim());
      return;
    }
    this.at++;
    this.push(kind, from, value);
  }

  private escape(): string {
    const c = this.text[this.at + 1] ?? '';
    const unicode = /^u([0-9a-fA-F]{4})/.exec(this.text.slice(this.at + 1, this.at + 6));
    if (unicode !== null) {
      this.at += 6;
      return String.fromCharCode(Number.parseInt(unicode[1] ?? '', 16));
    }
    this.at += 2;
    return escapes[c] ?? c;
  }
}
