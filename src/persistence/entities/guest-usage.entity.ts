import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many guests a project has. Counted in the same statement that adds or removes one, so that a quota is never passed. */
@Entity('guest_usage')
export class GuestUsage {
  @PrimaryColumn({
    name: 'project_id',
    type: 'varchar',
    length: 255,
    collation: 'C',
    primaryKeyConstraintName: 'guest_usage_pkey',
  })
  projectId: string;

  @Column({ type: 'integer' })
  used: number;
}
