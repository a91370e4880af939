import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { EventType } from '../../domain/event-type.js';

/** A change that was made, in the outbox. The indexes are those of the lists; what users do to their own is in the first one already. */
@Entity('events')
@Index('events_owner_id', ['owner', 'id'])
@Index('events_actor_id', ['actor', 'id'], { where: 'actor <> owner' })
export class Event {
  /** Rises with each event of an owner. */
  @PrimaryGeneratedColumn({ type: 'bigint', primaryKeyConstraintName: 'events_pkey' })
  id: string;

  /** By which receivers know an event that reaches them twice. */
  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string;

  /** UTC, as all times. */
  @Column({ type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  at: Date;

  @Column({ type: 'varchar', length: 64, collation: 'C' })
  type: EventType;

  /** The project that it happened in; null without one. */
  @Column({ name: 'project_id', type: 'varchar', length: 255, nullable: true })
  projectId: string | null;

  /** The user or project that owns what was changed. */
  @Column({ type: 'varchar', length: 255, collation: 'C' })
  owner: string;

  /** The user who made the change. */
  @Column({ type: 'varchar', length: 255, collation: 'C' })
  actor: string;

  @Column({ name: 'request_id', type: 'varchar', length: 255 })
  requestId: string;

  @Column({ type: 'jsonb' })
  data: object;
}
