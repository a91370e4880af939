import { Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import type { KeypairType } from '../../domain/keypair-type.js';

/** A key as copied when it was assigned to the guest; deleting the keypair later changes nothing. */
export interface GuestKey {
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  /** Written anew for guests: one line of SSH, or one block of PEM. */
  readonly data: string;
}

/** A machine that reads its metadata. The indexes are those of a user's list and of all guests, in the order of registration. */
@Entity('guests')
@Index('guests_number', ['number'], { unique: true })
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
