/**
 * Text of one generated function, with the helpers beside it and the constants that it refers to.
 *
 * Names in generated code: `v` the value, `s` the scope (`FastScope`), `d` how deep the value is and `e` how deep what it
 * contains is; `k0`… constants, `f0`… helpers, `t1`… variables of a helper, `r0`… counters of children.
 */
export class Source {
  readonly #names = new Map<unknown, string>();
  readonly #lines: string[] = [];
  readonly #helpers: string[] = [];

  /** The name under which the code sees a value; values never become text, so nothing in a definition can become code. */
  constant(value: unknown): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `k${this.#names.size}`;
      this.#names.set(value, name);
    }
    return name;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /**
   * A function beside the main one; answers its name. Each is its own code, so that the platform learns for each which
   * objects it meets: closures made from one text share what was learnt, and with it the slowest way to read a property.
   */
  helper(parameters: string, write: (frame: Frame) => string): string {
    const frame = new Frame(this);
    const body = write(frame);
    const name = `f${this.#helpers.length}`;
    this.#helpers.push(`const ${name}=(function(${parameters}){${frame.declaration()}${body}});`);
    return name;
  }

  /** @throws EvalError where the platform forbids code from strings. */
  compile<T>(parameters: string): T {
    const body = `"use strict";${this.#helpers.join('\n')}return(function(${parameters}){\n${this.#lines.join('\n')}\n})`;
    return new Function(...this.#names.values(), body)(...this.#names.keys()) as T;
  }
}

/** A function that is being written: what is inside may ask for variables. */
export class Frame {
  readonly source: Source;
  #variables = 0;

  constructor(source: Source) {
    this.source = source;
  }

  /** The name of a new variable of the function. */
  variable(): string {
    this.#variables += 1;
    return `t${this.#variables}`;
  }

  declaration(): string {
    const names = Array.from({ length: this.#variables }, (_, at) => `t${at + 1}`);
    return names.length === 0 ? '' : `let ${names.join(',')};`;
  }
}

/** A text, number or boolean as JavaScript source. */
export function quote(value: string | number | boolean): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** How a property is read: names of elements are plain, others are quoted. */
export function dot(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) ? `.${name}` : `[${quote(name)}]`;
}
