import { type BundleWorld, postBundle } from './bundle.ts';
import { entryServer } from './bundle-batch.ts';
import type { Call } from './door.ts';
import type { FhirRoute } from './fhir-door.ts';
import { listMessageDefinitions, type MessageWayWorld, processMessage, readMessageDefinition } from './message.ts';
import { postTask, type TaskPostWorld } from './task-post.ts';

/** What Bundles, messages and posted Tasks need. */
export interface WaysInWorld extends BundleWorld, MessageWayWorld, TaskPostWorld {
  readonly store: BundleWorld['store'] & TaskPostWorld['store'];
}

/**
 * The ways in beside ServiceRequest: Bundles at the base, messages, Tasks.
 *
 * @param bodies Media types of bodies.
 * @param others Routes that entries of a Bundle may use, too.
 */
export function moreRoutes(world: WaysInWorld, bodies: readonly string[], others: readonly FhirRoute[]): FhirRoute[] {
  const create: FhirRoute = {
    type: 'Task',
    method: 'POST',
    path: '/Task',
    interaction: 'create',
    takes: bodies,
    handle: (call) => postTask(world, call),
  };
  const serve = entryServer([...others, create], (error) => world.onFault(error, ''));
  return [
    create,
    {
      method: 'POST',
      path: '',
      systemInteractions: ['transaction', 'batch'],
      takes: bodies,
      handle: (call: Call) => postBundle(world, serve, call),
    },
    {
      method: 'POST',
      path: '/$process-message',
      operation: {
        name: 'process-message',
        definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
      },
      takes: bodies,
      handle: (call) => processMessage(world, call),
    },
    {
      type: 'MessageDefinition',
      method: 'GET',
      path: '/MessageDefinition',
      interaction: 'search-type',
      handle: listMessageDefinitions,
    },
    {
      type: 'MessageDefinition',
      method: 'GET',
      path: '/MessageDefinition/:id',
      interaction: 'read',
      handle: readMessageDefinition,
    },
  ];
}
