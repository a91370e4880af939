import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../domain/domain-error.js';
import type { Requester } from '../../domain/caller.js';
import type { EventType } from '../../domain/event-type.js';
import { SerializedArray } from '../../domain/serialized-array.js';
import { notifyChange } from '../change-feed.js';
import { Database } from '../database.js';
import { DatabaseUnavailable, hasUnknownOutcome } from '../database-failure.js';
import { duplicateKey } from './duplicate-key.js';
import { Batcher } from '../batching/batcher.js';
import { type KeypairType, toKeyType } from '../../domain/keypair-type.js';
import { areKeys } from '../../domain/storable.js';
import { KeyedQueue } from '../batching/keyed-queue.js';
import { eventOf, keypairData } from './outbox.js';

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
  readonly sha256: Buffer;
  readonly publicKey: string;
  /** In UTC; null if it does not expire. */
  readonly expiresAt: string | null;
}

/** The caller who creates a keypair, possibly for another user: the creator's limit in the project applies to the owner's count. */
export interface Creator {
  readonly projectId: string;
  readonly userId: string;
  /** The limit if none is set for the user or the project; -1 is no limit. */
  readonly defaultLimit: number;
}

/** The initial properties of a keypair besides Nova's columns. */
export interface NewKeypairLife {
  readonly deleteProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly note: string | null;
  /** Who stores the key. */
  readonly keyBy: string;
  /** The user who creates a keypair of a project; null for one of a user. */
  readonly createdBy: string | null;
}

/** A whole keypair. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredKeypair {
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  /** The owner; if a project owns the keypair, its creator. */
  readonly userId: string;
  /** A whole number in decimal digits, never reused. */
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly isExpired: boolean;
}

/** The values that the database adds to a keypair with a life cycle. */
export interface AddedKeypair {
  readonly id: string;
  readonly createdAt: string;
}

/** The state of a keypair that a change requires. */
export interface KeypairState {
  readonly id: string;
  readonly version: number;
}

export interface RemovedKeypair {
  readonly fingerprint?: string;
}

