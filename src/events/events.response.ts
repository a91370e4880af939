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
  @ApiProperty({ type: 'string', nullable: true, description: 'The owner; null if that is a project.' })
  user_id: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'The project that it happened in.' })
  project_id: string | null;
  @ApiProperty({ enum: ['own', 'project'], description: 'Whether a user or a project owns what was changed.' })
  scope: 'own' | 'project';
  @ApiProperty({ description: 'The user who made the change; of an end of a keypair, its owner.' }) actor: string;
  @ApiProperty({ description: 'The X-OpenStack-Request-Id of the change; empty of an end of a keypair.' })
  request_id: string;
  @ApiProperty({ required: false, description: 'Of a guest or an application credential.' }) id?: string;
  @ApiProperty({ required: false, description: 'Of a keypair, a guest or an application credential.' }) name?: string;
  @ApiProperty({ required: false, enum: ['ssh', 'x509'], description: 'Of a keypair.' }) type?: string;
  @ApiProperty({
    required: false,
    description: 'Of a keypair, or of the key of a certificate, as os-keypairs shows it.',
  })
  fingerprint?: string;
  @ApiProperty({ required: false, type: EventFingerprints, description: 'Of a keypair.' })
  fingerprints?: EventFingerprints;
  @ApiProperty({
    required: false,
    type: 'integer',
    description: 'Of a keypair: 1 when it is made, more with each change.',
  })
  version?: number;
  @Time('Of keypair.expiring and keypair.expired; UTC.', false) expires_at?: string;
  @ApiProperty({ required: false, type: 'integer', description: 'Of a certificate.' }) serial?: number;
  @ApiProperty({ required: false, description: 'Of a certificate: the name of its keypair.' }) keypair?: string;
  @ApiProperty({ required: false, type: [String], description: 'Of a certificate: whom it lets in.' })
  principals?: string[];
  @Time('Of a certificate; UTC.', false) valid_before?: string;
  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Of quotas: the limits that have changed, by resource; -1 is no limit.',
  })
  limits?: Record<string, number>;
}

export class ListedEvent {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The place in the list, and the marker of the next page.' })
  id: number;
  @ApiProperty({ format: 'uuid', description: 'By which an event that was read twice is known.' }) event_id: string;
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
