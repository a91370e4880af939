import { Entity, PrimaryColumn } from 'typeorm';

/** An event that is pending for a consumer. */
@Entity('event_queue')
export class QueuedEvent {
  @PrimaryColumn({ name: 'event_id', type: 'bigint', primaryKeyConstraintName: 'event_queue_pkey' })
  eventId: string;

  @PrimaryColumn({ type: 'varchar', length: 64, collation: 'C', primaryKeyConstraintName: 'event_queue_pkey' })
  consumer: string;
}
