import { describe, expect, test } from 'vitest';
import { loadRules } from '../../../../src/core/plan/screening/load.ts';
import { readRules } from '../../../../src/io/rules/read-rules.ts';

const files = readRules();
const fever = files.rules.find(({ file }) => file.endsWith('/fever.json'));
if (fever === undefined) throw new Error('mappings/rules/fever.json is missing.');
const good = fever.content as Readonly<Record<string, unknown>>;

/** The faults of the rule set in which fever.json is changed so. */
function faults(change: Readonly<Record<string, unknown>>, file = fever?.file ?? ''): string[] {
  const rules = files.rules.map((one) => (one === fever ? { file, content: { ...good, ...change } } : one));
  const { ruleSet, issues } = loadRules({ ...files, rules });
  const messages = issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  expect(ruleSet === undefined).toBe(messages.length > 0);
  return messages;
}

describe('a rule file', () => {
  test('that is right has no fault', () => {
    expect(faults({})).toEqual([]);
  });

  test.each([
    ['without a source', { source: undefined }, /fever\.json\.source is missing/],
    ['with an unknown property', { colour: 'red' }, /fever\.json\.colour is not an element that we know/],
    [
      'with an unknown disposition',
      { disposition: 'refuse' },
      /fever\.json\.disposition must be one of reject, hold, flag/,
    ],
    [
      'with a display instead of a code',
      { finds: { conditions: { icd10: ['Fever'] } } },
      /icd10\[0\] must be an ICD-10 prefix such as I82\.4/,
    ],
    ['with a bad SNOMED code', { finds: { conditions: { snomed: ['12'] } } }, /snomed\[0\] must be a SNOMED CT code/],
    ['that finds nothing', { finds: {} }, /fever\.json\.finds names nothing to find/],
    ['with a region that does not exist', { scope: 'region', regions: ['tail'] }, /names the region "tail"/],
    [
      'for techniques that it does not name',
      { scope: 'technique' },
      /fever\.json\.techniques is missing in a technique rule/,
    ],
    [
      'whose sentence is no sentence',
      { prescriber: 'fever' },
      /prescriber must be a whole sentence with its full stop/,
    ],
    [
      'beside a rule that does not exist',
      { variants: [{ when: { alongside: 'ague' }, disposition: 'hold' }] },
      /names the rule "ague", which does not exist/,
    ],
    ['with the id of another rule', { id: 'sepsis' }, /sepsis.*id of another rule/],
  ])('%s is refused with its place', (_, change, message) => {
    expect(faults(change).join('\n')).toMatch(message);
  });

  test('whose name is not its id is refused', () => {
    expect(faults({}, 'mappings/rules/ague.json').join('\n')).toMatch(
      /ague\.json\.id is "fever"; it must be the file's name/,
    );
  });

  test('that a clinician has signed has no warning', () => {
    const rules = files.rules.map((one) => ({
      ...one,
      content: { ...(one.content as object), reviewedBy: 'Dr. Ada Beispiel' },
    }));
    expect(loadRules({ ...files, rules }).issues).toEqual([]);
  });
});

test('every fault of every file is told at once', () => {
  expect(faults({ source: undefined, disposition: 'refuse', scope: 'planet' })).toHaveLength(3);
});

test('a missing table is told', () => {
  const { ruleSet, issues } = loadRules({
    ...files,
    tables: files.tables.filter(({ file }) => !file.endsWith('regions.json')),
  });
  expect(ruleSet).toBeUndefined();
  expect(issues.map(({ message }) => message)).toContain('mappings/rules/tables/regions.json is missing.');
});

test('the version changes with any rule and with nothing else', () => {
  const version = loadRules(files).ruleSet?.version;
  expect(loadRules({ ...files, rules: [...files.rules].reverse() }).ruleSet?.version).toBe(version);
  const changed = files.rules.map((one) =>
    one === fever ? { ...one, content: { ...good, title: 'High fever' } } : one,
  );
  expect(loadRules({ ...files, rules: changed }).ruleSet?.version).not.toBe(version);
});

test('only the items of the clinical reference reject by themselves', () => {
  const rejecting = [...(loadRules(files).ruleSet?.rules.values() ?? [])]
    .filter(
      ({ disposition, variants }) => disposition === 'reject' || variants?.some((one) => one.disposition === 'reject'),
    )
    .map(({ id }) => id);
  expect(rejecting.sort()).toEqual([
    'acute-coronary-syndrome',
    'aneurysm',
    'cauda-equina-syndrome',
    'cellulitis-erysipelas-lymphangitis',
    'deep-vein-thrombosis',
    'fracture',
    'heart-failure',
    'high-risk-pregnancy',
    'malignancy',
    'pulmonary-embolism',
    'renal-failure',
    'sepsis',
    'thrombophlebitis',
    'wellness-order',
  ]);
});
