import { ApiProperty, OmitType } from '@nestjs/swagger';

/** What the version documents hold, for OpenAPI; `versions.view.ts` writes them. */

export class VersionLink {
  @ApiProperty({ enum: ['self', 'describedby'] }) rel: string;
  @ApiProperty({ format: 'uri' }) href: string;
  @ApiProperty({ required: false }) type?: string;
}
export class VersionMediaType {
  @ApiProperty() base: string;
  @ApiProperty() type: string;
}
export class DescribedVersion {
  @ApiProperty({ enum: ['v2.0', 'v2.1'] }) id: string;
  @ApiProperty({ enum: ['SUPPORTED', 'CURRENT'] }) status: string;
  @ApiProperty({ description: 'The newest microversion; empty at /v2.' }) version: string;
  @ApiProperty({ description: 'The oldest microversion; empty at /v2.' }) min_version: string;
  @ApiProperty({ format: 'date-time' }) updated: string;
  @ApiProperty({ type: [VersionLink] }) links: VersionLink[];
  @ApiProperty({ type: [VersionMediaType] }) 'media-types': VersionMediaType[];
}
export class ListedVersion extends OmitType(DescribedVersion, ['media-types']) {}

/** What the version documents are. */
export const versionsApi = {
  allReply: { versions: [ListedVersion] as const },
  oneReply: { version: DescribedVersion },
};
