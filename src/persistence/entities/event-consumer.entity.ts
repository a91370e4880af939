import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A consumer of events: each event that is written while its row exists is queued for it. */
@Entity('event_consumers')
export class EventConsumer {
  @PrimaryColumn({ type: 'varchar', length: 64, collation: 'C', primaryKeyConstraintName: 'event_consumers_pkey' })
  name: string;

  /** The replica that serves it, only one to preserve the order; null for none. */
  @Column({ type: 'uuid', nullable: true })
  holder: string | null;

  /** UTC; until then no other replica takes over. */
  @Column({ name: 'held_until', type: 'timestamp', precision: 6, nullable: true })
  heldUntil: Date | null;

  /** Counts registrations, so that a concurrent removal does not undo a new one. */
  @Column({ type: 'bigint', default: 0 })
  registrations: string;
}
