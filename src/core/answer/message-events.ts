import { messageEventSystem } from './message.ts';

/**
 * What a message is sent for.
 *
 * new: an order. update: a changed order. cancel: the end of one. extend: a prescription that goes on after one that is
 * here. by-reason: new, update or cancel, as MessageHeader.reason and the order's status say. response: an answer to what
 * we sent.
 */
export type MessagePurpose = 'new' | 'update' | 'cancel' | 'extend' | 'by-reason' | 'response';

export interface MessageEvent {
  readonly system: string;
  readonly code: string;
  readonly purpose: MessagePurpose;
  /** Who sends it so, for people. */
  readonly title: string;
}

/** https://terminology.hl7.org/CodeSystem-v2-0003.html: BSeR's messages carry the event of HL7 v2's referral. */
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0003';
/** https://simplifier.net/guide/nhsbookingandreferrals */
const bars = 'https://fhir.nhs.uk/CodeSystem/message-events-bars';
/** https://github.com/hl7-be/mycarenet: agreements on physiotherapy. */
const mycarenet = 'https://www.ehealth.fgov.be/standards/fhir/mycarenet/CodeSystem/message-events';

/** Every event that is taken; what is not here is refused with the list of these. */
export const messageEvents: readonly MessageEvent[] = [
  { system: messageEventSystem, code: 'referral-new', purpose: 'new', title: 'A new referral' },
  { system: messageEventSystem, code: 'referral-update', purpose: 'update', title: 'A changed referral' },
  { system: messageEventSystem, code: 'referral-cancel', purpose: 'cancel', title: 'The end of a referral' },
  { system: messageEventSystem, code: 'referral-response', purpose: 'response', title: 'An answer to our message' },
  { system: v2, code: 'I12', purpose: 'new', title: 'BSeR: patient referral' },
  { system: v2, code: 'I13', purpose: 'update', title: 'BSeR: modify patient referral' },
  { system: v2, code: 'I14', purpose: 'cancel', title: 'BSeR: cancel patient referral' },
  { system: bars, code: 'servicerequest-request', purpose: 'by-reason', title: 'NHS BaRS: referral, new or updated' },
  { system: bars, code: 'servicerequest-response', purpose: 'response', title: 'NHS BaRS: answer to a referral' },
  { system: mycarenet, code: 'claim-ask', purpose: 'new', title: 'MyCareNet: agreement asked for a prescription' },
  { system: mycarenet, code: 'claim-extend', purpose: 'extend', title: 'MyCareNet: agreement extended' },
  { system: mycarenet, code: 'claim-cancel', purpose: 'cancel', title: 'MyCareNet: agreement cancelled' },
];

/** How an event is named in a sentence. */
export function eventName({ system, code }: { readonly system: string; readonly code: string }): string {
  return `${system}#${code}`;
}
