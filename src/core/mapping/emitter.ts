import type { SharedReads } from './compile-reads.ts';
import type { TraceBook, Trail } from './compile-trace.ts';
import type { TypeModel } from './models.ts';
import type { Variable } from './plan.ts';
import { isDynamic } from './session.ts';

/**
 * Collects JavaScript. Texts of a mapping's author enter it only through `text` (a JSON string) or as constants that
 * the code reaches by number: a mapping is configuration, and no part of it is ever run as code.
 */
export class Emitter {
  readonly lines: string[] = [];
  readonly constants: unknown[] = [];
  /** Numbers of marks in the traced form; undefined for the plain form, which writes nothing down. */
  readonly book: TraceBook | undefined;
  /** Functions of simple expressions, by name. */
  readonly scripts = new Map<string, string>();
  /** Where the values of source variables stand, by slot, for the traced form. */
  readonly trails = new Map<number, Trail>();
  /** Names that are declared only where they are used. */
  readonly used = new Set<string>();
  /** What is known of a group's variables, by slot: that they have a value; that it is an object; who are its parameters. */
  readonly present = new Set<number>();
  readonly sure = new Set<number>();
  readonly parameters = new Set<number>();
  /** Reads that are shared, by the slot of what is read from. */
  readonly reads = new Map<number, SharedReads>();
  /** The slots that other names of the same thing stand for. */
  readonly roots = new Map<number, number>();
  private readonly inputs: ReadonlySet<Variable>;
  private readonly numbers = new Map<unknown, number>();
  private readonly makers = new Map<string, string>();
  private count = 0;
  private declared: string[] = [];

  constructor(book: TraceBook | undefined, inputs: ReadonlySet<Variable>) {
    this.book = book;
    this.inputs = inputs;
  }

  /** Forgets the variables of the group that was written before. */
  startGroup(): void {
    const { trails, used, present, sure, parameters, reads, roots } = this;
    for (const known of [trails, used, present, sure, parameters, reads, roots]) known.clear();
  }

  line(code: string): void {
    this.lines.push(code);
  }

  /** Keeps a line free; what is given to the result stands there. */
  reserve(): (code: string) => void {
    const at = this.lines.push('') - 1;
    return (code) => {
      this.lines[at] = code;
    };
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
    return `K${at}`;
  }

  /** Code of a test that a variable has a value; empty where that is known. */
  presentTest(variable: Variable): string {
    if (this.present.has(variable.slot)) return '';
    if (!this.parameters.has(variable.slot)) return `v${variable.slot} !== undefined && v${variable.slot} !== null`;
    this.used.add(`A${variable.slot}`);
    return `A${variable.slot}`;
  }

  /** Code of a test that a variable that has a value holds an object; empty where that is known. */
  objectTest(variable: Variable): string {
    if (this.sure.has(variable.slot)) return '';
    const root = this.rootOf(variable);
    if (!this.parameters.has(root)) return `H.isObject(v${variable.slot})`;
    this.used.add(`B${root}`);
    return `B${root}`;
  }

  /** The slot of the variable that this one is another name of. */
  rootOf({ slot }: Variable): number {
    return this.roots.get(slot) ?? slot;
  }

  /** Whether a variable holds part of an input, which stays as it is during a run. */
  isInput(variable: Variable): boolean {
    return this.inputs.has(variable);
  }

  /**
   * Code of a new, empty object. Objects of one type come from one constructor, so that the engine learns how many
   * elements they get and gives them room at once; they are plain objects all the same.
   */
  newObject(type: TypeModel | undefined): string {
    const isResource = type?.kind === 'resource' && !type.open;
    if (type === undefined) return '{}';
    const body = isResource ? `this.resourceType = ${text(type.name)};` : '';
    const known = this.makers.get(type.url) ?? `C${this.makers.size}`;
    if (!this.makers.has(type.url)) {
      this.makers.set(type.url, known);
      this.scripts.set(known, `function ${known}() { ${body} } ${known}.prototype = Object.prototype;`);
    }
    return `new ${known}()`;
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
