import type { Program } from './program.ts';

/**
 * States kept for one pattern, about 300 bytes each. `[A-Z]([A-Za-z0-9_]){0,254}` has 257; texts that lead to more are
 * matched without.
 */
const maximalStates = 400;
const asciiSize = 128;
const unknown = -1;

/** A set of places in the program where the text so far may stand. */
interface State {
  readonly places: readonly number[];
  /** By character: the number of the next state. */
  readonly next: Int16Array;
  readonly accepts: boolean;
}

/**
 * A deterministic automaton, built as texts need it: each character is one look into a table.
 *
 * @see https://swtch.com/~rsc/regexp/regexp1.html (section "Caching the NFA to build a DFA")
 */
export class Automaton {
  private readonly program: Program;
  private readonly states: State[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(program: Program) {
    this.program = program;
    this.numberOf(this.reach([0], true, false));
  }

  /** Whether the whole text matches; undefined when it takes too many states. */
  matches(text: string, spend: (steps: number) => void): boolean | undefined {
    if (text === '') return this.reach([0], true, true).some((place) => this.program[place]?.kind === 'match');
    let state = this.states[0];
    for (let at = 0; at < text.length; at++) {
      let code = text.charCodeAt(at);
      if (code >= 0xd800 && code <= 0xdbff) {
        code = text.codePointAt(at) ?? code;
        if (code > 0xffff) at++;
      }
      const known = code < asciiSize ? (state?.next[code] ?? unknown) : unknown;
      const number = known === unknown ? this.step(state as State, code, spend) : known;
      if (number === undefined) return undefined;
      state = this.states[number];
      if (state?.places.length === 0) return false;
    }
    return state?.accepts === true;
  }

  private step(state: State, code: number, spend: (steps: number) => void): number | undefined {
    // Working out a step may visit the whole program twice.
    spend(state.places.length + Math.ceil(this.program.length / 4));
    const targets: number[] = [];
    for (const place of state.places) {
      const instruction = this.program[place];
      if (instruction?.kind === 'char' && instruction.test(code)) targets.push(instruction.next);
    }
    const number = this.numberOf(this.reach(targets, false, false));
    if (number !== undefined && code < asciiSize) state.next[code] = number;
    return number;
  }

  private numberOf(places: readonly number[]): number | undefined {
    const key = places.join(' ');
    const known = this.numbers.get(key);
    if (known !== undefined || this.states.length >= maximalStates) return known;
    const ends = this.reach(places, false, true);
    const accepts = ends.some((place) => this.program[place]?.kind === 'match');
    this.states.push({ places, next: new Int16Array(asciiSize).fill(unknown), accepts });
    this.numbers.set(key, this.states.length - 1);
    return this.states.length - 1;
  }

  /** The places that can be reached without a character. What waits for the end stays a place until the end is there. */
  private reach(starts: readonly number[], isStart: boolean, isEnd: boolean): readonly number[] {
    const met = new Set<number>();
    const places: number[] = [];
    const open = [...starts];
    while (open.length > 0) {
      const place = open.pop() ?? 0;
      const instruction = this.program[place];
      if (instruction === undefined || met.has(place)) continue;
      met.add(place);
      if (instruction.kind === 'split') open.push(instruction.first, instruction.second);
      else if (instruction.kind === 'save') open.push(instruction.next);
      else if (instruction.kind === 'assert') {
        if (instruction.what === 'start' ? isStart : isEnd) open.push(instruction.next);
        else if (instruction.what === 'end') places.push(place);
      } else places.push(place);
    }
    return places.sort((a, b) => a - b);
  }
}
