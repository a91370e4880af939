import { ApiProperty } from '@nestjs/swagger';

/** An extension, for OpenAPI. */
export class Extension {
  @ApiProperty({ enum: ['os-keypairs', 'os-extended-keypairs'] }) alias: string;
  @ApiProperty() description: string;
  @ApiProperty({ type: [String], maxItems: 0 }) links: readonly never[];
  @ApiProperty() name: string;
  @ApiProperty() namespace: string;
  @ApiProperty({ format: 'date-time' }) updated: string;
}
