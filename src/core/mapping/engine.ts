import { type Compiled, compilePlan } from './compile.ts';
import { type Coverable, type CoverageRun, coverableOf, coverageOf } from './coverage.ts';
import { interpret } from './interpret.ts';
import type { Mapping, MappingEnvironment, MappingResult, TracedResult, TraceEntry } from './mapping.ts';
import type { MapPlan, RuleInfo } from './plan.ts';
import { newRun } from './run.ts';
import { asFault } from './session.ts';
import type { MapSyntax } from './syntax.ts';
import { finishedTrace, type ReadPlaces, readPlaces, type TraceLog } from './trace.ts';
import { TraceRecord } from './trace-record.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** A mapping with what the tools of this project ask of it beyond the contract. */
export interface EngineMapping extends Mapping {
  /** All rules as written, in the order of their numbers. */
  readonly rules: readonly RuleInfo[];
  /** The reference: the same result step by step, without compiled code. */
  interpret(inputs: Inputs, environment: MappingEnvironment): MappingResult;
  interpretTrace(inputs: Inputs, environment: MappingEnvironment): TracedResult;
  /** What there is to cover, and what one run covers. */
  readonly coverable: Coverable;
  coverage(inputs: Inputs, environment: MappingEnvironment): CoverageRun;
  /** The JavaScript that runs. */
  code(): string;
  /** What that code reaches by number. */
  constants(): readonly unknown[];
}

/** A mapping from its plan. Its plain form is compiled when it first runs, its traced form for the second trace. */
export function newMapping(map: MapSyntax, plan: MapPlan, version: string): EngineMapping {
  const side = (mode: 'source' | 'target') =>
    plan.entry.parameters
      .filter((parameter) => parameter.mode === mode)
      .map(({ name, types }) => ({ name, type: types.map((type) => type.url).join('|') }));
  let compiled: Compiled | undefined;
  let traced: Compiled | undefined;
  const code = (): Compiled => {
    compiled ??= compilePlan(plan);
    return compiled;
  };
  const tracing = (): Compiled => {
    traced ??= compilePlan(plan, true);
    return traced;
  };
  let isTraced = false;
  // A command asks for one trace, which the interpreter tells sooner than the traced form is compiled.
  const trace = (inputs: Inputs, environment: MappingEnvironment): TracedResult => {
    if (isTraced) return traceCompiled(plan, tracing(), inputs, environment);
    isTraced = true;
    return told(runTraced(plan, inputs, environment, true));
  };
  return {
    name: map.name,
    url: map.url,
    version,
    inputs: side('source'),
    outputs: side('target'),
    rules: plan.rules,
    run: (inputs, environment) => runCompiled(plan, code(), inputs, environment),
    trace,
    interpret: (inputs, environment) => runInterpreted(plan, inputs, environment),
    interpretTrace: (inputs, environment) => told(runTraced(plan, inputs, environment, false)),
    coverable: coverableOf(plan),
    coverage: (inputs, environment) => {
      const run = runTraced(plan, inputs, environment, true);
      return coverageOf(
        run.result,
        run.log,
        run.trace.map((entry) => entry.target),
        run.places,
      );
    },
    code: () => [code().source, tracing().source].join('\n'),
    constants: () => [...code().constants, ...tracing().constants],
  };
}

/**
 * The quick way. It keeps no book of places, so where it fails the interpreter runs the same inputs again and tells
 * what and where; its ids are thrown away.
 */
function runCompiled(
  plan: MapPlan,
  compiled: Compiled,
  inputs: Inputs,
  environment: MappingEnvironment,
): MappingResult {
  const run = newRun(environment, rootOf(plan, inputs));
  try {
    const outputs = compiled.run(run, inputs);
    if (!run.failed) return { ok: true, outputs, reports: run.reports };
  } catch (error) {
    asFault(error);
  }
  const result = runInterpreted(plan, inputs, { ...environment, newId: () => 'unused' });
  if (result.ok) throw disagreement(plan);
  return result;
}

/** The same with the traced form; of a run that fails the interpreter also tells the trace as far as it came. */
function traceCompiled(
  plan: MapPlan,
  compiled: Compiled,
  inputs: Inputs,
  environment: MappingEnvironment,
): TracedResult {
  const run = newRun(environment, rootOf(plan, inputs));
  const record = new TraceRecord(compiled.numbers);
  try {
    const outputs = compiled.run(run, inputs, record);
    if (!run.failed)
      return { ok: true, outputs, reports: run.reports, trace: record.finished(), dropped: record.dropped(inputs) };
  } catch (error) {
    asFault(error);
  }
  const traced = runTraced(plan, inputs, { ...environment, newId: () => 'unused' }, true);
  if (traced.result.ok) throw disagreement(plan);
  return told(traced);
}

/** What `%resource` is: the first input. */
function rootOf({ entry }: MapPlan, inputs: Inputs): unknown {
  for (const parameter of entry.parameters) if (parameter.mode === 'source') return inputs[parameter.name];
  return undefined;
}

function disagreement({ entry }: MapPlan): Error {
  return new Error(
    `The compiled form of map ${entry.map} failed where its plan does not: this is a fault of the engine.`,
  );
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

function told({ result, trace, places }: Traced): TracedResult {
  return { ...result, trace, dropped: places.dropped };
}

function runTraced(plan: MapPlan, inputs: Inputs, environment: MappingEnvironment, quick: boolean): Traced {
  const { outputs, run, log } = interpret(plan, inputs, environment, quick);
  const result: MappingResult =
    run.failures.length > 0 ? { ok: false, failures: run.failures } : { ok: true, outputs, reports: run.reports };
  return { result, trace: finishedTrace(log), places: readPlaces(inputs, log), log };
}
