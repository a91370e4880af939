import { Injectable } from '@nestjs/common';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { TIME } from './keypair.repository.js';

/** An event as webhooks receive it. */
export interface OutgoingEvent {
  readonly eventId: string;
  readonly owner: string;
  /** The project that owns what was changed; null for a user's. */
  readonly projectId: string | null;
  readonly type: string;
  /** Such as `keypair.*`. */
  readonly kind: string;
  /** JSON. */
  readonly body: string;
  readonly bodyWithKey: string;
}

/** A delivery as it is listed. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
  /** Null if there are no further attempts. */
  readonly dueAt: string | null;
  readonly attempts: number;
  /** Of the last answer. */
  readonly status: number | null;
  /** Why the last attempt got no answer. */
  readonly failure: string | null;
}

/** A delivery claimed by this replica, with the data for sending it. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly projectId: string | null;
  readonly eventId: string;
  readonly owner: string;
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
  readonly url: string;
  /** The newest first. */
  readonly secrets: readonly Buffer[];
}

/** How an attempt ended: with a status, or without an answer. */
export interface Attempt {
  readonly status: number | null;
  readonly failure: string | null;
}

/** How long a claim lasts: longer than an attempt may take, and not long after a replica has died. */
const HOLD = `interval '60 seconds'`;
const NOW = `timezone('utc', now())`;

/** A webhook that fails for this long is disabled. */
const HOPELESS = `interval '5 days'`;

/** The number of deliveries that one statement deletes. */
const ROWS_PER_TRIM = 1000;

const LAST = '9223372036854775807';

const DELIVERY = `
  id, event_id AS "eventId", type, to_char(created_at, ${TIME}) AS "createdAt", to_char(delivered_at, ${TIME}) AS "deliveredAt",
  to_char(due_at, ${TIME}) AS "dueAt", attempts, status, failure`;

/** The columns of a claimed delivery, and the secrets that sign it now. */
const CLAIMED = `
    SELECT claimed.id, claimed.webhook_id AS "webhookId", webhooks.project_id AS "projectId", claimed.event_id AS "eventId",
      claimed.owner, claimed.body, claimed.attempts, webhooks.url, webhooks.secret,
      CASE WHEN webhooks.previous_until > ${NOW} THEN webhooks.previous_secret END AS "previousSecret"
    FROM claimed JOIN webhooks ON webhooks.id = claimed.webhook_id`;

// The order of ids is that of the events. An event that comes again adds nothing.
const ADD_EVENTS: Statement = {
  name: 'webhook-delivery-add-events',
  repeatable: true,
  text: `
    INSERT INTO webhook_deliveries (webhook_id, event_id, owner, type, body, due_at)
    SELECT w.id, e.event_id, e.owner, e.type, CASE WHEN w.include_public_key THEN e.body_with_key ELSE e.body END, ${NOW}
    FROM unnest($1::uuid[], $2::varchar[], $3::varchar[], $4::varchar[], $5::varchar[], $6::text[], $7::text[])
      WITH ORDINALITY AS e (event_id, owner, project_id, type, kind, body, body_with_key, place)
    JOIN webhooks w ON w.enabled AND (w.project_id IS NULL OR w.project_id = e.project_id)
      AND (w.types ? e.type OR w.types ? e.kind)
    ORDER BY e.place
    ON CONFLICT (webhook_id, event_id) DO NOTHING RETURNING id`,
};

const ADD: Statement = {
  name: 'webhook-delivery-add',
  repeatable: true,
  text: `
    WITH added AS (
      INSERT INTO webhook_deliveries (webhook_id, event_id, owner, type, body, due_at)
      SELECT id, $2::uuid, $3, $4, $5, ${NOW} FROM webhooks WHERE id = $1
      ON CONFLICT (webhook_id, event_id) DO UPDATE SET due_at = excluded.due_at
      RETURNING *
    )
    SELECT ${DELIVERY} FROM added`,
};

