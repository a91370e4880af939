import { ApiProperty } from '@nestjs/swagger';
import { MediaForm } from '../http/shapes/response-form.js';

/** What probes answer, for OpenAPI; `health-answer.ts` writes it. */

export class HealthReason {
  @ApiProperty({ enum: ['Database', 'Migrations', 'Identity'] })
  class: string;

  @ApiProperty()
  healthy: boolean;

  @ApiProperty({ description: '`OK`, or what is wrong.' })
  reason: string;

  @ApiProperty({
    description: 'The kind of cause, such as `connection refused (ECONNREFUSED)`; empty if healthy.',
  })
  details: string;
}
export class DetailedHealth {
  @ApiProperty({ enum: [true] })
  detailed: boolean;

  @ApiProperty({ type: [HealthReason], description: 'One entry per check.' })
  reasons: HealthReason[];
}

export const probesApi = {
  reply: new MediaForm({ 'text/plain': 'text', 'application/json': DetailedHealth }),
};
