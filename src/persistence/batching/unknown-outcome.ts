import { DatabaseUnavailable } from '../database-failure.js';

/** Whether a statement was sent and its answer lost, with time left to find out what became of it. */
export function isLost(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.mayHaveHappened && error.passing;
}
