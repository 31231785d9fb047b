import type { TaskInput, TaskOutput } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/issue.ts';
import { placesOf } from '../plan/screening/facts.ts';
import type { RuleSet } from '../plan/screening/rule-set.ts';
import type { TreatmentPlan } from '../plan/treatment-plan.ts';
import { readSessionCount, readTiming } from './answer-values.ts';
import { questionSystem } from './codes.ts';
import { questionCodes } from './partner.ts';
import type { Question } from './question.ts';

/** Answers as they came: Task.input with its value replaced, or Task.output. */
export type AnswerEntry = TaskInput | TaskOutput;

export interface AnsweredBy {
  /** Who answers for it, by name or reference. */
  readonly by: string;
  /** An instant. */
  readonly at: string;
  /** `input` or `output`, for the places of issues. */
  readonly element: 'input' | 'output';
}

export type Applied =
  | {
      readonly ok: true;
      /** The plan with what was open filled; screen and decide it again. */
      readonly plan: TreatmentPlan;
      readonly answered: readonly Question['code'][];
      /** The prescriber said that massage is not safe: the referral is to be rejected. */
      readonly isDeclined: boolean;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

type Change = { readonly plan: TreatmentPlan; readonly isDeclined?: boolean } | string;

interface Reading extends AnsweredBy {
  readonly rules: RuleSet;
}

/** What the prescriber did say is changed by a changed order, not by an answer. */
const inOrder = 'differs from what the order says already; send a changed order instead';

/** One answer: gives the changed plan, or what is wrong with it and what would be right. */
const readers: Readonly<
  Record<Question['code'], (plan: TreatmentPlan, entry: AnswerEntry, reading: Reading) => Change>
> = {
  'session-count': (plan, entry) => {
    const sessions = readSessionCount(entry);
    if (sessions === undefined) return 'must be a whole number from 1 to 60 (valuePositiveInt)';
    return plan.dosage.sessions !== undefined && plan.dosage.sessions !== sessions
      ? inOrder
      : { plan: { ...plan, dosage: { ...plan.dosage, sessions } } };
  },
  frequency: (plan, entry) => {
    const frequency = readTiming(entry.valueTiming);
    if (frequency === undefined) return 'must be a Timing with repeat.frequency, period, and periodUnit d or wk';
    if (plan.dosage.frequency !== undefined && !isSame(plan.dosage.frequency, frequency)) return inOrder;
    return { plan: { ...plan, dosage: { ...plan.dosage, frequency } } };
  },
  'body-region': (plan, { valueCodeableConcept }, { rules }) => {
    const [place] = valueCodeableConcept === undefined ? [] : placesOf([valueCodeableConcept], rules.regions);
    if (place === undefined) return 'must be a CodeableConcept with a body site of our value set (massage-body-site)';
    const site = { site: place.region, laterality: place.laterality };
    if (plan.bodySites.some((known) => known.site === site.site && known.laterality === site.laterality))
      return { plan };
    if (plan.bodySites.length > 0) return inOrder;
    return { plan: { ...plan, bodySites: [site] } };
  },
  technique: (plan, { valueCodeableConcept }, { rules }) => {
    const technique = rules.techniques.namedBy(valueCodeableConcept);
    if (technique.length === 0) return 'must be a CodeableConcept with a code of our list (massage-technique)';
    if (plan.service.technique.length > 0 && !isSame(plan.service.technique, technique)) return inOrder;
    return { plan: { ...plan, service: { ...plan.service, technique: [...technique] } } };
  },
  screening: (plan, { valueBoolean }) => {
    if (valueBoolean === undefined) return 'must be true or false (valueBoolean)';
    if (!valueBoolean) return 'is false; send what is missing with a changed order';
    return { plan: { ...plan, screening: { ...plan.screening, completeness: 'complete' } } };
  },
  indication: (plan, { valueCodeableConcept }) => {
    const { coding = [], text } = valueCodeableConcept ?? {};
    const codings = coding.flatMap(({ system, code, display }) =>
      system === undefined || code === undefined
        ? []
        : [{ system, code, ...(display === undefined ? {} : { display }) }],
    );
    if (codings.length === 0 && !text) return 'must be a CodeableConcept with a code and its system, or a text';
    if (plan.indications.length > 0) return inOrder;
    const indication = { codings, ...(text ? { text } : {}), phase: 'unknown' as const };
    return { plan: { ...plan, indications: [indication] } };
  },
  'order-date': (plan, { valueDate, valueDateTime }) => {
    const authoredOn = valueDate ?? valueDateTime;
    if (authoredOn === undefined) return 'must be a date (valueDate)';
    if (plan.authoredOn !== undefined && plan.authoredOn !== authoredOn) return inOrder;
    return { plan: { ...plan, authoredOn } };
  },
  clearance: (plan, { valueBoolean }, { by, at }) => {
    if (valueBoolean === undefined) return 'must be true or false (valueBoolean)';
    const cleared = plan.screening.findings.map((finding) =>
      valueBoolean && finding.state === 'open' && finding.disposition === 'hold'
        ? { ...finding, state: 'cleared' as const, by, at, reason: 'The prescriber answered that massage is safe.' }
        : finding,
    );
    return { plan: { ...plan, screening: { ...plan.screening, findings: cleared } }, isDeclined: !valueBoolean };
  },
};

/**
 * Put the prescriber's answers into a plan that waits for them. Entries that ask or tell something else are left alone;
 * one whose value is still the question (valueString) is no answer.
 *
 * @returns The changed plan, or an issue for each answer that cannot be read (`answer-invalid`); without any answer
 *   among the entries `answer-missing`. Never a part of the answers.
 */
export function applyAnswers(
  plan: TreatmentPlan,
  entries: readonly AnswerEntry[],
  told: AnsweredBy & { readonly rules: RuleSet },
): Applied {
  const issues: Issue[] = [];
  const answered: Question['code'][] = [];
  let changed = plan;
  let isDeclined = false;
  entries.forEach((entry, index) => {
    const code = questionOf(entry);
    if (code === undefined || entry.valueString !== undefined) return;
    const change = readers[code](changed, entry, told);
    if (typeof change === 'string') {
      issues.push(
        answerIssue(`Task.${told.element}[${index}].value`, `The answer to the question "${code}" ${change}.`),
      );
      return;
    }
    changed = change.plan;
    isDeclined ||= change.isDeclined ?? false;
    answered.push(code);
  });
  if (issues.length > 0) return { ok: false, issues };
  if (answered.length > 0) return { ok: true, plan: changed, answered, isDeclined };
  const known = [...questionCodes, 'clearance'].join(', ');
  const message = `The Task answers no question; an answer has a type with a code of ${questionSystem} (${known}) and a value of another kind than text.`;
  return {
    ok: false,
    issues: [{ ...answerIssue(`Task.${told.element}`, message), code: 'answer-missing', type: 'required' }],
  };
}

function questionOf(entry: AnswerEntry): Question['code'] | undefined {
  const code = entry.type.coding?.find(({ system }) => system === questionSystem)?.code;
  return code !== undefined && Object.hasOwn(readers, code) ? (code as Question['code']) : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function answerIssue(expression: string, message: string): Issue {
  return { severity: 'error', code: 'answer-invalid', type: 'value', expression, message };
}
