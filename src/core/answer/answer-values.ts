import type { Timing } from '@medplum/fhirtypes';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import type { AnswerEntry } from './apply-answers.ts';
import { ucumSystem } from './codes.ts';

const mostSessions = 60;

/** A count of sessions in any of the number types, or a Quantity without unit or in `1` or `{session}`. */
export function readSessionCount(entry: AnswerEntry): number | undefined {
  const { valuePositiveInt, valueUnsignedInt, valueInteger, valueQuantity } = entry;
  const count = valuePositiveInt ?? valueUnsignedInt ?? valueInteger ?? countOf(valueQuantity);
  return count !== undefined && Number.isInteger(count) && count >= 1 && count <= mostSessions ? count : undefined;
}

function countOf(quantity: AnswerEntry['valueQuantity']): number | undefined {
  const { value, code, system, comparator } = quantity ?? {};
  const isCount = code === undefined || (system === ucumSystem && (code === '1' || code === '{session}'));
  return isCount && comparator === undefined ? value : undefined;
}

/** `frequency` times in `period` days or weeks; undefined for anything that is not said so. */
export function readTiming(timing: Timing | undefined): TreatmentPlan['dosage']['frequency'] {
  const { frequency, frequencyMax, period, periodMax, periodUnit } = timing?.repeat ?? {};
  if (frequency === undefined || period === undefined || (periodUnit !== 'd' && periodUnit !== 'wk')) return undefined;
  if (!isTimes(frequency) || (frequencyMax !== undefined && !isTimes(frequencyMax)) || period < 1) return undefined;
  return {
    times: frequency,
    ...(frequencyMax === undefined ? {} : { timesMax: frequencyMax }),
    period,
    ...(periodMax === undefined ? {} : { periodMax }),
    unit: periodUnit,
  };
}

function isTimes(times: number): boolean {
  return Number.isInteger(times) && times >= 1 && times <= 14;
}
