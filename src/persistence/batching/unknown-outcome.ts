import { DatabaseUnavailable } from '../database-failure.js';

/** Whether a statement may have been executed although its answer was lost, with time left to find out. */
export function hasUnknownOutcome(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.mayHaveHappened && error.isTransient;
}
