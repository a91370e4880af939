import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../../http/pages.js';
import { Time, TimeOrNull } from '../../http/shapes/response-form.js';
import { KeypairType } from '../../domain/keypair-type.js';

/** What answers about keypairs hold, for OpenAPI; `records.view.ts` writes them. */

const HEX = '^[0-9a-f]{2}(:[0-9a-f]{2})+$';

export class Fingerprints {
  @ApiProperty({ required: false, description: 'As `ssh-keygen -l` or `openssl x509 -fingerprint -sha256` shows it.' })
  sha256?: string;
  @ApiProperty({ required: false, pattern: HEX, description: 'Of an SSH key.' }) md5?: string;
  @ApiProperty({ required: false, pattern: HEX, description: 'Of a certificate.' }) sha1?: string;
}

/** What can be read of a key. */
class DescribedKey {
  @ApiProperty({ enum: Object.values(KeypairType) }) type: KeypairType;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'As `ssh-keygen` or OpenSSL names it; null if unreadable.',
  })
  algorithm: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) bits: number | null;
  @ApiProperty() comment: string;
  @ApiProperty({ type: Fingerprints }) fingerprints: Fingerprints;
}

export class CertificateSummary {
  @ApiProperty() subject: string;
  @TimeOrNull('UTC; null for a date that cannot be read.') not_after: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'The user principal name.' }) upn: string | null;
}

export class ListedRecord extends DescribedKey {
  @ApiProperty() name: string;
  @ApiProperty({ pattern: HEX, description: 'As at os-keypairs.' }) fingerprint: string;
  @ApiProperty({ description: 'Whose keypair it is; of one of a project, who made it.' }) user_id: string;
  @ApiProperty({ type: 'string', nullable: true, description: 'The project that it belongs to; null: to the user.' })
  project_id: string | null;
  @ApiProperty({ enum: ['own', 'project'] }) scope: 'own' | 'project';
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Raised by each change; the ETag.' }) version: number;
  @Time() created_at: string;
  @TimeOrNull('UTC; null: never changed.') updated_at: string | null;
  @TimeOrNull('UTC; null: it does not end.') expires_at: string | null;
  @ApiProperty({ description: 'An expired keypair is shown as before, and delivered to no guest.' }) expired: boolean;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) tags: Record<string, string>;
  @ApiProperty({ type: 'string', nullable: true }) note: string | null;
  @ApiProperty({ description: 'Whether every delete is refused.' }) delete_protected: boolean;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'The number of guests that hold a copy.' }) guests: number;
  @TimeOrNull('UTC, to the minute; null: no guest has read it.') last_delivered_at: string | null;
  @ApiProperty({ type: CertificateSummary, required: false }) certificate?: CertificateSummary;
}

export class ShownRecord extends ListedRecord {
  @ApiProperty({ description: 'Byte for byte as it was imported.' }) public_key: string;
}

export class NextRecords extends PageLink {}

export class KeyVersion extends DescribedKey {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The last version of the keypair with this key.' })
  version: number;
  @ApiProperty({ pattern: HEX }) fingerprint: string;
  @Time() from: string;
  @TimeOrNull('UTC; null for the current key.') replaced_at: string | null;
  @TimeOrNull('The end of the overlap, UTC; null for the current key.') until: string | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The user who set the key; null for one of os-keypairs.',
  })
  by: string | null;
}

export class PrunedKeypair {
  @ApiProperty() name: string;
  @ApiProperty({ pattern: HEX }) fingerprint: string;
}

export class LeftKeypair {
  @ApiProperty() name: string;
  @ApiProperty({
    enum: ['protected', 'attached', 'forbidden', 'changed'],
    description: 'attached: a guest holds a copy; forbidden: another member of the project made it.',
  })
  reason: string;
}

export class PruneResult {
  @ApiProperty({ description: 'Whether nothing was deleted.' }) dry_run: boolean;
  @ApiProperty({ type: [PrunedKeypair], description: 'At most 1000: repeat the request until there are none.' })
  deleted: PrunedKeypair[];
  @ApiProperty({ type: [LeftKeypair] }) kept: LeftKeypair[];
}

export class Remark {
  @ApiProperty({ description: 'One word; see errors.md for refusals.' }) code: string;
  @ApiProperty() message: string;
}

export class KeyCheck extends DescribedKey {
  @ApiProperty({ description: 'Whether the service would store the key.' }) acceptable: boolean;
  @ApiProperty({ type: [Remark], description: 'Why it would not.' }) reasons: Remark[];
  @ApiProperty({ type: [Remark], description: 'Guests that do not take the key.' }) warnings: Remark[];
}
