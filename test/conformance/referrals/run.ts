import { existsSync, readFileSync } from 'node:fs';
import { extname, join, matchesGlob } from 'node:path';
import type { AnchorId } from '../../../src/core/answer/partner.ts';
import type { Catalog } from '../../../src/start/catalog.ts';
import { decide } from './expectation.ts';
import { entriesOf, type Facts, isObject, judgeOutcome, type Row, sendJson, sendOther } from './facts.ts';
import { loadExamplesCatalog, openHouse, type RunningHouse } from './house.ts';
import { compareTable } from './state-table.ts';

/** Where it is argued why something else than the manifest says is right; one table row a path. */
const argumentsPage = join(import.meta.dirname, '../../../docs/conformance.md');

type Json = Readonly<Record<string, unknown>>;

/** A folder of payloads, and a hospital that holds its resources. */
interface Examples {
  readonly folder: string;
  readonly catalog: Catalog;
  /** Resources of the folder by `Type/id`. */
  readonly resources: ReadonlyMap<string, Json>;
}

/** `npm run conformance -- referrals DIR [--show FILE]`: exit 0 when all is expected or argued, 1 otherwise, 2 for misuse. */
export async function run(args: readonly string[]): Promise<number> {
  const folder = args.find((arg, at) => !arg.startsWith('--') && args[at - 1] !== '--show');
  const shown = args.includes('--show') ? args[args.indexOf('--show') + 1] : undefined;
  if (folder === undefined || !existsSync(join(folder, 'MANIFEST.tsv'))) {
    console.error('Usage: npm run conformance -- referrals DIR [--show FILE], where DIR holds MANIFEST.tsv.');
    return 2;
  }
  const rows = readManifest(join(folder, 'MANIFEST.tsv')).filter(({ file }) => shown === undefined || file === shown);
  const examples = { folder, catalog: loadExamplesCatalog(), resources: resourcesOf(folder, rows) };
  const argued = readArguments(readFileSync(argumentsPage, 'utf8'));
  const figures = { cases: rows.length, expected: 0, argued: 0, unexpected: 0, serverErrors: 0 };
  for (const row of rows) {
    const facts = await happen(examples, row);
    const { verdict, why } = decide(facts, row);
    const reason = verdict === 'expected' ? undefined : argued.find(({ path }) => matchesGlob(row.file, path));
    const isArgued = reason !== undefined && facts.status < 500;
    figures[isArgued ? 'argued' : verdict]++;
    if (facts.status >= 500) figures.serverErrors++;
    console.log(
      picture(row, facts, isArgued ? `argued: ${reason.reason}` : why === '' ? verdict : `${verdict}, ${why}`),
    );
    if (shown !== undefined) console.log(JSON.stringify(facts.body, null, 2));
  }
  console.log(JSON.stringify(figures));
  return figures.unexpected + figures.serverErrors === 0 ? 0 : 1;
}

/** Each payload meets an empty store: examples of one standard often share their ids. */
async function happen(examples: Examples, row: Row): Promise<Facts> {
  const text = readFileSync(join(examples.folder, row.file), 'utf8');
  if (extname(row.file) === '.tsv') return holdTable(examples.catalog, row, text);
  const house = await openHouse(examples.catalog, (path) => served(examples, path));
  try {
    if (extname(row.file) === '.xml') return await sendOther(house, text, 'application/fhir+xml', doorOfXml(text));
    if (extname(row.file) !== '.json') {
      return await sendOther(house, text, 'x-application/hl7-v2+er7', '/fhir/ServiceRequest');
    }
    const resource = JSON.parse(text) as Json;
    const httpStatus = /(?:^|\/)([1-5]\d\d)[^/]*$/.exec(row.file)?.[1];
    if (resource.resourceType === 'OperationOutcome') return judgeOutcome(text, Number(httpStatus ?? 0));
    await sendBefore(examples, house, resource);
    return await sendJson(house, text);
  } finally {
    await house.close();
  }
}

