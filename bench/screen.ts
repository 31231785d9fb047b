import { factsOfReferral } from '../src/core/plan/screening/facts.ts';
import { loadRules } from '../src/core/plan/screening/load.ts';
import { screen } from '../src/core/plan/screening.ts';
import { readRules } from '../src/io/rules/read-rules.ts';

/**
 * `npm run bench -- screen [--json]`: microseconds a referral with all rules, beside what the same run needs to parse the
 * same referral from its JSON. CPU time counts, so that a busy machine does not look like slow code.
 */
const rounds = 20_000;

const sct = 'http://snomed.info/sct';
const icd = 'http://hl7.org/fhir/sid/icd-10-cm';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const condition = (code: string) => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/1' },
  code: coded(icd, code),
});
const plain = [condition('M54.2')];
const ill = [
  condition('I82.409'),
  condition('C50.911'),
  condition('I50.9'),
  condition('G35'),
  {
    resourceType: 'MedicationStatement',
    status: 'active',
    medicationCodeableConcept: coded('http://www.whocc.no/atc', 'B01AF01'),
  },
  { resourceType: 'AllergyIntolerance', code: coded(sct, '111088007') },
  {
    resourceType: 'Observation',
    status: 'final',
    code: coded('http://loinc.org', '8310-5'),
    valueQuantity: { value: 100.4, code: '[degF]' },
  },
];
const cases = {
  'no record': [],
  'one record': plain,
  'seven findings': ill,
  'fifty records': Array.from({ length: 50 }, () => plain[0]),
};

export async function run(args: readonly string[]): Promise<number> {
  const { ruleSet } = loadRules(readRules());
  if (ruleSet === undefined) throw new Error('The screening rules have faults; npx tactus screen tells which.');
  const figures = Object.entries(cases).map(([name, contained]) => {
    const referral = {
      resourceType: 'ServiceRequest',
      subject: { reference: 'Patient/1' },
      code: coded('http://terminology.hl7.org/CodeSystem/service-type', '25'),
      reasonCode: [coded(icd, 'M54.5')],
      bodySite: [coded(sct, '52612000')],
      contained,
    };
    const text = JSON.stringify(referral);
    const facts = factsOfReferral(referral, ruleSet.regions, ruleSet.techniques);
    const request = { referral, facts, rules: ruleSet, now: '2026-11-26T10:00:00Z' };
    return {
      name,
      findings: screen(request).findings.length,
      screenMicroseconds: cost(() => screen(request)),
      parseMicroseconds: cost(() => JSON.parse(text)),
    };
  });
  if (args.includes('--json'))
    process.stdout.write(`${JSON.stringify({ bench: 'screen', rules: ruleSet.rules.size, figures })}\n`);
  else {
    process.stdout.write(`${ruleSet.rules.size} rules, ${rounds} rounds, CPU time\n`);
    for (const { name, findings, screenMicroseconds, parseMicroseconds } of figures) {
      process.stdout.write(
        `${name.padEnd(16)} ${findings} findings  screen ${screenMicroseconds} µs  JSON.parse ${parseMicroseconds} µs\n`,
      );
    }
  }
  return 0;
}

/** CPU microseconds a call, after a warm-up. */
function cost(work: () => unknown): number {
  for (let round = 0; round < rounds / 4; round++) work();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) work();
  const { user, system } = process.cpuUsage(before);
  return Math.round(((user + system) / rounds) * 10) / 10;
}
