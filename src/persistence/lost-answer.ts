import { DatabaseUnavailable } from './database-failure.js';

/** Milliseconds by which the clocks of a server and of the standby that takes its place may differ. */
const CLOCK_DIFFERENCE = 1000;

/** Whether a statement was sent and its answer lost, with time left to find out what became of it. */
export function isLost(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.mayHaveHappened && error.passing;
}

/** How old, in milliseconds by the database's clock, a row may be that a statement sent at `began` (performance.now()) made. */
export function ageSince(began: number): number {
  return performance.now() - began + CLOCK_DIFFERENCE;
}
