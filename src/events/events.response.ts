import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time } from '../http/shapes/response-form.js';
import { EVENT_TYPES } from '../domain/event-type.js';

/** What answers about events hold, for OpenAPI; `events.view.ts` writes them. */

export class EventFingerprints {
  @ApiProperty({ required: false }) md5?: string;
  @ApiProperty({ required: false }) sha1?: string;
  @ApiProperty({ required: false }) sha256?: string;
}

export class EventData {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The user who owns what changed; null if a project owns it.',
  })
  user_id: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'The project in which the change was made.' })
  project_id: string | null;
  @ApiProperty({ enum: ['own', 'project'], description: 'Whether a user (`own`) or a project owns what changed.' })
  scope: 'own' | 'project';
  @ApiProperty({ description: 'The user who made the change; if a keypair expired, its owner.' }) actor: string;
  @ApiProperty({ description: 'The X-OpenStack-Request-Id of the change; empty if a keypair expired.' })
  request_id: string;
  @ApiProperty({ required: false, description: 'The id of the guest or application credential.' }) id?: string;
  @ApiProperty({ required: false, description: 'The name of the keypair, guest or application credential.' })
  name?: string;
  @ApiProperty({ required: false, enum: ['ssh', 'x509'], description: 'The type of the keypair.' }) type?: string;
  @ApiProperty({
    required: false,
    description: 'The fingerprint of the keypair, or of the certified key, as in os-keypairs.',
  })
  fingerprint?: string;
  @ApiProperty({ required: false, type: EventFingerprints, description: 'All fingerprints of the keypair.' })
  fingerprints?: EventFingerprints;
  @ApiProperty({
    required: false,
    type: 'integer',
    description: 'The version of the keypair: 1 at first, one higher after each change.',
  })
  version?: number;
  @Time('When the keypair expires, in UTC; for keypair.expiring and keypair.expired.', false) expires_at?: string;
  @ApiProperty({ required: false, type: 'integer', description: 'The serial number of the certificate.' })
  serial?: number;
  @ApiProperty({ required: false, description: 'The keypair that was certified.' }) keypair?: string;
  @ApiProperty({ required: false, type: [String], description: 'The principals of the certificate.' })
  principals?: string[];
  @Time('When the certificate expires, in UTC.', false) valid_before?: string;
  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'The changed limits by resource; -1 means unlimited.',
  })
  limits?: Record<string, number>;
}

export class ListedEvent {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'The position in the list, used as the marker of the next page.',
  })
  id: number;
  @ApiProperty({ format: 'uuid', description: 'Identifies the event, so that a consumer can ignore duplicates.' })
  event_id: string;
  @ApiProperty({
    enum: Object.keys(EVENT_TYPES),
    description: Object.entries(EVENT_TYPES)
      .map(([type, { description }]) => `\`${type}\`: ${description}.`)
      .join(' '),
  })
  type: string;
  @Time() timestamp: string;
  @ApiProperty({ type: EventData }) data: EventData;
}

export class NextEvents extends PageLink {}
