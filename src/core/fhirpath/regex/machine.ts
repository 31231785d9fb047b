import { Automaton } from './automaton.ts';
import { isWordCode } from './class.ts';
import type { Instruction, Program } from './program.ts';
import type { Assertion } from './tree.ts';

export type Spend = (steps: number) => void;

/**
 * Runs a program over a text, all possibilities side by side (Pike's virtual machine): no text makes it take more than
 * text × program steps.
 *
 * @see https://swtch.com/~rsc/regexp/regexp2.html
 */
export class Machine {
  private readonly program: Program;
  /** At which position an instruction was last reached, so that each is followed once. */
  private readonly marks: Float64Array;
  private generation = 0;
  /** Instructions followed since the caller was last told. */
  private visits = 0;
  private readonly automaton: Automaton | undefined;

  constructor(program: Program) {
    this.program = program;
    this.automaton = program.some(isBoundary) ? undefined : new Automaton(program);
    this.marks = new Float64Array(program.length);
  }

  /** Whether the whole text matches. */
  matches(text: string, spend: Spend): boolean {
    // A look into a table costs a sixteenth of what a visit of a node does; what has no table accounts for itself.
    spend(Math.ceil(text.length / 16));
    return this.automaton?.matches(text, spend) ?? this.matchesSlowly(text, spend);
  }

  private matchesSlowly(text: string, spend: Spend): boolean {
    let threads: number[] = [];
    let next: number[] = [];
    this.generation++;
    this.follow(0, text, 0, threads);
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at) ?? 0;
      const after = at + (code > 0xffff ? 2 : 1);
      spend(this.takeVisits() + threads.length + 1);
      next.length = 0;
      this.generation++;
      for (const pc of threads) {
        const instruction = this.program[pc];
        if (instruction?.kind === 'char' && instruction.test(code)) this.follow(instruction.next, text, after, next);
      }
      [threads, next] = [next, threads];
      if (threads.length === 0) return false;
      at = after;
    }
    return threads.some((pc) => this.program[pc]?.kind === 'match');
  }

  /**
   * The leftmost match at or after an offset, as a backtracking engine would choose it.
   *
   * @returns Start and end of the match, then of each group; -1 for groups that took no part.
   */
  find(text: string, from: number, spend: Spend): readonly number[] | undefined {
    let threads: Thread[] = [];
    let best: readonly number[] | undefined;
    for (let at = from; ; ) {
      spend(this.takeVisits() + threads.length + 1);
      const code = at < text.length ? (text.codePointAt(at) ?? 0) : -1;
      const after = at + (code > 0xffff ? 2 : 1);
      this.generation++;
      const ready: Thread[] = [];
      for (const thread of threads) this.spread(thread, text, at, ready);
      if (best === undefined) this.spread({ pc: 0, groups: [at] }, text, at, ready);
      threads = [];
      for (const thread of ready) {
        const instruction = this.program[thread.pc];
        if (instruction?.kind === 'match') {
          best = [thread.groups[0] ?? at, at, ...thread.groups.slice(2)];
          break;
        }
        if (code >= 0 && instruction?.kind === 'char' && instruction.test(code)) {
          threads.push({ pc: instruction.next, groups: thread.groups });
        }
      }
      if (code < 0 || (best !== undefined && threads.length === 0)) return best;
      at = after;
    }
  }

  private takeVisits(): number {
    const visits = this.visits;
    this.visits = 0;
    return visits;
  }

  /** The instructions that can be reached without reading a character, for a yes or no. */
  private follow(start: number, text: string, at: number, out: number[]): void {
    const open = [start];
    while (open.length > 0) {
      const pc = open.pop() ?? 0;
      const instruction = this.program[pc];
      if (instruction === undefined || this.marks[pc] === this.generation) continue;
      this.marks[pc] = this.generation;
      this.visits++;
      if (instruction.kind === 'split') open.push(instruction.second, instruction.first);
      else if (instruction.kind === 'save') open.push(instruction.next);
      else if (instruction.kind === 'assert') {
        if (holds(instruction.what, text, at)) open.push(instruction.next);
      } else out.push(pc);
    }
  }

  /** As `follow`, in order of preference and with the bounds of groups. */
  private spread(start: Thread, text: string, at: number, out: Thread[]): void {
    const open = [start];
    while (open.length > 0) {
      const thread = open.pop() as Thread;
      const instruction = this.program[thread.pc];
      if (instruction === undefined || this.marks[thread.pc] === this.generation) continue;
      this.marks[thread.pc] = this.generation;
      this.visits++;
      const { groups } = thread;
      if (instruction.kind === 'split') {
        open.push({ pc: instruction.second, groups }, { pc: instruction.first, groups });
      } else if (instruction.kind === 'save') {
        open.push({ pc: instruction.next, groups: withSlot(groups, instruction.slot, at) });
      } else if (instruction.kind === 'assert') {
        if (holds(instruction.what, text, at)) open.push({ pc: instruction.next, groups });
      } else out.push(thread);
    }
  }
}

function isBoundary(instruction: Instruction): boolean {
  return instruction.kind === 'assert' && instruction.what !== 'start' && instruction.what !== 'end';
}

/** One possibility: where it stands, and the bounds of its groups so far. */
interface Thread {
  readonly pc: number;
  readonly groups: readonly number[];
}

function withSlot(groups: readonly number[], slot: number, at: number): readonly number[] {
  const copy = [...groups];
  while (copy.length < slot) copy.push(-1);
  copy[slot] = at;
  return copy;
}

function holds(what: Assertion, text: string, at: number): boolean {
  if (what === 'start') return at === 0;
  if (what === 'end') return at === text.length;
  const before = at > 0 && isWordCode(text.charCodeAt(at - 1));
  const after = at < text.length && isWordCode(text.charCodeAt(at));
  return (before !== after) === (what === 'boundary');
}
