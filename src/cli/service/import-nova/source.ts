import type { NovaRow } from './nova-row.js';

/** A row that is no keypair. */
export interface Unreadable {
  /** Undefined where the row does not show it. */
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  /** Where it is and what is wrong, as in `line 12: it has no user_id`. */
  readonly reason: string;
}

/** Some keypairs, and how far the source has been read after them. */
export interface Batch {
  readonly rows: readonly NovaRow[];
  readonly unreadable: readonly Unreadable[];
  readonly done: number;
}

/** Keypairs of a Nova. */
export interface Source {
  /** Rows so far that Nova has deleted. */
  readonly deleted: number;
  /** Remarks for the end of the report. */
  readonly notes: readonly string[];
  /** The last value of `done`; undefined where it is unknown. */
  readonly total: number | undefined;
  batches(): AsyncIterable<Batch>;
  /** Completes rows with their times; drops those deleted meanwhile. */
  complete(rows: readonly NovaRow[]): Promise<readonly NovaRow[]>;
}
