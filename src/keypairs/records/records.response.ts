import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../../http/pages.js';
import { Time, TimeOrNull } from '../../http/shapes/response-form.js';
import { KeypairType } from '../../domain/keypair-type.js';

/** What answers about keypairs hold, for OpenAPI; `records.view.ts` writes them. */

const HEX = '^[0-9a-f]{2}(:[0-9a-f]{2})+$';

export class Fingerprints {
  @ApiProperty({
    required: false,
    description: 'In the notation of `ssh-keygen -l` or `openssl x509 -fingerprint -sha256`.',
  })
  sha256?: string;
  @ApiProperty({ required: false, pattern: HEX, description: 'SSH keys only.' }) md5?: string;
  @ApiProperty({ required: false, pattern: HEX, description: 'Certificates only.' }) sha1?: string;
}

/** The properties that can be read from a key. */
class DescribedKey {
  @ApiProperty({ enum: Object.values(KeypairType) }) type: KeypairType;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'In the notation of `ssh-keygen` or OpenSSL; null if the key is unreadable.',
  })
  algorithm: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) bits: number | null;
  @ApiProperty() comment: string;
  @ApiProperty({ type: Fingerprints }) fingerprints: Fingerprints;
}

export class CertificateSummary {
  @ApiProperty() subject: string;
  @TimeOrNull('When the certificate expires, in UTC; null if the date is unreadable.') not_after: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'The user principal name (UPN).' }) upn: string | null;
}

export class ListedRecord extends DescribedKey {
  @ApiProperty() name: string;
  @ApiProperty({ pattern: HEX, description: 'As in os-keypairs.' }) fingerprint: string;
  @ApiProperty({ description: 'The owner; if a project owns the keypair, the user who created it.' }) user_id: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The project that owns the keypair; null if the user owns it.',
  })
  project_id: string | null;
  @ApiProperty({ enum: ['own', 'project'] }) scope: 'own' | 'project';
  @ApiProperty({ type: 'integer', minimum: 1, description: 'One higher after each change; the ETag.' }) version: number;
  @Time() created_at: string;
  @TimeOrNull('In UTC; null if never changed.') updated_at: string | null;
  @TimeOrNull('In UTC; null if the keypair does not expire.') expires_at: string | null;
  @ApiProperty({ description: 'Whether it has expired: it is still listed, but no longer delivered to guests.' })
  expired: boolean;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) tags: Record<string, string>;
  @ApiProperty({ type: 'string', nullable: true }) note: string | null;
  @ApiProperty({ description: 'Whether deletion is refused.' }) delete_protected: boolean;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'How many guests hold a copy.' }) guests: number;
  @TimeOrNull('In UTC, to the minute; null if no guest has read it.') last_delivered_at: string | null;
  @ApiProperty({ type: CertificateSummary, required: false }) certificate?: CertificateSummary;
}

export class ShownRecord extends ListedRecord {
  @ApiProperty({ description: 'Exactly as it was imported, byte for byte.' }) public_key: string;
}

export class NextRecords extends PageLink {}

export class KeyVersion extends DescribedKey {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The last version of the keypair that had this key.' })
  version: number;
  @ApiProperty({ pattern: HEX }) fingerprint: string;
  @Time() from: string;
  @TimeOrNull('In UTC; null for the current key.') replaced_at: string | null;
  @TimeOrNull('The end of its overlap, in UTC; null for the current key.') until: string | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The user who set the key; null if it was created through os-keypairs.',
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
    description: '`attached`: a guest holds a copy. `forbidden`: another member of the project created it.',
  })
  reason: string;
}

export class PruneResult {
  @ApiProperty({ description: 'Whether this was a dry run, which deletes nothing.' }) dry_run: boolean;
  @ApiProperty({ type: [PrunedKeypair], description: 'At most 1000. Repeat the request until this list is empty.' })
  deleted: PrunedKeypair[];
  @ApiProperty({ type: [LeftKeypair] }) kept: LeftKeypair[];
}

export class Remark {
  @ApiProperty({ description: 'A machine-readable code; docs/errors.md lists the reasons for refusal.' }) code: string;
  @ApiProperty() message: string;
}

export class KeyCheck extends DescribedKey {
  @ApiProperty({ description: 'Whether the service would store the key.' }) acceptable: boolean;
  @ApiProperty({ type: [Remark], description: 'The reasons for which it would be refused.' }) reasons: Remark[];
  @ApiProperty({ type: [Remark], description: 'Guests that cannot use the key.' }) warnings: Remark[];
}
