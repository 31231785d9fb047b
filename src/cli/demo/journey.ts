import type { Task } from '@medplum/fhirtypes';
import { type Ask, type Reply, until } from './clients.ts';
import { lookAtOutcomes, lookAtTask, procedures, references } from './hospital-view.ts';
import { order, session, thrombosis } from './orders.ts';

/** Who talks to whom in the demonstration. */
export interface Stage {
  /** The hospital's EHR, calling Tactus. */
  readonly ehr: Ask;
  /** The practice's system, calling Tactus. */
  readonly clinic: Ask;
  /** Anybody, reading what the hospital has. */
  readonly hospital: Ask;
  readonly say: (line: string) => void;
  /** Makes the order numbers of this run its own, so that the demonstration can be given again on the same data. */
  readonly run: string;
}

/** What became of one referral, for `--json`. */
export interface Told {
  readonly referral: string;
  readonly placer: string;
  readonly plan: string;
  /** What the hospital's own copy of the Task said, one after the other. */
  readonly seen: readonly string[];
  readonly task: string;
  readonly reason?: string;
  readonly procedures: readonly string[];
  readonly observations: readonly string[];
}

/** One referral that is accepted, treated twice and reported; one that must be asked about; one that is rejected. */
export async function playJourney(stage: Stage): Promise<readonly Told[]> {
  return [await completed(stage), await asked(stage), await rejected(stage)];
}

async function completed(stage: Stage): Promise<Told> {
  const { clinic, say } = stage;
  say('\n1. A referral that is treated');
  const { referral, planId } = await refer(
    stage,
    order({ number: `${stage.run}-1`, site: 'lumbar', reason: 'lowBackPain', sessions: 2 }),
  );
  const accepted = await lookAtTask(stage, planId, (task) => task.status === 'accepted');
  const plan = (await clinic('GET', `/plans/${planId}`)).body.plan as PlanSeen;
  const site = plan.bodySites[0]?.site ?? '';
  say(`   clinic    sees plan ${planId}: ${plan.status}, ${plan.dosage.sessions} sessions, ${site}`);
  await expectOk(clinic('PUT', `/plans/${planId}/assessment`, assessment()), 'The assessment');
  say('   clinic    has assessed the patient and set a goal: pain at most 2 of 10');
  const end = Date.now();
  for (const [seq, painBefore, painAfter] of [
    [1, 7, 5],
    [2, 5, 2],
  ] as const) {
    const done = session({ planId, seq, site, painBefore, painAfter, end: new Date(end - (2 - seq) * 60_000) });
    await expectOk(clinic('POST', `/plans/${planId}/sessions`, done), `Session ${seq}`);
    say(`   clinic    has done session ${seq}: pain ${painBefore} before, ${painAfter} after`);
  }
  const isDone = (task: Task) => task.status === 'completed' && procedures(task).length === 2;
  return finish(stage, { number: `${stage.run}-1`, referral, planId, seen: [accepted] }, isDone);
}

async function asked(stage: Stage): Promise<Told> {
  const { ehr, say } = stage;
  say('\n2. A referral that leaves something open');
  const { referral, planId } = await refer(
    stage,
    order({ number: `${stage.run}-2`, site: 'neck', reason: 'neckPain' }),
  );
  const held = await lookAtTask(stage, planId, (task) => (task.input?.length ?? 0) > 0);
  say(`   hospital  is asked: ${held.input?.map(({ valueString }) => valueString).join(' ')}`);
  const { body, etag } = await ehr('GET', `/Task/${referral}`);
  const answered = { ...body, input: held.input?.map(({ type }) => ({ type, valuePositiveInt: 6 })) };
  await expectOk(ehr('PUT', `/Task/${referral}`, answered, etag), 'The answer');
  say(`   hospital  answers for the doctor: PUT /fhir/Task/${referral}, If-Match ${etag}: six sessions`);
  const isAccepted = (task: Task) => task.status === 'accepted';
  return finish(stage, { number: `${stage.run}-2`, referral, planId, seen: [held] }, isAccepted);
}

async function rejected(stage: Stage): Promise<Told> {
  stage.say('\n3. A referral that would do harm');
  const dangerous = order({
    number: `${stage.run}-3`,
    site: 'lumbar',
    reason: 'lowBackPain',
    sessions: 6,
    contained: [thrombosis],
  });
  const { referral, planId } = await refer(stage, dangerous);
  const isRejected = (task: Task) => task.status === 'rejected';
  return finish(stage, { number: `${stage.run}-3`, referral, planId, seen: [] }, isRejected);
}

interface PlanSeen {
  readonly planId: string;
  readonly status: string;
  readonly dosage: { readonly sessions?: number };
  readonly bodySites: readonly { readonly site: string }[];
}

/** Send an order and wait until the clinic has its plan. */
async function refer(
  stage: Stage,
  sent: Readonly<Record<string, unknown>>,
): Promise<{ referral: string; planId: string }> {
  const { ehr, clinic, say } = stage;
  const [{ value: number } = { value: '' }] = sent.identifier as { value: string }[];
  const received = await ehr('POST', '/ServiceRequest', sent);
  if (received.status !== 201 && received.status !== 200)
    throw new Error(`The referral was refused: ${explain(received)}`);
  const referral = String(received.body.id ?? received.location?.split('/').at(-3));
  say(`   hospital  sent referral ${number}; Tactus answered HTTP ${received.status}, ${received.location}`);
  const planId = await until(`The plan of referral ${number}`, async () => {
    const { items } = (await clinic('GET', '/plans?limit=100')).body as { readonly items: readonly PlanItem[] };
    return items.find((item) => item.referralId === referral)?.plan.planId;
  });
  return { referral, planId };
}

interface PlanItem {
  readonly referralId: string;
  readonly plan: PlanSeen;
}

/** Wait until the hospital's own copy of the Task says so, and tell what the hospital has. */
async function finish(
  stage: Stage,
  told: { readonly number: string; readonly referral: string; readonly planId: string; readonly seen: readonly Task[] },
  isSo: (task: Task) => boolean,
): Promise<Told> {
  const task = await lookAtTask(stage, told.planId, isSo);
  await lookAtOutcomes(stage, task);
  const reason = task.statusReason?.text;
  return {
    referral: told.referral,
    placer: told.number,
    plan: told.planId,
    seen: [...told.seen, task].map(({ status }) => status ?? ''),
    task: task.status ?? '',
    ...(reason === undefined ? {} : { reason }),
    procedures: procedures(task),
    observations: references(task, 'Observation'),
  };
}

function assessment(): object {
  return {
    assessment: { performedAt: new Date().toISOString(), by: 'Tom Therapist' },
    goals: [
      {
        goalId: 'goal-1',
        measure: 'pain-nrs',
        target: { value: 2, unit: '{score}', direction: 'lower' },
        achievement: 'in-progress',
      },
    ],
  };
}

async function expectOk(asking: Promise<Reply>, what: string): Promise<void> {
  const reply = await asking;
  if (reply.status >= 300) throw new Error(`${what} was refused: ${explain(reply)}`);
}

function explain({ status, body }: Reply): string {
  return `HTTP ${status} ${JSON.stringify(body)}`;
}
