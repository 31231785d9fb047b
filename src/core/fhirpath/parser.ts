import type { BinaryOperator, Node } from './ast.ts';
import { FhirPathError } from './expression.ts';
import { nextToken, type Token } from './lexer.ts';
import { dateLiteral, isUnitToken, literal, numberLiteral } from './literals.ts';
import { precedence } from './precedence.ts';

export type { Node } from './ast.ts';

export interface ParseOptions {
  /** Where the expression begins, from 0. */
  readonly start?: number;
  /** Stop before the first token that cannot continue the expression, instead of refusing it. */
  readonly stopAtUnknown?: boolean;
}

/** A tree, and the offset just after its last token. */
export interface Parsed {
  readonly node: Node;
  readonly end: number;
}

/** Nesting that is refused: the parser and the compiler walk the tree by recursion. R4's deepest invariant has 14. */
const maximalDepth = 250;

const reservedHeads = new Set(['and', 'or', 'xor', 'implies', 'div', 'mod']);

/**
 * Parse a FHIRPath expression.
 *
 * @returns The tree, and the offset just after the expression (for a language that embeds it).
 * @throws FhirPathError with the offset of the first token that does not fit.
 * @see http://hl7.org/fhirpath/N1/grammar.html
 */
export function parseFhirPath(text: string, options: ParseOptions = {}): Parsed {
  const parser = new Parser(text, options.start ?? 0, options.stopAtUnknown === true);
  const node = parser.expression(1);
  if (options.stopAtUnknown !== true) parser.expectEnd();
  return { node, end: parser.end };
}

class Parser {
  readonly text: string;
  readonly lenient: boolean;
  /** Offset after the last token taken. */
  end: number;
  private token: Token;
  private depth = 0;

  constructor(text: string, start: number, lenient: boolean) {
    this.text = text;
    this.lenient = lenient;
    this.end = start;
    this.token = this.read(start);
  }

  expression(minimum: number): Node {
    if (++this.depth > maximalDepth) this.fail(`This expression nests deeper than ${maximalDepth} levels.`);
    const outer = this.depth;
    let left = this.prefixed();
    for (;;) {
      const operator = this.binaryOperator();
      const level = operator === undefined ? 0 : (precedence.get(operator) ?? 0);
      if (operator === undefined || level < minimum) break;
      // Every repetition makes the tree one level deeper on its left.
      if (++this.depth > maximalDepth) this.fail(`This expression has more than ${maximalDepth} operators in a row.`);
      const at = this.take().start;
      if (operator === 'is' || operator === 'as') {
        left = { kind: 'type', at, operator, operand: left, type: this.typeName() };
      } else {
        left = { kind: 'binary', at, operator: operator as BinaryOperator, left, right: this.expression(level + 1) };
      }
    }
    this.depth = outer - 1;
    return left;
  }

  expectEnd(): void {
    if (this.token.kind !== 'end') this.fail(`The expression should end here, but has "${this.token.value}".`);
  }

  private prefixed(): Node {
    const { value, kind, start } = this.token;
    if (kind !== 'symbol' || (value !== '+' && value !== '-')) return this.invocations(this.term());
    if (++this.depth > maximalDepth) this.fail(`This expression nests deeper than ${maximalDepth} levels.`);
    this.take();
    return { kind: 'sign', at: start, sign: value, operand: this.prefixed() };
  }

  private invocations(term: Node): Node {
    let base = term;
    let length = 0;
    while (this.at('.') || this.at('[')) {
      if (++length > maximalDepth) this.fail(`This path has more than ${maximalDepth} steps.`);
      const at = this.take();
      if (at.value === '[') {
        const index = this.expression(1);
        this.expect(']');
        base = { kind: 'index', at: at.start, base, index };
      } else {
        base = this.invocation(base);
      }
    }
    return base;
  }

  private invocation(base: Node): Node {
    const token = this.token;
    if (token.kind === 'special') return this.special();
    if (token.kind !== 'word' && token.kind !== 'name')
      this.fail(`After "." a name should follow, not "${token.value}".`);
    this.take();
    return this.named(base, token);
  }

