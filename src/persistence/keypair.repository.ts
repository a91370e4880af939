import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type CustomTypesConfig, types } from 'pg';
import { DomainError } from '../domain/domain-error.js';
import { SerializedArray } from '../domain/serialized-array.js';
import { Database } from './database.js';
import { DatabaseUnavailable } from './database-failure.js';
import { Batcher } from './batching/batcher.js';
import type { KeypairType } from '../domain/keypair-type.js';
import { hasUnknownOutcome } from './batching/unknown-outcome.js';
import { KeyedQueue } from './batching/keyed-queue.js';

/** The owner and the name of a keypair, which identify it. */
interface KeypairName {
  readonly userId: string;
  readonly name: string;
}

interface KeypairText extends KeypairName {
  readonly publicKey: string;
}

/** A keypair before it is stored. */
export interface NewKeypairRow {
  readonly userId: string;
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
}

/** The caller who creates a keypair, maybe for another user: the creator's limit in the project applies to the owner's count. */
export interface Creator {
  readonly projectId: string;
  readonly userId: string;
  /** The limit if none is set for the user or the project; -1 is no limit. */
  readonly defaultLimit: number;
}

/** A whole keypair. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredKeypair {
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly userId: string;
  /** A whole number in decimal digits, given once. */
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

/** Which of a user's keypairs are listed, and how. */
export interface Listing {
  readonly userId: string;
  /** The name after which the list begins; undefined: at the first. */
  readonly marker?: string;
  /** Undefined: all. */
  readonly limit?: number;
  /** Undefined: of every type. */
  readonly only?: KeypairType;
  /** The member that states the type: `type` in lower case, `key_type` in upper case; undefined: none. */
  readonly typeIn: 'type' | 'key_type' | undefined;
}

/** A request to store a keypair. */
interface Create {
  /** A UUID, which the row keeps. */
  readonly id: string;
  readonly keypair: NewKeypairRow;
  readonly creator: Creator;
  readonly deadline: number;
}

/** Keypairs by name: see docs/decisions/0003-statements-written-out.md. */
export interface ListedKeypairs {
  /** Each as `{"keypair":{"name":…,"public_key":…,"fingerprint":…}}`, with the type where it was requested. */
  readonly keypairs: SerializedArray;
  readonly count: number;
  /** The name of the last one; undefined where there is none. */
  readonly last: string | undefined;
}

export const EMPTY_LIST: ListedKeypairs = { keypairs: SerializedArray.EMPTY, count: 0, last: undefined };

/** The user has a keypair of that name. */
export class NameTaken extends DomainError {
  constructor(name: string, options?: ErrorOptions) {
    super('keypair-exists', `Key pair '${name}' already exists.`, options);
  }
}

/** The user has as many keypairs as the quota allows. */
export class QuotaExceeded extends DomainError {
  constructor() {
    super('keypair-quota-exceeded', 'Quota exceeded, too many key pairs.');
  }
}

/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505';

/** The limit of a user in a project: the user's own, or else the project's, or else the default. */
const limitOf = (projectId: string, userId: string, fallback: string): string => `
  coalesce(
    (SELECT hard_limit FROM quotas WHERE project_id = ${projectId} AND user_id = ${userId} AND resource = 'key_pairs'),
    (SELECT hard_limit FROM quotas WHERE project_id = ${projectId} AND user_id = '' AND resource = 'key_pairs'),
    ${fallback}::int
  )`;

// The statement that inserts the row also increments the counter: its row lock serialises concurrent creates of a user, and a failed
// statement rolls the count back. A negative limit is none; with a limit of 0 ON CONFLICT is never reached.
const ADD = {
  name: 'keypair-add',
  text: `
    WITH quota AS MATERIALIZED (
      SELECT ${limitOf('$7', '$8', '$9')} AS hard_limit
    ), slot AS (
      INSERT INTO keypair_usage AS usage (user_id, used, hard_limit)
      SELECT $1, 1, hard_limit FROM quota WHERE hard_limit <> 0
      ON CONFLICT (user_id) DO UPDATE SET used = usage.used + 1, hard_limit = excluded.hard_limit
      WHERE usage.used < excluded.hard_limit OR excluded.hard_limit < 0
      RETURNING user_id
    )
    INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key, create_id)
    SELECT slot.user_id, $2, $3::keypair_type, $4, $5, $6 FROM slot
    RETURNING id`,
};

