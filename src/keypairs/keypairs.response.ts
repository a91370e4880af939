import { ApiProperty, OmitType } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';
import { PageLink } from '../http/pages.js';
import { type ResponseForm, Time, TimeOrNull } from '../http/shapes/response-form.js';
import { KeypairType } from '../domain/keypair-type.js';

/** What answers hold, for OpenAPI; `keypairs.view.ts` writes them. Clients check answers strictly, so every one is closed. */

const Name = (): PropertyDecorator => ApiProperty({ description: 'Unique among the keypairs of its owner.' });
const PublicKey = (): PropertyDecorator => ApiProperty({ description: 'Exactly as it was imported, byte for byte.' });
const Fingerprint = (): PropertyDecorator =>
  ApiProperty({
    description: 'The MD5 digest of an SSH key, or the SHA-1 digest of a certificate.',
    pattern: '^[0-9a-f]{2}(:[0-9a-f]{2})+$',
  });
const UserId = (): PropertyDecorator => ApiProperty({ description: 'The owner of the keypair.' });
const Type = (): PropertyDecorator => ApiProperty({ enum: Object.values(KeypairType) });
const KeyType = (): PropertyDecorator => ApiProperty({ enum: ['SSH', 'X509'] });

export class CreatedKeypair {
  @Name() name: string;
  @PublicKey() public_key: string;
  @Fingerprint() fingerprint: string;
  @UserId() user_id: string;
  @ApiProperty({
    required: false,
    description:
      'Present if the server generated the key pair, and never returned again. PEM for SSH, base64-encoded PKCS#12 for X.509.',
  })
  private_key?: string;
}
export class CreatedExtendedKeypair extends CreatedKeypair {
  @KeyType() key_type: string;
}
export class CreatedTypedKeypair extends CreatedKeypair {
  @Type() type: KeypairType;
}
export class RegisteredKeypair extends OmitType(CreatedTypedKeypair, ['private_key']) {}

export class ListedKeypair {
  @Name() name: string;
  @PublicKey() public_key: string;
  @Fingerprint() fingerprint: string;
}
export class ListedExtendedKeypair extends ListedKeypair {
  @KeyType() key_type: string;
}
export class ListedTypedKeypair extends ListedKeypair {
  @Type() type: KeypairType;
}

export class ShownKeypair extends ListedKeypair {
  @UserId() user_id: string;
  @ApiProperty({ type: 'integer' }) id: number;
  @Time() created_at: string;
  @TimeOrNull() updated_at: string | null;
  @ApiProperty({ enum: [false] }) deleted: boolean;
  @ApiProperty({ type: 'string', nullable: true, enum: [null], description: 'Always null.' }) deleted_at: null;
}

export class ShownExtendedKeypair extends ShownKeypair {
  @KeyType() key_type: string;
}
export class ShownTypedKeypair extends ShownKeypair {
  @Type() type: KeypairType;
}

/** An answer that holds one of these. */
export const inKeypairReply = (shape: ClassConstructor<object>): ResponseForm => ({ keypair: shape });

/** A list of them, from 2.35 on with a link to the next page where there may be one. */
export const listReply = (shape: ClassConstructor<object>): ResponseForm => ({ keypairs: [{ keypair: shape }] });
export const pagedReply = (shape: ClassConstructor<object>): ResponseForm => ({
  keypairs: [{ keypair: shape }],
  'keypairs_links?': [PageLink],
});
