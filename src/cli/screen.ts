import { parseArgs } from 'node:util';
import { parseJson } from '../core/fhir/json.ts';
import type { OrderLayer } from '../core/plan/order-layers.ts';
import { factsOfReferral, type PlanFacts } from '../core/plan/screening/facts.ts';
import { type Json, object, objects } from '../core/plan/screening/json.ts';
import { loadRules } from '../core/plan/screening/load.ts';
import type { RuleSet } from '../core/plan/screening/rule-set.ts';
import { settingNames } from '../core/plan/screening/setting-names.ts';
import { numbersOf } from '../core/plan/screening/walk.ts';
import { type ScreeningResult, screen } from '../core/plan/screening.ts';
import { readRules } from '../io/rules/read-rules.ts';
import { readText } from './read-text.ts';
import { misuse } from './usage.ts';

export const help = `npx tactus screen FILE [--earlier FILE]... [--now INSTANT] [--setting NAME]... [--json]

Says what the screening rules find in a referral and why. FILE holds a ServiceRequest, or a Bundle with one or more.
--earlier  a version of the same order that was sent before, the oldest first: what came with it counts still
--now      the moment that dates are compared with, for example 2026-11-26T09:00:00Z; without it the present one
--setting  a screening setting of a partner's file, for example hold-first-trimester

Exit code 0: nothing stops the treatment; 1: a finding holds or rejects it; 2: the file could not be screened.`;

/** One referral of the file and what was found. */
interface Screened {
  readonly path: string;
  readonly facts: PlanFacts;
  readonly result: ScreeningResult;
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      now: { type: 'string' },
      earlier: { type: 'string', multiple: true },
      setting: { type: 'string', multiple: true },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wrong = misuse(positionals, ['FILE']);
  if (wrong !== undefined) {
    process.stderr.write(`tactus screen: ${wrong}\n\n${help}\n`);
    return 2;
  }
  const [file = ''] = positionals;
  const now = values.now ?? new Date().toISOString();
  if (Number.isNaN(Date.parse(now)))
    throw new Error(`--now is "${now}"; it must be an instant such as 2026-11-26T09:00:00Z.`);
  const rules = rulesOrThrow();
  const settings = values.setting ?? [];
  const known = settingNames(rules);
  const unknown = settings.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--setting is "${unknown}", which no rule asks for; known are ${known.join(', ')}.`);
  const earlier = (values.earlier ?? []).map(readDocument);
  const screened = screenDocument(readDocument(file), { rules, now, settings, earlier });
  const text =
    values.json === true
      ? `${JSON.stringify(screened, undefined, 2)}\n`
      : screened.map((one) => told(one, rules)).join('\n');
  process.stdout.write(text);
  const stops = screened.some(({ result }) => result.disposition === 'reject' || result.disposition === 'hold');
  return stops ? 1 : 0;
}

function rulesOrThrow(): RuleSet {
  const { ruleSet, issues } = loadRules(readRules());
  if (ruleSet !== undefined) return ruleSet;
  const faults = issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  throw new Error(`The screening rules have faults:\n${faults.join('\n')}`);
}

function readDocument(file: string): Json {
  const parsed = parseJson(readText(file));
  if (!parsed.ok) throw new Error(`${file} cannot be read: ${parsed.issues.map(({ message }) => message).join(' ')}`);
  const document = object(parsed.value);
  if (document === undefined) throw new Error(`${file} holds no FHIR resource.`);
  return document;
}

interface ScreenSettings {
  readonly rules: RuleSet;
  readonly now: string;
  readonly settings: readonly string[];
  /** Documents that were sent before this one, oldest first. */
  readonly earlier: readonly Json[];
}

function screenDocument(document: Json, { earlier, ...settings }: ScreenSettings): Screened[] {
  const referrals = referralsIn(document);
  if (referrals.length === 0) throw new Error('The file has no ServiceRequest, alone or in a Bundle.');
  return referrals.map(({ path, referral }) => {
    const facts = factsOfReferral(referral, settings.rules.regions, settings.rules.techniques);
    const layers = earlier.map((one, at) => layerOf(one, at + 1, referral));
    return { path, facts, result: screen({ referral, context: document, earlier: layers, facts, ...settings }) };
  });
}

function referralsIn(document: Json): { readonly path: string; readonly referral: Json }[] {
  if (document.resourceType === 'ServiceRequest') return [{ path: 'ServiceRequest', referral: document }];
  return objects(document.entry).flatMap((entry, index) => {
    const resource = object(entry?.resource);
    return resource?.resourceType === 'ServiceRequest'
      ? [{ path: `Bundle.entry[${index}].resource`, referral: resource }]
      : [];
  });
}

/** The order in an earlier document is the one with the same number; else the only one. */
function layerOf(document: Json, version: number, referral: Json): OrderLayer {
  const numbers = new Set(numbersOf(referral));
  const all = referralsIn(document).map((one) => one.referral);
  const same = all.find((one) => numbersOf(one).some((number) => numbers.has(number))) ?? all[0];
  if (same === undefined) throw new Error(`Version ${version}, given by --earlier, has no ServiceRequest.`);
  return { version, resource: same, context: document.resourceType === 'Bundle' ? document : null };
}

function told({ path, facts, result }: Screened, rules: RuleSet): string {
  const sites = facts.scope === 'full-body' ? 'the whole body' : facts.bodySites.map(({ site }) => site).join(', ');
  const lines = [
    `${path}: ${verdicts[result.disposition]}`,
    `  treats: ${sites || 'no region named (may be any)'}; techniques: ${facts.techniques.join(', ') || 'none named'}`,
    `  record: ${result.completeness}; rules: ${result.ruleSetVersion}; checked at ${result.checkedAt}`,
    ...result.findings.flatMap((finding) => [
      '',
      `  ${finding.disposition.toUpperCase()}  ${finding.title} (rule ${finding.ruleId} ${finding.ruleVersion})`,
      `    found at: ${finding.evidence.join(', ')}${finding.region === undefined ? '' : `; region: ${finding.region}`}`,
      `    to the prescriber: ${finding.prescriber}`,
      `    to the therapist:  ${finding.therapist}`,
      `    source: ${rules.rules.get(finding.ruleId)?.source}; ${signed(rules.rules.get(finding.ruleId)?.reviewedBy)}`,
    ]),
    ...section('Modifications', [
      ...new Set(result.modifications.map(({ code, region }) => (region === undefined ? code : `${code} (${region})`))),
    ]),
    ...section(
      'Duties of the therapist',
      result.duties.map(({ sentence }) => sentence),
    ),
    ...section(
      'Shown to a person, not decided on',
      result.shown.map((one) => `${one.path}: ${one.text}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const verdicts: Readonly<Record<ScreeningResult['disposition'], string>> = {
  reject: 'REJECT: cannot be accepted',
  hold: 'HOLD: the prescriber is asked first',
  flag: 'may be accepted; the findings travel with the plan',
  none: 'may be accepted; no rule found anything',
};

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}:`, ...lines.map((line) => `    - ${line}`)];
}

function signed(reviewedBy: string | undefined): string {
  return reviewedBy ? `signed by ${reviewedBy}` : 'not yet signed by a clinician';
}
