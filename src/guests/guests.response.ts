import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time, TimeOrNull } from '../http/shapes/response-form.js';
import { KeypairType } from '../domain/keypair-type.js';

/** What answers about guests hold, for OpenAPI; `guests.view.ts` writes them. */

const AGENT = '^[A-Za-z0-9][A-Za-z0-9._+/-]*$';

export class ListedGuest {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() name: string;
  @ApiProperty() hostname: string;
  @ApiProperty({ description: 'The owner of the guest.' }) user_id: string;
  @ApiProperty() project_id: string;
  @ApiProperty() availability_zone: string;
  @ApiProperty({ description: 'The network within which its addresses are unique.' }) network: string;
  @ApiProperty({ type: [String], description: 'Its IP addresses in canonical form.' }) addresses: string[];
  @ApiProperty({ type: [String], description: 'The names of its keypairs.' }) key_names: string[];
  @ApiProperty({ description: 'Whether it receives the current keys of its keypairs instead of copies.' })
  follow_keys: boolean;
  @ApiProperty({
    oneOf: [{ type: 'boolean' }, { type: 'string', enum: ['sshd'] }],
    description: 'Whether it accepts SSH certificates; `sshd`: through its sshd configuration.',
  })
  ssh_ca: boolean | 'sshd';
  @ApiProperty({ enum: ['owner', 'project'], description: 'Who may request certificates that it accepts.' })
  ssh_access: 'owner' | 'project';
  @ApiProperty({
    type: [String],
    description: 'The accounts that followed keys, and certificates with `sshd`, are valid for.',
  })
  login_users: string[];
  @Time() created_at: string;
  @TimeOrNull() updated_at: string | null;
  @TimeOrNull('When it last read its metadata over the network, in UTC, to the minute.') last_fetched_at: string | null;
  @ApiProperty({
    type: 'string',
    maxLength: 64,
    pattern: AGENT,
    nullable: true,
    description: 'The User-Agent that read it; null behind Neutron, which does not forward it.',
  })
  agent: string | null;
}

export class TrustedKey {
  @ApiProperty() name: string;
  @ApiProperty({ enum: Object.values(KeypairType) }) type: KeypairType;
  @ApiProperty({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2})+$' }) fingerprint: string;
  @ApiProperty({ description: 'As delivered to the guest: rewritten from the parsed key.' }) public_key: string;
  @ApiProperty({
    enum: ['own', 'project'],
    description: 'Whether it comes from a keypair of the owner (`own`) or of the project.',
  })
  scope: 'own' | 'project';
}

export class ShownGuest extends ListedGuest {
  @ApiProperty({ type: [TrustedKey], description: 'Copies of the keypairs, taken when `key_names` was set.' })
  keys: TrustedKey[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) metadata: Record<string, string>;
  @ApiProperty({ type: 'string', nullable: true, description: 'In base64.' }) user_data: string | null;
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, description: 'Exactly as it was sent.' })
  vendor_data: object | null;
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, description: 'Exactly as it was sent.' })
  network_data: object | null;
}

export class NextGuests extends PageLink {}

export class GuestPassword {
  @ApiProperty({ description: 'Encrypted by the guest, in base64; empty if the guest has not posted one.' })
  password: string;
}

export class NoCloudToken {
  @ApiProperty({
    pattern: '^[A-Za-z0-9_-]{43}$',
    description:
      'Returned only once. With it the guest reads /nocloud/TOKEN/ID/ of the metadata listener from any address.',
  })
  nocloud_token: string;
}
