import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time, TimeOrNull } from '../http/shapes/response-form.js';
import { EVENT_FILTERS } from '../domain/event-type.js';

/** What answers about webhooks hold, for OpenAPI; `webhooks.view.ts` writes them. */

export class ShownWebhook {
  @ApiProperty({ type: 'integer', minimum: 1 }) id: number;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Null if it receives the events of all users and projects.',
  })
  project_id: string | null;
  @ApiProperty({ format: 'uri' }) url: string;
  @ApiProperty({ type: [String], enum: EVENT_FILTERS }) types: string[];
  @ApiProperty({
    description: 'False if it was disabled by a request, by a 410 response, or after five days of failed deliveries.',
  })
  enabled: boolean;
  @ApiProperty({ type: 'string', nullable: true }) note: string | null;
  @ApiProperty() include_public_key: boolean;
  @ApiProperty({ description: 'The user who created it.' }) created_by: string;
  @Time() created_at: string;
  @TimeOrNull('The time since which no delivery has succeeded, in UTC.') failing_since: string | null;
}

export class WebhookWithSecret extends ShownWebhook {
  @ApiProperty({
    pattern: '^whsec_[A-Za-z0-9+/]{43}=$',
    description: 'The key that signs deliveries. Returned only once.',
  })
  secret: string;
}

export class ShownDelivery {
  @ApiProperty({ type: 'integer', minimum: 1 }) id: number;
  @ApiProperty({
    format: 'uuid',
    description: 'The id of the event, sent as `webhook-id`. A test event has a new one.',
  })
  event_id: string;
  @ApiProperty() type: string;
  @ApiProperty({
    enum: ['pending', 'delivered', 'failed'],
    description: '`failed`: abandoned after the last retry, or dropped when the webhook was disabled.',
  })
  state: 'pending' | 'delivered' | 'failed';
  @ApiProperty({
    type: 'integer',
    description: 'Counted from its creation, or from a manual retry after it had ended.',
  })
  attempts: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'The HTTP status of the last response.' })
  status: number | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      'Why the last attempt got no response: `address-refused`, `not-https`, `timeout`, or an error code of Node.js.',
  })
  failure: string | null;
  @Time() created_at: string;
  @TimeOrNull() delivered_at: string | null;
  @TimeOrNull('The next attempt of a pending delivery, in UTC.') next_attempt_at: string | null;
}

export class NextWebhooks extends PageLink {}
