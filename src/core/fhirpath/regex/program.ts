import { type Assertion, type CharTest, RegexError, type RegexNode } from './tree.ts';

/** One instruction of the automaton. `next` is where it goes on. */
export type Instruction =
  | { readonly kind: 'char'; readonly test: CharTest; next: number }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'save'; readonly slot: number; next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; next: number }
  | { readonly kind: 'match' };

export type Program = readonly Instruction[];

/** Instructions that a pattern may grow to when its counts are written out; eld-19 has some 300. */
const maximalSize = 10_000;

/**
 * Thompson's construction: counts are written out, so that matching takes time proportional to text × program.
 *
 * @throws RegexError when the program gets too large.
 * @see https://swtch.com/~rsc/regexp/regexp2.html
 */
export function assemble(root: RegexNode): Program {
  const program: Instruction[] = [];
  emit(root, program);
  add(program, { kind: 'match' });
  return program;
}

function add(program: Instruction[], instruction: Instruction): Instruction {
  if (program.length >= maximalSize)
    throw new RegexError('The regular expression is too large when its counts are written out.');
  program.push(instruction);
  return instruction;
}

function emit(node: RegexNode, program: Instruction[]): void {
  switch (node.kind) {
    case 'empty':
      return;
    case 'char':
      add(program, { kind: 'char', test: node.test, next: program.length + 1 });
      return;
    case 'assert':
      add(program, { kind: 'assert', what: node.what, next: program.length + 1 });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program);
      return;
    case 'group':
      add(program, { kind: 'save', slot: node.index * 2, next: program.length + 1 });
      emit(node.body, program);
      add(program, { kind: 'save', slot: node.index * 2 + 1, next: program.length + 1 });
      return;
    case 'choice':
      emitChoice(node.options, program);
      return;
    default:
      emitRepeat(node, program);
  }
}

function emitChoice(options: readonly RegexNode[], program: Instruction[]): void {
  const ends: { first: number; second: number }[] = [];
  options.forEach((option, i) => {
    const isLast = i === options.length - 1;
    const fork = { kind: 'split' as const, first: program.length + 1, second: -1 };
    if (!isLast) add(program, fork);
    emit(option, program);
    if (isLast) return;
    const end = { kind: 'split' as const, first: -1, second: -1 };
    ends.push(end);
    add(program, end);
    fork.second = program.length;
  });
  for (const end of ends) {
    end.first = program.length;
    end.second = program.length;
  }
}

function emitRepeat(node: Extract<RegexNode, { kind: 'repeat' }>, program: Instruction[]): void {
  const { body, minimum, maximum, lazy } = node;
  for (let i = 0; i < minimum; i++) emit(body, program);
  if (maximum === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const fork = { kind: 'split' as const, first: start + 1, second: -1 };
    add(program, fork);
    emit(body, program);
    add(program, { kind: 'split', first: start, second: start });
    leave(fork, program.length, lazy);
    return;
  }
  const forks: { first: number; second: number }[] = [];
  for (let i = minimum; i < maximum; i++) {
    const fork = { kind: 'split' as const, first: program.length + 1, second: -1 };
    forks.push(fork);
    add(program, fork);
    emit(body, program);
  }
  for (const fork of forks) leave(fork, program.length, lazy);
}

/** Points the way out of a repetition; a lazy one prefers it. */
function leave(fork: { first: number; second: number }, end: number, lazy: boolean): void {
  if (lazy) {
    fork.second = fork.first;
    fork.first = end;
  } else {
    fork.second = end;
  }
}
