import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A URL that receives events. */
@Entity('webhooks')
@Index('webhooks_project_id_id', ['projectId', 'id'])
export class Webhook {
  @PrimaryGeneratedColumn({ type: 'bigint', primaryKeyConstraintName: 'webhooks_pkey' })
  id: string;

  /** Null: it receives the events of all projects and users. */
  @Column({ name: 'project_id', type: 'varchar', length: 255, collation: 'C', nullable: true })
  projectId: string | null;

  @Column({ type: 'text' })
  url: string;

  /** Types of events, and kinds as `keypair.*`. */
  @Column({ type: 'jsonb' })
  types: string[];

  @Column({ type: 'boolean' })
  enabled: boolean;

  @Column({ type: 'text', nullable: true })
  note: string | null;

  @Column({ name: 'include_public_key', type: 'boolean' })
  includePublicKey: boolean;

  /** What signs, as it is, since a hash could not. */
  @Column({ type: 'bytea' })
  secret: Buffer;

  /** Signs as well until `previousUntil`. */
  @Column({ name: 'previous_secret', type: 'bytea', nullable: true })
  previousSecret: Buffer | null;

  /** UTC, as all times. */
  @Column({ name: 'previous_until', type: 'timestamp', precision: 6, nullable: true })
  previousUntil: Date | null;

  /** Since when no delivery succeeded; null if the last one did. */
  @Column({ name: 'failing_since', type: 'timestamp', precision: 6, nullable: true })
  failingSince: Date | null;

  @Column({ name: 'created_by', type: 'varchar', length: 255, collation: 'C' })
  createdBy: string;

  @Column({ name: 'created_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  createdAt: Date;
}
