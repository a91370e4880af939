import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time, TimeOrNull } from '../http/shapes/response-form.js';
import { EVENT_FILTERS } from '../domain/event-type.js';

/** What answers about webhooks hold, for OpenAPI; `webhooks.view.ts` writes them. */

export class ShownWebhook {
  @ApiProperty({ type: 'integer', minimum: 1 }) id: number;
  @ApiProperty({ type: 'string', nullable: true, description: 'Null: it is about all users and projects.' })
  project_id: string | null;
  @ApiProperty({ format: 'uri' }) url: string;
  @ApiProperty({ type: [String], enum: EVENT_FILTERS }) types: string[];
  @ApiProperty({ description: 'False after a change to false, an answer of 410, or five days of failure.' })
  enabled: boolean;
  @ApiProperty({ type: 'string', nullable: true }) note: string | null;
  @ApiProperty() include_public_key: boolean;
  @ApiProperty({ description: 'The user who created it.' }) created_by: string;
  @Time() created_at: string;
  @TimeOrNull('Since when no delivery has succeeded; UTC.') failing_since: string | null;
}

export class WebhookWithSecret extends ShownWebhook {
  @ApiProperty({ pattern: '^whsec_[A-Za-z0-9+/]{43}=$', description: 'Signs deliveries. It is not shown again.' })
  secret: string;
}

export class ShownDelivery {
  @ApiProperty({ type: 'integer', minimum: 1 }) id: number;
  @ApiProperty({ format: 'uuid', description: 'Of the event, in webhook-id; that of the test of a webhook is new.' })
  event_id: string;
  @ApiProperty() type: string;
  @ApiProperty({
    enum: ['pending', 'delivered', 'failed'],
    description: 'failed: given up, or dropped when the webhook was disabled.',
  })
  state: 'pending' | 'delivered' | 'failed';
  @ApiProperty({ type: 'integer', description: 'Since it was created, or retried by hand after its end.' })
  attempts: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'The HTTP status of the last answer.' })
  status: number | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Why the last attempt got no answer: address-refused, not-https, timeout, or as Node.js calls it.',
  })
  failure: string | null;
  @Time() created_at: string;
  @TimeOrNull() delivered_at: string | null;
  @TimeOrNull('Of a pending one; UTC.') next_attempt_at: string | null;
}

export class NextWebhooks extends PageLink {}
