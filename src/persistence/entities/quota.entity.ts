import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The user id in rows with the limit of the whole project. */
export const WHOLE_PROJECT = '';

const idColumn = {
  type: 'varchar',
  length: 255,
  collation: 'C',
  primaryKeyConstraintName: 'quotas_pkey',
} as const;

/** A limit that an administrator set. Nova keeps those of projects and of users in two tables, this service in one. */
@Entity('quotas')
export class Quota {
  @PrimaryColumn({ ...idColumn, name: 'project_id' })
  projectId: string;

  /** The user in the project that the limit applies to, or {@link WHOLE_PROJECT}. */
  @PrimaryColumn({ ...idColumn, name: 'user_id' })
  userId: string;

  /** Nova's name for what is limited, such as `key_pairs`. */
  @PrimaryColumn(idColumn)
  resource: string;

  /** -1 is no limit. */
  @Column({ name: 'hard_limit', type: 'integer' })
  hardLimit: number;
}
