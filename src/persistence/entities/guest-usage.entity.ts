import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many guests a project has. The statement that adds or removes one also counts it, so that a quota is never exceeded. */
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
