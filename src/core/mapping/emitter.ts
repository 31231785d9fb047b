import type { Variable } from './plan.ts';
import { isDynamic } from './session.ts';

/**
 * Collects JavaScript. Texts of a mapping's author enter it only through `text` (a JSON string) or as constants that
 * the code reaches by number: a mapping is configuration, and no part of it is ever run as code.
 */
export class Emitter {
  readonly lines: string[] = [];
  readonly constants: unknown[] = [];
  private readonly numbers = new Map<unknown, number>();
  /** Functions of simple expressions, by name. */
  readonly scripts = new Map<string, string>();
  private count = 0;
  private declared: string[] = [];

  line(code: string): void {
    this.lines.push(code);
  }

  /** A name that is used nowhere else. */
  fresh(prefix: string): string {
    this.count++;
    return `${prefix}${this.count}`;
  }

  /** A variable of the function that is being written. */
  declare(name: string): void {
    this.declared.push(name);
  }

  /** The variables that were declared since the last call, to be put before the function's lines. */
  takeDeclared(): string {
    const names = this.declared;
    this.declared = [];
    return names.length === 0 ? '' : `let ${names.join(', ')};`;
  }

  /** A value that the code may use, by number. */
  constant(value: unknown): string {
    let at = this.numbers.get(value);
    if (at === undefined) {
      at = this.constants.push(value) - 1;
      this.numbers.set(value, at);
    }
    return `K[${at}]`;
  }
}

/** An author's text as a JavaScript literal. U+2028 and U+2029 end lines in old engines, so they are escaped too. */
export function text(value: string | number | boolean): string {
  return JSON.stringify(value)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}

/** The variable's value: for a cell what it holds. */
export function valueCode(variable: Variable): string {
  return variable.form === 'cell' ? `v${variable.slot}.value` : `v${variable.slot}`;
}

/** The variable's type: a constant where it is settled, otherwise a variable of its own. */
export function typeCode(variable: Variable): string {
  if (isDynamic(variable)) return `t${variable.slot}`;
  const [type] = variable.types;
  return type === undefined ? 'undefined' : text(type.name);
}
