import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { KeypairType } from '../../domain/keypair-type.js';

/** A keypair of another service. Times are UTC, `2026-01-31 12:34:56.123456`. */
export interface ImportedKeypair {
  readonly userId: string;
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  /** Undefined: the time of the import. */
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

const FIND = `
  SELECT user_id AS "userId", name, type::text, fingerprint, public_key AS "publicKey" FROM key_pairs
  WHERE (user_id, name) IN (SELECT * FROM unnest($1::varchar[], $2::varchar[]))`;

// The service locks a user's counter before the keypair as well, so imports and requests queue instead of deadlocking.
const LOCK_COUNTERS = `
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
  SELECT user_id AS "userId", name FROM added`;

/** SQLSTATE deadlock_detected and serialization_failure: the transaction was rolled back, and a retry succeeds. */
const RETRYABLE: readonly unknown[] = ['40P01', '40001'];
const MAX_TRIES = 5;

/** Identifies a keypair among those of all users; neither part can contain the separator. */
export const keyOf = ({ userId, name }: Pick<ImportedKeypair, 'userId' | 'name'>): string => `${userId}\0${name}`;

/** Adds keypairs of another service in batches, each in one transaction, beside a running service. */
export class KeypairImportRepository {
  constructor(private readonly database: DataSource) {}

  /** The stored keypairs with the names of these, by {@link keyOf}. */
  async find(
    keypairs: readonly Pick<ImportedKeypair, 'userId' | 'name'>[],
  ): Promise<ReadonlyMap<string, ImportedKeypair>> {
    const found = await this.database.query<ImportedKeypair[]>(FIND, [
      keypairs.map(({ userId }) => userId),
      keypairs.map(({ name }) => name),
    ]);
    return new Map(found.map((keypair) => [keyOf(keypair), keypair]));
  }

  /** Adds and counts keypairs regardless of quotas. Returns those added, by {@link keyOf}; a name may be taken meanwhile. */
  async add(keypairs: readonly ImportedKeypair[]): Promise<ReadonlySet<string>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.addInTransaction(keypairs);
      } catch (error) {
        if (tries === MAX_TRIES || !RETRYABLE.includes((error as { code?: unknown }).code)) throw error;
        await sleep(100 * tries);
      }
    }
  }

  private addInTransaction(keypairs: readonly ImportedKeypair[]): Promise<ReadonlySet<string>> {
    const column = (name: keyof ImportedKeypair) => keypairs.map((keypair) => keypair[name] ?? null);
    return this.database.transaction(async (manager) => {
      await manager.query(LOCK_COUNTERS, [[...new Set(column('userId'))]]);
      const added = await manager.query<ImportedKeypair[]>(ADD, [
        column('userId'),
        column('name'),
        column('type'),
        column('fingerprint'),
        column('publicKey'),
        column('createdAt'),
        column('updatedAt'),
      ]);
      return new Set(added.map(keyOf));
    });
  }
}
