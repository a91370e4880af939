import { Injectable } from '@nestjs/common';
import { areKeys } from '../../domain/storable.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { TIME } from './keypair.repository.js';

/** The properties of a webhook that clients set. */
export interface WebhookContent {
  readonly url: string;
  /** Types of events, and kinds as `keypair.*`. */
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly note: string | null;
  readonly includePublicKey: boolean;
}

/** A webhook without its secret. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredWebhook extends WebhookContent {
  /** A whole number in decimal digits, never reused. */
  readonly id: string;
  /** Null: of all projects and users. */
  readonly projectId: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  /** When deliveries started to fail. */
  readonly failingSince: string | null;
}

export interface WebhookListing {
  /** Undefined: of all projects, and those of none. */
  readonly projectId: string | undefined;
  /** The id of the last entry of the previous page. */
  readonly after: string;
  readonly limit: number;
}

/** The name of the webhooks among the consumers of events; its row exists while a webhook is enabled. */
export const CONSUMER = 'webhooks';

const WEBHOOK = `
  id, project_id AS "projectId", url, types, enabled, note, include_public_key AS "includePublicKey", created_by AS "createdBy",
  to_char(created_at, ${TIME}) AS "createdAt", to_char(failing_since, ${TIME}) AS "failingSince"`;

/** Written with an enabled webhook, so that each later event is queued. The count keeps a concurrent FORGET from removing it. */
const registeredBy = (source: string): string => `
    registered AS (
      INSERT INTO event_consumers AS consumer (name) SELECT '${CONSUMER}' FROM ${source} WHERE enabled
      ON CONFLICT (name) DO UPDATE SET registrations = consumer.registrations + 1
    )`;

/** Drops the pending deliveries of a webhook that was disabled. */
const endedBy = (source: string): string => `
    ended AS (
      UPDATE webhook_deliveries SET due_at = NULL
      WHERE webhook_id IN (SELECT id FROM ${source} WHERE NOT enabled) AND due_at IS NOT NULL
    )`;

// The row lock of the counter serialises concurrent requests of a project across all processes.
const ADD: Statement = {
  name: 'webhook-add',
  text: `
    WITH slot AS (
      INSERT INTO webhook_usage AS usage (project_id, used) VALUES (coalesce($1, ''), 1)
      ON CONFLICT (project_id) DO UPDATE SET used = usage.used + 1 WHERE usage.used < $9::int
      RETURNING used
    ), made AS (
      INSERT INTO webhooks (project_id, url, types, enabled, note, include_public_key, secret, created_by)
      SELECT $1::varchar, $2, $3::jsonb, $4::boolean, $5, $6::boolean, $7::bytea, $8 FROM slot
      RETURNING *
    ), ${registeredBy('made')}
    SELECT ${WEBHOOK} FROM made`,
};

const FIND: Statement = { name: 'webhook-find', text: `SELECT ${WEBHOOK} FROM webhooks WHERE id = $1` };

const PAGE: Statement = {
  name: 'webhook-page',
  text: `SELECT ${WEBHOOK} FROM webhooks WHERE project_id = $1 AND webhooks.id > $2 ORDER BY webhooks.id LIMIT $3`,
};

const PAGE_OF_ALL: Statement = {
  name: 'webhook-page-of-all',
  text: `SELECT ${WEBHOOK} FROM webhooks WHERE webhooks.id > $1 ORDER BY webhooks.id LIMIT $2`,
};

const CHANGE: Statement = {
  name: 'webhook-change',
  repeatable: true,
  text: `
    WITH changed AS (
      UPDATE webhooks SET url = $2, types = $3::jsonb, enabled = $4::boolean, note = $5, include_public_key = $6::boolean,
        failing_since = CASE WHEN enabled THEN failing_since END
      WHERE id = $1 RETURNING *
    ), ${registeredBy('changed')}, ${endedBy('changed')}
    SELECT ${WEBHOOK} FROM changed`,
};

const DISABLE: Statement = {
  name: 'webhook-disable',
  text: `
    WITH changed AS (
      UPDATE webhooks SET enabled = false WHERE id = $1 AND enabled RETURNING id, enabled
    ), ${endedBy('changed')}
    SELECT id FROM changed`,
};

