import type { Compute } from '../../cloud/compute.js';
import type { Http } from '../../cloud/http.js';
import { Refused } from '../../cloud/refusal.js';
import { keystoneUsers } from './keystone-users.js';
import { type Fields, MalformedRow, type NovaRow, readRow } from './nova-row.js';
import { withRetries } from './patiently.js';
import type { Batch, Source, Unreadable } from './source.js';

/** Concurrent requests; a usual Nova with a few workers answers more no sooner. */
const MAX_REQUESTS = 8;
const USERS_IN_BATCH = 64;

/** Names that no path can carry: `.`, `..`, slashes, and characters that Nova decodes as Latin-1. */
const NOT_IN_PATH = /^\.\.?$|\/|[^ -~]/;

/** A running Nova. Progress is in users. */
export class RunningNova implements Source {
  readonly deleted = 0;
  readonly notes = [];

  private constructor(
    private readonly compute: Compute,
    private readonly userIds: readonly string[],
  ) {}

  /** Reads the keypairs of `named`, or else of all users of Keystone. Throws CliError. */
  static async open(compute: Compute, http: Http, named: readonly string[]): Promise<RunningNova> {
    compute.require('2.10', 'Reading keypairs of other users');
    return new RunningNova(compute, named.length > 0 ? named : await keystoneUsers(compute.access, http));
  }

  get total(): number {
    return this.userIds.length;
  }

  async *batches(): AsyncGenerator<Batch> {
    for (let at = 0; at < this.userIds.length; at += USERS_IN_BATCH) {
      const users = this.userIds.slice(at, at + USERS_IN_BATCH);
      const unreadable: Unreadable[] = [];
      const lists = await concurrently(users, MAX_REQUESTS, (userId) => this.list(userId, unreadable));
      yield { rows: lists.flat(), unreadable, done: at + users.length };
    }
  }

  /** Lists have no times, so each keypair is shown. */
  async complete(rows: readonly NovaRow[]): Promise<readonly NovaRow[]> {
    const shown = await concurrently(rows, MAX_REQUESTS, (row) => this.show(row));
    return shown.filter((row) => row !== undefined);
  }

  /** Lists have no pages at 2.10. */
  private async list(userId: string, unreadable: Unreadable[]): Promise<NovaRow[]> {
    const answer = await this.request('/os-keypairs', userId, `Listing the keypairs of ${userId}`);
    const { keypairs = [] } = answer as { keypairs?: readonly { readonly keypair: Fields }[] };
    return keypairs.flatMap(({ keypair }) => {
      try {
        return [readRow({ ...keypair, user_id: userId })];
      } catch (error) {
        if (!(error instanceof MalformedRow)) throw error;
        unreadable.push({ userId, name: String(keypair.name), reason: error.message });
        return [];
      }
    });
  }

  private async show(row: NovaRow): Promise<NovaRow | undefined> {
    const { userId, name } = row;
    if (NOT_IN_PATH.test(name)) return row;
    try {
      const answer = await this.request(
        `/os-keypairs/${encodeURIComponent(name)}`,
        userId,
        `Showing ${name} of ${userId}`,
      );
      return readRow({ ...(answer as { keypair: Fields }).keypair, user_id: userId });
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      // The row of the list was valid.
      if (error instanceof MalformedRow) return row;
      throw error;
    }
  }

  private request(path: string, userId: string, what: string): Promise<unknown> {
    return withRetries(() => this.compute.request({ method: 'GET', path, query: { user_id: userId }, what }));
  }
}

/** Works on all items, at most `width` at a time; the results are in the order of the items. */
async function concurrently<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
