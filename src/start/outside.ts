import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** The clock, the dice and the digest: everything below start/ gets them as arguments. */

export function now(): string {
  return new Date().toISOString();
}

export function newId(): string {
  return randomUUID();
}

/** SHA-256, hex. */
export function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Resolves after so long; it keeps no process alive. */
export function pause(milliseconds: number): Promise<void> {
  return sleep(milliseconds, undefined, { ref: false });
}
