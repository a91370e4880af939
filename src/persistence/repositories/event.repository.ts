import { Injectable } from '@nestjs/common';
import type { EventType } from '../../domain/event-type.js';
import { areKeys } from '../../domain/storable.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { TIME } from './keypair.repository.js';

/** A change that was made. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredEvent {
  /** A whole number in decimal digits, never reused. */
  readonly id: string;
  /** A UUID. */
  readonly eventId: string;
  readonly at: string;
  readonly type: EventType;
  readonly projectId: string | null;
  /** The user or project that owns what was changed. */
  readonly owner: string;
  readonly actor: string;
  readonly requestId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventListing {
  /** The owner of what was changed, or the user who changed it; undefined: all. */
  readonly of: string | undefined;
  /** Undefined: of every type. */
  readonly types: readonly EventType[] | undefined;
  /** UTC; undefined: however old. */
  readonly since: string | undefined;
  /** The id of the last entry of the previous page. */
  readonly after: string;
  readonly limit: number;
}

/** The marker of the first page. */
export const FIRST = '0';

/** The number of events that one statement deletes. */
const ROWS_PER_TRIM = 1000;

/** The columns of a {@link StoredEvent}. */
export const EVENT = `
  id, event_id AS "eventId", to_char(at, ${TIME}) AS at, type, project_id AS "projectId", owner, actor,
  request_id AS "requestId", data`;

/** The parameters that every page has: the id before the first one, the limit, types and time. */
const PAGE_OF = (condition: string): string => `
    SELECT * FROM events WHERE ${condition} AND id > $1
      AND ($3::varchar[] IS NULL OR type = ANY ($3)) AND ($4::timestamp IS NULL OR at >= $4)
    ORDER BY id LIMIT $2`;

const PAGE = {
  name: 'event-page',
  text: `
    SELECT ${EVENT} FROM (
      (${PAGE_OF('owner = $5')}) UNION ALL (${PAGE_OF('actor = $5 AND actor <> owner')})
    ) AS events ORDER BY events.id LIMIT $2`,
};

const PAGE_OF_ALL = {
  name: 'event-page-of-all',
  text: `SELECT ${EVENT} FROM (${PAGE_OF('true')}) AS events`,
};

// Read backwards, it passes no more events than the list will show. An event gets its id some time after `at`.
const BEFORE = {
  name: 'event-before',
  text: `SELECT id FROM events WHERE at < $1::timestamp - interval '15 minutes' ORDER BY id DESC LIMIT 1`,
};

// Reads the oldest by their id, which rises with time, so that no event pays for an index of times.
const TRIM: Statement = {
  name: 'event-trim',
  repeatable: true,
  text: `
    DELETE FROM events WHERE id = ANY (ARRAY(
      SELECT id FROM (SELECT id, at FROM events ORDER BY id LIMIT ${ROWS_PER_TRIM}) AS oldest
      WHERE at < $1::timestamp AND (SELECT event_id FROM event_queue WHERE event_id = oldest.id LIMIT 1) IS NULL
    )) RETURNING id`,
};

/** Every statement, for the tests of their plans and of distributed tables. */
export const STATEMENTS = { PAGE, PAGE_OF_ALL, BEFORE, TRIM };

/** The outbox. What writes to it stands with the changes: see outbox.ts. */
@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** Returned in the order of their ids. */
  async page({ of, types, since, after, limit }: EventListing): Promise<StoredEvent[]> {
    if (of !== undefined)
      return areKeys(of) ? this.database.read<StoredEvent>(PAGE, [after, limit, types, since, of]) : [];
    const start = since !== undefined && after === FIRST ? await this.lastBefore(since) : after;
    return this.database.read<StoredEvent>(PAGE_OF_ALL, [start, limit, types, since]);
  }

  private async lastBefore(time: string): Promise<string> {
    const [found] = await this.database.read<{ id: string }>(BEFORE, [time]);
    return found?.id ?? FIRST;
  }

  /** Deletes the events before a time in UTC, except those that are pending for a consumer. */
  async trim(before: string): Promise<void> {
    for (;;) {
      const gone = await this.database.write(TRIM, [before]);
      if (gone.length < ROWS_PER_TRIM) return;
    }
  }
}
