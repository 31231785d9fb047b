import { classEscape, escapedCode, parseClass } from './class.ts';
import { type CharTest, RegexError, type RegexNode } from './tree.ts';

/** Nesting of groups that is refused: the parser walks it by recursion. */
const maximalDepth = 100;
/** Repetition counts above this are refused; R4's largest is 254. */
const maximalCount = 1_000;

/** A parsed pattern; `names` gives the numbers of named groups. */
export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groupCount: number;
  readonly names: ReadonlyMap<string, number>;
}

/**
 * Parse the common part of the dialects of Java, JavaScript and XML Schema: classes, quantifiers (also lazy), alternation,
 * groups (also named), `^ $ \b \B`, `\d \w \s`, `\p{…}`.
 *
 * @throws RegexError for what is malformed, and for back references, look-around and possessive quantifiers.
 */
export function parseRegex(source: string): ParsedRegex {
  const parser = new RegexParser(source);
  const root = parser.choice();
  if (parser.at < source.length) throw new RegexError(`The regular expression has a ")" without "(" at ${parser.at}.`);
  return { root, groupCount: parser.groupCount, names: parser.names };
}

class RegexParser {
  readonly source: string;
  readonly names = new Map<string, number>();
  at = 0;
  groupCount = 0;
  private depth = 0;
  private ignoresCase = false;

  constructor(source: string) {
    this.source = source;
    const flags = /^\(\?([ism]+)\)/.exec(source);
    if (flags === null) return;
    if (flags[1]?.includes('m')) this.fail('has the flag "m", which is not supported');
    this.ignoresCase = flags[1]?.includes('i') === true;
    this.at = flags[0].length;
  }

  choice(): RegexNode {
    if (++this.depth > maximalDepth) this.fail(`nests deeper than ${maximalDepth} groups`);
    const options = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at++;
      options.push(this.sequence());
    }
    this.depth--;
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.at < this.source.length && this.source[this.at] !== '|' && this.source[this.at] !== ')') {
      parts.push(this.quantified(this.atom()));
    }
    return { kind: 'sequence', parts };
  }

  private quantified(body: RegexNode): RegexNode {
    const bounds = this.bounds();
    if (bounds === undefined) return body;
    if (body.kind === 'assert') this.fail('repeats an anchor');
    const next = this.source[this.at];
    if (next === '+') this.fail('has a possessive quantifier, which is not supported');
    const lazy = next === '?';
    if (lazy) this.at++;
    if (/^[*+?]/.test(this.source.slice(this.at))) this.fail('has two quantifiers in a row');
    return { kind: 'repeat', body, minimum: bounds[0], maximum: bounds[1], lazy };
  }

  private bounds(): readonly [number, number] | undefined {
    const char = this.source[this.at];
    if (char === '*' || char === '+' || char === '?') {
      this.at++;
      return char === '*' ? [0, Number.POSITIVE_INFINITY] : char === '+' ? [1, Number.POSITIVE_INFINITY] : [0, 1];
    }
    const found =
      char === '{' ? /^\{(\d{1,9})(?:(,)(\d{0,9}))?\}/.exec(this.source.slice(this.at, this.at + 24)) : null;
    if (found === null) return undefined;
    this.at += found[0].length;
    const minimum = Number(found[1]);
    const maximum = found[2] === undefined ? minimum : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (maximum < minimum) this.fail('has a quantifier whose maximum is below its minimum');
    if (minimum > maximalCount || (maximum !== Number.POSITIVE_INFINITY && maximum > maximalCount)) {
      this.fail(`repeats more than ${maximalCount} times`);
    }
    return [minimum, maximum];
  }

  private atom(): RegexNode {
    const char = this.source.charAt(this.at);
    switch (char) {
      case '(':
        return this.group();
      case '[': {
        const found = parseClass(this.source, this.at);
        this.at = found.end;
        return this.char(found.test);
      }
      case '.':
        this.at++;
        // "Single line" mode of the specification: the point stands for line ends too.
        return this.char(() => true);
      case '^':
        this.at++;
        return { kind: 'assert', what: 'start' };
      case '$':
        this.at++;
        return { kind: 'assert', what: 'end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        return this.fail('has a quantifier with nothing before it');
      default:
        return this.literal();
    }
  }

  private literal(): RegexNode {
    const code = this.source.codePointAt(this.at) ?? 0;
    this.at += code > 0xffff ? 2 : 1;
    return this.char((other) => other === code);
  }

  private escape(): RegexNode {
    const next = this.source.charAt(this.at + 1);
    if (next === '') this.fail('ends with a backslash');
    if (next === 'b' || next === 'B') {
      this.at += 2;
      return { kind: 'assert', what: next === 'b' ? 'boundary' : 'noBoundary' };
    }
    if (/[1-9k]/.test(next)) this.fail('has a back reference, which is not supported');
    const shorthand = classEscape(this.source, this.at);
    if (shorthand !== undefined) {
      this.at = shorthand.end;
      return this.char(shorthand.test);
    }
    const found = escapedCode(this.source, this.at);
    this.at = found.end;
    return this.char((code) => code === found.code);
  }

  private group(): RegexNode {
    const rest = this.source.slice(this.at, this.at + 64);
    const named = /^\(\?P?<([A-Za-z][A-Za-z0-9_]*)>/.exec(rest);
    let index = -1;
    if (named !== null) {
      index = ++this.groupCount;
      this.names.set(named[1] ?? '', index);
      this.at += named[0].length;
    } else if (rest.startsWith('(?:')) {
      this.at += 3;
    } else if (rest.startsWith('(?')) {
      this.fail('has look-around or flags inside, which are not supported');
    } else {
      index = ++this.groupCount;
      this.at++;
    }
    const body = this.choice();
    if (this.source[this.at] !== ')') this.fail('has a "(" that is never closed');
    this.at++;
    return index < 0 ? body : { kind: 'group', body, index };
  }

  private char(test: CharTest): RegexNode {
    if (!this.ignoresCase) return { kind: 'char', test };
    return { kind: 'char', test: (code) => test(code) || caseVariants(code).some(test) };
  }

  private fail(problem: string): never {
    throw new RegexError(`The regular expression ${problem} (at ${this.at}).`);
  }
}

function caseVariants(code: number): readonly number[] {
  const text = String.fromCodePoint(code);
  return [text.toLowerCase(), text.toUpperCase()].map((variant) => variant.codePointAt(0) ?? code);
}
