import { judge } from '../../../src/core/delivery/answer.ts';
import type { PlanRecord } from '../../../src/flows/records.ts';
import type { RunningHouse } from './house.ts';

type Json = Readonly<Record<string, unknown>>;

/** One row of MANIFEST.tsv. */
export interface Row {
  readonly file: string;
  readonly what: string;
  readonly expected: string;
  /** What another validator said of the base structure; `ok` or its issues. */
  readonly structure: string;
}

export interface ToldIssue {
  readonly severity: string;
  readonly code: string;
  readonly ours: string;
  readonly expression: string;
  readonly text: string;
}

/** What happened to a payload. */
export interface Facts {
  /** Of HTTP; 0 where nothing was sent. */
  readonly status: number;
  /** Task.status and business status, of the Task in the answer or of the referral that was made. */
  readonly state: string;
  readonly reasons: readonly string[];
  readonly issues: readonly ToldIssue[];
  readonly plans: readonly PlanRecord[];
  readonly body: unknown;
  /** Of a hospital's answer: what it means for a delivery. */
  readonly delivery?: { readonly verdict: string; readonly httpStatus: number; readonly codes: readonly string[] };
  /** Of a table of states: rows and pairs on which we differ. */
  readonly table?: { readonly rows: number; readonly wrong: readonly string[] };
}

/** Where a payload of this kind would come in. */
function doorOf(resource: Json): string {
  const { resourceType, type } = resource;
  if (resourceType === 'Bundle') return type === 'message' ? '/fhir/$process-message' : '/fhir';
  return `/fhir/${String(resourceType)}`;
}

/** Send a JSON payload as its sender would, let the worker work, and look at what became of it. */
export async function sendJson(house: RunningHouse, text: string): Promise<Facts> {
  const door = doorOf(JSON.parse(text) as Json);
  const answer = await house.send('POST', door, text);
  const body = await readBody(answer);
  await house.makePlans();
  const plans = [...house.store.planRecords.values()];
  const task = (await taskIn(house, body)) ?? (await newestTask(house));
  return {
    status: answer.status,
    state: task === undefined ? '' : [task.status, ...codes(task.businessStatus)].join(' '),
    reasons: task === undefined ? [] : codes(task.statusReason),
    issues: issuesIn(body),
    plans,
    body: task === undefined || task === body ? body : [body, task],
  };
}

/** A body that is no JSON: only its media type is looked at. */
export async function sendOther(house: RunningHouse, text: string, contentType: string, door: string): Promise<Facts> {
  const answer = await house.send('POST', door, text, contentType);
  const body = await readBody(answer);
  return { status: answer.status, state: '', reasons: [], issues: issuesIn(body), plans: [], body };
}

/** An OperationOutcome as a hospital's answer to a delivery, under the HTTP status in its file's name. */
export function judgeOutcome(text: string, httpStatus: number): Facts {
  const body = JSON.parse(text) as Json;
  const verdict = judge({ kind: 'answered', status: httpStatus, headers: {}, body }, 0);
  const codesTold = issuesIn(body).map(({ code }) => code);
  return {
    status: 0,
    state: verdict.kind,
    reasons: [],
    issues: issuesIn(body),
    plans: [],
    body: verdict,
    delivery: { verdict: verdict.kind, httpStatus, codes: codesTold },
  };
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** A Task in the answer, read again where it has an address here: a worker may have been busy since. */
async function taskIn(house: RunningHouse, body: unknown): Promise<Json | undefined> {
  const resources = [body, ...entriesOf(body)].filter(isObject);
  const task = resources.find((one) => one.resourceType === 'Task');
  return task === undefined ? undefined : ((await readTask(house, String(task.id))) ?? task);
}

async function newestTask(house: RunningHouse): Promise<Json | undefined> {
  const id = [...house.store.referrals.keys()].at(-1);
  return id === undefined ? undefined : readTask(house, id);
}

async function readTask(house: RunningHouse, id: string): Promise<Json | undefined> {
  const answer = await house.send('GET', `/fhir/Task/${id}`);
  return answer.status === 200 ? ((await answer.json()) as Json) : undefined;
}

export function entriesOf(body: unknown): readonly unknown[] {
  const entries = isObject(body) && Array.isArray(body.entry) ? (body.entry as readonly unknown[]) : [];
  return entries.map((entry) => (isObject(entry) ? entry.resource : undefined));
}

/** Issues of every OperationOutcome in an answer. */
function issuesIn(body: unknown): ToldIssue[] {
  return [body, ...entriesOf(body)].filter(isObject).flatMap((resource) => {
    if (resource.resourceType !== 'OperationOutcome' || !Array.isArray(resource.issue)) return [];
    return (resource.issue as readonly Json[]).map((issue) => ({
      severity: String(issue.severity),
      code: String(issue.code),
      ours: codes(issue.details)[0] ?? '',
      expression: Array.isArray(issue.expression) ? String(issue.expression[0]) : '',
      text: String(issue.diagnostics ?? (issue.details as Json | undefined)?.text ?? ''),
    }));
  });
}

function codes(concept: unknown): string[] {
  const coding = isObject(concept) && Array.isArray(concept.coding) ? (concept.coding as readonly Json[]) : [];
  return coding.map(({ code }) => String(code));
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
