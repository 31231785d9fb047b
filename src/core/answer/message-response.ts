import type { Bundle, BundleEntry, MessageHeader, OperationOutcome, Task } from '@medplum/fhirtypes';
import { messageEventSystem } from './message.ts';

/** How a message was taken. https://hl7.org/fhir/R4/valueset-response-code.html */
export type ResponseCode = 'ok' | 'transient-error' | 'fatal-error';

export interface MessageResponse {
  /** MessageHeader.id of the message that is answered. */
  readonly inResponseTo: string;
  readonly code: ResponseCode;
  /** What became of the referrals. */
  readonly tasks: readonly Task[];
  /** What there is to say; the reasons of an error. */
  readonly outcome?: OperationOutcome;
  /** A UUID, the same for the same answer. */
  readonly messageId: string;
  readonly destination: string | undefined;
  /** Our own base URL. */
  readonly source: string;
  /** An instant. */
  readonly now: string;
}

/**
 * Answer a message by a message: MessageHeader.response names the one that is answered and how it was taken, the Tasks in
 * focus tell the state of its referrals, an OperationOutcome says why.
 *
 * @see https://hl7.org/fhir/R4/messageheader-definitions.html#MessageHeader.response
 */
export function responseMessage(response: MessageResponse): Bundle {
  const { tasks, outcome, source, messageId } = response;
  const told = tasks.map((task): BundleEntry => ({ fullUrl: `${source}/Task/${task.id}`, resource: task }));
  const outcomeUrl = `urn:uuid:${messageId.slice(0, -1)}${messageId.endsWith('0') ? '1' : '0'}`;
  return {
    resourceType: 'Bundle',
    type: 'message',
    timestamp: response.now,
    entry: [
      { fullUrl: `urn:uuid:${messageId}`, resource: headerOf(response, told, outcome && outcomeUrl) },
      ...told,
      ...(outcome === undefined ? [] : [{ fullUrl: outcomeUrl, resource: outcome }]),
    ],
  };
}

function headerOf(
  { inResponseTo, code, messageId, destination, source }: MessageResponse,
  told: readonly BundleEntry[],
  outcomeUrl: string | undefined,
): MessageHeader {
  return {
    resourceType: 'MessageHeader',
    id: messageId,
    eventCoding: { system: messageEventSystem, code: 'referral-answer' },
    ...(destination === undefined ? {} : { destination: [{ endpoint: destination }] }),
    source: { endpoint: source },
    response: {
      identifier: inResponseTo,
      code,
      ...(outcomeUrl === undefined ? {} : { details: { reference: outcomeUrl } }),
    },
    ...(told.length === 0 ? {} : { focus: told.map(({ fullUrl = '' }) => ({ reference: fullUrl })) }),
  };
}
