import { isDeepStrictEqual } from 'node:util';
import type { EngineMapping } from '../../src/core/mapping/engine.ts';
import type { MappingEnvironment, MappingResult } from '../../src/core/mapping/mapping.ts';
import { ownMappings } from '../core/mapping/own-mappings.ts';
import { seeded, vary } from '../core/mapping/vary.ts';

/** A run that takes longer than this on one input is a fault: inputs here are some kilobytes. */
const slowMilliseconds = 1000;
/** Each so many inputs the interpreter is asked too, which takes as long as hundred runs of compiled code. */
const agreementStep = 10;

/**
 * Varied inputs through the project's own mappings: each must end in an output or in a named failure, without a throw,
 * without changing its input, without touching Object.prototype. One in ten is also run by the interpreter, which must
 * give the same output, failures, reports and trace.
 *
 * @param args `--count N` (20,000) inputs in all, `--seed S` (1).
 * @returns 0 when no input found a fault, 1 otherwise. The last line is one JSON object.
 */
export async function run(args: readonly string[]): Promise<number> {
  const count = option(args, '--count', 20_000);
  const seed = option(args, '--seed', 1);
  const { loaded, cases } = ownMappings();
  const random = seeded(seed);
  const tally = { inputs: 0, outputs: 0, failures: 0, faults: 0 };
  const codes = new Map<string, number>();
  const inputs = new Map([...cases].map(([name, of]) => [name, [...of.values()]]));
  const names = [...inputs.keys()];
  for (let i = 0; i < count && names.length > 0; i++) {
    const name = names[i % names.length] ?? '';
    const given = inputs.get(name) ?? [];
    const input = vary(
      given[Math.floor(random() * given.length)] ?? {},
      random,
      1 + Math.floor(random() * 6),
    ) as Record<string, unknown>;
    tally.inputs++;
    const fault = tryOne(
      input,
      (environment) => loaded.mappings.get(name)?.run(input, environment),
      (result) => {
        if (result.ok) tally.outputs++;
        else tally.failures++;
        for (const failure of result.ok ? [] : result.failures)
          codes.set(failure.code, (codes.get(failure.code) ?? 0) + 1);
      },
    );
    const mapping = loaded.mappings.get(name);
    const differs = i % agreementStep === 0 && mapping !== undefined && !agrees(mapping, input);
    const told = fault ?? (differs ? 'compiled code and the interpreter differ' : undefined);
    if (told === undefined) continue;
    tally.faults++;
    process.stdout.write(`FAULT seed ${seed}, input ${i}, ${name}: ${told}\n`);
  }
  process.stdout.write(
    `${[...codes]
      .sort((a, b) => b[1] - a[1])
      .map(([code, times]) => `${code} ${times}`)
      .join(', ')}\n`,
  );
  process.stdout.write(`${JSON.stringify({ seed, ...tally })}\n`);
  return tally.faults === 0 && tally.inputs > 0 ? 0 : 1;
}

function option(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(name);
  return at < 0 ? fallback : Number(args[at + 1]);
}

/** Whether all four ways of running give the same. */
function agrees(mapping: EngineMapping, input: Readonly<Record<string, unknown>>): boolean {
  const traced = mapping.interpretTrace(input, environment());
  const { trace, dropped, ...plain } = traced;
  return (
    isDeepStrictEqual(mapping.trace(input, environment()), traced) &&
    isDeepStrictEqual(mapping.run(input, environment()), plain) &&
    isDeepStrictEqual(mapping.interpret(input, environment()), plain)
  );
}

function environment(): MappingEnvironment {
  let ids = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  return { now: '2026-11-26T09:00:00Z', newId };
}

/** What is wrong with one run; undefined when nothing is. */
function tryOne(
  input: unknown,
  go: (environment: MappingEnvironment) => MappingResult | undefined,
  count: (result: MappingResult) => void,
): string | undefined {
  const before = JSON.stringify(input);
  const start = process.cpuUsage();
  try {
    const result = go(environment());
    if (result === undefined) return 'there is no such mapping';
    count(result);
    if (
      !result.ok &&
      (result.failures.length === 0 || result.failures.some((failure) => !failure.code.startsWith('mapping-')))
    )
      return 'a failure without a name';
    if (result.ok && JSON.stringify(result.outputs) === undefined) return 'an output that is no JSON';
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error)}`;
  }
  if (JSON.stringify(input) !== before) return 'the input was changed';
  const { user, system } = process.cpuUsage(start);
  if ((user + system) / 1000 > slowMilliseconds) return 'it took too long';
  return 'polluted' in {} ? 'Object.prototype was changed' : undefined;
}
