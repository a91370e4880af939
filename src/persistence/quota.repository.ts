import { Injectable } from '@nestjs/common';
import type { Statement } from './connection-pool.js';
import { Database } from './database.js';
import { WHOLE_PROJECT } from './entities/quota.entity.js';

/** Limits by the name of what they limit; -1 is no limit. */
export type Limits = Readonly<Record<string, number>>;

interface LimitRow {
  readonly resource: string;
  readonly hard_limit: number;
}

const LIMITS = {
  name: 'quota-limits',
  text: `SELECT resource, hard_limit FROM quotas WHERE project_id = $1 AND user_id = $2`,
};

// A sum of integers is a bigint, which pg returns as text.
const USERS_SUM = {
  name: 'quota-users-sum',
  text: `
    SELECT resource, sum(greatest(hard_limit, 0))::float8 AS hard_limit FROM quotas
    WHERE project_id = $1 AND user_id <> '${WHOLE_PROJECT}' GROUP BY resource`,
};

const SET: Statement = {
  name: 'quota-set',
  repeatable: true,
  text: `
    INSERT INTO quotas (project_id, user_id, resource, hard_limit)
    SELECT $1, $2, limits.* FROM unnest($3::varchar[], $4::int[]) AS limits
    ON CONFLICT (project_id, user_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit`,
};

const RESET_USER: Statement = {
  name: 'quota-reset-user',
  repeatable: true,
  text: `DELETE FROM quotas WHERE project_id = $1 AND user_id = $2`,
};

const RESET_PROJECT: Statement = {
  name: 'quota-reset-project',
  repeatable: true,
  text: `DELETE FROM quotas WHERE project_id = $1`,
};

/** Every statement, for the test of their plans. */
export const STATEMENTS = { LIMITS, USERS_SUM, SET, RESET_USER, RESET_PROJECT };

/** The limits that were set. */
@Injectable()
export class QuotaRepository {
  constructor(private readonly database: Database) {}

  /** The limits that are set for a project. */
  ofProject(projectId: string): Promise<Limits> {
    return this.limits(projectId, WHOLE_PROJECT);
  }

  /** The limits that are set for one user in a project. */
  ofUser(projectId: string, userId: string): Promise<Limits> {
    return this.limits(projectId, userId);
  }

  /** The sum of the limits of a project's users for each resource; users without a limit add nothing. */
  async sumOfUsers(projectId: string): Promise<Limits> {
    return asLimits(await this.database.read<LimitRow>(USERS_SUM, [projectId]));
  }

  /** Sets limits of a project, or of one user in it. Other limits stay. */
  async set(projectId: string, userId: string | undefined, limits: Limits): Promise<void> {
    const owner = userId ?? WHOLE_PROJECT;
    await this.database.write(SET, [projectId, owner, Object.keys(limits), Object.values(limits)]);
  }

  /** Deletes the limits of a user in a project. */
  async resetUser(projectId: string, userId: string): Promise<void> {
    await this.database.write(RESET_USER, [projectId, userId]);
  }

  /** Deletes the limits of a project and of all its users. */
  async resetProject(projectId: string): Promise<void> {
    await this.database.write(RESET_PROJECT, [projectId]);
  }

  private async limits(projectId: string, userId: string): Promise<Limits> {
    return asLimits(await this.database.read<LimitRow>(LIMITS, [projectId, userId]));
  }
}

function asLimits(rows: LimitRow[]): Limits {
  return Object.fromEntries(rows.map(({ resource, hard_limit: limit }) => [resource, limit]));
}
