import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Webhook } from './webhook.entity.js';

/** An event that a webhook is sent, or was. The indexes are those of its list, of what is due, and of what waits behind an earlier one. */
@Entity('webhook_deliveries')
@ForeignKey(() => Webhook, ['webhookId'], ['id'], { name: 'webhook_deliveries_webhook_id_fkey', onDelete: 'CASCADE' })
@Index('webhook_deliveries_webhook_id_event_id', ['webhookId', 'eventId'], { unique: true })
@Index('webhook_deliveries_webhook_id_id', ['webhookId', 'id'])
@Index('webhook_deliveries_due_at', ['dueAt'], { where: 'due_at IS NOT NULL' })
@Index('webhook_deliveries_pending', ['webhookId', 'owner', 'id'], { where: 'due_at IS NOT NULL' })
export class WebhookDelivery {
  @PrimaryGeneratedColumn({ type: 'bigint', primaryKeyConstraintName: 'webhook_deliveries_pkey' })
  id: string;

  @Column({ name: 'webhook_id', type: 'bigint' })
  webhookId: string;

  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string;

  /** Of what was changed: deliveries to one webhook about one owner are sent in the order of their ids. */
  @Column({ type: 'varchar', length: 255, collation: 'C' })
  owner: string;

  @Column({ type: 'varchar', length: 64, collation: 'C' })
  type: string;

  /** JSON, the same at each attempt. */
  @Column({ type: 'text' })
  body: string;

  @Column({ name: 'created_at', type: 'timestamp', precision: 6, default: () => "timezone('utc', now())" })
  createdAt: Date;

  /** When it is sent at the earliest; null if it is not sent any more. A replica that sends it moves it ahead. */
  @Column({ name: 'due_at', type: 'timestamp', precision: 6, nullable: true })
  dueAt: Date | null;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** Of the last answer. */
  @Column({ type: 'integer', nullable: true })
  status: number | null;

  /** Why the last attempt got no answer. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  failure: string | null;

  @Column({ name: 'delivered_at', type: 'timestamp', precision: 6, nullable: true })
  deliveredAt: Date | null;
}