// One that waits holds back those of the same owner after it. Replicas pass over what another one claims at the same moment.
const CLAIM: Statement = {
  name: 'webhook-delivery-claim',
  text: `
    WITH due AS (
      SELECT d.id FROM webhook_deliveries d
      WHERE d.due_at <= ${NOW} AND d.webhook_id <> ALL ($2::bigint[]) AND NOT EXISTS (
        SELECT FROM webhook_deliveries earlier
        WHERE earlier.webhook_id = d.webhook_id AND earlier.owner = d.owner AND earlier.due_at IS NOT NULL AND earlier.id < d.id
      )
      ORDER BY d.due_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE webhook_deliveries d SET due_at = ${NOW} + ${HOLD}, attempts = attempts + 1
      WHERE d.id IN (SELECT id FROM due) RETURNING *
    )
    ${CLAIMED}`,
};

// The next one of the same owner is claimed with it, so that it need not be searched for.
const SUCCEED: Statement = {
  name: 'webhook-delivery-succeed',
  repeatable: true,
  text: `
    WITH done AS (
      UPDATE webhook_deliveries SET due_at = NULL, delivered_at = ${NOW}, status = $2, failure = NULL
      WHERE id = $1 RETURNING webhook_id
    ), recovered AS (
      UPDATE webhooks SET failing_since = NULL WHERE id IN (SELECT webhook_id FROM done) AND failing_since IS NOT NULL
    ), claimed AS (
      UPDATE webhook_deliveries SET due_at = ${NOW} + ${HOLD}, attempts = attempts + 1
      WHERE id = (
        SELECT d.id FROM webhook_deliveries d
        WHERE $5::boolean AND d.webhook_id = $3 AND d.owner = $4 AND d.due_at IS NOT NULL AND d.id > $1
        ORDER BY d.id LIMIT 1
      ) RETURNING *
    )
    ${CLAIMED}`,
};

// Without a delay it is given up. Those of the same owner after it wait as well, so that they are not looked at in vain.
const FAIL: Statement = {
  name: 'webhook-delivery-fail',
  repeatable: true,
  text: `
    WITH failing AS (
      UPDATE webhooks SET failing_since = least(failing_since, ${NOW}) WHERE id = $2 RETURNING id, enabled, failing_since
    ), tried AS (
      UPDATE webhook_deliveries SET status = $4, failure = $5,
        due_at = ${NOW} + $6::int * (SELECT interval '1 millisecond' FROM failing WHERE enabled)
      WHERE id = $1
    ), waiting AS (
      UPDATE webhook_deliveries SET due_at = ${NOW} + coalesce($6::int, 0) * interval '1 millisecond'
      WHERE webhook_id = $2 AND owner = $3 AND due_at IS NOT NULL AND id > $1
    )
    SELECT failing_since < ${NOW} - ${HOPELESS} AS "isHopeless" FROM failing`,
};

// An attempt that was cut short by the end of this process is none.
const RELEASE: Statement = {
  name: 'webhook-delivery-release',
  repeatable: true,
  text: `UPDATE webhook_deliveries SET due_at = ${NOW}, attempts = $2 WHERE id = $1 AND due_at IS NOT NULL RETURNING id`,
};

const RETRY: Statement = {
  name: 'webhook-delivery-retry',
  repeatable: true,
  text: `
    WITH again AS (
      UPDATE webhook_deliveries SET due_at = ${NOW}, attempts = CASE WHEN due_at IS NULL THEN 0 ELSE attempts END, delivered_at = NULL
      WHERE id = $1 AND webhook_id = $2 RETURNING *
    )
    SELECT ${DELIVERY} FROM again`,
};

const PAGE: Statement = {
  name: 'webhook-delivery-page',
  text: `
    SELECT ${DELIVERY} FROM webhook_deliveries AS d WHERE webhook_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3`,
};

const TRIM: Statement = {
  name: 'webhook-delivery-trim',
  repeatable: true,
  text: `
    DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
      SELECT id FROM (SELECT id, created_at, due_at FROM webhook_deliveries ORDER BY id LIMIT ${ROWS_PER_TRIM}) AS oldest
      WHERE created_at < $1::timestamp AND due_at IS NULL
    )) RETURNING id`,
};

