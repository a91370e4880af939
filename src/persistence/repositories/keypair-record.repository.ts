import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { sha256 } from '../../crypto/fingerprint.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import type { Requester } from '../../domain/caller.js';
import { ownerOfProject, projectOf } from '../../domain/keypair-owner.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { areKeys } from '../../domain/storable.js';
import { hasUnknownOutcome } from '../database-failure.js';
import { notifyChange } from '../change-feed.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { eventOf, keypairData } from './outbox.js';
import { TIME } from './keypair.repository.js';

/** The owner and the name of a keypair, which identify it and order lists. */
export interface KeypairKey {
  readonly userId: string;
  readonly name: string;
}

/** A keypair with its life; `userId` is the owner, which may be a project. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface KeypairRecord extends KeypairKey {
  /** A whole number in decimal digits, never reused: a later keypair of the same name has another one. */
  readonly id: string;
  /** Incremented by each change of the key or of a property that clients set. */
  readonly version: number;
  /** The user who created a keypair of a project; null for one of a user. */
  readonly createdBy: string | null;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly expiresAt: string | null;
  readonly deleteProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly note: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  /** When its key was set, and by whom; null if at its creation. */
  readonly keySince: string | null;
  readonly keyBy: string | null;
  readonly lastDeliveredAt: string | null;
}

/** The content of a keypair after a change. */
export interface KeypairContent extends Pick<
  KeypairRecord,
  'type' | 'fingerprint' | 'publicKey' | 'expiresAt' | 'deleteProtected' | 'tags' | 'note'
> {
  readonly sha256: Buffer | null;
}

/** A key that replaces another one. */
export interface Rotation {
  /** Who sets it. */
  readonly keyBy: string;
  /** Until when the previous key stays valid, in UTC. */
  readonly overlapUntil: string;
}

/** A key that a keypair had before. Times are UTC. */
export interface OldKey extends Pick<KeypairRecord, 'version' | 'type' | 'fingerprint' | 'publicKey'> {
  readonly validFrom: string;
  readonly replacedAt: string;
  readonly validUntil: string;
  readonly madeBy: string | null;
}

/** A key by its name and fingerprint. */
export interface KeyOfName {
  readonly name: string;
  readonly fingerprint: string;
}

/** A key of a keypair; `version` is set if another key has replaced it. */
export interface LiveKey extends Pick<KeypairRecord, 'name' | 'type' | 'fingerprint' | 'publicKey'> {
  readonly version: number | null;
}

/** A copy of a key that a guest read. */
export interface Delivery extends KeyOfName {
  readonly userId: string;
  /** UTC. */
  readonly at: string;
}

/** Which keypairs are read, in the order of owner and name. */
export interface RecordPage {
  /** Whose; undefined: those of all users and projects. */
  readonly owners: readonly string[] | undefined;
  /** Only those with this SHA-256. */
  readonly digest: Buffer | undefined;
  readonly after: KeypairKey;
  readonly limit: number;
}

/** A keypair that expires soon, or has expired. */
export interface EndingKeypair extends KeypairKey {
  readonly fingerprint: string;
  readonly expiresAt: string;
  readonly isExpired: boolean;
}

/** How many guests hold a copy of a keypair of a project. */
interface ProjectCount {
  readonly projectId: string;
  readonly name: string;
  readonly count: number;
}

/** A keypair whose SHA-256 is not stored. */
interface WithoutDigest extends KeypairKey {
  readonly id: string;
  readonly type: KeypairType;
  readonly publicKey: string;
}

/** The number of rows that are read and changed at once. */
const ROWS_PER_PAGE = 500;

/** The number of previous keys that a keypair keeps. */
const MAX_OLD_KEYS = 9;

const RECORD = `
  k.user_id AS "userId", k.name, k.id, coalesce(k.version, 1) AS version,
  k.created_by AS "createdBy", k.type, k.fingerprint, k.public_key AS "publicKey",
  to_char(k.expires_at, ${TIME}) AS "expiresAt", coalesce(k.delete_protected, false) AS "deleteProtected",
  coalesce(d.tags, '{}') AS tags, d.note, to_char(k.created_at, ${TIME}) AS "createdAt",
  to_char(coalesce(d.updated_at, k.updated_at), ${TIME}) AS "updatedAt",
  to_char(d.key_since, ${TIME}) AS "keySince", d.key_by AS "keyBy",
  to_char(d.last_delivered_at, ${TIME}) AS "lastDeliveredAt"`;
