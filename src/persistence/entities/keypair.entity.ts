import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import { KeypairType } from '../../domain/keypair-type.js';

/**
 * A keypair as stored. The columns are those of Nova's `nova_api.key_pairs` and some that may be null, so that rows can be
 * copied across. The key begins with the user, or the project (`project:` and its id), which every query names: the table can be split by it.
 * Names compare bytewise.
 */
@Entity('key_pairs')
@Index('key_pairs_sha256', ['sha256'], { where: '"sha256" IS NOT NULL' })
@Index('key_pairs_without_sha256', ['userId', 'name'], { where: '"sha256" IS NULL' })
// On lower("name") of the keypairs of projects, which decorators cannot express.
@Index('key_pairs_project_name', { synchronize: false })
@Index('key_pairs_expires_at', ['expiresAt'], { where: '"expires_at" IS NOT NULL' })
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

  /** Exactly as the client sent it, byte for byte. */
  @Column({ name: 'public_key', type: 'text' })
  publicKey: string;

  @Column({ type: 'enum', enum: KeypairType, enumName: 'keypair_type', default: KeypairType.Ssh })
  type: KeypairType;

  /** UTC. */
  @Column({ name: 'created_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  createdAt: Date;

  /** UTC. Nova's keypairs never change, so only imported rows have one. */
  @Column({ name: 'updated_at', type: 'timestamp', precision: 6, nullable: true })
  updatedAt: Date | null;

  /** The UUID of the create, which identifies its row if the answer of the database was lost; null for imported rows. */
  @Column({ name: 'create_id', type: 'uuid', nullable: true })
  createId: string | null;

  /** SHA-256 of what the fingerprint is of; null until it is computed, for rows of a Nova and of versions before. */
  @Column({ type: 'bytea', nullable: true })
  sha256: Buffer | null;

  /** Incremented by each change; null means 1. */
  @Column({ type: 'integer', nullable: true })
  version: number | null;

  /** In UTC; null if it does not expire. */
  @Column({ name: 'expires_at', type: 'timestamp', precision: 6, nullable: true })
  expiresAt: Date | null;

  /** Null is false. */
  @Column({ name: 'delete_protected', type: 'boolean', nullable: true })
  deleteProtected: boolean | null;

  /** The user who created a keypair of a project; null for those of users. */
  @Column({ name: 'created_by', type: 'varchar', length: 255, nullable: true })
  createdBy: string | null;
}
