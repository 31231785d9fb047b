import { resourceAt } from '../core/answer/message-in.ts';
import type { Issue } from '../core/fhir/issue.ts';
import { type FocusWorld, referralByNumbers } from './read-focus.ts';
import type { ReferralSender } from './read-referral.ts';
import type { Store } from './store.ts';

/** What noting an answer needs of the world. */
export interface NoteWorld extends Pick<FocusWorld, 'planNumberSystem'> {
  readonly store: FocusWorld['store'] & Pick<Store, 'commit'>;
  /** SHA-256 as hex. */
  readonly hash: (data: string | Uint8Array) => string;
  readonly now: () => string;
}

interface ResponseMessage {
  readonly sender: ReferralSender;
  readonly bytes: Uint8Array;
  readonly bundle: unknown;
  readonly correlationId: string | null;
}

/**
 * An answer to a message that we sent stands in the history of the referral that it names; nothing else is made of it.
 *
 * @returns The remark that says so.
 */
export async function noteResponse(world: NoteWorld, incoming: ResponseMessage): Promise<Issue> {
  const { sender, bundle, bytes, correlationId } = incoming;
  const referral = await referralByNumbers(world, sender, numbersIn(bundle));
  const { response } = resourceAt(bundle, 0) as { readonly response?: { readonly code?: string } };
  if (referral !== undefined) {
    const detail = { code: response?.code ?? '', bytesHash: world.hash(bytes), correlationId };
    const event = 'message-response';
    await world.store.commit({
      history: [{ at: world.now(), about: 'referral', id: referral.id, event, by: sender.id, detail }],
      outbox: [],
    });
  }
  const message =
    referral === undefined
      ? 'The message is an answer, not a request: no referral was made of it, and it names none that is here.'
      : `The message is an answer, not a request: it stands in the history of ServiceRequest/${referral.id}.`;
  const expression = 'Bundle.entry[0].resource.response';
  return { severity: 'information', code: 'message-response-noted', type: 'informational', expression, message };
}

/** Identifiers of the Tasks and orders in a message. */
function numbersIn(bundle: unknown): readonly unknown[] {
  const { entry } = bundle as { readonly entry: readonly unknown[] };
  return entry.flatMap((_, index) => {
    const { resourceType, identifier } = resourceAt(bundle, index) ?? {};
    return (resourceType === 'Task' || resourceType === 'ServiceRequest') && Array.isArray(identifier)
      ? identifier
      : [];
  });
}
