import { ApiProperty } from '@nestjs/swagger';
import { MediaForm } from '../http/shapes/response-form.js';

/** What probes answer, for OpenAPI; `health-answer.ts` writes it. */

export class HealthReason {
  @ApiProperty({ enum: ['Database', 'Migrations', 'Identity'] })
  class: string;

  @ApiProperty()
  healthy: boolean;

  @ApiProperty({ description: 'OK, or what is the matter.' })
  reason: string;

  @ApiProperty({
    description: 'The class of the cause, as in `connection refused (ECONNREFUSED)`; empty where there is none.',
  })
  details: string;
}
export class DetailedHealth {
  @ApiProperty({ enum: [true] })
  detailed: boolean;

  @ApiProperty({ type: [HealthReason], description: 'One for each thing that was looked at.' })
  reasons: HealthReason[];
}

export const probesApi = {
  reply: new MediaForm({ 'text/plain': 'text', 'application/json': DetailedHealth }),
};