// All or nothing: if the quota has no room for all, or a name is taken, each is inserted by itself.
const ADD_SEVERAL = {
  name: 'keypair-add-several',
  text: `
    WITH quota AS MATERIALIZED (
      SELECT ${limitOf('$7', '$8', '$9')} AS hard_limit
    ), slots AS (
      INSERT INTO keypair_usage AS usage (user_id, used, hard_limit)
      SELECT $1, cardinality($2::varchar[]), hard_limit FROM quota
      WHERE hard_limit < 0 OR cardinality($2::varchar[]) <= hard_limit
      ON CONFLICT (user_id) DO UPDATE SET used = usage.used + excluded.used, hard_limit = excluded.hard_limit
      WHERE usage.used + excluded.used <= excluded.hard_limit OR excluded.hard_limit < 0
      RETURNING user_id
    )
    INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key, create_id)
    SELECT slots.user_id, created.*
    FROM slots, unnest($2::varchar[], $3::keypair_type[], $4::varchar[], $5::text[], $6::uuid[]) AS created
    RETURNING id`,
};

/** Whether a keypair is what a create made. */
const IS_MADE_BY = {
  name: 'keypair-is-made-by',
  text: `SELECT FROM key_pairs WHERE user_id = $1 AND name = $2 AND create_id = $3`,
};

const REMOVE = {
  name: 'keypair-remove',
  text: `
    WITH gone AS (
      DELETE FROM key_pairs WHERE user_id = $1 AND name = $2 RETURNING fingerprint
    ), freed AS (
      UPDATE keypair_usage SET used = used - 1 WHERE user_id = $1 AND EXISTS (SELECT FROM gone)
    )
    SELECT fingerprint FROM gone`,
};

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US'`;
const WHOLE = `name, type, fingerprint, public_key AS "publicKey", user_id AS "userId", id,
  to_char(created_at, ${TIME}) AS "createdAt", to_char(updated_at, ${TIME}) AS "updatedAt"`;

const FIND = {
  name: 'keypair-find',
  text: `SELECT ${WHOLE} FROM key_pairs WHERE user_id = $1 AND name = $2`,
};

const FIND_SEVERAL = {
  name: 'keypair-find-several',
  text: `
    SELECT place::int, ${WHOLE}
    FROM unnest($1::varchar[], $2::varchar[]) WITH ORDINALITY AS requested (owner_id, owner_name, place)
    JOIN key_pairs ON user_id = owner_id AND name = owner_name`,
};
/** Keypairs that one statement finds or adds: enough to share its cost, and few enough for a short latency. */
const MAX_BATCH = 50;

/** Keypairs in a row of a list: with keys of usual sizes V8 keeps their text in the young generation of the heap. */
const ROWS_PER_PART = 100;

/** Texts that are only passed on, as buffers, which the garbage collector need not scan or move. */
const TEXT_AS_BUFFER: CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === types.builtins.TEXT ? (text: string) => Buffer.from(text) : types.getTypeParser(oid, format),
};

// With a row for each keypair the server writes 1000 messages, and the client reads as many, only to make JSON of them. Each round
// starts after the last name of the one before, until a part is not full or the limit is reached. The inner subquery sorts the rows
// for string_agg.
const LIST = {
  name: 'keypair-list',
  text: `
    WITH RECURSIVE parts (items, count, last, remaining) AS (
      SELECT NULL::text, ${ROWS_PER_PART}, $2::varchar COLLATE "C", $3::bigint
      UNION ALL
      SELECT part.*, remaining - part.count FROM parts, LATERAL (
        SELECT
          string_agg('{"keypair":{"name":' || to_json(name) || ',"public_key":' || to_json(public_key)
            || ',"fingerprint":' || to_json(fingerprint)
            || CASE $5 WHEN 'type' THEN ',"type":"' || type || '"' WHEN 'key_type' THEN ',"key_type":"' || upper(type::text) || '"' ELSE '' END
            || '}}', ','),
          count(*)::int, max(name)
        FROM (
          SELECT name, public_key, fingerprint, type FROM key_pairs
          WHERE user_id = $1 AND name > parts.last AND ($4::keypair_type IS NULL OR type = $4)
          ORDER BY name LIMIT least(${ROWS_PER_PART}, remaining)
        ) AS listed
      ) AS part (items, count, last)
      WHERE parts.count = ${ROWS_PER_PART} AND (remaining > 0) IS NOT FALSE
    )
    SELECT items, count, last::varchar FROM parts WHERE items IS NOT NULL`,
  types: TEXT_AS_BUFFER,
};

