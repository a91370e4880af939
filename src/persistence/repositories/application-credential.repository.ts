import { Injectable } from '@nestjs/common';
import type { Requester } from '../../domain/caller.js';
import { notifyChange } from '../change-feed.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { duplicateKey } from './duplicate-key.js';
import { TIME } from './keypair.repository.js';
import { eventOf } from './outbox.js';
import { areKeys } from '../../domain/storable.js';

/** An application credential without its secret. */
export interface StoredCredential {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly projectId: string;
  readonly description: string | null;
  /** UTC, `2026-01-31T12:34:56.123456`. */
  readonly expiresAt: string | null;
  /** Null: not set, which is restricted. */
  readonly unrestricted: boolean | null;
  /** Names of roles. */
  readonly roles: readonly string[];
}

/** A credential as a log-in needs it. */
export interface CredentialWithHash extends StoredCredential {
  readonly secretHash: string;
}

const CREDENTIAL = `
  id, user_id AS "userId", name, project_id AS "projectId", description,
  to_char(expires_at, ${TIME}) AS "expiresAt", unrestricted, roles`;

/** The data of an event, where the columns are those of a credential. */
const DATA = `jsonb_build_object('id', id, 'name', name)`;

// The row lock of the counter serialises concurrent requests of a user across all processes; a failed statement rolls its count back.
const ADD = {
  name: 'credential-add',
  text: `
    WITH slot AS (
      INSERT INTO application_credential_usage AS usage (user_id, used) VALUES ($2, 1)
      ON CONFLICT (user_id) DO UPDATE SET used = usage.used + 1 WHERE usage.used < $10::int
      RETURNING used
    ), made AS (
      INSERT INTO application_credentials
        (id, user_id, name, project_id, description, expires_at, unrestricted, roles, secret_hash)
      SELECT $1, $2, $3, $4, $5, $6::timestamp, $7::boolean, $8::jsonb, $9 FROM slot
      RETURNING *
    ), ${eventOf(11, { from: 'made', owner: 'user_id', data: DATA })}
    SELECT ${CREDENTIAL} FROM made`,
};

const REMOVE = {
  name: 'credential-remove',
  text: `
    WITH gone AS (
      DELETE FROM application_credentials WHERE id = $1 AND user_id = $2 RETURNING id, user_id, name
    ), freed AS (
      UPDATE application_credential_usage SET used = greatest(used - 1, 0) WHERE user_id IN (SELECT user_id FROM gone)
    ), ${eventOf(3, { from: 'gone', owner: 'user_id', data: DATA })}
    SELECT id, ${notifyChange('credential', 'id')} FROM gone`,
};

const FIND = {
  name: 'credential-find',
  text: `SELECT ${CREDENTIAL}, secret_hash AS "secretHash" FROM application_credentials WHERE id = $1`,
};

const FIND_NAMED = {
  name: 'credential-find-named',
  text: `SELECT ${CREDENTIAL}, secret_hash AS "secretHash" FROM application_credentials WHERE user_id = $1 AND name = $2`,
};

const LIST = {
  name: 'credential-list',
  text: `SELECT ${CREDENTIAL} FROM application_credentials WHERE user_id = $1 ORDER BY name`,
};

/** Every statement, for the test of their plans. */
export const STATEMENTS = { ADD, REMOVE, FIND, FIND_NAMED, LIST };

/** The application credentials of the built-in identity. */
@Injectable()
export class ApplicationCredentialRepository {
  constructor(private readonly database: Database) {}

  /** Adds a credential: `full` if the user already has `limit` of them, `taken` if the name is in use. */
  async add(
    credential: CredentialWithHash,
    limit: number,
    by: Requester,
  ): Promise<StoredCredential | 'full' | 'taken'> {
    const { id, userId, name, projectId, description, expiresAt, unrestricted, roles, secretHash } = credential;
    const values = [id, userId, name, projectId, description, expiresAt, unrestricted, JSON.stringify(roles)];
    const event = this.database.event('credential.created', by);
    try {
      const [made] = await this.database.write<StoredCredential>(ADD, [...values, secretHash, limit, ...event]);
      return made ?? 'full';
    } catch (error) {
      if (duplicateKey(error) !== undefined) return 'taken';
      throw error;
    }
  }

  /** Removes a credential; every replica invalidates its tokens. Returns false if the user did not have it. */
  async remove(id: string, userId: string, by: Requester): Promise<boolean> {
    const event = this.database.event('credential.deleted', by);
    return areKeys(id, userId) && (await this.database.write(REMOVE, [id, userId, ...event])).length > 0;
  }

  async find(id: string): Promise<CredentialWithHash | undefined> {
    return (await this.read<CredentialWithHash>(FIND, id))[0];
  }

  async findNamed(userId: string, name: string): Promise<CredentialWithHash | undefined> {
    return (await this.read<CredentialWithHash>(FIND_NAMED, userId, name))[0];
  }

  /** The credentials of a user, by name. */
  async list(userId: string): Promise<StoredCredential[]> {
    return this.read<StoredCredential>(LIST, userId);
  }

  private async read<Row extends object>(statement: Statement, ...texts: string[]): Promise<Row[]> {
    return areKeys(...texts) ? this.database.read<Row>(statement, texts) : [];
  }
}