const WITH_DETAILS = 'key_pairs k LEFT JOIN keypair_details d ON d.user_id = k.user_id AND d.name = k.name';

const RECORD_FIND = {
  name: 'keypair-record',
  text: `SELECT ${RECORD} FROM ${WITH_DETAILS} WHERE k.user_id = $1 AND k.name = $2`,
};

const RECORD_PAGE = {
  name: 'keypair-record-page',
  text: `
    SELECT ${RECORD} FROM ${WITH_DETAILS}
    WHERE k.user_id = $1 AND k.name > $2 ORDER BY k.name LIMIT $3`,
};

const RECORD_PAGE_OF_ALL = {
  name: 'keypair-record-page-of-all',
  text: `
    SELECT ${RECORD} FROM ${WITH_DETAILS}
    WHERE (k.user_id, k.name) > ($1, $2) ORDER BY k.user_id, k.name LIMIT $3`,
};

const RECORD_PAGE_OF_SEVERAL = {
  name: 'keypair-record-page-of-several',
  text: `
    SELECT ${RECORD} FROM ${WITH_DETAILS}
    WHERE k.user_id = ANY ($1::varchar[]) AND (k.name, k.user_id) > ($2, $3) ORDER BY k.name, k.user_id LIMIT $4`,
};

/** One key may be the keypair of many users. */
const RECORD_WITH_DIGEST = {
  name: 'keypair-record-with-digest',
  text: `
    SELECT ${RECORD} FROM ${WITH_DETAILS}
    WHERE k.sha256 = $1 AND ($2::varchar[] IS NULL OR k.user_id = ANY ($2)) AND (k.user_id, k.name) > ($3, $4)
    ORDER BY k.user_id, k.name LIMIT $5`,
};

const KEYPAIR_DATA = keypairData('name', 'type', 'fingerprint', 'sha256', 'public_key', 'version');

// The lock waits for a change that is under way, and the version is compared with what that change left.
const CHANGE = {
  name: 'keypair-change',
  text: `
    WITH old AS MATERIALIZED (
      SELECT user_id, name, type, fingerprint, public_key, created_at, coalesce(version, 1) AS version FROM key_pairs
      WHERE user_id = $1 AND name = $2 AND id = $3 AND coalesce(version, 1) = $4
      FOR NO KEY UPDATE
    ), changed AS (
      UPDATE key_pairs AS k SET type = $5::keypair_type, fingerprint = $6, public_key = $7, sha256 = $8,
        expires_at = $9::timestamp, delete_protected = $10, version = old.version + 1
      FROM old WHERE k.user_id = old.user_id AND k.name = old.name
      RETURNING k.user_id, k.name, k.type, k.fingerprint, k.sha256, k.public_key, k.version
    ), kept AS (
      INSERT INTO keypair_versions (user_id, name, version, type, fingerprint, public_key, valid_from, replaced_at,
        valid_until, made_by)
      SELECT old.user_id, old.name, old.version, old.type, old.fingerprint, old.public_key,
        coalesce(d.key_since, old.created_at), timezone('utc', now()), $14::timestamp, d.key_by
      FROM changed JOIN old ON old.user_id = changed.user_id AND old.name = changed.name
      LEFT JOIN keypair_details d ON d.user_id = old.user_id AND d.name = old.name
      WHERE $14::timestamp IS NOT NULL
    ), dropped AS (
      DELETE FROM keypair_versions
      WHERE user_id = $1 AND name = $2 AND $14::timestamp IS NOT NULL AND EXISTS (SELECT FROM changed) AND version <= (
        SELECT version FROM keypair_versions WHERE user_id = $1 AND name = $2 AND version < $4
        ORDER BY version DESC OFFSET ${MAX_OLD_KEYS - 1} LIMIT 1
      )
    ), detailed AS (
      INSERT INTO keypair_details AS d (user_id, name, tags, note, updated_at, key_since, key_by)
      SELECT changed.user_id, changed.name, $11::jsonb, $12, timezone('utc', now()),
        CASE WHEN $14::timestamp IS NOT NULL THEN timezone('utc', now()) END,
        CASE WHEN $14::timestamp IS NOT NULL THEN $13 END
      FROM changed
      ON CONFLICT (user_id, name) DO UPDATE SET tags = excluded.tags, note = excluded.note,
        updated_at = excluded.updated_at, key_since = coalesce(excluded.key_since, d.key_since),
        key_by = coalesce(excluded.key_by, d.key_by)
    ), ${eventOf(15, { from: 'changed', owner: 'user_id', data: KEYPAIR_DATA })}
    SELECT version, to_char(timezone('utc', now()), ${TIME}) AS "updatedAt", ${notifyChange('keypairs', 'user_id')}
    FROM changed`,
};

