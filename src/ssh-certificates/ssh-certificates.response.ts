import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time, TimeOrNull } from '../http/shapes/response-form.js';

/** What answers about certificates hold, for OpenAPI; `ssh-certificates.view.ts` writes them. */

class CertificateFields {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Unique; never reused.' }) serial: number;
  @ApiProperty({ description: 'What sshd logs: user, keypair and request id.' }) key_id: string;
  @ApiProperty({ description: 'The name of the certified keypair.' }) keypair: string;
  @ApiProperty({ type: [String], description: 'A guest admits the holder if it accepts one of these principals.' })
  principals: string[];
  @Time() valid_after: string;
  @Time() valid_before: string;
}

export class SignedCertificate extends CertificateFields {
  @ApiProperty({ description: 'The certificate as the line of a `-cert.pub` file.' }) certificate: string;
  @ApiProperty({ pattern: '^SHA256:[A-Za-z0-9+/]{43}$', description: 'The fingerprint of the signing key.' })
  ca_fingerprint: string;
}

export class ListedCertificate extends CertificateFields {
  @ApiProperty({ description: 'The user who requested it.' }) user_id: string;
  @ApiProperty({ type: 'string', nullable: true }) project_id: string | null;
  @ApiProperty({
    enum: ['own', 'project'],
    description: 'Whether the keypair belongs to the user (`own`) or to the project.',
  })
  scope: 'own' | 'project';
  @Time() issued_at: string;
  @ApiProperty({
    description:
      'Whether it is no longer accepted: it was revoked, or its keypair was deleted, expired or got another key.',
  })
  revoked: boolean;
  @TimeOrNull('When the certificate itself was revoked, in UTC.') revoked_at: string | null;
}

export class NextCertificates extends PageLink {}

export class ShownAuthorityKey {
  @ApiProperty({ description: 'An authorized_keys line without the `cert-authority` option.' }) public_key: string;
  @ApiProperty({ pattern: '^SHA256:[A-Za-z0-9+/]{43}$' }) fingerprint: string;
  @ApiProperty({
    enum: ['active', 'next', 'retired'],
    description: '`active`: signs now. `next`: will sign. `retired`: no longer signs.',
  })
  state: string;
}

export class UserAuthority {
  @ApiProperty({ type: [ShownAuthorityKey] }) keys: ShownAuthorityKey[];
}
