import type { Task } from '@medplum/fhirtypes';
import { canonicalContent } from '../fhir/canonical-content.ts';
import { type Json, objects, text } from '../plan/screening/json.ts';
import { taskParameterSystem } from './codes.ts';

/**
 * The Task that a placer made for its order at its own server (COW: "Task at placer"), which we move as the one who fulfils
 * it. What it is about, who asks and who does it stay as the placer wrote them (NL: requester, owner, for, basedOn and
 * focus are immutable); what we tell are its status with reason and business status, and its outputs.
 */
const told = ['status', 'statusReason', 'businessStatus', 'lastModified'] as const;

/** https://hl7.org/fhir/R4/valueset-task-status.html: nothing is moved out of these. */
const ended: ReadonlySet<unknown> = new Set(['rejected', 'cancelled', 'completed', 'failed', 'entered-in-error']);

export type PlacerTask =
  | { readonly kind: 'changed'; readonly task: Json }
  /** It tells all of it already. */
  | { readonly kind: 'same' }
  /** The placer, or somebody else, has ended it with another status than ours. */
  | { readonly kind: 'ended'; readonly status: string };

/**
 * The placer's Task as it should read now.
 *
 * @param theirs As it was read at the placer's server.
 * @param ours The answer to the referral.
 */
export function placerTask(theirs: Json, ours: Task): PlacerTask {
  if (ended.has(theirs.status) && theirs.status !== ours.status)
    return { kind: 'ended', status: String(theirs.status) };
  const output = [...objects(theirs.output).filter((one) => one !== undefined && !isOurs(one)), ...(ours.output ?? [])];
  const changed: Record<string, unknown> = { ...theirs, output };
  for (const name of told) {
    if (ours[name] === undefined) delete changed[name];
    else changed[name] = ours[name];
  }
  if (output.length === 0) delete changed.output;
  return isSame(theirs, changed) ? { kind: 'same' } : { kind: 'changed', task: changed };
}

/** When it was written says nothing new by itself. */
function isSame(one: Json, other: Json): boolean {
  const content = ({ lastModified: _, ...rest }: Json) => canonicalContent(rest);
  return content(one) === content(other);
}

function isOurs(output: Json): boolean {
  const { coding } = (output.type ?? {}) as { readonly coding?: unknown };
  return objects(coding).some((one) => text(one?.system) === taskParameterSystem);
}
