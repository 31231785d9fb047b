import type { Bundle, Task } from '@medplum/fhirtypes';
import { messageDefinitions } from '../../core/answer/message-definition.ts';
import { type InboundMessage, readMessage } from '../../core/answer/message-in.ts';
import { type ResponseCode, responseMessage } from '../../core/answer/message-response.ts';
import type { Partner } from '../../core/answer/partner.ts';
import type { Issue } from '../../core/fhir/issue.ts';
import { parseJson, strangerLimits } from '../../core/fhir/json.ts';
import { toOperationOutcome } from '../../core/fhir/outcome.ts';
import type { IncomingMessage, ReceivedMessage } from '../../flows/receive-message.ts';
import type { PlanRecord, Referral } from '../../flows/records.ts';
import { type Answer, notFound, Refusal } from './answer.ts';
import type { Call } from './door.ts';
import { refusalOf } from './faults.ts';
import { resourceAnswer, searchset } from './fhir-resource.ts';
import { readSearch } from './search-parameters.ts';
import { partnerOf } from './service-request.ts';

/** What messages need. */
export interface MessageWayWorld {
  readonly partners: ReadonlyMap<string, Partner>;
  readonly receiveMessage: (incoming: IncomingMessage) => Promise<ReceivedMessage>;
  readonly taskOf: (partner: Partner, referral: Referral, plan: PlanRecord | undefined) => Task;
  readonly onReceived: (partner: string, what: 'created' | 'same' | 'conflict' | 'refused') => void;
  /** A UUID, the same for the same text. */
  readonly uuidOf: (text: string) => string;
  readonly now: () => string;
  readonly onFault: (error: unknown, requestId: string) => void;
}

/**
 * POST $process-message. A message that can be read is answered by a message: `ok` with the Tasks of its referrals, or
 * `fatal-error` with every reason, under the HTTP status that the same order alone would have got. What cannot be done just
 * now is `transient-error`, 503.
 *
 * @see https://hl7.org/fhir/R4/messageheader-operation-process-message.html
 */
export async function processMessage(world: MessageWayWorld, call: Call): Promise<Answer> {
  const sender = partnerOf(world.partners, call);
  const parsed = parseJson(call.body.text, strangerLimits);
  if (!parsed.ok) throw new Refusal(400, parsed.issues);
  let received: ReceivedMessage;
  try {
    received = await world.receiveMessage({
      sender,
      bytes: call.body.bytes,
      bundle: parsed.value,
      correlationId: call.correlationId ?? null,
      locate: parsed.locate,
    });
  } catch (error) {
    return notNow(world, call, parsed.value, error);
  }
  switch (received.kind) {
    case 'unreadable':
      world.onReceived(sender.id, 'refused');
      throw new Refusal(received.status, received.issues);
    case 'noted':
      return { status: 200, body: toOperationOutcome(received.issues) };
    case 'failed': {
      const { message, status, issues } = received;
      world.onReceived(sender.id, status === 409 ? 'conflict' : 'refused');
      const code = status === 503 ? 'transient-error' : 'fatal-error';
      return { status, body: respond(world, call, message, code, [], issues), issues };
    }
    default: {
      const { message, referrals, created, issues } = received;
      for (const at of referrals.keys()) world.onReceived(sender.id, at < created ? 'created' : 'same');
      const tasks = referrals.map(({ referral, plan }) => world.taskOf(sender, referral, plan));
      return { status: 200, body: respond(world, call, message, 'ok', tasks, issues) };
    }
  }
}

/** The store is away: the sender is told to try again in its own form. */
function notNow(world: MessageWayWorld, call: Call, bundle: unknown, error: unknown): Answer {
  const { status, headers, issues } = refusalOf(error);
  const read = readMessage(bundle);
  if (status !== 503 || !read.ok) throw error;
  world.onFault(error, call.correlationId ?? '');
  return { status, headers, body: respond(world, call, read.message, 'transient-error', [], issues) };
}

function respond(
  world: MessageWayWorld,
  { base }: Call,
  { id, replyTo }: InboundMessage,
  code: ResponseCode,
  tasks: readonly Task[],
  issues: readonly Issue[],
): Bundle {
  const told = tasks.map((task) => `${task.id}/${task.meta?.versionId}`);
  return responseMessage({
    inResponseTo: id,
    code,
    tasks,
    ...(issues.length === 0 ? {} : { outcome: toOperationOutcome(issues) }),
    messageId: world.uuidOf([id, code, ...told, ...issues.map((issue) => issue.code)].join(' ')),
    destination: replyTo,
    source: base,
    now: world.now(),
  });
}

/** GET MessageDefinition: what is taken at $process-message. */
export function listMessageDefinitions(call: Call): Answer {
  const asked = readSearch(call.query, ['_id'], `${call.base}/MessageDefinition`, call.prefer.strict);
  const ids = asked.values('_id');
  const found = messageDefinitions(call.base).filter(({ id }) => ids.every((values) => values.includes(id ?? '')));
  return { status: 200, body: searchset(call.base, asked.self, found, { total: found.length }) };
}

export function readMessageDefinition(call: Call): Answer {
  const found = messageDefinitions(call.base).find(({ id }) => id === call.params.id);
  if (found === undefined) throw notFound('MessageDefinition');
  return resourceAnswer(found);
}
