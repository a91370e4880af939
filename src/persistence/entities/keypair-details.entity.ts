import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Keypair } from './keypair.entity.js';

const PRIMARY_KEY = 'keypair_details_pkey';

/** Further properties of a keypair; without a row they have their defaults. Times are UTC. */
@Entity('keypair_details')
@ForeignKey(() => Keypair, ['userId', 'name'], ['userId', 'name'], {
  name: 'keypair_details_key_pair_fkey',
  onDelete: 'CASCADE',
})
export class KeypairDetails {
  @PrimaryColumn({
    name: 'user_id',
    type: 'varchar',
    length: 255,
    collation: 'C',
    primaryKeyConstraintName: PRIMARY_KEY,
  })
  userId: string;

  @PrimaryColumn({ type: 'varchar', length: 255, collation: 'C', primaryKeyConstraintName: PRIMARY_KEY })
  name: string;

  @Column({ type: 'jsonb', default: {} })
  tags: Readonly<Record<string, string>>;

  @Column({ type: 'varchar', length: 255, nullable: true })
  note: string | null;

  /** When the keypair was last changed; Nova's `updated_at` stays null. */
  @Column({ name: 'updated_at', type: 'timestamp', precision: 6, nullable: true })
  updatedAt: Date | null;

  /** Since when the keypair has its key, and the id of the user who set it; null: since it was created. */
  @Column({ name: 'key_since', type: 'timestamp', precision: 6, nullable: true })
  keySince: Date | null;

  @Column({ name: 'key_by', type: 'varchar', length: 255, nullable: true })
  keyBy: string | null;

  /** When a guest last read the key, to the minute. */
  @Column({ name: 'last_delivered_at', type: 'timestamp', precision: 6, nullable: true })
  lastDeliveredAt: Date | null;

  /** When the end of the keypair was last announced. */
  @Column({ name: 'warned_at', type: 'timestamp', precision: 6, nullable: true })
  warnedAt: Date | null;
}
