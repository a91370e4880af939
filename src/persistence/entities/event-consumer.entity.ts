import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who is told of every event that is written while its row is here. */
@Entity('event_consumers')
export class EventConsumer {
  @PrimaryColumn({ type: 'varchar', length: 64, collation: 'C', primaryKeyConstraintName: 'event_consumers_pkey' })
  name: string;

  /** The replica that tells it now, so that the order is kept; null for none. */
  @Column({ type: 'uuid', nullable: true })
  holder: string | null;

  /** UTC; until then no other replica takes over. */
  @Column({ name: 'held_until', type: 'timestamp', precision: 6, nullable: true })
  heldUntil: Date | null;

  /** Of one that is told only while something needs it: how often something did, so that it is not forgotten at the same moment. */
  @Column({ type: 'bigint', default: 0 })
  registrations: string;
}
