import type { Issue } from '../core/fhir/issue.ts';
import type { RefusedItem } from './records.ts';
import type { Store } from './store.ts';

/** Something that was sent and not taken in, with whose it was and where it was sent. */
export interface RefusedAt extends Pick<RefusedItem, 'audience' | 'owner' | 'route' | 'requestId' | 'correlationId'> {
  readonly bytes: Uint8Array;
  readonly status: number;
  readonly issues: readonly Issue[];
}

/** Reasons that are kept of one refusal. */
const issuesKept = 50;

/** Keep that something was refused: the hash of its bytes, and the reasons without their sentences. */
export function keepRefused(
  world: {
    readonly store: Pick<Store, 'keepRefused'>;
    /** SHA-256 as hex. */
    readonly hash: (data: Uint8Array) => string;
    readonly now: () => string;
  },
  { bytes, issues, ...refused }: RefusedAt,
): Promise<void> {
  return world.store.keepRefused({
    ...refused,
    bytesHash: world.hash(bytes),
    size: bytes.byteLength,
    issues: issues.slice(0, issuesKept).map(({ message: _, ...issue }) => issue),
    firstAt: world.now(),
  });
}

/** What forgetting needs of the world. */
export interface ForgetWorld {
  readonly forgetRefused: Store['forgetRefused'];
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly stopped: () => boolean;
  readonly failed: (error: unknown) => void;
  /** Resolves after so long, or earlier when stopped. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What was refused is of use while somebody looks for the reason; after this it is only data about a partner. */
export const refusedKeptDays = 90;
const everyMilliseconds = 3_600_000;
const dayMilliseconds = 86_400_000;

/** Delete again and again what was refused, and not sent again since, longer ago than it is kept. */
export async function runForget(world: ForgetWorld): Promise<void> {
  while (!world.stopped()) {
    try {
      await world.forgetRefused(new Date(Date.parse(world.now()) - refusedKeptDays * dayMilliseconds).toISOString());
    } catch (error) {
      world.failed(error);
    }
    await world.wait(everyMilliseconds);
  }
}
