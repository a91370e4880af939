import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { notifyChange } from '../change-feed.js';
import { Database } from '../database.js';
import { duplicateKey } from './duplicate-key.js';
import type { Statement } from '../connection-pool.js';
import { areKeys } from '../../domain/storable.js';

/** Attributes that clients store and the service does not use. */
export type Extra = Readonly<Record<string, unknown>>;

export interface StoredUser {
  readonly id: string;
  readonly name: string;
  /** Null: every password is refused. */
  readonly passwordHash: string | null;
  /** The secret of one-time codes, in Base32; with one, a log-in needs password and code. */
  readonly codeSecret: string | null;
  readonly enabled: boolean;
  /** How often {@link IdentityRepository.changeUser} has disabled it; users of a file have no such count. */
  readonly timesDisabled?: number;
  readonly defaultProjectId: string | null;
  readonly extra: Extra;
}

export interface StoredProject {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly extra: Extra;
}

export interface StoredAssignment {
  readonly userId: string;
  /** The id of a project, `default` for the domain, or `system`. */
  readonly target: string;
  /** The name of the role. */
  readonly role: string;
}

/** All users, projects and assignments at one moment. */
export interface StoredIdentity {
  readonly users: readonly StoredUser[];
  readonly projects: readonly StoredProject[];
  readonly assignments: readonly StoredAssignment[];
}

/** The changes; absent members stay as they are. Members of `extra` replace those of the same name. */
export type Changes<Stored> = Partial<Omit<Stored, 'id'>>;

/** The outcome; `taken`: the name is in use; `missing`: the id does not exist. */
export type Outcome = 'made' | 'taken' | 'missing';

/** How many were new. */
export interface Imported {
  readonly users: number;
  readonly projects: number;
}

/** The whole identity as one text; nothing if its digest is $1. */
const LOAD = {
  name: 'identity-load',
  text: `
    WITH whole AS (
      SELECT json_build_object(
        'users', (
          SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'passwordHash', password_hash, 'codeSecret', code_secret,
            'enabled', enabled, 'timesDisabled', times_disabled, 'defaultProjectId', default_project_id, 'extra', extra)
            ORDER BY name), '[]')
          FROM identity_users),
        'projects', (
          SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'enabled', enabled,
            'description', description, 'tags', tags, 'extra', extra) ORDER BY name), '[]')
          FROM identity_projects),
        'assignments', (
          SELECT coalesce(json_agg(json_build_object('userId', user_id, 'target', target, 'role', role)
            ORDER BY user_id, target, role), '[]')
          FROM identity_assignments)
      )::text AS content
    ), digested AS (
      SELECT content, encode(sha256(convert_to(content, 'UTF8')), 'hex') AS digest FROM whole
    )
    SELECT content, digest FROM digested WHERE digest IS DISTINCT FROM $1::text`,
};

const ADD_USER = {
  name: 'identity-add-user',
  text: `
    WITH made AS (
      INSERT INTO identity_users (id, name, password_hash, enabled, default_project_id, extra, code_secret)
      VALUES ($1, $2, $3, $4::boolean, $5, $6::jsonb, $7) RETURNING id
    )
    SELECT ${notifyChange('identity', 'id')} FROM made`,
};

const CHANGE_USER: Statement = {
  name: 'identity-change-user',
  repeatable: true,
  text: `
    WITH changed AS (
      UPDATE identity_users SET
        name = coalesce($2, name),
        enabled = coalesce($3::boolean, enabled),
        times_disabled = times_disabled + CASE WHEN enabled AND NOT coalesce($3::boolean, true) THEN 1 ELSE 0 END,
        extra = extra || $4::jsonb,
        password_hash = CASE WHEN $5::boolean THEN $6 ELSE password_hash END,
        default_project_id = CASE WHEN $7::boolean THEN $8 ELSE default_project_id END,
        code_secret = CASE WHEN $9::boolean THEN $10 ELSE code_secret END
      WHERE id = $1 RETURNING id
    )
    SELECT ${notifyChange('identity', 'id')} FROM changed`,
};

const REPLACE_PASSWORD = {
  name: 'identity-replace-password',
  text: `
    WITH changed AS (
      UPDATE identity_users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id
    )
    SELECT ${notifyChange('identity', 'id')} FROM changed`,
};

const REMOVE_USER = {
  name: 'identity-remove-user',
  text: `
    WITH gone AS (
      DELETE FROM identity_users WHERE id = $1 RETURNING id
    ), unassigned AS (
      DELETE FROM identity_assignments WHERE user_id IN (SELECT id FROM gone)
    ), credentials AS (
      DELETE FROM application_credentials WHERE user_id IN (SELECT id FROM gone)
    ), counted AS (
      DELETE FROM application_credential_usage WHERE user_id IN (SELECT id FROM gone)
    ), codes AS (
      DELETE FROM one_time_codes WHERE user_id IN (SELECT id FROM gone)
    )
    SELECT ${notifyChange('identity', 'id')} FROM gone`,
};

