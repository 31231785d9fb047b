import type { MessageDefinition } from '@medplum/fhirtypes';
import { eventName, type MessageEvent, messageEvents } from './message-events.ts';

/** When the table of events last changed. */
const definitionDate = '2026-11-26';

/**
 * What each message must hold, for engineers and machines (NHS BaRS finds a receiver's contract so).
 *
 * @param base Our own base URL.
 * @see https://hl7.org/fhir/R4/messagedefinition.html
 */
export function messageDefinitions(base: string): MessageDefinition[] {
  return messageEvents.map((event) => definitionOf(event, base));
}

function definitionOf(event: MessageEvent, base: string): MessageDefinition {
  const id = `${event.code.toLowerCase()}-${messageEvents.filter((one) => one.code === event.code).indexOf(event)}`;
  const isRequest = event.purpose !== 'response';
  return {
    resourceType: 'MessageDefinition',
    id,
    url: `${base}/MessageDefinition/${id}`,
    name: `Tactus_${event.code.replace(/[^A-Za-z0-9]/g, '_')}`,
    title: event.title,
    status: 'active',
    date: definitionDate,
    description: `${eventName(event)}: ${event.title}. Sent to $process-message.`,
    eventCoding: { system: event.system, code: event.code },
    category: isRequest ? 'consequence' : 'notification',
    ...(isRequest ? { focus: [{ code: 'ServiceRequest', min: 1, max: '20' }] } : {}),
    responseRequired: isRequest ? 'always' : 'never',
  };
}