// In the order of the primary key, so that each page goes on where the last one ended.
const PAGE_OF_TYPE = {
  name: 'keypair-page-of-type',
  text: `
    SELECT user_id AS "userId", name, public_key AS "publicKey" FROM key_pairs
    WHERE type = $1 AND (user_id, name) > ($2, $3) ORDER BY user_id, name LIMIT $4`,
};

const EXISTS = {
  name: 'keypair-exists',
  text: `SELECT FROM key_pairs WHERE user_id = $1 AND name = $2`,
};

const IS_FULL = {
  name: 'keypair-is-full',
  text: `
    SELECT FROM (SELECT ${limitOf('$2', '$3', '$4')} AS hard_limit) AS quota
    WHERE hard_limit >= 0 AND hard_limit <= coalesce((SELECT used FROM keypair_usage WHERE user_id = $1), 0)`,
};

/** Every statement, for the test of their plans; the bench runs some without the service around them. */
export const STATEMENTS = {
  ADD,
  ADD_SEVERAL,
  IS_MADE_BY,
  REMOVE,
  FIND,
  FIND_SEVERAL,
  LIST,
  PAGE_OF_TYPE,
  EXISTS,
  IS_FULL,
};

/** The stored keypairs. */
@Injectable()
export class KeypairRepository {
  private readonly finds = new Batcher<KeypairName, StoredKeypair | undefined>(MAX_BATCH, (names) =>
    this.findAll(names),
  );

  private readonly creates = new KeyedQueue<Create, Error | undefined>(MAX_BATCH, (creates) => this.insertAll(creates));

  constructor(private readonly database: Database) {}

  /**
   * Stores a keypair if its owner has fewer than the creator's limit. Throws {@link QuotaExceeded}, or else {@link NameTaken},
   * without a change.
   */
  async add(keypair: NewKeypairRow, creator: Creator): Promise<void> {
    const create = { id: randomUUID(), keypair, creator, deadline: this.database.deadline() };
    try {
      // Statements for one owner would wait for the row lock of the owner's counter, one after the other.
      const key = JSON.stringify([keypair.userId, ...quotaParameters(creator)]);
      const refusal = await this.creates.add(key, create);
      if (refusal) throw refusal;
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      await this.insertAgain(create);
    }
  }

  /**
   * Repeats an insert whose answer was lost. It waits for the first one, if that still runs, and then either succeeds or finds the
   * row of the first one.
   */
  private async insertAgain(create: Create): Promise<void> {
    try {
      await this.insert(create);
    } catch (error) {
      // The first one may have used up the quota.
      if (!(error instanceof NameTaken) && !(error instanceof QuotaExceeded)) throw error;
      const { id, keypair, deadline } = create;
      const found = await this.database.query(IS_MADE_BY, [keypair.userId, keypair.name, id], deadline);
      if (found.length === 0) throw error;
    }
  }

  /** Inserts keypairs of one owner by one creator. Returns the error of each, undefined for those that were stored. */
  private async insertAll(creates: readonly Create[]): Promise<(Error | undefined)[]> {
    if (creates.length > 1 && (await this.insertTogether(creates))) return [];
    const refusals: (Error | undefined)[] = [];
    for (const create of creates) {
      refusals.push(
        await this.insert(create).then(
          () => undefined,
          (error: Error) => error,
        ),
      );
    }
    return refusals;
  }

