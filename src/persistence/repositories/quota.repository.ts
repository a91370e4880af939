import { Injectable } from '@nestjs/common';
import type { Requester } from '../../domain/caller.js';
import type { EventType } from '../../domain/event-type.js';
import { ownerOfProject } from '../../domain/keypair-owner.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { WHOLE_PROJECT } from '../entities/quota.entity.js';
import { eventOf } from './outbox.js';

/** Limits by resource; -1 means unlimited. */
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

/** One event for all limits of a request, if any changed. */
const eventOfLimits = (first: number, owner: string): string =>
  eventOf(first, {
    from: `(SELECT jsonb_object_agg(resource, hard_limit) AS limits FROM changed HAVING count(*) > 0) AS all_changed`,
    owner,
    data: `jsonb_build_object('limits', limits)`,
  });

const SET: Statement = {
  name: 'quota-set',
  repeatable: true,
  text: `
    WITH changed AS (
      INSERT INTO quotas AS old (project_id, user_id, resource, hard_limit)
      SELECT $1, $2, limits.* FROM unnest($3::varchar[], $4::int[]) AS limits
      ON CONFLICT (project_id, user_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit
      WHERE old.hard_limit <> excluded.hard_limit
      RETURNING resource, hard_limit
    ), ${eventOfLimits(6, '$5::varchar')}
    SELECT resource FROM changed`,
};

const RESET_USER: Statement = {
  name: 'quota-reset-user',
  repeatable: true,
  text: `
    WITH changed AS (
      DELETE FROM quotas WHERE project_id = $1 AND user_id = $2 RETURNING resource, hard_limit
    ), ${eventOfLimits(3, '$2::varchar')}
    SELECT resource FROM changed`,
};

const RESET_PROJECT: Statement = {
  name: 'quota-reset-project',
  repeatable: true,
  text: `
    WITH changed AS (
      DELETE FROM quotas WHERE project_id = $1 RETURNING resource
    ), ${eventOf(3, { from: '(SELECT FROM changed LIMIT 1) AS any_changed', owner: '$2::varchar', data: `'{}'::jsonb` })}
    SELECT resource FROM changed`,
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
  async set(projectId: string, userId: string | undefined, limits: Limits, by: Requester): Promise<void> {
    const event = [userId ?? ownerOfProject(projectId), ...this.event('quota.updated', projectId, by)];
    const values = [projectId, userId ?? WHOLE_PROJECT, Object.keys(limits), Object.values(limits)];
    await this.database.write(SET, [...values, ...event]);
  }

  /** Deletes the limits of a user in a project. */
  async resetUser(projectId: string, userId: string, by: Requester): Promise<void> {
    await this.database.write(RESET_USER, [projectId, userId, ...this.event('quota.reset', projectId, by)]);
  }

  /** Deletes the limits of a project and of all its users. */
  async resetProject(projectId: string, by: Requester): Promise<void> {
    const event = [ownerOfProject(projectId), ...this.event('quota.reset', projectId, by)];
    await this.database.write(RESET_PROJECT, [projectId, ...event]);
  }

  /** The event belongs to the project whose limits change, not to that of the administrator. */
  private event(type: EventType, projectId: string, by: Requester): unknown[] {
    return this.database.event(type, { userId: by.userId, requestId: by.requestId, projectId });
  }

  private async limits(projectId: string, userId: string): Promise<Limits> {
    return asLimits(await this.database.read<LimitRow>(LIMITS, [projectId, userId]));
  }
}

function asLimits(rows: LimitRow[]): Limits {
  return Object.fromEntries(rows.map(({ resource, hard_limit: limit }) => [resource, limit]));
}