const VERSIONS = {
  name: 'keypair-versions',
  text: `
    SELECT version, type, fingerprint, public_key AS "publicKey", to_char(valid_from, ${TIME}) AS "validFrom",
      to_char(replaced_at, ${TIME}) AS "replacedAt", to_char(valid_until, ${TIME}) AS "validUntil", made_by AS "madeBy"
    FROM keypair_versions WHERE user_id = $1 AND name = $2 ORDER BY version DESC`,
};

const PRUNE = {
  name: 'keypair-prune',
  text: `
    WITH gone AS (
      DELETE FROM key_pairs AS k
      USING unnest($2::varchar[], $3::bigint[], $4::int[]) AS chosen (chosen_name, chosen_id, chosen_version)
      WHERE k.user_id = $1 AND k.name = chosen_name AND k.id = chosen_id AND coalesce(k.version, 1) = chosen_version
        AND k.delete_protected IS NOT TRUE
      RETURNING k.user_id, k.name, k.type, k.fingerprint, k.sha256, k.public_key, coalesce(k.version, 1) AS version
    ), freed AS (
      UPDATE keypair_usage SET used = used - (SELECT count(*) FROM gone)
      WHERE user_id = $1 AND EXISTS (SELECT FROM gone)
    ), ${eventOf(5, { from: 'gone', owner: 'user_id', data: KEYPAIR_DATA })}
    SELECT name, fingerprint FROM gone`,
};

/** The expired keypairs of a user, with their keys. */
const EXPIRED = {
  name: 'keypair-expired',
  text: `
    SELECT name, fingerprint FROM key_pairs
    WHERE user_id = $1 AND name = ANY ($2::varchar[]) AND expires_at <= timezone('utc', now())`,
};

/** The current keys of an owner's keypairs, and the previous ones whose overlap has not ended. */
const LIVE_KEYS = {
  name: 'keypair-live-keys',
  text: `
    SELECT k.name, k.type, k.fingerprint, k.public_key AS "publicKey", NULL::int AS version
    FROM key_pairs k
    WHERE k.user_id = $1 AND k.name = ANY ($2::varchar[]) AND (k.expires_at <= timezone('utc', now())) IS NOT TRUE
    UNION ALL
    SELECT v.name, v.type, v.fingerprint, v.public_key, v.version
    FROM keypair_versions v JOIN key_pairs k ON k.user_id = v.user_id AND k.name = v.name
    WHERE v.user_id = $1 AND v.name = ANY ($2::varchar[]) AND v.valid_until > timezone('utc', now())
      AND (k.expires_at <= timezone('utc', now())) IS NOT TRUE`,
};

// A keypair that was deleted meanwhile, or has another key by now, is left out.
const SET_DELIVERED: Statement = {
  name: 'keypair-set-delivered',
  repeatable: true,
  text: `
    INSERT INTO keypair_details AS d (user_id, name, last_delivered_at)
    SELECT k.user_id, k.name, delivered_at
    FROM unnest($1::varchar[], $2::varchar[], $3::varchar[], $4::timestamp[])
      AS copies (owner_id, owner_name, copied, delivered_at)
    JOIN key_pairs k ON k.user_id = owner_id AND k.name = owner_name AND k.fingerprint = copied
    ON CONFLICT (user_id, name) DO UPDATE SET
      last_delivered_at = greatest(d.last_delivered_at, excluded.last_delivered_at)`,
};

const COUNT_ENDING = {
  name: 'keypair-count-ending',
  text: `SELECT count(*)::int FROM key_pairs WHERE expires_at <= $1::timestamp`,
};

