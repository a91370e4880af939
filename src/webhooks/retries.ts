const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The delay after each failed attempt (Standard Webhooks). After the last one the delivery is abandoned. */
export const RETRY_DELAYS_MS = [
  5000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;

/** The random share of a delay, so that deliveries that failed together are not retried together. */
const MAX_JITTER = 0.1;
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;

/** Milliseconds until the attempt after this many, no earlier than the receiver has requested; undefined if it was the last one. */
export function retryDelay(attempts: number, retryAfterMs = 0): number | undefined {
  const delayMs = RETRY_DELAYS_MS[attempts - 1];
  if (delayMs === undefined) return undefined;
  return Math.round(Math.max(delayMs, retryAfterMs) * (1 + MAX_JITTER * Math.random()));
}

/** Retry-After, as seconds or a date, in milliseconds from `now`, and at most a day; undefined if it is neither. */
export function readRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
