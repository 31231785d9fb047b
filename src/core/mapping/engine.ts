import { type Interpreted, interpret } from './interpret.ts';
import type { Mapping, MappingEnvironment, MappingResult, TracedResult } from './mapping.ts';
import type { MapPlan, RuleInfo } from './plan.ts';
import type { MapSyntax } from './syntax.ts';
import { droppedOf, finishedTrace } from './trace.ts';

/** A mapping with what the tools of this project ask of it beyond the contract. */
export interface EngineMapping extends Mapping {
  /** All rules as written, in the order of their numbers. */
  readonly rules: readonly RuleInfo[];
  /** The reference: the same result step by step, without compiled code. */
  interpret(inputs: Readonly<Record<string, unknown>>, environment: MappingEnvironment): MappingResult;
}

/** A mapping from its plan. */
export function newMapping(map: MapSyntax, plan: MapPlan, version: string): EngineMapping {
  const side = (mode: 'source' | 'target') =>
    plan.entry.parameters
      .filter((parameter) => parameter.mode === mode)
      .map(({ name, types }) => ({ name, type: types.map((type) => type.url).join('|') }));
  return {
    name: map.name,
    url: map.url,
    version,
    inputs: side('source'),
    outputs: side('target'),
    rules: plan.rules,
    run: (inputs, environment) => resultOf(interpret(plan, inputs, environment)),
    interpret: (inputs, environment) => resultOf(interpret(plan, inputs, environment)),
    trace: (inputs, environment) => traced(inputs, interpret(plan, inputs, environment)),
  };
}

function resultOf({ outputs, run }: Interpreted): MappingResult {
  return run.failures.length > 0 ? { ok: false, failures: run.failures } : { ok: true, outputs, reports: run.reports };
}

function traced(inputs: Readonly<Record<string, unknown>>, done: Interpreted): TracedResult {
  return { ...resultOf(done), trace: finishedTrace(done.log), dropped: droppedOf(inputs, done.log) };
}
