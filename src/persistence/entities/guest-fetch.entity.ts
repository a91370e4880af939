import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Guest } from './guest.entity.js';

/** That a guest requested its metadata; in a table of its own, since the rows of guests are wide and their owners change them. */
@Entity('guest_fetches')
@ForeignKey(() => Guest, ['guestId'], ['id'], { name: 'guest_fetches_guest_id_fkey', onDelete: 'CASCADE' })
export class GuestFetch {
  @PrimaryColumn({ name: 'guest_id', type: 'uuid', primaryKeyConstraintName: 'guest_fetches_pkey' })
  guestId: string;

  /** UTC. */
  @Column({ name: 'last_fetched_at', type: 'timestamp', precision: 6 })
  lastFetchedAt: Date;

  /** The name of the program, as it gave it itself; null if it gave none. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  agent: string | null;
}
