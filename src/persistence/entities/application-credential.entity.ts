import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** An application credential of the built-in identity. */
@Entity('application_credentials')
@Unique('application_credentials_user_id_name', ['userId', 'name'])
export class ApplicationCredential {
  /** 32 hexadecimal digits. */
  @PrimaryColumn({
    type: 'varchar',
    length: 64,
    collation: 'C',
    primaryKeyConstraintName: 'application_credentials_pkey',
  })
  id: string;

  @Column({ name: 'user_id', type: 'varchar', length: 64, collation: 'C' })
  userId: string;

  @Column({ type: 'varchar', length: 255, collation: 'C' })
  name: string;

  @Column({ name: 'project_id', type: 'varchar', length: 64, collation: 'C' })
  projectId: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  /** See `src/identity/builtin/credentials/credential-secret.ts`. */
  @Column({ name: 'secret_hash', type: 'varchar', length: 255 })
  secretHash: string;

  /** UTC. */
  @Column({ name: 'expires_at', type: 'timestamp', precision: 6, nullable: true })
  expiresAt: Date | null;

  /** Null where the request did not set it, as Keystone stores it; that is restricted. */
  @Column({ type: 'boolean', nullable: true })
  unrestricted: boolean | null;

  /** Names of roles. */
  @Column({ type: 'jsonb' })
  roles: string[];
}
