import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import type { KeypairType } from '../../domain/keypair-type.js';

/** A key as copied when it was assigned to the guest; deleting the keypair later changes nothing. */
export interface GuestKey {
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  /** Rewritten for guests: one line of SSH, or one block of PEM. */
  readonly data: string;
  /** Whether it is a copy of a keypair of the project instead of the guest's owner. */
  readonly scope?: 'project';
}

/**
 * A machine that reads its metadata. The indexes are those of a user's list and of all guests, in the order of registration, and of the
 * names of keypairs.
 */
@Entity('guests')
// Its expression, keys as jsonb, is in the migration.
@Index('guests_keys', { synchronize: false })
@Index('guests_number', ['number'], { unique: true })
@Index('guests_project_id', ['projectId'])
@Index('guests_user_id_number', ['userId', 'number'], { unique: true })
export class Guest {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'guests_pkey' })
  id: string;

  /** What the EC2 instance id is made of. */
  @Column({ type: 'bigint' })
  @Generated('increment')
  number: string;

  @Column({ name: 'user_id', type: 'varchar', length: 255, collation: 'C' })
  userId: string;

  @Column({ name: 'project_id', type: 'varchar', length: 255, collation: 'C' })
  projectId: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @Column({ type: 'varchar', length: 255 })
  hostname: string;

  @Column({ name: 'availability_zone', type: 'varchar', length: 255 })
  availabilityZone: string;

  /** The network of the metadata listener that its addresses are unique in. */
  @Column({ type: 'varchar', length: 255, collation: 'C' })
  network: string;

  @Column({ type: 'json' })
  keys: GuestKey[];

  /** Whether the guest receives its keypairs as they are when it asks, and not the copies. */
  @Column({ name: 'follow_keys', type: 'boolean', default: false })
  followKeys: boolean;

  /** How it trusts the SSH certificate authority; null if it does not. */
  @Column({ name: 'ssh_ca', type: 'varchar', length: 8, nullable: true })
  sshCa: 'keys' | 'sshd' | null;

  /** `project` if certificates for the project are accepted; null for its owner's only. */
  @Column({ name: 'ssh_access', type: 'varchar', length: 8, nullable: true })
  sshAccess: 'project' | null;

  /** The accounts that certificates with `sshd`, and followed keys, are valid for; null for none. */
  @Column({ name: 'login_users', type: 'jsonb', nullable: true })
  loginUsers: string[] | null;

  @Column({ type: 'json' })
  metadata: Record<string, string>;

  /** Base64. */
  @Column({ name: 'user_data', type: 'text', nullable: true })
  userData: string | null;

  @Column({ name: 'vendor_data', type: 'json', nullable: true })
  vendorData: object | null;

  @Column({ name: 'network_data', type: 'json', nullable: true })
  networkData: object | null;

  /** Encrypted by the guest for one of its keys. */
  @Column({ type: 'varchar', length: 1020, nullable: true })
  password: string | null;

  /** Counts changes, so that one of two concurrent changes is refused. */
  @Column({ type: 'integer', default: 1 })
  revision: number;

  /** UTC. */
  @Column({ name: 'created_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  createdAt: Date;

  /** UTC. */
  @Column({ name: 'updated_at', type: 'timestamp', precision: 6, nullable: true })
  updatedAt: Date | null;

  /** The UUID of the registration, which identifies its row if the answer of the database was lost. */
  @Column({ name: 'create_id', type: 'uuid', nullable: true })
  createId: string | null;
}
