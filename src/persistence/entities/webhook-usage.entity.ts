import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many webhooks a project has, changed in the statement that adds or removes one. Those of all projects count under an empty id. */
@Entity('webhook_usage')
export class WebhookUsage {
  @PrimaryColumn({
    name: 'project_id',
    type: 'varchar',
    length: 255,
    collation: 'C',
    primaryKeyConstraintName: 'webhook_usage_pkey',
  })
  projectId: string;

  @Column({ type: 'integer' })
  used: number;
}
