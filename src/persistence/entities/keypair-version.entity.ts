import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { KeypairType } from '../../domain/keypair-type.js';
import { Keypair } from './keypair.entity.js';

const PRIMARY_KEY = 'keypair_versions_pkey';

/** A key that a keypair had before. Times are UTC. */
@Entity('keypair_versions')
@ForeignKey(() => Keypair, ['userId', 'name'], ['userId', 'name'], {
  name: 'keypair_versions_key_pair_fkey',
  onDelete: 'CASCADE',
})
export class KeypairVersion {
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

  /** The last version of the keypair that had this key. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: PRIMARY_KEY })
  version: number;

  @Column({ type: 'enum', enum: KeypairType, enumName: 'keypair_type' })
  type: KeypairType;

  @Column({ type: 'varchar', length: 255 })
  fingerprint: string;

  @Column({ name: 'public_key', type: 'text' })
  publicKey: string;

  @Column({ name: 'valid_from', type: 'timestamp', precision: 6 })
  validFrom: Date;

  @Column({ name: 'replaced_at', type: 'timestamp', precision: 6 })
  replacedAt: Date;

  /** The end of the overlap, during which both this key and its replacement are valid. */
  @Column({ name: 'valid_until', type: 'timestamp', precision: 6 })
  validUntil: Date;

  /** The id of the user who set the key; null if that is not known. */
  @Column({ name: 'made_by', type: 'varchar', length: 255, nullable: true })
  madeBy: string | null;
}