const ADD_PROJECT = {
  name: 'identity-add-project',
  text: `
    WITH made AS (
      INSERT INTO identity_projects (id, name, enabled, description, tags, extra)
      VALUES ($1, $2, $3::boolean, $4, $5::jsonb, $6::jsonb) RETURNING id
    )
    SELECT ${notifyChange('identity', 'id')} FROM made`,
};

const CHANGE_PROJECT: Statement = {
  name: 'identity-change-project',
  repeatable: true,
  text: `
    WITH changed AS (
      UPDATE identity_projects SET
        name = coalesce($2, name),
        enabled = coalesce($3::boolean, enabled),
        extra = extra || $4::jsonb,
        tags = coalesce($5::jsonb, tags),
        description = CASE WHEN $6::boolean THEN $7 ELSE description END
      WHERE id = $1 RETURNING id
    )
    SELECT ${notifyChange('identity', 'id')} FROM changed`,
};

const REMOVE_PROJECT = {
  name: 'identity-remove-project',
  text: `
    WITH gone AS (
      DELETE FROM identity_projects WHERE id = $1 RETURNING id
    ), unassigned AS (
      DELETE FROM identity_assignments WHERE target IN (SELECT id FROM gone)
    ), defaults AS (
      UPDATE identity_users SET default_project_id = NULL WHERE default_project_id IN (SELECT id FROM gone)
    )
    SELECT ${notifyChange('identity', 'id')} FROM gone`,
};

const ASSIGN: Statement = {
  name: 'identity-assign',
  repeatable: true,
  text: `
    WITH made AS (
      INSERT INTO identity_assignments (user_id, target, role)
      SELECT id, $2, $3 FROM identity_users WHERE id = $1
      ON CONFLICT DO NOTHING RETURNING user_id
    )
    SELECT ${notifyChange('identity', 'user_id')} FROM made`,
};

const UNASSIGN = {
  name: 'identity-unassign',
  text: `
    WITH gone AS (
      DELETE FROM identity_assignments WHERE user_id = $1 AND target = $2 AND role = $3 RETURNING user_id
    )
    SELECT ${notifyChange('identity', 'user_id')} FROM gone`,
};

/** Existing users and projects stay unchanged, with their roles. */
const IMPORT: Statement = {
  name: 'identity-import',
  repeatable: true,
  text: `
    WITH projects AS (
      INSERT INTO identity_projects (id, name, enabled, description, tags, extra)
      SELECT id, name, enabled, description, tags, extra
      FROM jsonb_to_recordset($1::jsonb)
        AS given (id text, name text, enabled boolean, description text, tags jsonb, extra jsonb)
      ON CONFLICT (id) DO NOTHING RETURNING id
    ), users AS (
      INSERT INTO identity_users (id, name, password_hash, code_secret, enabled, default_project_id, extra)
      SELECT id, name, "passwordHash", "codeSecret", enabled, "defaultProjectId", extra
      FROM jsonb_to_recordset($2::jsonb)
        AS given (id text, name text, "passwordHash" text, "codeSecret" text, enabled boolean,
          "defaultProjectId" text, extra jsonb)
      ON CONFLICT (id) DO NOTHING RETURNING id
    ), assigned AS (
      INSERT INTO identity_assignments (user_id, target, role)
      SELECT "userId", target, role
      FROM jsonb_to_recordset($3::jsonb) AS given ("userId" text, target text, role text)
      WHERE "userId" IN (SELECT id FROM users)
      ON CONFLICT DO NOTHING
    )
    SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM projects) AS projects,
      ${notifyChange('identity', `'import'`)}`,
};

const IS_EMPTY = {
  name: 'identity-is-empty',
  text: `SELECT NOT EXISTS (SELECT FROM identity_users) AND NOT EXISTS (SELECT FROM identity_projects) AS "isEmpty"`,
};

/** An arbitrary number that every replica uses; of the first start. */
const FILL_LOCK = 8_774_093;

/** Every statement, for the test of their plans. */
export const STATEMENTS = {
  LOAD,
  ADD_USER,
  CHANGE_USER,
  REPLACE_PASSWORD,
  REMOVE_USER,
  ADD_PROJECT,
  CHANGE_PROJECT,
  REMOVE_PROJECT,
  ASSIGN,
  UNASSIGN,
  IMPORT,
  IS_EMPTY,
};

/**
 * The users, projects and roles of the built-in identity with IDENTITY_STORE=database. There are few of them, and they are read as a
 * whole: every replica keeps them in memory. Each change notifies every replica.
 */
