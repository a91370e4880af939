import type { NovaRow } from './nova-row.js';

/** What a source has that is no keypair. */
export interface Unreadable {
  /** As far as it can be told. */
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  /** Where it stands and what is wrong, as in `line 12: it has no user_id`. */
  readonly reason: string;
}

/** Some keypairs, and how far the source has been read after them. */
export interface Batch {
  readonly rows: readonly NovaRow[];
  readonly unreadable: readonly Unreadable[];
  readonly done: number;
}

/** Where keypairs of a Nova come from. */
export interface Source {
  /** What `done` goes up to; undefined where nobody knows. */
  readonly total: number | undefined;
  batches(): AsyncIterable<Batch>;
  /** Rows with all that the source knows of them; those that are gone meanwhile are left out. */
  complete(rows: readonly NovaRow[]): Promise<readonly NovaRow[]>;
}
