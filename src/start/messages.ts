import { answerMessage } from '../core/answer/message.ts';
import type { DeliverWorld } from '../flows/deliver.ts';
import { hash, now } from './outside.ts';
import type { House } from './tactus.ts';

/** Answers as messages. The id comes from what is told, so that a repeat is the same message. */
export function makeMessage({ catalog, settings }: House): DeliverWorld['makeMessage'] {
  return (task, referral, record) =>
    answerMessage({
      task,
      messageId: asUuid(hash(`${referral.id} ${record.version}`)),
      destination: catalog.partners.get(referral.partner)?.baseUrl ?? '',
      source: `${settings.publicUrl}/fhir`,
      now: now(),
    });
}

/** 128 bits of a digest in the form of a UUID of version 8 (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8). */
export function asUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
