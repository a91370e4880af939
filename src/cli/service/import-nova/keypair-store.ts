import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { KeypairType } from '../../../domain/keypair-type.js';
import type { NovaRow } from './nova-row.js';

/** A keypair in the database, as far as it can differ from Nova's. */
export interface StoredRow {
  readonly user_id: string;
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly public_key: string;
}

const STORED = `
  SELECT user_id, name, type::text, fingerprint, public_key FROM key_pairs
  WHERE (user_id, name) IN (SELECT * FROM unnest($1::varchar[], $2::varchar[]))`;

// The service, too, takes a user's counter before the keypair: whoever comes second waits for the whole of the first.
const TAKE_COUNTERS = `
  INSERT INTO keypair_usage AS usage (user_id, used) SELECT user_id, 0 FROM unnest($1::varchar[]) AS owner (user_id)
  ORDER BY user_id
  ON CONFLICT (user_id) DO UPDATE SET used = usage.used`;

const ADD = `
  WITH added AS (
    INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key, created_at, updated_at)
    SELECT user_id, name, type::keypair_type, fingerprint, public_key,
      coalesce(created_at::timestamp, timezone('utc', now())), updated_at::timestamp
    FROM unnest($1::varchar[], $2::varchar[], $3::text[], $4::varchar[], $5::text[], $6::text[], $7::text[])
      AS nova (user_id, name, type, fingerprint, public_key, created_at, updated_at)
    ON CONFLICT (user_id, name) DO NOTHING
    RETURNING user_id, name
  ), counted AS (
    UPDATE keypair_usage AS usage SET used = used + more.keypairs
    FROM (SELECT user_id, count(*)::int AS keypairs FROM added GROUP BY user_id) AS more
    WHERE usage.user_id = more.user_id
  )
  SELECT user_id, name FROM added`;

/** SQLSTATE deadlock_detected and serialization_failure: nothing has happened, and the same works later. */
const PASSING: readonly unknown[] = ['40P01', '40001'];
const TRIES = 5;

/** Names a keypair among those of all users; no id holds the character between. */
export const keyOf = (userId: string, name: string): string => `${userId}\0${name}`;

/** The keypairs of the service, written to without it, a batch in a transaction. A running service sees no half of one. */
export class KeypairStore {
  constructor(private readonly database: DataSource) {}

  /** What there is under the names of these rows, by {@link keyOf}. */
  async stored(rows: readonly NovaRow[]): Promise<ReadonlyMap<string, StoredRow>> {
    const found = await this.database.query<StoredRow[]>(STORED, [
      rows.map(({ userId }) => userId),
      rows.map(({ name }) => name),
    ]);
    return new Map(found.map((row) => [keyOf(row.user_id, row.name), row]));
  }

  /** Adds keypairs and counts them; quotas do not hold them up. Gives back those that were added: a name may be taken meanwhile. */
  async add(rows: readonly NovaRow[]): Promise<ReadonlySet<string>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.addTogether(rows);
      } catch (error) {
        if (tries === TRIES || !PASSING.includes((error as { code?: unknown }).code)) throw error;
        await sleep(100 * tries);
      }
    }
  }

  private addTogether(rows: readonly NovaRow[]): Promise<ReadonlySet<string>> {
    return this.database.transaction(async (manager) => {
      await manager.query(TAKE_COUNTERS, [[...new Set(rows.map(({ userId }) => userId))]]);
      const added = await manager.query<Pick<StoredRow, 'user_id' | 'name'>[]>(ADD, [
        rows.map(({ userId }) => userId),
        rows.map(({ name }) => name),
        rows.map(({ type }) => type),
        rows.map(({ fingerprint }) => fingerprint),
        rows.map(({ publicKey }) => publicKey),
        rows.map(({ createdAt }) => createdAt ?? null),
        rows.map(({ updatedAt }) => updatedAt ?? null),
      ]);
      return new Set(added.map((row) => keyOf(row.user_id, row.name)));
    });
  }
}