// `warned_at` is the warning day that was passed last, so of two replicas that look at once one writes it.
const WARN: Statement = {
  name: 'keypair-warn',
  text: `
    WITH due AS (
      SELECT k.user_id, k.name, k.type, k.fingerprint, k.sha256, k.public_key, coalesce(k.version, 1) AS version, k.expires_at, (
        SELECT warned_at FROM keypair_details d WHERE d.user_id = k.user_id AND d.name = k.name
      ) AS warned_at, (
        SELECT max(k.expires_at - make_interval(days => day)) FROM unnest($1::int[]) AS day
        WHERE k.expires_at - make_interval(days => day) <= timezone('utc', now())
      ) AS passed
      FROM key_pairs k
      WHERE k.expires_at <= timezone('utc', now()) + make_interval(days => $2::int)
    ), warned AS (
      INSERT INTO keypair_details AS d (user_id, name, warned_at)
      SELECT due.user_id, due.name, due.passed FROM due
      WHERE due.passed > coalesce(due.warned_at, '-infinity') LIMIT ${ROWS_PER_PAGE}
      ON CONFLICT (user_id, name) DO UPDATE SET warned_at = excluded.warned_at
      WHERE d.warned_at IS NULL OR d.warned_at < excluded.warned_at
      RETURNING d.user_id, d.name
    ), ending AS (
      SELECT due.*, due.expires_at <= timezone('utc', now()) AS is_expired
      FROM due JOIN warned ON warned.user_id = due.user_id AND warned.name = due.name
    ), ${eventOf(
      3,
      {
        from: 'ending',
        owner: 'user_id',
        data: `${KEYPAIR_DATA} || jsonb_build_object('expires_at', to_char(expires_at, ${TIME}))`,
        unasked: {
          type: `CASE WHEN is_expired THEN 'keypair.expired' ELSE 'keypair.expiring' END`,
          projectId: `substring(user_id from '^${ownerOfProject('')}(.*)$')`,
        },
      },
      `''`,
    )}
    SELECT user_id AS "userId", name, fingerprint, to_char(expires_at, ${TIME}) AS "expiresAt", is_expired AS "isExpired"
    FROM ending`,
};

/** How many guests of each user hold a copy of each keypair that is the user's own. */
const GUESTS = {
  name: 'keypair-guests',
  text: `
    SELECT g.user_id AS "userId", key->>'name' AS name, count(*)::int
    FROM guests g CROSS JOIN LATERAL json_array_elements(g.keys) AS key
    WHERE g.user_id = ANY ($1::varchar[]) AND key->>'scope' IS NULL GROUP BY g.user_id, key->>'name'`,
};

/** The same for keypairs of projects. */
const GUESTS_OF_PROJECTS = {
  name: 'keypair-guests-of-projects',
  text: `
    SELECT g.project_id AS "projectId", key->>'name' AS name, count(*)::int
    FROM guests g CROSS JOIN LATERAL json_array_elements(g.keys) AS key
    WHERE g.project_id = ANY ($1::varchar[]) AND key->>'scope' = 'project' GROUP BY g.project_id, key->>'name'`,
};

const WITHOUT_DIGEST = {
  name: 'keypair-without-digest',
  text: `
    SELECT user_id AS "userId", name, id, type, public_key AS "publicKey" FROM key_pairs
    WHERE sha256 IS NULL AND (user_id, name) > ($1, $2) ORDER BY user_id, name LIMIT $3`,
};

// Every other statement that stores a key stores its SHA-256 too.
const SET_DIGESTS: Statement = {
  name: 'keypair-set-digests',
  repeatable: true,
  text: `
    UPDATE key_pairs SET sha256 = digest
    FROM unnest($1::varchar[], $2::varchar[], $3::bigint[], $4::bytea[]) AS computed (owner_id, owner_name, row_id, digest)
    WHERE user_id = owner_id AND name = owner_name AND id = row_id AND sha256 IS NULL`,
};

