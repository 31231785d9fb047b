import type { Bundle, Task } from '@medplum/fhirtypes';

/** Events of the messages that we send and take; docs/answers.md lists them. */
export const messageEventSystem = 'https://tactus.example/fhir/CodeSystem/massage-message-event';

export interface AnswerMessage {
  readonly task: Task;
  /** Of the message: the same for the same Task, so that the receiver knows one that comes again. */
  readonly messageId: string;
  /** Base URL of the receiver. */
  readonly destination: string;
  /** Our own base URL. */
  readonly source: string;
  /** An instant. */
  readonly now: string;
}

/**
 * Wrap an answer for a partner that speaks messages: a Bundle of type message whose MessageHeader has the Task in focus.
 *
 * @see https://hl7.org/fhir/R4/messaging.html
 */
export function answerMessage({ task, messageId, destination, source, now }: AnswerMessage): Bundle {
  const fullUrl = `${source}/Task/${task.id ?? messageId}`;
  return {
    resourceType: 'Bundle',
    type: 'message',
    timestamp: now,
    entry: [
      {
        fullUrl: `urn:uuid:${messageId}`,
        resource: {
          resourceType: 'MessageHeader',
          id: messageId,
          eventCoding: { system: messageEventSystem, code: 'referral-answer' },
          destination: [{ endpoint: destination }],
          source: { endpoint: source },
          focus: [{ reference: fullUrl }],
        },
      },
      { fullUrl, resource: task },
    ],
  };
}
