import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** An SSH certificate of a user, without the certificate itself. The indexes are those of a user's list, and of those that have not ended. */
@Entity('ssh_certificates')
@Index('ssh_certificates_user_id_serial', ['userId', 'serial'], { unique: true })
@Index('ssh_certificates_valid_before', ['validBefore'])
export class SshCertificate {
  /** Given once, whichever replica signs. */
  @PrimaryGeneratedColumn({ type: 'bigint', primaryKeyConstraintName: 'ssh_certificates_pkey' })
  serial: string;

  /** The user who requested it. */
  @Column({ name: 'user_id', type: 'varchar', length: 255, collation: 'C' })
  userId: string;

  @Column({ name: 'project_id', type: 'varchar', length: 255, nullable: true })
  projectId: string | null;

  /** The user or project whose keypair is certified. */
  @Column({ name: 'keypair_owner', type: 'varchar', length: 255, collation: 'C' })
  keypairOwner: string;

  @Column({ type: 'varchar', length: 255, collation: 'C' })
  keypair: string;

  /** A keypair of the same name made later has another id. */
  @Column({ name: 'keypair_id', type: 'bigint' })
  keypairId: string;

  /** Of the key that is certified, as the keypair shows it. */
  @Column({ name: 'keypair_fingerprint', type: 'varchar', length: 255 })
  keypairFingerprint: string;

  @Column({ name: 'key_id', type: 'text' })
  keyId: string;

  @Column({ type: 'jsonb' })
  principals: string[];

  /** UTC, as all times. */
  @Column({ name: 'valid_after', type: 'timestamp', precision: 6 })
  validAfter: Date;

  @Column({ name: 'valid_before', type: 'timestamp', precision: 6 })
  validBefore: Date;

  @Column({ name: 'issued_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  issuedAt: Date;

  @Column({ name: 'revoked_at', type: 'timestamp', precision: 6, nullable: true })
  revokedAt: Date | null;
}
