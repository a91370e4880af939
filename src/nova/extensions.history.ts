import { ApiProperty } from '@nestjs/swagger';
import type { ResponseForm } from '../http/shapes/response-form.js';
import { History } from './history.js';

/** An extension, for OpenAPI. */
export class Extension {
  @ApiProperty({ enum: ['os-keypairs', 'os-extended-keypairs'] }) alias: string;
  @ApiProperty() description: string;
  @ApiProperty({ type: [String], maxItems: 0 }) links: readonly never[];
  @ApiProperty() name: string;
  @ApiProperty() namespace: string;
  @ApiProperty({ format: 'date-time' }) updated: string;
}

/** No microversion has changed them. */
export const extensionsHistory = new History<Record<'listReply' | 'showReply', ResponseForm>>({
  from: '1.1',
  changes: 'The extensions: os-keypairs and, unless it is switched off, os-extended-keypairs.',
  now: { listReply: { extensions: [Extension] }, showReply: { extension: Extension } },
});