/** A Task whose focus is another Task of the folder comes after that one. */
async function sendBefore({ resources }: Examples, house: RunningHouse, { resourceType, focus }: Json): Promise<void> {
  const reference = resourceType === 'Task' && isObject(focus) ? String(focus.reference ?? '') : '';
  const before = reference.startsWith('Task/') ? resources.get(reference) : undefined;
  if (before !== undefined) await sendJson(house, JSON.stringify(before));
}

/** The hospital: what the folder holds, and an order for massage under every other id. All data invented. */
function served({ resources }: Examples, path: string): unknown {
  const known = resources.get(path);
  if (known !== undefined) return known;
  const id = /^ServiceRequest\/(.+)$/.exec(path)?.[1];
  if (id === undefined) return undefined;
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  return {
    resourceType: 'ServiceRequest',
    id,
    status: 'active',
    intent: 'order',
    code: coding('http://terminology.hl7.org/CodeSystem/service-type', '25'),
    subject: { reference: 'Patient/invented' },
    quantityQuantity: { value: 6 },
    requester: { reference: 'Practitioner/invented' },
    reasonCode: [coding('http://snomed.info/sct', '279039007')],
    bodySite: [coding('http://snomed.info/sct', '37822005')],
  };
}

function holdTable({ anchors }: Catalog, { what, file }: Row, text: string): Facts {
  const id = (['bser', 'nl', 'au'] as const).find((one) => new RegExp(`\\b${one}\\b`, 'i').test(`${what} ${file}`));
  const anchor = anchors.get(id as AnchorId);
  const table = anchor === undefined ? { rows: 0, wrong: ['no such anchor'] } : compareTable(text, anchor);
  const state = `${table.rows} rows, ${table.wrong.length} differ`;
  return { status: 0, state, reasons: table.wrong, issues: [], plans: [], body: table, table };
}

function doorOfXml(text: string): string {
  const type = /<([A-Z][A-Za-z]+)[\s>]/.exec(text)?.[1] ?? 'ServiceRequest';
  if (type !== 'Bundle') return `/fhir/${type === 'Task' ? 'Task' : 'ServiceRequest'}`;
  return /<type value="message"/.test(text) ? '/fhir/$process-message' : '/fhir';
}

function readManifest(file: string): Row[] {
  const [, ...lines] = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [path = '', , , what = '', expected = '', structure = ''] = line.split('\t');
      return { file: path, what, expected, structure };
    });
}

function resourcesOf(folder: string, rows: readonly Row[]): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  for (const { file } of rows.filter((row) => extname(row.file) === '.json')) {
    const resource = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
    for (const one of [resource, ...entriesOf(resource)]) {
      if (isObject(one) && one.id !== undefined) found.set(`${String(one.resourceType)}/${String(one.id)}`, one);
    }
  }
  return found;
}

/** Rows of the page's tables that begin with a path or a pattern of paths in backticks. */
export function readArguments(page: string): { readonly path: string; readonly reason: string }[] {
  return [...page.matchAll(/^\| `([^`]+)` \|(?:[^|]*\|)? ([^|]+) \|$/gm)].map(([, path = '', reason = '']) => ({
    path,
    reason,
  }));
}

function picture({ file, expected }: Row, { status, state, reasons, issues }: Facts, verdict: string): string {
  const worst = issues.find(({ severity }) => severity === 'error' || severity === 'fatal') ?? issues[0];
  return [
    file,
    `  expected  ${expected}`,
    `  happened  ${[status === 0 ? '' : `HTTP ${status}`, state, ...reasons.slice(0, 5)].filter(Boolean).join(', ')}`,
    ...(worst === undefined ? [] : [`  issue     ${worst.ours || worst.code} ${worst.expression}: ${worst.text}`]),
    `  verdict   ${verdict}`,
  ].join('\n');
}
