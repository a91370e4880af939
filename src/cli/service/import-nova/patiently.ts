import { setTimeout as sleep } from 'node:timers/promises';
import { Unanswered, Unreachable } from '../../cloud/http.js';
import { Refused } from '../../cloud/refusal.js';

const RETRY_DELAYS_MS = [1_000, 2_000, 4_000];
const TRANSIENT: readonly number[] = [429, 500, 502, 503, 504];

/** Retries a request that a busy server could not answer; only for requests that change nothing. */
export async function withRetries<T>(request: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_DELAYS_MS) {
    try {
      return await request();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await sleep(wait);
    }
  }
  return request();
}

function isTransient(error: unknown): boolean {
  if (error instanceof Refused) return TRANSIENT.includes(error.status);
  return error instanceof Unanswered || error instanceof Unreachable;
}
