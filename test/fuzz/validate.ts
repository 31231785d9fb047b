import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isFault } from '../../src/core/fhir/issue.ts';
import { createValidator } from '../../src/core/validate/create.ts';
import { generatedFolder, loadDefinitions } from '../../src/io/definitions/definitions.ts';
import { mutate } from '../core/validate/mutate.ts';
import { createRandom } from '../core/validate/random.ts';

/** More processor time for one resource is a hang; one that was slow once is timed again, since code was compiled beside it. */
const hangMilliseconds = 50;
/** Heap that may be held longer at the end than after the first tenth. */
const growthBytes = 32 * 1024 * 1024;

/**
 * `npm run fuzz -- validate [--count N] [--seed S]`: resources with mutations of all kinds, through both tiers.
 *
 * @returns 1 when one crashes it, takes longer than 50 ms, is accepted by the fast tier against the thorough one, or
 *   when memory grows; 0 otherwise.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
  });
  const result = fuzzValidator(Number(values.count), Number(values.seed));
  for (const fault of result.faults) console.error(fault);
  console.log(JSON.stringify({ ...result, faults: result.faults.length }));
  return result.faults.length === 0 ? 0 : 1;
}

export interface FuzzResult {
  readonly count: number;
  readonly seed: number;
  /** How many of the mutated resources were still valid. */
  readonly valid: number;
  readonly slowestMilliseconds: number;
  readonly heapGrowthMegabytes: number;
  readonly faults: readonly string[];
}

export function fuzzValidator(count: number, seed: number): FuzzResult {
  const validator = createValidator(loadDefinitions());
  const seeds = examples();
  // Each is compiled before time is taken.
  for (const one of seeds) validator.validate(JSON.parse(one));
  const random = createRandom(seed);
  const faults: string[] = [];
  let [valid, slowest, startHeap] = [0, 0, 0];
  for (let at = 0; at < count && faults.length < 20; at += 1) {
    if (at === Math.floor(count / 10)) startHeap = heap();
    const resource = mutate(JSON.parse(random.pick(seeds)), random);
    const outcome = check(validator, resource);
    if (outcome.valid) valid += 1;
    if (outcome.fault !== undefined) faults.push(`seed ${seed}, resource ${at}: ${outcome.fault}`);
    if (outcome.milliseconds > hangMilliseconds) {
      const again = Math.min(check(validator, resource).milliseconds, check(validator, resource).milliseconds);
      if (again > hangMilliseconds) faults.push(`seed ${seed}, resource ${at}: took ${Math.round(again)} ms`);
      slowest = Math.max(slowest, again);
    } else slowest = Math.max(slowest, outcome.milliseconds);
  }
  const growth = heap() - startHeap;
  if (growth > growthBytes) faults.push(`seed ${seed}: the heap grew by ${Math.round(growth / 1e6)} MB`);
  return {
    count,
    seed,
    valid,
    slowestMilliseconds: Math.round(slowest),
    heapGrowthMegabytes: Math.round(growth / 1e6),
    faults,
  };
}

function check(
  validator: ReturnType<typeof createValidator>,
  resource: unknown,
): { valid: boolean; milliseconds: number; fault?: string } {
  const start = process.cpuUsage();
  try {
    const fast = validator.acceptsFast(resource, []);
    const issues = validator.validate(resource);
    const milliseconds = sinceMilliseconds(start);
    const valid = !issues.some(isFault);
    if (fast && !valid)
      return {
        valid,
        milliseconds,
        fault: `the fast tier accepts what has ${issues[0]?.code} at ${issues[0]?.expression}`,
      };
    if (issues.length > 200) return { valid, milliseconds, fault: `${issues.length} issues are too many` };
    if (Object.hasOwn(Object.prototype, 'polluted')) return { valid, milliseconds, fault: 'a prototype was changed' };
    return { valid, milliseconds };
  } catch (error) {
    return {
      valid: false,
      milliseconds: sinceMilliseconds(start),
      fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** Processor time: others on the machine do not count. */
function sinceMilliseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function examples(): readonly string[] {
  const folder = join(generatedFolder, 'examples');
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
