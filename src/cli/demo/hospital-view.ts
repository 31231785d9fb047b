import type { Observation, Procedure, Task } from '@medplum/fhirtypes';
import { found, until } from './clients.ts';
import type { Stage } from './journey.ts';

/** What the hospital has: read at its own server, not at Tactus. */

/** Wait until the hospital's own copy of the Task is so, and print it. */
export async function lookAtTask(
  { hospital, say }: Pick<Stage, 'hospital' | 'say'>,
  planId: string,
  isSo: (task: Task) => boolean,
): Promise<Task> {
  const task = await until(`The answer to plan ${planId} at the hospital`, async () => {
    const tasks = found(await hospital('GET', `/Task?identifier=https://tactus.example/fhir/sid/plan|${planId}`));
    return tasks.map((one) => one as unknown as Task).find(isSo);
  });
  const business = task.businessStatus?.coding?.[0]?.code;
  say(`   hospital  has Task/${task.id}: ${task.status}${business === undefined ? '' : ` (${business})`}`);
  const reason = task.statusReason?.text;
  if (reason !== undefined) say(`             because: ${reason}`);
  return task;
}

/** Print what came of the sessions. */
export async function lookAtOutcomes({ hospital, say }: Pick<Stage, 'hospital' | 'say'>, task: Task): Promise<void> {
  for (const reference of references(task)) {
    const { body } = await hospital('GET', `/${reference}`);
    if (body.resourceType === 'Procedure') say(`   hospital  has ${describeProcedure(body as unknown as Procedure)}`);
    if (body.resourceType === 'Observation')
      say(`             and ${describeObservation(body as unknown as Observation)}`);
  }
}

export function procedures(task: Task): readonly string[] {
  return references(task, 'Procedure');
}

/** What the Task's output names, of one type or all. */
export function references(task: Task, type = ''): readonly string[] {
  return (task.output ?? [])
    .flatMap(({ valueReference }) => valueReference?.reference ?? [])
    .filter((reference) => reference.startsWith(type === '' ? '' : `${type}/`));
}

function describeProcedure({ id, status, performedPeriod }: Procedure): string {
  return `Procedure/${id}: ${status}, ${performedPeriod?.start ?? ''} to ${performedPeriod?.end ?? ''}`;
}

function describeObservation({ id, code, valueQuantity, effectiveDateTime }: Observation): string {
  const value =
    valueQuantity === undefined ? '' : ` = ${valueQuantity.value} ${valueQuantity.unit ?? valueQuantity.code ?? ''}`;
  return `Observation/${id}: ${code?.coding?.[0]?.code ?? code?.text ?? ''}${value} at ${effectiveDateTime ?? ''}`;
}
