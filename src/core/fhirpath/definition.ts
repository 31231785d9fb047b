import type { Node } from './ast.ts';
import type { Code } from './code.ts';

/** A call being compiled: its input and ways to compile its arguments. */
export interface Call {
  readonly at: number;
  readonly name: string;
  readonly base: Code;
  /** Whether an input is written before the name; otherwise the function works on the focus. */
  readonly hasBase: boolean;
  readonly arguments: readonly Node[];
  /** An argument as seen from the surroundings of the call: its names start from the surrounding `$this`. */
  argument(index: number): Code;
  /** An argument that is worked out for each item of the input: its names start from that item. */
  criterion(index: number): Code;
  /** An argument that is worked out on the input as a whole. */
  onInput(index: number): Code;
  /** Refuse the call. */
  fail(message: string, at?: number): never;
}

/** A function of the language. */
export interface FunctionDefinition {
  readonly minimum: number;
  readonly maximum: number;
  readonly compile: (call: Call) => Code;
}

export type Functions = Readonly<Record<string, FunctionDefinition>>;

export function define(minimum: number, maximum: number, compile: (call: Call) => Code): FunctionDefinition {
  return { minimum, maximum, compile };
}
