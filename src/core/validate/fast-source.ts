/** Text of one generated function, with the constants that it refers to. */
export class Source {
  readonly #names = new Map<unknown, string>();
  readonly #lines: string[] = [];

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

  /** @throws EvalError where the platform forbids code from strings. */
  compile<T>(parameters: string): T {
    const body = `"use strict";return function(${parameters}){\n${this.#lines.join('\n')}\n}`;
    return new Function(...this.#names.values(), body)(...this.#names.keys()) as T;
  }
}

/** A string as JavaScript source. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
