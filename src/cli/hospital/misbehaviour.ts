/** How the simulated hospital can be told to fail, one fault a mode; probabilities from 0 to 1. */
export interface Misbehaviour {
  /** Answers 503 with Retry-After and does nothing. */
  readonly unavailable: number;
  /** Does the work, then drops the connection: the sender cannot know that it was done. */
  readonly dropAfterAccept: number;
  /** Drops the connection and does nothing. */
  readonly dropBefore: number;
  /** Answers 422 with an OperationOutcome and does nothing. */
  readonly refuse: number;
  /** Waits this long before it does anything. */
  readonly slowMilliseconds: number;
  /** Value of Retry-After on a 503, seconds. */
  readonly retryAfterSeconds: number;
}

export const wellBehaved: Misbehaviour = {
  unavailable: 0,
  dropAfterAccept: 0,
  dropBefore: 0,
  refuse: 0,
  slowMilliseconds: 0,
  retryAfterSeconds: 1,
};

const probabilities: readonly string[] = ['unavailable', 'dropAfterAccept', 'dropBefore', 'refuse'];

export type Fault = 'none' | 'unavailable' | 'drop-after-accept' | 'drop-before' | 'refuse';

/** Which fault this call meets. `dice` is a number from 0 to 1, so that a seeded run repeats itself. */
export function chooseFault(how: Misbehaviour, dice: number): Fault {
  const faults: readonly (readonly [Fault, number])[] = [
    ['unavailable', how.unavailable],
    ['drop-after-accept', how.dropAfterAccept],
    ['drop-before', how.dropBefore],
    ['refuse', how.refuse],
  ];
  let edge = 0;
  for (const [fault, probability] of faults) {
    edge += probability;
    if (dice < edge) return fault;
  }
  return 'none';
}

/**
 * Read a misbehaviour from JSON or from command line flags.
 *
 * @returns The misbehaviour, or a sentence that says what is wrong.
 */
export function readMisbehaviour(value: unknown): Misbehaviour | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'A misbehaviour is a JSON object.';
  const known = Object.keys(wellBehaved);
  for (const [name, setting] of Object.entries(value)) {
    if (!known.includes(name)) return `"${name}" is no misbehaviour; known are ${known.join(', ')}.`;
    if (typeof setting !== 'number' || !(setting >= 0)) return `${name} must be a number of 0 or more.`;
    if (setting > 1 && probabilities.includes(name))
      return `${name} is ${setting}; a probability is a number from 0 to 1.`;
  }
  return { ...wellBehaved, ...value };
}

/** A seeded sequence of numbers from 0 to 1 (mulberry32): the same faults in every run of a test. */
export function seededDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
