import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A user of the built-in identity with IDENTITY_STORE=database. */
@Entity('identity_users')
@Unique('identity_users_name', ['name'])
export class IdentityUser {
  /** 32 hexadecimal digits. */
  @PrimaryColumn({ type: 'varchar', length: 64, collation: 'C', primaryKeyConstraintName: 'identity_users_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255, collation: 'C' })
  name: string;

  /** See `src/identity/passwords.ts`; null: no password is right. */
  @Column({ name: 'password_hash', type: 'varchar', length: 255, nullable: true })
  passwordHash: string | null;

  /** The secret of one-time codes, in Base32; null: the user logs in without. */
  @Column({ name: 'code_secret', type: 'varchar', length: 255, nullable: true })
  codeSecret: string | null;

  @Column({ type: 'boolean', default: true })
  enabled: boolean;

  /** Tokens that were issued before are invalid, also once the user is enabled again. */
  @Column({ name: 'times_disabled', type: 'int', default: 0 })
  timesDisabled: number;

  @Column({ name: 'default_project_id', type: 'varchar', length: 64, collation: 'C', nullable: true })
  defaultProjectId: string | null;

  /** Attributes that clients store and the service does not use, such as `email`. */
  @Column({ type: 'jsonb', default: {} })
  extra: object;
}
