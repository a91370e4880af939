import { Injectable } from '@nestjs/common';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
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
    SET holder = $2::uuid, held_until = timezone('utc', now()) + $3::int * interval '1 millisecond'
    WHERE name = $1 AND (holder = $2::uuid OR coalesce(held_until, '-infinity') < timezone('utc', now()))
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

/** The events that are pending for each consumer. The statement that writes an event also queues it: see outbox.ts. */
@Injectable()
export class EventQueueRepository {
  constructor(private readonly database: Database) {}

  /** Queues each event for the consumer from now on. */
  async register(consumer: string): Promise<void> {
    await this.database.write(REGISTER, [consumer]);
  }

  /** Removes the consumer and its pending events. */
  async forget(consumer: string): Promise<void> {
    await this.database.write(FORGET, [consumer]);
  }

  /** Takes or renews the lease on a consumer; false while another replica holds it. */
  async hold(consumer: string, replica: string, forMs: number): Promise<boolean> {
    return (await this.database.write(HOLD, [consumer, replica, forMs])).length > 0;
  }

  /** Lets another replica take over at once. */
  async release(consumer: string, replica: string): Promise<void> {
    await this.database.write(RELEASE, [consumer, replica]);
  }

  /** The oldest pending events of the consumer, in order. */
  next(consumer: string, limit: number): Promise<StoredEvent[]> {
    return this.database.read<StoredEvent>(NEXT, [consumer, limit]);
  }

  /** Removes delivered events from the queue, by their ids. */
  async done(consumer: string, ids: readonly string[]): Promise<void> {
    await this.database.write(DONE, [consumer, ids]);
  }

  /** The number of pending events of each consumer. */
  waiting(): Promise<{ readonly consumer: string; readonly waiting: number }[]> {
    return this.database.read(WAITING, []);
  }
}
