import type { CallEhr } from './ehr.ts';

/**
 * Who may go to which hospital now. A hospital that hangs must not hold the workers that others wait for, so work that
 * takes long goes on beside its pack, no more than a few of it a hospital, and a hospital that does not answer at all is
 * asked by one delivery at a time until it does.
 */
export interface Gate {
  /**
   * go: work under `run`. busy: too much of it is slow already; come again soon. hanging: it does not answer, and another
   * delivery is asking it just now.
   */
  admit(partner: string, isUrgent: boolean): Admission;
  /** The calls that the gate learns from. */
  watch(call: CallEhr): CallEhr;
}

export type Admission =
  | { readonly kind: 'busy' | 'hanging' }
  | {
      readonly kind: 'go';
      /** Resolves when the work is done, or is slow and goes on alone; only work that was not slow can reject it. */
      readonly run: (work: () => Promise<void>) => Promise<void>;
    };

export interface GateWorld {
  readonly wait: (milliseconds: number) => Promise<void>;
  /** For the log: a hospital stopped answering, or answers again. */
  readonly changed: (partner: string, isHanging: boolean) => void;
  /** Slow work that failed after its pack had left it; its delivery is found by the sweep. */
  readonly failed: (error: unknown) => void;
}

export interface GateOptions {
  /** A pack waits so long for a delivery, then it goes on without it. */
  readonly patienceMilliseconds: number;
  /** Slow pieces of work a hospital; more are not begun. */
  readonly slowLimit: number;
  /** After so many timeouts in a row a hospital counts as hanging. */
  readonly timeoutLimit: number;
}

export const gateDefaults: GateOptions = { patienceMilliseconds: 5_000, slowLimit: 32, timeoutLimit: 3 };

/** How a hospital does, as this process sees it. */
interface Health {
  slow: number;
  timeouts: number;
  isProbed: boolean;
}

export function openGate(world: GateWorld, options: GateOptions = gateDefaults): Gate {
  const healths = new Map<string, Health>();
  const healthOf = (partner: string): Health => {
    const health = healths.get(partner) ?? { slow: 0, timeouts: 0, isProbed: false };
    healths.set(partner, health);
    return health;
  };
  const isHanging = ({ timeouts }: Health) => timeouts >= options.timeoutLimit;
  const run = async (health: Health, isProbe: boolean, work: () => Promise<void>): Promise<void> => {
    const state = { isSlow: false, isDone: false };
    const done = work().finally(() => {
      state.isDone = true;
      if (state.isSlow) health.slow--;
      if (isProbe) health.isProbed = false;
    });
    const leave = world.wait(options.patienceMilliseconds).then(() => {
      if (state.isDone) return;
      state.isSlow = true;
      health.slow++;
    });
    // Once it was left, nobody waits for it any more.
    done.catch((error: unknown) => state.isSlow && world.failed(error));
    await Promise.race([done, leave]);
  };
  return {
    admit(partner, isUrgent) {
      const health = healthOf(partner);
      const isProbe = isHanging(health);
      if (isProbe && health.isProbed) return { kind: 'hanging' };
      if (!isProbe && !isUrgent && health.slow >= options.slowLimit) return { kind: 'busy' };
      if (isProbe) health.isProbed = true;
      return { kind: 'go', run: (work) => run(health, isProbe, work) };
    },
    watch: (call) => async (request) => {
      const heard = await call(request);
      const health = healthOf(request.partner);
      const before = isHanging(health);
      health.timeouts = heard.kind === 'broken' && heard.reason === 'timeout' ? health.timeouts + 1 : 0;
      if (isHanging(health) !== before) world.changed(request.partner, !before);
      return heard;
    },
  };
}
