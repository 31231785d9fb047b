import { parseArgs } from 'node:util';
import type { TracedResult } from '../core/mapping/mapping.ts';
import { referralInputs, traceReferral } from '../core/plan/from-referral.ts';
import { outcomeInputs, type SessionToOutcome, traceOutcome } from '../core/plan/outcome.ts';
import type { PlanRecord, SessionRecord } from '../flows/records.ts';
import type { Store } from '../flows/store.ts';
import { referralToPlanRequest } from '../start/bindings.ts';
import { originalPath, tracePicture } from './mapping-tools/trace-picture.ts';
import { misuse } from './usage.ts';
import { type CommandWorld, openWorld } from './world.ts';

export const help = `npx tactus explain ID [--json]

Says for each element of what was made where it came from: the source element, the mapping and its line, the row of a
concept map; and what of the source was not used. It prints clinical data: it is for people who may see it.

ID      a session's id, or the id of its Procedure at the hospital: session -> Procedure and Observations
        a plan's id: referral -> plan
--json  one JSON object: { mapping, version, madeWith, trace, dropped }

Ends with 0, with 1 when nothing is known under that id, with 2 when it could not be asked.`;

/** @returns 0 explained, 1 unknown id, 2 could not be asked. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wrong = misuse(positionals, ['ID']);
  if (wrong !== undefined) {
    process.stderr.write(`tactus explain: ${wrong}\n\n${help}\n`);
    return 2;
  }
  const [id = ''] = positionals;
  const world = await openWorld(process.env);
  try {
    const explained = (await explainOutcome(world, id)) ?? (await explainPlan(world, id));
    if (explained === undefined) {
      process.stderr.write(`Neither a session, nor a Procedure at a hospital, nor a plan has the id ${id}.\n`);
      return 1;
    }
    process.stdout.write(values.json === true ? `${JSON.stringify(asJson(explained))}\n` : asText(explained));
    return 0;
  } finally {
    await world.close();
  }
}

interface Explained {
  readonly title: string;
  readonly mapping: string;
  /** Of the mapping as it is now, with which the trace was made. */
  readonly version: string;
  /** Of the mapping that made what was delivered; undefined when that was not kept. */
  readonly madeWith: string | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly traced: TracedResult;
}

async function explainOutcome({ catalog, store }: CommandWorld, id: string): Promise<Explained | undefined> {
  const found = await findSession(store, id);
  if (found === undefined) return undefined;
  const { record, session } = found;
  const mapping = catalog.sessionToOutcome;
  const fhirBase = catalog.partners.get(record.partner)?.baseUrl;
  const request: SessionToOutcome = {
    mapping,
    session: session.session,
    plan: record.plan,
    measures: catalog.measures,
    partner: { id: record.partner, ...(fhirBase === undefined ? {} : { fhirBase }) },
    now: session.recordedAt,
  };
  return {
    title: `Session ${session.session.sessionId} of plan ${record.plan.planId}`,
    mapping: mapping.name,
    version: mapping.version,
    madeWith: await outcomeVersion(store, record.plan.planId, session.session.sessionId),
    inputs: outcomeInputs(request),
    traced: traceOutcome(request),
  };
}

/** By the session's own id, or by what a hospital calls its Procedure. */
async function findSession(
  store: Store,
  id: string,
): Promise<{ readonly record: PlanRecord; readonly session: SessionRecord } | undefined> {
  const session = await store.session(id);
  if (session !== undefined) {
    const record = await store.plan(session.planId);
    return record && { record, session };
  }
  const wanted = id.replace(/^Procedure\//, '');
  for (let after: string | null | undefined; after !== null; ) {
    const page = await store.plans({ limit: 100, ...(after === undefined ? {} : { after }) });
    for (const record of page.items) {
      const told = record.outcomes?.find(({ resources }) =>
        resources.some((resource) => resource.type === 'Procedure' && resource.id === wanted),
      );
      const own = told && (await store.session(told.sessionId));
      if (own !== undefined) return { record, session: own };
    }
    after = page.next;
  }
  return undefined;
}

async function outcomeVersion(store: Store, planId: string, sessionId: string): Promise<string | undefined> {
  const delivery = (await store.deliveriesOfPlan(planId)).find((one) => one.sessionId === sessionId);
  if (delivery === undefined) return undefined;
  const delivered = (await store.history('delivery', delivery.id)).find(({ event }) => event === 'delivered');
  const version = delivered?.detail.mappingVersion;
  return typeof version === 'string' ? version : undefined;
}

async function explainPlan({ catalog, store }: CommandWorld, id: string): Promise<Explained | undefined> {
  const record = await store.plan(id);
  const referral = record && (await store.referral(record.referralId));
  const partner = record && catalog.partners.get(record.partner);
  if (record === undefined || referral === undefined || partner === undefined) return undefined;
  const now = record.createdAt;
  const request = referralToPlanRequest({ catalog, publicUrl: '', now: () => now }, referral, id);
  return {
    title: `Plan ${id} of referral ${referral.id}`,
    mapping: catalog.referralToPlan.name,
    version: catalog.referralToPlan.version,
    madeWith: record.plan.mappingVersion,
    inputs: referralInputs(request),
    traced: traceReferral(request),
  };
}

function asJson({ mapping, version, madeWith, inputs, traced }: Explained): object {
  const trace = traced.trace.map((entry) => ({
    ...entry,
    sources: entry.sources.map((path) => originalPath(path, inputs)),
  }));
  return { mapping, version, madeWith: madeWith ?? null, trace, dropped: traced.dropped };
}

function asText({ title, mapping, version, madeWith, inputs, traced }: Explained): string {
  const made =
    madeWith === undefined || madeWith === version
      ? ''
      : `It was made with version ${madeWith}; the mapping has changed since, and this is how it would be made now.\n`;
  return `${title}, mapping ${mapping}, version ${version}\n${made}\n${tracePicture(traced, inputs)}`;
}