  private named(base: Node | undefined, token: Token): Node {
    if (!this.at('(')) return { kind: 'member', at: token.start, base, name: token.value };
    this.take();
    const list: Node[] = [];
    if (!this.at(')')) {
      list.push(this.expression(1));
      while (this.at(',')) {
        this.take();
        list.push(this.expression(1));
      }
    }
    this.expect(')');
    return { kind: 'call', at: token.start, base, name: token.value, arguments: list };
  }

  private term(): Node {
    const token = this.token;
    switch (token.kind) {
      case 'string':
        this.take();
        return literal(token, 'String', token.value);
      case 'number':
        return this.number();
      case 'date':
        return this.date();
      case 'variable':
        this.take();
        return { kind: 'variable', at: token.start, name: token.value };
      case 'special':
        return this.special();
      case 'name':
        this.take();
        return this.named(undefined, token);
      case 'word':
        return this.word();
      case 'symbol':
        return this.bracketed();
      case 'end':
        return this.fail('The expression ends where a value should stand.');
      default:
        return this.fail(`A value should stand here, not "${token.value}".`);
    }
  }

  private word(): Node {
    const token = this.token;
    if (reservedHeads.has(token.value)) this.fail(`A value should stand before the operator "${token.value}".`);
    this.take();
    if ((token.value === 'true' || token.value === 'false') && !this.at('(')) {
      return literal(token, 'Boolean', token.value === 'true');
    }
    return this.named(undefined, token);
  }

  private bracketed(): Node {
    const { value, start } = this.token;
    if (value === '(') {
      this.take();
      const inner = this.expression(1);
      this.expect(')');
      return inner;
    }
    if (value !== '{') this.fail(`A value should stand here, not "${value}".`);
    this.take();
    this.expect('}');
    return { kind: 'empty', at: start };
  }

  private number(): Node {
    const token = this.take();
    const isUnit = isUnitToken(this.token, this.text);
    return numberLiteral(token, isUnit ? this.take() : undefined, (message) => this.failAt(message, token.start));
  }

  private date(): Node {
    const token = this.take();
    return dateLiteral(token, (message) => this.failAt(message, token.start));
  }

  private special(): Node {
    const token = this.take();
    const name = `$${token.value}`;
    if (name === '$this' || name === '$index' || name === '$total') return { kind: 'special', at: token.start, name };
    return this.failAt(`"${name}" is unknown; there are $this, $index and $total.`, token.start);
  }

  private typeName(): string {
    const wrapped = this.at('(');
    if (wrapped) this.take();
    let name = this.identifier();
    while (this.at('.')) {
      this.take();
      name += `.${this.identifier()}`;
    }
    if (wrapped) this.expect(')');
    return name;
  }

  private identifier(): string {
    const token = this.token;
    if (token.kind !== 'word' && token.kind !== 'name') this.fail(`A type should stand here, not "${token.value}".`);
    return this.take().value;
  }

  private binaryOperator(): string | undefined {
    const { kind, value } = this.token;
    return (kind === 'symbol' || kind === 'word') && precedence.has(value) ? value : undefined;
  }

  private at(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.value === symbol;
  }

  private expect(symbol: string): void {
    if (!this.at(symbol)) {
      this.fail(
        this.token.kind === 'end'
          ? `"${symbol}" is missing at the end.`
          : `"${symbol}" should stand here, not "${this.token.value}".`,
      );
    }
    this.take();
  }

  private take(): Token {
    const taken = this.token;
    this.end = taken.end;
    this.token = this.read(taken.end);
    return taken;
  }

  private read(offset: number): Token {
    if (!this.lenient) return nextToken(this.text, offset);
    try {
      return nextToken(this.text, offset);
    } catch (error) {
      // What follows an embedded expression need not be FHIRPath; if it had to be, the parser refuses it.
      if (!(error instanceof FhirPathError)) throw error;
      return { kind: 'unknown', value: error.message, start: offset, end: offset };
    }
  }

  private fail(message: string): never {
    return this.failAt(message, this.token.start);
  }

  private failAt(message: string, at: number): never {
    throw new FhirPathError(`${message} (offset ${at} of: ${this.text.slice(0, 200)})`, this.text, at);
  }
}