@Injectable()
export class IdentityRepository {
  constructor(
    private readonly database: Database,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Whether there are neither users nor projects. */
  async isEmpty(): Promise<boolean> {
    return (await this.database.readPrimary<{ isEmpty: boolean }>(IS_EMPTY, []))[0].isEmpty;
  }

  /**
   * Imports into an empty database; does nothing in one that another replica has filled. `beforeCommit` is called once it is certain
   * that this replica fills it; nothing is stored if it throws.
   */
  async fill({ users, projects, assignments }: StoredIdentity, beforeCommit = (): void => {}): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FILL_LOCK]);
      const [{ isEmpty }] = await manager.query<{ isEmpty: boolean }[]>(IS_EMPTY.text);
      if (!isEmpty) return;
      beforeCommit();
      const values = [projects, users, assignments].map((each) => JSON.stringify(each));
      await manager.query(IMPORT.text, values);
    });
  }

  /** The whole identity with its digest; undefined if the digest has not changed. */
  async load(known?: string): Promise<{ digest: string; identity: StoredIdentity } | undefined> {
    const [row] = await this.database.read<{ content: string; digest: string }>(LOAD, [known ?? null]);
    return row && { digest: row.digest, identity: JSON.parse(row.content) as StoredIdentity };
  }

  async addUser(user: StoredUser): Promise<Outcome> {
    const { id, name, passwordHash, codeSecret, enabled, defaultProjectId, extra } = user;
    const values = [id, name, passwordHash, enabled, defaultProjectId, JSON.stringify(extra), codeSecret];
    return this.unlessTaken(ADD_USER, values);
  }

  async changeUser(id: string, changes: Changes<StoredUser>): Promise<Outcome> {
    const { name, enabled, extra = {}, passwordHash, defaultProjectId, codeSecret } = changes;
    const values = [id, name ?? null, enabled ?? null, JSON.stringify(extra)];
    const password = [passwordHash !== undefined, passwordHash ?? null];
    const project = [defaultProjectId !== undefined, defaultProjectId ?? null];
    const codes = [codeSecret !== undefined, codeSecret ?? null];
    return this.unlessTaken(CHANGE_USER, [...values, ...password, ...project, ...codes]);
  }

  /** Whether the password was still the one of that hash. */
  async replacePassword(id: string, before: string, after: string): Promise<boolean> {
    return (await this.database.write(REPLACE_PASSWORD, [id, before, after])).length > 0;
  }

  /** Removes the roles and application credentials as well. Returns false if there was none. */
  async removeUser(id: string): Promise<boolean> {
    return areKeys(id) && (await this.database.write(REMOVE_USER, [id])).length > 0;
  }

  async addProject({ id, name, enabled, description, tags, extra }: StoredProject): Promise<Outcome> {
    const values = [id, name, enabled, description, JSON.stringify(tags), JSON.stringify(extra)];
    return this.unlessTaken(ADD_PROJECT, values);
  }

  async changeProject(id: string, changes: Changes<StoredProject>): Promise<Outcome> {
    const { name, enabled, extra = {}, tags, description } = changes;
    const values = [id, name ?? null, enabled ?? null, JSON.stringify(extra), tags ? JSON.stringify(tags) : null];
    return this.unlessTaken(CHANGE_PROJECT, [...values, description !== undefined, description ?? null]);
  }

  /** Removes all roles in it as well. Returns false if there was none. */
  async removeProject(id: string): Promise<boolean> {
    return areKeys(id) && (await this.database.write(REMOVE_PROJECT, [id])).length > 0;
  }

  /** Assigns a role to a user, if the user does not have it yet. */
  async assign({ userId, target, role }: StoredAssignment): Promise<void> {
    await this.database.write(ASSIGN, [userId, target, role]);
  }

  /** Whether the user had the role. */
  async unassign({ userId, target, role }: StoredAssignment): Promise<boolean> {
    return (await this.database.write(UNASSIGN, [userId, target, role])).length > 0;
  }

  /**
   * Adds the users and projects whose ids are new, with the roles of these users, in one transaction. `taken`: one of them has a name
   * that another id has, and nothing was added.
   */
  async import({ users, projects, assignments }: StoredIdentity): Promise<Imported | 'taken'> {
    const values = [projects, users, assignments].map((each) => JSON.stringify(each));
    try {
      return (await this.database.write<Imported>(IMPORT, values))[0];
    } catch (error) {
      if (duplicateKey(error) !== undefined) return 'taken';
      throw error;
    }
  }

  /** Runs a statement that returns a row if it changed one. */
  private async unlessTaken(statement: Statement, values: readonly unknown[]): Promise<Outcome> {
    try {
      return (await this.database.write(statement, values)).length > 0 ? 'made' : 'missing';
    } catch (error) {
      if (duplicateKey(error) !== undefined) return 'taken';
      throw error;
    }
  }
}
