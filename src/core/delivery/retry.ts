/**
 * When a delivery is tried again, printed as a table in docs/operations.md (a test compares the two).
 *
 * Waits grow until a night's outage and a weekend's maintenance are both survived; then a person must look, because a
 * hospital that refused for three days will not take it by itself.
 */
export const retryDelaysSeconds: readonly number[] = [
  5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200, 43_200, 43_200,
];

/** An outcome with a serious adverse event may not wait hours: its delays end here. */
export const urgentDelayMaxSeconds = 600;

/** A hospital may ask for patience, not for oblivion: a longer Retry-After counts as this much. */
export const retryAfterMaxSeconds = 86_400;

/**
 * The instant of the next attempt, or undefined when a person must look.
 *
 * @param attempts Attempts made so far, counted from 1.
 * @param now Milliseconds since 1970, UTC.
 * @param options `retryAfterSeconds`: what the hospital asked for; at least that long is waited. `urgent`: see above.
 * @param jitter 0 to 1: spreads deliveries that failed together over a tenth of the delay, so that a hospital that
 *   comes back is not met by all of them in one second.
 */
export function nextAttempt(
  attempts: number,
  now: number,
  options: { readonly retryAfterSeconds?: number; readonly urgent?: boolean },
  jitter: number,
): number | undefined {
  const planned = retryDelaysSeconds[attempts - 1];
  if (planned === undefined) return undefined;
  const delay = options.urgent === true ? Math.min(planned, urgentDelayMaxSeconds) : planned;
  const asked = Math.min(options.retryAfterSeconds ?? 0, retryAfterMaxSeconds);
  return now + Math.round(Math.max(delay, asked) * 1000 * (1 + 0.1 * jitter));
}

/**
 * Read Retry-After: seconds or an HTTP date.
 *
 * @returns Seconds from `now`, never negative; undefined for anything else (garbage must not stop the retries).
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text);
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : Math.max(0, Math.ceil((instant - now) / 1000));
}
