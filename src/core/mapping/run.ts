import { Fault } from './fault.ts';
import type { MappingEnvironment, MappingFailure, MappingReport } from './mapping.ts';
import type { Selected } from './plan.ts';
import { handedIn, type RunWorld } from './world.ts';

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
  /** Elements shared by name, by the element that they belong to; made when the first is shared. */
  shared: Map<object, Map<string, unknown>> | undefined;
  /** Items that must stay last, by list; made when there is one. */
  last: Map<readonly unknown[], number> | undefined;
  /** Values of the map's own constants, once they were asked for. */
  settled: (readonly Selected[] | undefined)[] | undefined;
  /** Things made that had no place yet. */
  made: number;
  /** Compiled code met something that stops the map; the interpreter will tell what. */
  failed: boolean;
  work: number;
  depth: number;
}

/** Most runs share nothing, keep nothing last and have no constants: what only some need is made when it is needed. */
export function newRun(environment: MappingEnvironment, root: unknown): Run {
  return {
    now: environment.now,
    newId: environment.newId,
    root,
    handedIn: environment.constants === undefined ? undefined : handedIn(environment.constants),
    reports: [],
    failures: [],
    shared: undefined,
    last: undefined,
    settled: undefined,
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
