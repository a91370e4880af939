import { Entity, PrimaryColumn } from 'typeorm';

const column = { type: 'varchar', collation: 'C', primaryKeyConstraintName: 'identity_assignments_pkey' } as const;

/** A role of a user in the built-in identity with IDENTITY_STORE=database. */
@Entity('identity_assignments')
export class IdentityAssignment {
  @PrimaryColumn({ ...column, name: 'user_id', length: 64 })
  userId: string;

  /** The id of a project, `default` for the domain, or `system`. */
  @PrimaryColumn({ ...column, length: 64 })
  target: string;

  /** The name of the role. */
  @PrimaryColumn({ ...column, length: 255 })
  role: string;
}