/** Every statement, for the tests of their plans and of distributed tables. */
export const STATEMENTS = { ADD_EVENTS, ADD, CLAIM, SUCCEED, FAIL, RELEASE, RETRY, PAGE, TRIM };

type ClaimedRow = Omit<ClaimedDelivery, 'secrets'> & {
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
};

/** The deliveries of webhooks. One that waits for its retry holds back those for the same owner. */
@Injectable()
export class WebhookDeliveryRepository {
  constructor(private readonly database: Database) {}

  /** Writes one for each event and enabled webhook that it matches. Returns how many. */
  async addEvents(events: readonly OutgoingEvent[]): Promise<number> {
    const column = (name: keyof OutgoingEvent): unknown[] => events.map((event) => event[name]);
    const names = ['eventId', 'owner', 'projectId', 'type', 'kind', 'body', 'bodyWithKey'] as const;
    return (await this.database.write(ADD_EVENTS, names.map(column))).length;
  }

  /** Writes one for a webhook, whether or not that is enabled. Undefined if there is no such webhook. */
  async add(
    webhookId: string,
    { eventId, owner, type, body }: Pick<OutgoingEvent, 'eventId' | 'owner' | 'type' | 'body'>,
  ): Promise<StoredDelivery | undefined> {
    return (await this.database.write<StoredDelivery>(ADD, [webhookId, eventId, owner, type, body]))[0];
  }

  /** Deliveries that are due, of webhooks but these. Each is this replica's for a minute. */
  async claim(limit: number, butOf: readonly string[]): Promise<ClaimedDelivery[]> {
    return (await this.database.write<ClaimedRow>(CLAIM, [limit, butOf])).map(claimed);
  }

  /** The webhook has it. Returns the next one of the same owner, claimed, if it goes on. */
  async succeed(
    { id, webhookId, owner }: ClaimedDelivery,
    status: number,
    goesOn: boolean,
  ): Promise<ClaimedDelivery | undefined> {
    const [next] = await this.database.write<ClaimedRow>(SUCCEED, [id, status, webhookId, owner, goesOn]);
    return next && claimed(next);
  }

  /** It is sent again after some milliseconds, or never. Returns whether the webhook has failed for so long that it is to be disabled. */
  async fail(
    { id, webhookId, owner }: ClaimedDelivery,
    { status, failure }: Attempt,
    retryMs: number | undefined,
  ): Promise<boolean> {
    const values = [id, webhookId, owner, status, failure, retryMs];
    const [webhook] = await this.database.write<{ isHopeless: boolean }>(FAIL, values);
    return webhook?.isHopeless ?? false;
  }

  /** Ends the claim without an attempt; any replica may send the delivery. */
  async release({ id, attempts }: ClaimedDelivery): Promise<void> {
    await this.database.write(RELEASE, [id, attempts - 1]);
  }

  /** Makes a delivery due now. Undefined if the webhook has no such delivery. */
  async retry(webhookId: string, id: string): Promise<StoredDelivery | undefined> {
    return (await this.database.write<StoredDelivery>(RETRY, [id, webhookId]))[0];
  }

  /** The newest first; `before` is the id before which the page begins. */
  page(webhookId: string, before: string | undefined, limit: number): Promise<StoredDelivery[]> {
    return this.database.read<StoredDelivery>(PAGE, [webhookId, before ?? LAST, limit]);
  }

  /** Deletes those of before a time in UTC that are not sent any more. */
  async trim(before: string): Promise<void> {
    for (;;) {
      const gone = await this.database.write(TRIM, [before]);
      if (gone.length < ROWS_PER_TRIM) return;
    }
  }
}

function claimed({ secret, previousSecret, ...delivery }: ClaimedRow): ClaimedDelivery {
  return { ...delivery, secrets: previousSecret === null ? [secret] : [secret, previousSecret] };
}