/** Every statement, for the tests of their plans and of distributed tables. */
export const STATEMENTS = {
  RECORD_FIND,
  RECORD_PAGE,
  RECORD_PAGE_OF_ALL,
  RECORD_PAGE_OF_SEVERAL,
  RECORD_WITH_DIGEST,
  CHANGE,
  VERSIONS,
  PRUNE,
  EXPIRED,
  LIVE_KEYS,
  SET_DELIVERED,
  COUNT_ENDING,
  WARN,
  GUESTS,
  GUESTS_OF_PROJECTS,
  WITHOUT_DIGEST,
  SET_DIGESTS,
};

/** The life cycle of keypairs: what `/v1/keypairs` shows and changes in addition to Nova's API. */
@Injectable()
export class KeypairRecordRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string, name: string): Promise<KeypairRecord | undefined> {
    if (!areKeys(userId, name)) return undefined;
    const [found] = await this.database.read<KeypairRecord>(RECORD_FIND, [userId, name]);
    return found;
  }

  /**
   * Changes a keypair that is as `before`; `rotation` if it gets another key, and the one before it is kept. Returns the changed
   * keypair; undefined if another change came first.
   */
  async change(
    before: KeypairRecord,
    content: KeypairContent,
    by: Requester,
    rotation?: Rotation,
  ): Promise<KeypairRecord | undefined> {
    const { userId, name, id, version } = before;
    const { type, fingerprint, publicKey, sha256: digest, expiresAt, deleteProtected, tags, note } = content;
    const key = [type, fingerprint, publicKey, digest, expiresAt, deleteProtected];
    const life = [JSON.stringify(tags), note, rotation?.keyBy, rotation?.overlapUntil];
    const event = this.database.event(rotation ? 'keypair.rotated' : 'keypair.updated', by);
    const values = [userId, name, id, version, ...key, ...life, ...event];
    const deadline = this.database.deadline();
    const change = async (): Promise<KeypairRecord | undefined> => {
      type Changed = Pick<KeypairRecord, 'version' | 'updatedAt'>;
      const [changed] = await this.database.write<Changed>(CHANGE, values, deadline, userId);
      if (!changed) return undefined;
      const { updatedAt } = changed;
      const { sha256: _digest, ...shown } = content;
      const since = rotation && { keySince: updatedAt, keyBy: rotation.keyBy };
      return { ...before, ...shown, version: changed.version, updatedAt, ...since };
    };
    try {
      return await change();
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      // The condition on the version lets only one of the two statements change the row.
      const changed = await change();
      if (changed) return changed;
      const [found] = await this.database.readPrimary<KeypairRecord>(RECORD_FIND, [userId, name], deadline);
      await this.database.confirm(deadline);
      return found?.id === id && found.version === version + 1 && hasContent(found, content) ? found : undefined;
    }
  }

  /** Deletes those of a user's keypairs that are unchanged since they were read and not protected. Returns the deleted ones. */
  async prune(userId: string, records: readonly KeypairRecord[], by: Requester): Promise<readonly KeyOfName[]> {
    const column = (member: 'name' | 'id' | 'version') => records.map((record) => record[member]);
    const event = this.database.event('keypair.deleted', by);
    const values = [userId, column('name'), column('id'), column('version'), ...event];
    return this.database.write<KeyOfName>(PRUNE, values, this.database.deadline(), userId);
  }

  /** The previous keys of a keypair, newest first. */
  async versions(userId: string, name: string): Promise<OldKey[]> {
    return areKeys(userId, name) ? this.database.read<OldKey>(VERSIONS, [userId, name]) : [];
  }

  async page({ owners, digest, after, limit }: RecordPage): Promise<KeypairRecord[]> {
    if (!areKeys(...(owners ?? []), after.userId, after.name)) return [];
    if (digest !== undefined) {
      return this.database.read(RECORD_WITH_DIGEST, [digest, owners, after.userId, after.name, limit]);
    }
    if (owners === undefined) return this.database.read(RECORD_PAGE_OF_ALL, [after.userId, after.name, limit]);
    if (owners.length === 1) return this.database.read(RECORD_PAGE, [owners[0], after.name, limit]);
    return this.database.read(RECORD_PAGE_OF_SEVERAL, [owners, after.name, after.userId, limit]);
  }

  /** Those of an owner's keys whose keypairs have ended: each as its name and fingerprint are. As a standby has it, if reads prefer one. */
  async expired(owner: string, names: readonly string[]): Promise<readonly KeyOfName[]> {
    return this.database.read<KeyOfName>(EXPIRED, [owner, names], { owners: [owner] });
  }

  /** The keys of keypairs that have not ended, with those before them whose overlap lasts. As a standby has it, if reads prefer one. */
  async liveKeys(owner: string, names: readonly string[]): Promise<readonly LiveKey[]> {
    return this.database.read<LiveKey>(LIVE_KEYS, [owner, names], { owners: [owner] });
  }

  /** Stores when guests read copies of keys. Each keypair may occur only once. */
  async setDelivered(deliveries: readonly Delivery[]): Promise<void> {
    const column = (name: keyof Delivery) => deliveries.map((each) => each[name]);
    const values = [column('userId'), column('name'), column('fingerprint'), column('at')];
    await this.database.write(SET_DELIVERED, values);
  }

  /** How many guests hold a copy of a keypair of one of the owners. */
  async guestCounts(owners: readonly string[]): Promise<(keypair: KeypairKey) => number> {
    const projects = [...new Set(owners.flatMap((owner) => projectOf(owner) ?? []))];
    const users = [...new Set(owners.filter((owner) => projectOf(owner) === undefined))];
    const [ofUsers, ofProjects] = await Promise.all([
      users.length === 0 ? [] : this.database.read<KeypairKey & { count: number }>(GUESTS, [users]),
      projects.length === 0 ? [] : this.database.read<ProjectCount>(GUESTS_OF_PROJECTS, [projects]),
    ]);
    const counts = new Map(ofUsers.map(({ userId, name, count }) => [JSON.stringify([userId, name]), count]));
    for (const { projectId, name, count } of ofProjects)
      counts.set(JSON.stringify([ownerOfProject(projectId), name]), count);
    return ({ userId, name }) => counts.get(JSON.stringify([userId, name])) ?? 0;
  }

  /** Keypairs that have passed one of the days before their end, or the end (0), since they were returned last; at most a page. */
  async warn(days: readonly number[]): Promise<readonly EndingKeypair[]> {
    const noRequester = { userId: '', projectId: undefined, requestId: '' };
    const [kept] = this.database.event('keypair.expiring', noRequester);
    return this.database.write<EndingKeypair>(WARN, [days, Math.max(...days), kept]);
  }

  /** The number of keypairs that end by a time in UTC. */
  async countEnding(by: string): Promise<number> {
    const [{ count }] = await this.database.read<{ count: number }>(COUNT_ENDING, [by]);
    return count;
  }

  /**
   * Stores the SHA-256 of keypairs that lack it: those copied from a Nova, and those that a replica of an older version stored. Texts
   * that hold no key get none.
   */
  async fillDigests(): Promise<void> {
    let after: KeypairKey | undefined = { userId: '', name: '' };
    while (after) {
      const values = [after.userId, after.name, ROWS_PER_PAGE];
      const page: WithoutDigest[] = await this.database.read<WithoutDigest>(WITHOUT_DIGEST, values);
      const computed = page.flatMap((row) => {
        const digest = digestOf(row);
        return digest === undefined ? [] : [{ ...row, digest }];
      });
      if (computed.length > 0) {
        const column = (name: 'userId' | 'name' | 'id' | 'digest') => computed.map((row) => row[name]);
        await this.database.write(SET_DIGESTS, [column('userId'), column('name'), column('id'), column('digest')]);
      }
      after = page.length < ROWS_PER_PAGE ? undefined : page.at(-1);
    }
  }
}

/** Whether a keypair already has the content that a change would give it. */
export function hasContent(record: KeypairRecord, content: Omit<KeypairContent, 'sha256'>): boolean {
  const ofRecord = ({ type, fingerprint, publicKey, expiresAt, deleteProtected, tags, note }: typeof content) =>
    [type, fingerprint, publicKey, expiresAt, deleteProtected, note, new Map(Object.entries(tags))] as const;
  return isDeepStrictEqual(ofRecord(record), ofRecord(content));
}

function digestOf({ type, publicKey }: WithoutDigest): Buffer | undefined {
  try {
    return sha256(KEY_TYPES[type].describe(publicKey).bytes);
  } catch {
    // A Nova stores texts that no parser reads.
    return undefined;
  }
}
