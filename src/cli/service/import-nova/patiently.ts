import { setTimeout as sleep } from 'node:timers/promises';
import { Unanswered, Unreachable } from '../../cloud/http.js';
import { Refused } from '../../cloud/refusal.js';

/** Milliseconds before each further try. */
const WAITS = [1_000, 2_000, 4_000];
const PASSING: readonly number[] = [429, 500, 502, 503, 504];

/** Asks again where a busy server could not answer; only for questions that change nothing. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await ask();
    } catch (error) {
      if (!mayPass(error)) throw error;
      await sleep(wait);
    }
  }
  return ask();
}

function mayPass(error: unknown): boolean {
  if (error instanceof Refused) return PASSING.includes(error.status);
  return error instanceof Unanswered || error instanceof Unreachable;
}
