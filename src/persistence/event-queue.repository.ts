import { Injectable } from '@nestjs/common';
import type { Statement } from './connection-pool.js';
import { Database } from './database.js';
import { EVENT, type StoredEvent } from './event.repository.js';

const REGISTER: Statement = {
  name: 'event-consumer-register',
  repeatable: true,
  text: `INSERT INTO event_consumers (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING name`,
};

const FORGET: Statement = {
  name: 'event-consumer-forget',
  repeatable: true,
  text: `
    WITH unsent AS (
      DELETE FROM event_queue WHERE consumer = $1
    )
    DELETE FROM event_consumers WHERE name = $1 RETURNING name`,
};

const HOLD: Statement = {
  name: 'event-consumer-hold',
  repeatable: true,
  text: `
    UPDATE event_consumers
    SET holder = $2::uuid, held_until = timezone('utc', clock_timestamp()) + $3::int * interval '1 millisecond'
    WHERE name = $1 AND (holder = $2::uuid OR coalesce(held_until, '-infinity') < timezone('utc', clock_timestamp()))
    RETURNING name`,
};

const RELEASE: Statement = {
  name: 'event-consumer-release',
  repeatable: true,
  text: `UPDATE event_consumers SET holder = NULL, held_until = NULL WHERE name = $1 AND holder = $2::uuid RETURNING name`,
};

// Statements about one keypair wait for each other before they take an id, so the order of ids is that of what happened to it.
const NEXT = {
  name: 'event-queue-next',
  text: `
    SELECT ${EVENT} FROM events
    WHERE id = ANY (ARRAY(SELECT event_id FROM event_queue WHERE consumer = $1 ORDER BY event_id LIMIT $2))
    ORDER BY events.id`,
};

const DONE: Statement = {
  name: 'event-queue-done',
  repeatable: true,
  text: `DELETE FROM event_queue WHERE consumer = $1 AND event_id = ANY ($2::bigint[]) RETURNING event_id`,
};

const WAITING = {
  name: 'event-queue-waiting',
  text: `SELECT name AS consumer, (SELECT count(*) FROM event_queue WHERE consumer = name)::int AS waiting FROM event_consumers`,
};

/** Every statement, for the test of distributed tables. */
export const STATEMENTS = { REGISTER, FORGET, HOLD, RELEASE, NEXT, DONE, WAITING };

/** Which events a consumer has not been told of. What writes to the queue stands with the events: see outbox.ts. */
@Injectable()
export class EventQueueRepository {
  constructor(private readonly database: Database) {}

  /** From now on the consumer is told of each event. */
  async register(consumer: string): Promise<void> {
    await this.database.write(REGISTER, [consumer]);
  }

  /** The consumer is told of no event any more. */
  async forget(consumer: string): Promise<void> {
    await this.database.write(FORGET, [consumer]);
  }

  /** Whether this replica is the one that tells the consumer for some milliseconds from now. */
  async hold(consumer: string, replica: string, forMs: number): Promise<boolean> {
    return (await this.database.write(HOLD, [consumer, replica, forMs])).length > 0;
  }

  /** Lets another replica take over at once. */
  async release(consumer: string, replica: string): Promise<void> {
    await this.database.write(RELEASE, [consumer, replica]);
  }

  /** The oldest events that the consumer has not been told of, in order. */
  next(consumer: string, limit: number): Promise<StoredEvent[]> {
    return this.database.read<StoredEvent>(NEXT, [consumer, limit]);
  }

  /** The consumer was told of these, by their ids. */
  async done(consumer: string, ids: readonly string[]): Promise<void> {
    await this.database.write(DONE, [consumer, ids]);
  }

  /** How many events each consumer has not been told of. */
  waiting(): Promise<{ readonly consumer: string; readonly waiting: number }[]> {
    return this.database.read(WAITING, []);
  }
}
