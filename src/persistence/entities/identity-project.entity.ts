import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A project of the built-in identity with IDENTITY_STORE=database. */
@Entity('identity_projects')
@Unique('identity_projects_name', ['name'])
export class IdentityProject {
  /** 32 hexadecimal digits. */
  @PrimaryColumn({ type: 'varchar', length: 64, collation: 'C', primaryKeyConstraintName: 'identity_projects_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255, collation: 'C' })
  name: string;

  @Column({ type: 'boolean', default: true })
  enabled: boolean;

  @Column({ type: 'text', nullable: true, default: '' })
  description: string | null;

  @Column({ type: 'jsonb', default: [] })
  tags: string[];

  /** Attributes that clients store and the service does not use. */
  @Column({ type: 'jsonb', default: {} })
  extra: object;
}
