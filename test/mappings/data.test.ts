import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMeasures } from '../../src/cli/mapping-tools/load-tools.ts';
import { loadDefinitions } from '../../src/io/definitions/definitions.ts';
import { mappingsFolder, readMappingSources } from '../../src/io/mappings/read-mappings.ts';

interface ConceptMap {
  readonly url: string;
  readonly group: readonly {
    readonly source: string;
    readonly target: string;
    readonly element: readonly {
      readonly code: string;
      readonly target: readonly { readonly code: string; readonly comment?: string }[];
    }[];
  }[];
}

const sources = readMappingSources();
const maps = sources
  .filter(({ file }) => file.endsWith('.json'))
  .map(({ file, text }) => [file, JSON.parse(text) as ConceptMap] as const);
const definitions = loadDefinitions();

describe('concept maps', () => {
  test.each(maps)('%s: each row says where it comes from and whether it is verified', (file, map) => {
    expect(map.url).toBe(`https://tactus.example/fhir/ConceptMap/${file.replace(/^.*\/|\.json$/g, '')}`);
    for (const { element } of map.group) {
      for (const { target } of element) {
        for (const { comment } of target) expect(comment).toMatch(/^(verified: |not verified: |anatomy: ).+/);
      }
    }
  });

  test.each(maps)('%s: codes of our own code systems exist', (_, map) => {
    for (const { source, target, element } of map.group) {
      const here = definitions.codeSystem(source);
      const there = definitions.codeSystem(target);
      for (const row of element) {
        if (here !== undefined) expect(here).toContain(row.code);
        if (there !== undefined) for (const { code } of row.target) expect(there).toContain(code);
      }
    }
  });

  test('the mapping cuts ICD-10-CM codes to exactly the rows that there are', () => {
    const indication = maps.find(([, map]) => map.url.endsWith('/indication'))?.[1];
    const rows = indication?.group
      .find(({ source }) => source === 'http://hl7.org/fhir/sid/icd-10-cm')
      ?.element.map(({ code }) => code);
    const text = sources.find(({ file }) => file.endsWith('referral-service.map'))?.text ?? '';
    const keys = /replaceMatches\('\^\(([^)]*)\)\.\*\$'/.exec(text)?.[1]?.replaceAll('[.]', '.').split('|') ?? [];
    expect([...keys].sort()).toEqual([...(rows ?? [])].sort());
    // Longer rows first, else M54 would take what belongs to M54.5.
    expect(keys.map((key) => key.length)).toEqual(keys.map((key) => key.length).sort((a, b) => b - a));
  });
});

describe('measures', () => {
  const measures = readMeasures(mappingsFolder);

  test('are in files of their own name', () => {
    const names = readdirSync(join(mappingsFolder, 'measures')).map((name) => name.replace(/\.json$/, ''));
    expect([...measures.keys()].sort()).toEqual(names.sort());
  });

  test.each([...measures.values()].map((measure) => [measure.id, measure] as const))(
    '%s has a profile of ours and a code that its profile knows',
    (_, measure) => {
      expect(definitions.structure(measure.profile)).toBeDefined();
      const codes = definitions.codes('https://tactus.example/fhir/ValueSet/outcome-measure');
      expect(codes?.codes).toContain(`${measure.code.system}|${measure.code.code}`);
    },
  );

  test('can be named in a goal: each is a target of the concept map of measures', () => {
    const { group } = JSON.parse(readFileSync(join(mappingsFolder, 'concept-maps/measure.json'), 'utf8')) as ConceptMap;
    const targets = group.flatMap(({ element }) => element.flatMap(({ target }) => target.map(({ code }) => code)));
    expect(targets.sort()).toEqual([...measures.keys()].sort());
  });
});