  /** Inserts all or none. Returns whether they were stored. */
  private async insertTogether(creates: readonly Create[]): Promise<boolean> {
    const [{ keypair, creator }] = creates;
    const column = (name: keyof NewKeypairRow): string[] => creates.map((create) => create.keypair[name]);
    const columns = [column('name'), column('type'), column('fingerprint'), column('publicKey')];
    const values = [keypair.userId, ...columns, creates.map(({ id }) => id)];
    const deadline = Math.min(...creates.map((create) => create.deadline));
    try {
      return (await this.database.query(ADD_SEVERAL, [...values, ...quotaParameters(creator)], deadline)).length > 0;
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      // Inserted by itself, each gets its own error.
      return false;
    }
  }

  private async insert({ id, keypair, creator, deadline }: Create): Promise<void> {
    const { userId, name, type, fingerprint, publicKey } = keypair;
    const values = [userId, name, type, fingerprint, publicKey, id, ...quotaParameters(creator)];
    try {
      const added = await this.database.query(ADD, values, deadline);
      if (added.length === 0) throw new QuotaExceeded();
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw new NameTaken(name, { cause: error });
      throw error;
    }
  }

  async find(userId: string, name: string): Promise<StoredKeypair | undefined> {
    if (!isStorable(userId, name)) return undefined;
    return this.finds.load({ userId, name });
  }

  private async findAll(names: readonly KeypairName[]): Promise<(StoredKeypair | undefined)[]> {
    if (names.length === 1) return this.database.query<StoredKeypair>(FIND, [names[0].userId, names[0].name]);
    const values = [names.map(({ userId }) => userId), names.map(({ name }) => name)];
    const found: (StoredKeypair | undefined)[] = [];
    for (const row of await this.database.query<StoredKeypair & { place: number }>(FIND_SEVERAL, values)) {
      found[row.place - 1] = row;
    }
    return found;
  }

  async exists(userId: string, name: string): Promise<boolean> {
    if (!isStorable(userId, name)) return false;
    return (await this.database.query(EXISTS, [userId, name])).length > 0;
  }

  async list({ userId, marker = '', limit, only, typeIn }: Listing): Promise<ListedKeypairs> {
    if (!isStorable(userId, marker)) return EMPTY_LIST;
    const values = [userId, marker, limit, only, typeIn];
    const rows = await this.database.query<{ items: Buffer; count: number; last: string }>(LIST, values);
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    return { keypairs: new SerializedArray(rows.map(({ items }) => items)), count, last: rows.at(-1)?.last };
  }

  /** The keypairs of a type, of all users, in pages of `limit`. */
  async *pagesOfType(type: KeypairType, limit: number): AsyncGenerator<readonly KeypairText[]> {
    for (let after: KeypairName | undefined = { userId: '', name: '' }; after;) {
      const page: KeypairText[] = await this.database.query(PAGE_OF_TYPE, [type, after.userId, after.name, limit]);
      yield page;
      after = page.length < limit ? undefined : page.at(-1);
    }
  }

  /** Removes a keypair; undefined if it did not exist. Without the fingerprint if the answer of the database was lost. */
  async remove(userId: string, name: string): Promise<{ readonly fingerprint?: string } | undefined> {
    if (!isStorable(userId, name)) return undefined;
    const deadline = this.database.deadline();
    try {
      return (await this.database.query(REMOVE, [userId, name], deadline))[0];
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      // If the second statement finds no row, the first one removed it.
      const [removed = {}] = await this.database.query(REMOVE, [userId, name], deadline);
      return removed;
    }
  }

  /** Whether a user has as many keypairs as the creator's limit. */
  async isFull(userId: string, creator: Creator): Promise<boolean> {
    return (await this.database.query(IS_FULL, [userId, ...quotaParameters(creator)])).length > 0;
  }
}

const quotaParameters = ({ projectId, userId, defaultLimit }: Creator) => [projectId, userId, defaultLimit] as const;

/** PostgreSQL stores no NUL, so no row has a text with one. */
function isStorable(...texts: string[]): boolean {
  return texts.every((text) => !text.includes('\0'));
}
