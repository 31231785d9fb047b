import type { TaskInput } from '@medplum/fhirtypes';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import { questionSystem, type StatusReason, taskParameterSystem } from './codes.ts';
import { type Partner, type QuestionCode, questionCodes } from './partner.ts';

/** Something that the prescriber is asked while the plan waits. */
export interface Question {
  /** `clearance` asks whether massage is safe in spite of a finding. */
  readonly code: QuestionCode | 'clearance';
  readonly sentence: string;
  /** FHIR type of the answer: Task.input.value[x] or Task.output.value[x]. */
  readonly answerType: 'positiveInt' | 'Timing' | 'CodeableConcept' | 'boolean' | 'date';
  /** Of `clearance`: the rules whose findings are asked about. */
  readonly ruleIds?: readonly string[];
}

interface Asked extends Omit<Question, 'code'> {
  readonly isMissing: (plan: TreatmentPlan) => boolean;
}

/** Each question, and when it is one. */
const table: Readonly<Record<QuestionCode, Asked>> = {
  'session-count': {
    sentence: 'How many sessions are prescribed? Please answer with a whole number from 1 to 60.',
    answerType: 'positiveInt',
    isMissing: ({ dosage }) => dosage.sessions === undefined,
  },
  frequency: {
    sentence:
      'How often shall a session take place, for example twice a week? Please answer with frequency and period.',
    answerType: 'Timing',
    isMissing: ({ dosage }) => dosage.frequency === undefined && dosage.pattern !== 'once' && dosage.sessions !== 1,
  },
  'body-region': {
    sentence: 'Which region of the body shall be treated? Please answer with a coded body site.',
    answerType: 'CodeableConcept',
    isMissing: ({ scope, bodySites }) => scope !== 'full-body' && bodySites.length === 0,
  },
  technique: {
    sentence: 'Which technique of massage is prescribed? Please answer with a code of our list of techniques.',
    answerType: 'CodeableConcept',
    isMissing: ({ service }) => service.technique.length === 0,
  },
  screening: {
    sentence:
      'Has the order told all other illnesses, medicines and allergies that matter for massage? Please answer true, or send them.',
    answerType: 'boolean',
    isMissing: ({ screening }) => screening.completeness !== 'complete',
  },
  indication: {
    sentence: 'For which clinical reason is massage prescribed? Please answer with a coded diagnosis or finding.',
    answerType: 'CodeableConcept',
    isMissing: ({ indications }) => indications.length === 0,
  },
  'order-date': {
    sentence: 'On which day was the massage prescribed? Please answer with a date.',
    answerType: 'date',
    isMissing: ({ authoredOn }) => authoredOn === undefined,
  },
};

/** What the order leaves open and the partner's file says is to be asked, in the order of our list. */
export function missingFrom(plan: TreatmentPlan, policy: Pick<Partner['policy'], 'asks'>): Question[] {
  return questionCodes
    .filter((code) => policy.asks.includes(code) && table[code].isMissing(plan))
    .map((code) => ({ code, sentence: table[code].sentence, answerType: table[code].answerType }));
}

/** The question that a hold by screening asks. */
export function clearanceQuestion(ruleIds: readonly string[]): Question {
  const sentence =
    'Is massage safe for this patient in spite of what the record shows? Please answer true or false, and name who says so.';
  return { code: 'clearance', sentence, answerType: 'boolean', ruleIds };
}

/** The reason that goes with questions: the number of sessions has its own. */
export function reasonOfQuestions(questions: readonly Question[]): StatusReason | undefined {
  if (questions.length === 0) return undefined;
  const [only] = questions;
  return questions.length === 1 && only?.code === 'session-count' ? 'missing-session-count' : 'missing-information';
}

/** A question as Task.input: its code beside the type `question`, its sentence as value. */
export function toTaskInput({ code, sentence }: Question): TaskInput {
  return {
    type: {
      coding: [
        { system: taskParameterSystem, code: 'question' },
        { system: questionSystem, code },
      ],
    },
    valueString: sentence,
  };
}
