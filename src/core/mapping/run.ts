import { Fault } from './fault.ts';
import type { MappingEnvironment, MappingFailure, MappingReport } from './mapping.ts';
import type { Selected } from './plan.ts';
import { handedIn, type RunWorld, resolveIn } from './world.ts';

/**
 * Steps that one run may take, and how deep groups may call each other: a plan needs some hundreds of steps and a
 * depth under ten; a map that calls itself without end must stop long before it exhausts the machine.
 */
export const workLimit = 250_000;
export const depthLimit = 150;
/** More failures than this say nothing new. */
const failureLimit = 50;

/** What one run of a mapping carries along. */
export interface Run extends RunWorld {
  readonly newId: () => string;
  readonly reports: MappingReport[];
  readonly failures: MappingFailure[];
  /** Elements shared by name, by the element that they belong to. */
  readonly shared: Map<object, Map<string, unknown>>;
  /** Items that must stay last, by list. */
  readonly last: Map<readonly unknown[], number>;
  /** Values of the map's own constants, once they were asked for. */
  readonly settled: (readonly Selected[] | undefined)[];
  /** Things made that had no place yet. */
  made: number;
  /** Compiled code met something that stops the map; the interpreter will tell what. */
  failed: boolean;
  work: number;
  depth: number;
}

const none = {};

export function newRun(environment: MappingEnvironment, root: unknown): Run {
  return {
    now: environment.now,
    newId: environment.newId,
    root,
    handedIn: handedIn(environment.constants ?? none),
    resolve: (reference) => resolveIn(root, reference),
    reports: [],
    failures: [],
    shared: new Map(),
    last: new Map(),
    settled: [],
    made: 0,
    failed: false,
    work: 0,
    depth: 0,
  };
}

/** Counts one step. @throws Fault `mapping-too-much-work` */
export function spend(run: Run): void {
  if (++run.work > workLimit)
    throw new Fault('mapping-too-much-work', `The map needs more than ${workLimit} steps for this input.`);
}

/** Counts a call. @throws Fault `mapping-too-much-work` */
export function enter(run: Run): void {
  if (++run.depth > depthLimit)
    throw new Fault('mapping-too-much-work', `Groups call each other more than ${depthLimit} deep.`);
}

export function addFailure(run: Run, failure: MappingFailure): void {
  if (run.failures.length < failureLimit) run.failures.push(failure);
}