/** Which of a user's keypairs are listed, and how. */
export interface Listing {
  readonly userId: string;
  /** The last name of the previous page; undefined for the first page. */
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
  readonly life?: NewKeypairLife;
  readonly creator: Creator;
  /** The parameters of its event. */
  readonly event: readonly unknown[];
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

/** The project has a keypair whose name differs only in case. */
export class SimilarNameTaken extends DomainError {
  constructor(name: string, options?: ErrorOptions) {
    super(
      'keypair-name-similar',
      `The project has a keypair whose name differs from '${name}' by case only. Use it, or choose another name.`,
      options,
    );
  }
}

/** The user has reached the quota of keypairs. */
export class QuotaExceeded extends DomainError {
  constructor() {
    super('keypair-quota-exceeded', 'Quota exceeded, too many key pairs.');
  }
}

/** How statements write times: UTC, `2026-01-31T12:34:56.123456`. */
export const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US'`;

/** The limit of a user in a project: the user's own, or else the project's, or else the default. */
const limitOf = (projectId: string, userId: string, fallback: string): string => `
  coalesce(
    (SELECT hard_limit FROM quotas WHERE project_id = ${projectId} AND user_id = ${userId} AND resource = 'key_pairs'),
    (SELECT hard_limit FROM quotas WHERE project_id = ${projectId} AND user_id = '' AND resource = 'key_pairs'),
    ${fallback}::int
  )`;

// The statement that inserts the row also increments the counter: its row lock serialises concurrent creates of a user, and a failed
// statement rolls the count back. A negative limit is none; with a limit of 0 ON CONFLICT is never reached.
const SLOT = `
    WITH quota AS MATERIALIZED (
      SELECT ${limitOf('$7', '$8', '$9')} AS hard_limit
    ), slot AS (
      INSERT INTO keypair_usage AS usage (user_id, used, hard_limit)
      SELECT $1, 1, hard_limit FROM quota WHERE hard_limit <> 0
      ON CONFLICT (user_id) DO UPDATE SET used = usage.used + 1, hard_limit = excluded.hard_limit
      WHERE usage.used < excluded.hard_limit OR excluded.hard_limit < 0
      RETURNING user_id
    )`;

const ADDED_DATA = keypairData('$2::varchar', '$3::keypair_type', '$4::varchar', '$10::bytea', '$5::text', '1');

const ADD = {
  name: 'keypair-add',
  text: `${SLOT}, ${eventOf(12, { from: 'slot', owner: 'slot.user_id', data: ADDED_DATA })}
    INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key, create_id, sha256, expires_at)
    SELECT slot.user_id, $2, $3::keypair_type, $4, $5::text, $6, $10::bytea, $11::timestamp FROM slot
    RETURNING id`,
};

const ADD_WITH_LIFE = {
  name: 'keypair-add-with-life',
  text: `${SLOT}, added AS (
      INSERT INTO key_pairs
        (user_id, name, type, fingerprint, public_key, create_id, sha256, expires_at, delete_protected, created_by)
      SELECT slot.user_id, $2, $3::keypair_type, $4, $5::text, $6, $10::bytea, $11::timestamp, $12, $16::varchar FROM slot
      RETURNING user_id, name, id, created_at, created_by
    ), detailed AS (
      INSERT INTO keypair_details (user_id, name, tags, note, key_by)
      SELECT added.user_id, added.name, $13::jsonb, $14, $15 FROM added
    ), ${eventOf(17, { from: 'added', owner: 'user_id', data: ADDED_DATA })}
    SELECT id, to_char(created_at, ${TIME}) AS "createdAt",
      CASE WHEN created_by IS NOT NULL THEN ${notifyChange('keypairs', 'user_id')} END
    FROM added`,
};

const EACH_ADDED = {
  from: `slots, unnest($2::varchar[], $3::keypair_type[], $4::varchar[], $10::bytea[], $5::text[], $15::varchar[])
        AS each (each_name, each_type, each_fingerprint, each_sha256, each_key, each_request_id)`,
  owner: 'slots.user_id',
  data: keypairData('each_name', 'each_type', 'each_fingerprint', 'each_sha256', 'each_key', '1'),
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
    ), ${eventOf(12, EACH_ADDED, 'each_request_id')}
    INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key, create_id, sha256, expires_at)
    SELECT slots.user_id, created.*
    FROM slots, unnest($2::varchar[], $3::keypair_type[], $4::varchar[], $5::text[], $6::uuid[], $10::bytea[], $11::timestamp[])
      AS created
    RETURNING id`,
};

/** A keypair, if it is what a create made. */
const IS_MADE_BY = {
  name: 'keypair-is-made-by',
  text: `
    SELECT id, to_char(created_at, ${TIME}) AS "createdAt" FROM key_pairs
    WHERE user_id = $1 AND name = $2 AND create_id = $3`,
};

/** The data of an event, where the columns are those of a keypair. */
const KEYPAIR_DATA = keypairData('name', 'type', 'fingerprint', 'sha256', 'public_key', 'version');

const REMOVE = {
  name: 'keypair-remove',
  text: `
    WITH gone AS (
      DELETE FROM key_pairs
      WHERE user_id = $1 AND name = $2 AND delete_protected IS NOT TRUE
        AND ($3::bigint IS NULL OR id = $3 AND coalesce(version, 1) = $4)
      RETURNING user_id, name, type, fingerprint, sha256, public_key, coalesce(version, 1) AS version
    ), freed AS (
      UPDATE keypair_usage SET used = used - 1 WHERE user_id = $1 AND EXISTS (SELECT FROM gone)
    ), ${eventOf(5, { from: 'gone', owner: 'user_id', data: KEYPAIR_DATA })}
    SELECT fingerprint FROM gone`,
};

const WHOLE = `name, type, fingerprint, public_key AS "publicKey",
  coalesce(created_by, user_id) AS "userId", id,
  to_char(created_at, ${TIME}) AS "createdAt", to_char(updated_at, ${TIME}) AS "updatedAt",
  coalesce(expires_at <= timezone('utc', now()), false) AS "isExpired"`;

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

/** A row of a list: some keypairs as JSON, separated by commas. */
interface ListedPart {
  items: string | Buffer;
  readonly count: number;
  readonly last: string;
}

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
  // The garbage collector need not scan or move buffers; a list of one part is faster as text.
  onRow: (part: ListedPart, place: number) => {
    if (place > 0) part.items = Buffer.from(part.items as string);
  },
};

/** For a list that is merged with another one; without a limit all rows. */
const LIST_ROWS = {
  name: 'keypair-list-rows',
  text: `
    SELECT name, type, fingerprint, public_key AS "publicKey" FROM key_pairs
    WHERE user_id = $1 AND name > $2 ORDER BY name LIMIT $3`,
};

const HAS_ANY = { name: 'keypair-has-any', text: `SELECT FROM key_pairs WHERE user_id = $1 LIMIT 1` };

// In the order of the primary key, so that each page goes on where the last one ended.
const PAGE_OF_TYPE = {
  name: 'keypair-page-of-type',
  text: `
    SELECT user_id AS "userId", name, public_key AS "publicKey" FROM key_pairs
    WHERE type = $1 AND (user_id, name) > ($2, $3) ORDER BY user_id, name LIMIT $4`,
};

const IS_PROTECTED = {
  name: 'keypair-is-protected',
  text: `SELECT FROM key_pairs WHERE user_id = $1 AND name = $2 AND delete_protected`,
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
  ADD_WITH_LIFE,
  ADD_SEVERAL,
  IS_MADE_BY,
  REMOVE,
  FIND,
  FIND_SEVERAL,
  LIST,
  LIST_ROWS,
  HAS_ANY,
  PAGE_OF_TYPE,
  EXISTS,
  IS_PROTECTED,
  IS_FULL,
};

/** The stored keypairs. */
@Injectable()
export class KeypairRepository {
  private readonly finds = new Batcher<KeypairName, StoredKeypair | undefined>(MAX_BATCH, (names) =>
    this.findAll(names),
  );

  private readonly creates = new KeyedQueue<Create, Error | undefined>(MAX_BATCH, (creates) => this.insertAll(creates));

  constructor(private readonly database: Database) {
    database.onWritesRefused((reason) => this.creates.rejectQueued(reason));
  }

  /**
   * Stores a keypair if its owner has fewer than the creator's limit. Throws {@link QuotaExceeded}, or else {@link NameTaken},
   * without a change.
   */
  async add(keypair: NewKeypairRow, creator: Creator, type: EventType, by: Requester): Promise<void> {
    const event = this.database.event(type, by);
    const create = { id: randomUUID(), keypair, creator, event, deadline: this.database.deadline() };
    // One that the queue holds would be answered only with the one before it.
    this.database.assertWritable();
    try {
      // Statements for one owner would wait for the row lock of the owner's counter, one after the other.
      const key = JSON.stringify([keypair.userId, ...quotaParameters(creator), ...event.slice(0, -1)]);
      const refusal = await this.creates.add(key, create);
      if (refusal) throw refusal;
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      await this.insertAgain(create);
    }
  }

  /** As {@link add}, with more than Nova's columns, in one statement. */
  async addWithLife(
    keypair: NewKeypairRow,
    life: NewKeypairLife,
    creator: Creator,
    type: EventType,
    by: Requester,
  ): Promise<AddedKeypair> {
    const event = this.database.event(type, by);
    const create = { id: randomUUID(), keypair, life, creator, event, deadline: this.database.deadline() };
    try {
      return await this.insert(create);
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      return this.insertAgain(create);
    }
  }

  /**
   * Repeats an insert whose answer was lost. It waits for the first one, if that still runs, and then either succeeds or finds the
   * row of the first one.
   */
  private async insertAgain(create: Create): Promise<AddedKeypair> {
    try {
      return await this.insert(create);
    } catch (error) {
      // The first one may have used up the quota.
      if (!(error instanceof NameTaken) && !(error instanceof QuotaExceeded)) throw error;
      const { id, keypair, deadline } = create;
      const values = [keypair.userId, keypair.name, id];
      const [found] = await this.database.readPrimary<AddedKeypair>(IS_MADE_BY, values, deadline);
      if (!found) throw error;
      await this.database.confirm(deadline);
      return found;
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
    const [{ keypair, creator, event }] = creates;
    const column = (name: keyof NewKeypairRow) => creates.map((create) => create.keypair[name]);
    const columns = [column('name'), column('type'), column('fingerprint'), column('publicKey')];
    const content = [keypair.userId, ...columns, creates.map(({ id }) => id), ...quotaParameters(creator)];
    const requestIds = creates.map((each) => each.event.at(-1));
    const values = [...content, column('sha256'), column('expiresAt'), ...event.slice(0, -1), requestIds];
    const deadline = Math.min(...creates.map((create) => create.deadline));
    try {
      return (await this.database.write(ADD_SEVERAL, values, deadline, keypair.userId)).length > 0;
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      // Inserted by itself, each gets its own error.
      return false;
    }
  }

  private async insert({ id, keypair, life, creator, event, deadline }: Create): Promise<AddedKeypair> {
    const { userId, name, type, fingerprint, publicKey, sha256, expiresAt } = keypair;
    const content = [userId, name, type, fingerprint, publicKey];
    const values: unknown[] = [...content, id, ...quotaParameters(creator), sha256, expiresAt];
    if (life) values.push(life.deleteProtected, JSON.stringify(life.tags), life.note, life.keyBy, life.createdBy);
    values.push(...event);
    try {
      const [added] = await this.database.write<AddedKeypair>(life ? ADD_WITH_LIFE : ADD, values, deadline, userId);
      if (!added) throw new QuotaExceeded();
      return added;
    } catch (error) {
      if (duplicateKey(error) === 'user_id, name') throw new NameTaken(name, { cause: error });
      if (duplicateKey(error)?.startsWith('user_id, lower(')) throw new SimilarNameTaken(name, { cause: error });
      throw error;
    }
  }

  async find(userId: string, name: string): Promise<StoredKeypair | undefined> {
    if (!areKeys(userId, name)) return undefined;
    return this.finds.load({ userId, name });
  }

  private async findAll(names: readonly KeypairName[]): Promise<(StoredKeypair | undefined)[]> {
    const owners = names.map(({ userId }) => userId);
    if (names.length === 1)
      return this.database.read<StoredKeypair>(FIND, [names[0].userId, names[0].name], { owners });
    const values = [owners, names.map(({ name }) => name)];
    const found: (StoredKeypair | undefined)[] = [];
    for (const row of await this.database.read<StoredKeypair & { place: number }>(FIND_SEVERAL, values, { owners })) {
      found[row.place - 1] = row;
    }
    return found;
  }

  async exists(userId: string, name: string): Promise<boolean> {
    if (!areKeys(userId, name)) return false;
    return (await this.database.read(EXISTS, [userId, name])).length > 0;
  }

  async list({ userId, marker = '', limit, only, typeIn }: Listing): Promise<ListedKeypairs> {
    if (!areKeys(userId, marker)) return EMPTY_LIST;
    const values = [userId, marker, limit, only, typeIn];
    const parts = await this.database.read<ListedPart>(LIST, values, { owners: [userId] });
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    return { keypairs: new SerializedArray(parts.map(({ items }) => items)), count, last: parts.at(-1)?.last };
  }

  /** Whether a user or project has any keypair. As a standby has it, if reads prefer one. */
  async hasAny(userId: string): Promise<boolean> {
    return areKeys(userId) && (await this.database.read(HAS_ANY, [userId], { owners: [userId] })).length > 0;
  }

  /** As {@link list}, with the keypairs of another owner mixed in, but for those whose name the user has too. */
  async listWith(sharedOwner: string, { userId, marker = '', limit, only, typeIn }: Listing): Promise<ListedKeypairs> {
    if (!areKeys(userId, sharedOwner, marker)) return EMPTY_LIST;
    const read = (owner: string): Promise<ListedRow[]> =>
      this.database.read<ListedRow>(LIST_ROWS, [owner, marker, limit], { owners: [owner] });
    const [own, shared] = await Promise.all([read(userId), read(sharedOwner)]);
    const rows = mergeByName(own, shared)
      .slice(0, limit)
      .filter(({ type }) => (only ?? type) === type);
    const items = rows.map((row) => JSON.stringify(listedItem(row, typeIn)));
    const keypairs = new SerializedArray(items.length === 0 ? [] : [items.join(',')]);
    return { keypairs, count: rows.length, last: rows.at(-1)?.name };
  }

  /** The keypairs of a type, of all users, in pages of `limit`. */
  async *pagesOfType(type: KeypairType, limit: number): AsyncGenerator<readonly KeypairText[]> {
    for (let after: KeypairName | undefined = { userId: '', name: '' }; after;) {
      const page: KeypairText[] = await this.database.read(PAGE_OF_TYPE, [type, after.userId, after.name, limit]);
      yield page;
      after = page.length < limit ? undefined : page.at(-1);
    }
  }

  /**
   * Removes a keypair, of this version if given; undefined if there is none, or if it is protected. Without the fingerprint if the
   * answer of the database was lost.
   */
  async remove(userId: string, name: string, by: Requester, state?: KeypairState): Promise<RemovedKeypair | undefined> {
    if (!areKeys(userId, name)) return undefined;
    const deadline = this.database.deadline();
    const values = [userId, name, state?.id, state?.version, ...this.database.event('keypair.deleted', by)];
    try {
      return (await this.database.write<RemovedKeypair>(REMOVE, values, deadline, userId))[0];
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      const [removed] = await this.database.write<RemovedKeypair>(REMOVE, values, deadline, userId);
      // If the second statement finds no row, the first one removed it.
      const isGone =
        removed !== undefined || (await this.database.readPrimary(EXISTS, [userId, name], deadline)).length === 0;
      await this.database.confirm(deadline);
      return isGone ? (removed ?? {}) : undefined;
    }
  }

  /** Whether a keypair is protected from deletion. */
  async isProtected(userId: string, name: string): Promise<boolean> {
    if (!areKeys(userId, name)) return false;
    return (await this.database.read(IS_PROTECTED, [userId, name])).length > 0;
  }

  /** Whether a user has as many keypairs as the creator's limit. */
  async isFull(userId: string, creator: Creator): Promise<boolean> {
    return (await this.database.read(IS_FULL, [userId, ...quotaParameters(creator)])).length > 0;
  }
}

/** A keypair of a list. */
type ListedRow = Pick<StoredKeypair, 'name' | 'type' | 'fingerprint' | 'publicKey'>;

function listedItem({ name, type, fingerprint, publicKey }: ListedRow, typeIn: Listing['typeIn']): object {
  const typed = typeIn && { [typeIn]: typeIn === 'type' ? type : toKeyType(type) };
  return { keypair: { name, public_key: publicKey, fingerprint, ...typed } };
}

/** Merges two lists in the order of names; a name of the first hides that of the second. */
function mergeByName(own: readonly ListedRow[], shared: readonly ListedRow[]): ListedRow[] {
  const names = new Set(own.map(({ name }) => name));
  const rows = [...own, ...shared.filter(({ name }) => !names.has(name))];
  return rows
    .map((row) => ({ row, bytes: Buffer.from(row.name) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ row }) => row);
}

const quotaParameters = ({ projectId, userId, defaultLimit }: Creator) => [projectId, userId, defaultLimit] as const;