const ROTATE: Statement = {
  name: 'webhook-rotate',
  text: `
    WITH changed AS (
      UPDATE webhooks
      SET secret = $2::bytea, previous_secret = secret, previous_until = timezone('utc', now()) + $3::int * interval '1 millisecond'
      WHERE id = $1 RETURNING *
    )
    SELECT ${WEBHOOK} FROM changed`,
};

const REMOVE: Statement = {
  name: 'webhook-remove',
  text: `
    WITH gone AS (
      DELETE FROM webhooks WHERE id = $1 RETURNING id, project_id
    ), freed AS (
      UPDATE webhook_usage SET used = greatest(used - 1, 0)
      WHERE project_id IN (SELECT coalesce(project_id, '') FROM gone)
    )
    SELECT id FROM gone`,
};

// A webhook that is enabled at the same moment raises the count, so its registration stays. What is in the queue is from before it.
const FORGET: Statement = {
  name: 'webhook-forget',
  repeatable: true,
  text: `
    WITH idle AS (
      SELECT registrations FROM event_consumers
      WHERE name = $1 AND (SELECT id FROM webhooks WHERE enabled LIMIT 1) IS NULL
    ), unsent AS (
      DELETE FROM event_queue WHERE consumer = $1 AND (SELECT id FROM webhooks WHERE enabled LIMIT 1) IS NULL
    )
    DELETE FROM event_consumers WHERE name = $1 AND registrations = (SELECT registrations FROM idle) RETURNING name`,
};

/** Every statement, for the tests of their plans and of distributed tables. */
export const STATEMENTS = { ADD, FIND, PAGE, PAGE_OF_ALL, CHANGE, DISABLE, ROTATE, REMOVE, FORGET };

/** The webhooks. A secret is written here, and read by what signs with it only: see webhook-delivery.repository.ts. */
@Injectable()
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  /** Adds a webhook; undefined if the project already has `max` of them. */
  async add(
    projectId: string | null,
    content: WebhookContent,
    secret: Buffer,
    createdBy: string,
    max: number,
  ): Promise<StoredWebhook | undefined> {
    const values = [projectId, ...valuesOf(content), secret, createdBy, max];
    return (await this.database.write<StoredWebhook>(ADD, values))[0];
  }

  async find(id: string): Promise<StoredWebhook | undefined> {
    return (await this.database.read<StoredWebhook>(FIND, [id]))[0];
  }

  /** Returned in the order of their ids. */
  async page({ projectId, after, limit }: WebhookListing): Promise<StoredWebhook[]> {
    if (projectId === undefined) return this.database.read<StoredWebhook>(PAGE_OF_ALL, [after, limit]);
    return areKeys(projectId) ? this.database.read<StoredWebhook>(PAGE, [projectId, after, limit]) : [];
  }

  /** Undefined if there is none. */
  async change(id: string, content: WebhookContent): Promise<StoredWebhook | undefined> {
    const [changed] = await this.database.write<StoredWebhook>(CHANGE, [id, ...valuesOf(content)]);
    if (changed && !changed.enabled) await this.forgetIfIdle();
    return changed;
  }

  /** Whether it was enabled until now. */
  async disable(id: string): Promise<boolean> {
    const wasEnabled = (await this.database.write(DISABLE, [id])).length > 0;
    if (wasEnabled) await this.forgetIfIdle();
    return wasEnabled;
  }

  /** Rotates the secret; the previous one also signs for some milliseconds. */
  async rotate(id: string, secret: Buffer, overlapMs: number): Promise<StoredWebhook | undefined> {
    return (await this.database.write<StoredWebhook>(ROTATE, [id, secret, overlapMs]))[0];
  }

  /** Deletes it and its deliveries. */
  async remove(id: string): Promise<void> {
    await this.database.write(REMOVE, [id]);
    await this.forgetIfIdle();
  }

  /** Removes the consumer if no webhook is enabled. */
  async forgetIfIdle(): Promise<void> {
    await this.database.write(FORGET, [CONSUMER]);
  }
}

const valuesOf = ({ url, types, enabled, note, includePublicKey }: WebhookContent): unknown[] => [
  url,
  JSON.stringify(types),
  enabled,
  note,
  includePublicKey,
];
