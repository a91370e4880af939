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
  @ApiProperty({ description: 'Whose guest it is.' }) user_id: string;
  @ApiProperty() project_id: string;
  @ApiProperty() availability_zone: string;
  @ApiProperty({ description: 'The network that its addresses are unique in.' }) network: string;
  @ApiProperty({ type: [String], description: 'In canonical form.' }) addresses: string[];
  @ApiProperty({ type: [String], description: 'The keypairs that it trusts.' }) key_names: string[];
  @ApiProperty({ description: 'Whether it receives its keypairs as they are when it asks, and not copies.' })
  follow_keys: boolean;
  @ApiProperty({
    oneOf: [{ type: 'boolean' }, { type: 'string', enum: ['sshd'] }],
    description: 'Whether it accepts SSH certificates; sshd: in the configuration of sshd.',
  })
  ssh_ca: boolean | 'sshd';
  @ApiProperty({ enum: ['owner', 'project'], description: 'Who may ask for certificates that it accepts.' })
  ssh_access: 'owner' | 'project';
  @ApiProperty({ type: [String], description: 'The accounts that live keys, and certificates with sshd, are for.' })
  login_users: string[];
  @Time() created_at: string;
  @TimeOrNull() updated_at: string | null;
  @TimeOrNull('When it last read its metadata over the network, to the minute; UTC.') last_fetched_at: string | null;
  @ApiProperty({
    type: 'string',
    maxLength: 64,
    pattern: AGENT,
    nullable: true,
    description: 'The program that read it, as it named itself; null behind Neutron, which does not pass it on.',
  })
  agent: string | null;
}

export class TrustedKey {
  @ApiProperty() name: string;
  @ApiProperty({ enum: Object.values(KeypairType) }) type: KeypairType;
  @ApiProperty({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2})+$' }) fingerprint: string;
  @ApiProperty({ description: 'As delivered to the guest: written anew from the parsed key.' }) public_key: string;
  @ApiProperty({
    enum: ['own', 'project'],
    description: "Whose keypair it is a copy of: the owner's, or the project's.",
  })
  scope: 'own' | 'project';
}

export class ShownGuest extends ListedGuest {
  @ApiProperty({ type: [TrustedKey], description: 'Copies of the keypairs, made when they were named.' })
  keys: TrustedKey[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) metadata: Record<string, string>;
  @ApiProperty({ type: 'string', nullable: true, description: 'Base64.' }) user_data: string | null;
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, description: 'As it was given.' })
  vendor_data: object | null;
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, description: 'As it was given.' })
  network_data: object | null;
}

export class NextGuests extends PageLink {}

export class GuestPassword {
  @ApiProperty({ description: 'Encrypted by the guest and in base64; empty where it left none.' }) password: string;
}

export class NoCloudToken {
  @ApiProperty({
    pattern: '^[A-Za-z0-9_-]{43}$',
    description: 'Shown once. The guest reads /nocloud/TOKEN/ID/ of the metadata listener, from any address.',
  })
  nocloud_token: string;
}
