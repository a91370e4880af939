import { Column, Entity, Generated, PrimaryColumn } from 'typeorm';
import { KeypairType } from '../../domain/keypair-type.js';

/**
 * A keypair as stored. The columns are those of Nova's `nova_api.key_pairs` and one that may be null, so that rows can be
 * copied across. The key begins with the user, which every query names: the table can be split by it. Names compare bytewise.
 */
@Entity('key_pairs')
export class Keypair {
  @PrimaryColumn({
    name: 'user_id',
    type: 'varchar',
    length: 255,
    collation: 'C',
    primaryKeyConstraintName: 'key_pairs_pkey',
  })
  userId: string;

  @PrimaryColumn({ type: 'varchar', length: 255, collation: 'C', primaryKeyConstraintName: 'key_pairs_pkey' })
  name: string;

  /** The `id` of the API. A bigint, since refused creates use numbers up too. */
  @Column({ type: 'bigint' })
  @Generated('increment')
  id: string;

  /** MD5 of an SSH key's blob, SHA-1 of a certificate's DER; hexadecimal with colons. */
  @Column({ type: 'varchar', length: 255 })
  fingerprint: string;

  /** Byte for byte as the client sent it. */
  @Column({ name: 'public_key', type: 'text' })
  publicKey: string;

  @Column({ type: 'enum', enum: KeypairType, enumName: 'keypair_type', default: KeypairType.Ssh })
  type: KeypairType;

  /** UTC. */
  @Column({ name: 'created_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  createdAt: Date;

  /** UTC; keypairs never change, so only imported rows have one. */
  @Column({ name: 'updated_at', type: 'timestamp', precision: 6, nullable: true })
  updatedAt: Date | null;

  /** The UUID of the create, which identifies its row if the answer of the database was lost; null for imported rows. */
  @Column({ name: 'create_id', type: 'uuid', nullable: true })
  createId: string | null;
}
