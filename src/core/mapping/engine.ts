import { type CompiledMap, compilePlan } from './compile.ts';
import { type Coverable, type CoverageRun, coverableOf, coverageOf } from './coverage.ts';
import { interpret, newOutput } from './interpret.ts';
import type { Mapping, MappingEnvironment, MappingResult, TraceEntry } from './mapping.ts';
import type { MapPlan, RuleInfo } from './plan.ts';
import { newRun } from './run.ts';
import { asFault } from './session.ts';
import type { MapSyntax } from './syntax.ts';
import { finishedTrace, type ReadPlaces, readPlaces, type TraceLog } from './trace.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** A mapping with what the tools of this project ask of it beyond the contract. */
export interface EngineMapping extends Mapping {
  /** All rules as written, in the order of their numbers. */
  readonly rules: readonly RuleInfo[];
  /** The reference: the same result step by step, without compiled code. */
  interpret(inputs: Inputs, environment: MappingEnvironment): MappingResult;
  /** What there is to cover, and what one run covers. */
  readonly coverable: Coverable;
  coverage(inputs: Inputs, environment: MappingEnvironment): CoverageRun;
  /** The JavaScript that runs. */
  code(): string;
  /** What that code reaches by number. */
  constants(): readonly unknown[];
}

/** A mapping from its plan. It is compiled when it first runs. */
export function newMapping(map: MapSyntax, plan: MapPlan, version: string): EngineMapping {
  const side = (mode: 'source' | 'target') =>
    plan.entry.parameters
      .filter((parameter) => parameter.mode === mode)
      .map(({ name, types }) => ({ name, type: types.map((type) => type.url).join('|') }));
  let compiled: ReturnType<typeof compilePlan> | undefined;
  const code = (): ReturnType<typeof compilePlan> => {
    compiled ??= compilePlan(plan);
    return compiled;
  };
  return {
    name: map.name,
    url: map.url,
    version,
    inputs: side('source'),
    outputs: side('target'),
    rules: plan.rules,
    run: (inputs, environment) => runCompiled(plan, code().run, inputs, environment),
    interpret: (inputs, environment) => runInterpreted(plan, inputs, environment),
    trace: (inputs, environment) => {
      const { result, trace, places } = runTraced(plan, inputs, environment);
      return { ...result, trace, dropped: places.dropped };
    },
    coverable: coverableOf(plan),
    coverage: (inputs, environment) => {
      const traced = runTraced(plan, inputs, environment);
      return coverageOf(
        traced.result,
        traced.log,
        traced.trace.map((entry) => entry.target),
        traced.places,
      );
    },
    code: () => code().source,
    constants: () => code().constants,
  };
}

/**
 * The quick way. It keeps no book of places, so where it fails the interpreter runs the same inputs again and tells
 * what and where; its ids are thrown away.
 */
function runCompiled(
  plan: MapPlan,
  compiled: CompiledMap,
  inputs: Inputs,
  environment: MappingEnvironment,
): MappingResult {
  const { parameters } = plan.entry;
  const first = parameters.find((parameter) => parameter.mode === 'source');
  const run = newRun(environment, first === undefined ? undefined : inputs[first.name]);
  const outputs: Record<string, unknown> = {};
  for (const parameter of parameters) if (parameter.mode === 'target') outputs[parameter.name] = newOutput(parameter);
  try {
    compiled(run, inputs, outputs);
    if (!run.failed) return { ok: true, outputs, reports: run.reports };
  } catch (error) {
    asFault(error);
  }
  const told = runInterpreted(plan, inputs, { ...environment, newId: () => 'unused' });
  if (told.ok)
    throw new Error(
      `The compiled form of map ${plan.entry.map} failed where its plan does not: this is a fault of the engine.`,
    );
  return told;
}

function runInterpreted(plan: MapPlan, inputs: Inputs, environment: MappingEnvironment): MappingResult {
  const { outputs, run } = interpret(plan, inputs, environment);
  return run.failures.length > 0 ? { ok: false, failures: run.failures } : { ok: true, outputs, reports: run.reports };
}

interface Traced {
  readonly result: MappingResult;
  readonly trace: readonly TraceEntry[];
  readonly places: ReadPlaces;
  readonly log: TraceLog;
}

function runTraced(plan: MapPlan, inputs: Inputs, environment: MappingEnvironment): Traced {
  const { outputs, run, log } = interpret(plan, inputs, environment, true);
  const result: MappingResult =
    run.failures.length > 0 ? { ok: false, failures: run.failures } : { ok: true, outputs, reports: run.reports };
  return { result, trace: finishedTrace(log), places: readPlaces(inputs, log), log };
}
