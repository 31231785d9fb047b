import type { Coding } from '@medplum/fhirtypes';

/** Our code systems and identifier systems that an answer speaks; listed in docs/profiles.md. */
const base = 'https://tactus.example/fhir';
export const businessStatusSystem = `${base}/CodeSystem/business-status`;
export const statusReasonSystem = `${base}/CodeSystem/status-reason`;
export const taskParameterSystem = `${base}/CodeSystem/task-parameter`;
/** Which question a Task.input asks; beside `task-parameter#question`. */
export const questionSystem = `${base}/CodeSystem/question`;
export const reportSystem = `${base}/CodeSystem/massage-report`;
export const techniqueSystem = `${base}/CodeSystem/massage-technique`;
export const fulfilmentTaskProfile = `${base}/StructureDefinition/massage-fulfilment-task`;
export const seriesSummaryProfile = `${base}/StructureDefinition/massage-series-summary`;
export const goalProfile = `${base}/StructureDefinition/massage-goal`;
/** Filler numbers: the plan's id. */
export const planNumberSystem = `${base}/sid/plan`;
export const identifierTypeSystem = 'http://terminology.hl7.org/CodeSystem/v2-0203';
export const ucumSystem = 'http://unitsofmeasure.org';

/** Why a referral is held, rejected or ended: codes of CodeSystem/status-reason with a sentence for the prescriber. */
export const statusReasons = {
  'missing-session-count': 'The order does not say how many sessions are prescribed, as a whole number from 1 to 60.',
  'missing-information': 'The order does not say everything that the treatment needs; please answer the questions.',
  'unsupported-service-code': 'The order asks for a service that is not offered here.',
  'contraindication-reported': 'The record has a contraindication.',
  'red-flag': 'The record has a warning sign that needs a doctor first.',
  'no-therapist-for-body-region': 'No therapist for this body region is available.',
  'outside-area': 'The patient lives outside the area that is served.',
  'capacity-full': 'There is no free appointment within a useful time.',
  'duplicate-referral': 'The same referral is here already.',
  'patient-declined': 'The patient declined the treatment.',
  'patient-unreachable': 'The patient could not be reached.',
  'prescription-expired': 'The prescription is no longer valid; please send a new one.',
  'intent-not-order': 'The request is not meant as an order (intent order or original-order); please send it as one.',
  'prescriber-not-authorised': 'The prescriber may not prescribe this treatment.',
  'profile-invalid': 'The order breaks the agreed profile.',
  'wellness-excluded': 'Wellness massage cannot be prescribed.',
  'no-prescription': 'The request is not a prescription of a treatment.',
  'no-indication': 'The order names no clinical reason.',
  'unqualified-performer': 'The named performer is not qualified for this treatment.',
  'order-on-hold': 'The prescriber put the order on hold.',
  'order-revoked': 'The prescriber withdrew the order.',
  'order-entered-in-error': 'The prescriber says that the order was entered in error.',
  'order-replaced': 'Another order has taken the place of this one.',
  'cancellation-accepted': 'The treatment was ended because the prescriber asked for it.',
  'no-answer': 'Our questions were not answered in time.',
  other: 'There is another reason; the practice can tell it.',
} as const;
export type StatusReason = keyof typeof statusReasons;

export function isStatusReason(code: string): code is StatusReason {
  return Object.hasOwn(statusReasons, code);
}

/** Finer than the status, for people: codes of CodeSystem/business-status. */
export const businessStatuses = {
  'awaiting-information': 'An answer of the prescriber is awaited',
  'awaiting-scheduling': 'The first appointment is being made',
  'visit-scheduled': 'A session is scheduled',
  'visit-no-show': 'The patient did not come',
  'visit-cancelled': 'A session was cancelled',
  'session-completed': 'A session was completed',
  'course-partial': 'The course ended before all sessions',
  'outcome-final': 'The course is complete and reported',
  'cancellation-requested': 'A cancellation was requested',
  'referred-onward': 'The referral was passed on',
} as const;
export type BusinessStatus = keyof typeof businessStatuses;

export function businessStatusCoding(code: BusinessStatus): Coding {
  return { system: businessStatusSystem, code, display: businessStatuses[code] };
}
