import type { Reply } from '../support/client.js';
import type { Step } from '../support/recording.js';

/** A recorded answer that we give otherwise, on purpose. Each is a row in `docs/compatibility.md`. */
export interface Difference {
  readonly topic: string;
  readonly scenario: string;
  readonly steps: readonly number[];
  readonly reason: string;
  /** What is answered instead. */
  instead(recorded: Step['response'], reply: Reply): Partial<Step['response']>;
}

export const DIFFERENCES: readonly Difference[] = [];
