import type { Token } from './lexer.ts';
import { type Problems, suggestion } from './problems.ts';
import type { ExpressionSyntax, NamedSpan, Span } from './syntax.ts';

/** After these words of FHIRPath an expression goes on. */
const operators = new Set(['and', 'or', 'xor', 'implies', 'div', 'mod', 'in', 'contains', 'is', 'as']);

/** Thrown inside the parser only, after the problem was reported: whoever can recover catches it. */
export class SyntaxStop extends Error {}

/** A position in the tokens of one file, with what every part of the parser asks of it. */
export class Cursor {
  readonly text: string;
  readonly problems: Problems;
  private readonly all: readonly Token[];
  private at = 0;

  constructor(text: string, all: readonly Token[], problems: Problems) {
    this.text = text;
    this.all = all;
    this.problems = problems;
  }

  peek(ahead = 0): Token {
    const token = this.all[Math.min(this.at + ahead, this.all.length - 1)];
    if (token === undefined) throw new SyntaxStop('no tokens');
    return token;
  }

  /** The place just after the token that was taken last: where something is missing. */
  get after(): Span {
    const { span } = this.all[this.at - 1] ?? this.peek();
    return { offset: span.offset + span.length, length: 1, line: span.line, column: span.column + span.length };
  }

  /**
   * Whether a new rule begins here although the one before was not ended: on a line of its own stands a path, and what
   * can follow the source of a rule.
   */
  startsRule(): boolean {
    const before = this.all[this.at - 1];
    if (before === undefined || this.peek().kind !== 'name' || before.span.line === this.peek().span.line) return false;
    if (before.kind === 'symbol' ? !')]}'.includes(before.text) : operators.has(before.text)) return false;
    let ahead = 1;
    while (this.is('.', ahead) && this.peek(ahead + 1).kind === 'name') ahead += 2;
    return ['->', 'as', ':', 'then', 'where', 'default', 'check', 'log'].some((text) => this.is(text, ahead));
  }

  /** Whether one of some words begins a line here. */
  startsLine(words: readonly string[]): boolean {
    return words.some((word) => this.is(word)) && this.all[this.at - 1]?.span.line !== this.peek().span.line;
  }

  /** Offset just after the token that was taken last. */
  get lastEnd(): number {
    const last = this.all[this.at - 1];
    return last === undefined ? 0 : last.span.offset + last.span.length;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the next token is this word or sign (texts in quotes are never words). */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'name' || token.kind === 'symbol');
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string, where: string): Token {
    if (this.is(text)) return this.take();
    return this.fail(`${where} needs "${text}" here, not ${shown(this.peek())}.`);
  }

  fail(message: string, span: Span = this.peek().span): never {
    this.problems.error('mapping-syntax', span, message);
    throw new SyntaxStop(message);
  }

  /** A name, also one in backticks. */
  name(what: string): NamedSpan {
    const token = this.peek();
    if (token.kind !== 'name' && token.kind !== 'quoted-name')
      return this.fail(`${what} needs a name here, not ${shown(token)}.`);
    this.at++;
    return { name: token.value, span: token.span };
  }

  /** A text in quotes. */
  string(what: string): NamedSpan {
    const token = this.peek();
    if (token.kind !== 'string') return this.fail(`${what} needs a text in quotes here, not ${shown(token)}.`);
    this.at++;
    return { name: token.value, span: token.span };
  }

  /** One of some words, with a suggestion for a near miss. */
  oneOf<T extends string>(words: readonly T[], what: string): T {
    const token = this.peek();
    const word = words.find((candidate) => candidate === token.text);
    if (word === undefined)
      return this.fail(`${what} is one of ${words.join(', ')}, not ${shown(token)}.${suggestion(token.text, words)}`);
    this.at++;
    return word;
  }

  /** `a.b.c`. After a dot maps of before 2021 write names that are words of the language in double quotes. */
  path(what: string): readonly NamedSpan[] {
    const path = [this.name(what)];
    while (this.accept('.')) path.push(this.peek().text.startsWith('"') ? this.string(what) : this.name(what));
    return path;
  }

  /** Tokens up to (not including) a token outside brackets for which `ends` holds, as one FHIRPath text. */
  expressionUntil(ends: (cursor: Cursor) => boolean, what: string): ExpressionSyntax {
    const first = this.peek();
    let last = first;
    let depth = 0;
    while (this.peek().kind !== 'end' && !(depth === 0 && (ends(this) || this.startsRule()))) {
      if (this.is('(') || this.is('[') || this.is('{')) depth++;
      if (this.is(')') || this.is(']') || this.is('}')) depth--;
      if (depth < 0 || (depth === 0 && this.is(';'))) break;
      last = this.take();
    }
    if (this.peek() === first) return this.fail(`${what} needs a FHIRPath expression here, not ${shown(first)}.`);
    const length = last.span.offset + last.span.length - first.span.offset;
    return { text: this.text.slice(first.span.offset, first.span.offset + length), span: { ...first.span, length } };
  }

  /** `( expression )`, without the brackets. */
  bracketed(what: string): ExpressionSyntax {
    this.expect('(', what);
    const expression = this.expressionUntil((cursor) => cursor.is(')'), what);
    this.expect(')', what);
    return expression;
  }

  /** What `test` says of the cursor `ahead` tokens from here. */
  lookAhead(ahead: number, test: (cursor: Cursor) => boolean): boolean {
    const from = this.at;
    this.at = Math.min(from + ahead, this.all.length - 1);
    const answer = test(this);
    this.at = from;
    return answer;
  }

  /** Skips to just after the `;` that ends a broken rule, or to the `}` that closes its group. */
  skipRule(): void {
    let depth = 0;
    while (this.peek().kind !== 'end') {
      if (depth === 0 && (this.is('}') || (this.is('group') && this.peek(1).kind === 'name' && this.is('(', 2))))
        return;
      const token = this.take();
      if (token.kind !== 'symbol') continue;
      if (token.text === '{') depth++;
      if (token.text === '}') depth--;
      if (token.text === ';' && depth <= 0) return;
    }
  }

  /** Skips to the next declaration that can begin at the top of a file. */
  skipTo(words: readonly string[]): void {
    this.take();
    while (this.peek().kind !== 'end' && !words.some((word) => this.is(word))) this.take();
  }
}

/** A token as an error shows it. */
export function shown(token: Token): string {
  return token.kind === 'end' ? 'the end of the file' : `"${token.text.slice(0, 40)}"`;
}
