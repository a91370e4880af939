import { ApiProperty } from '@nestjs/swagger';
import { PageLink } from '../http/pages.js';
import { Time, TimeOrNull } from '../http/shapes/response-form.js';

/** What answers about certificates hold, for OpenAPI; `ssh-certificates.view.ts` writes them. */

class CertificateFields {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Given once, and never again.' }) serial: number;
  @ApiProperty({ description: 'What sshd writes to its log: the user, the keypair and the request.' }) key_id: string;
  @ApiProperty({ description: 'The keypair that is certified.' }) keypair: string;
  @ApiProperty({ type: [String], description: 'Whom it lets in: a guest that accepts one of them.' })
  principals: string[];
  @Time() valid_after: string;
  @Time() valid_before: string;
}

export class SignedCertificate extends CertificateFields {
  @ApiProperty({ description: 'The line of a -cert.pub file.' }) certificate: string;
  @ApiProperty({ pattern: '^SHA256:[A-Za-z0-9+/]{43}$', description: 'Of the key that signed.' })
  ca_fingerprint: string;
}

export class ListedCertificate extends CertificateFields {
  @ApiProperty({ description: 'The user who requested it.' }) user_id: string;
  @ApiProperty({ type: 'string', nullable: true }) project_id: string | null;
  @ApiProperty({ enum: ['own', 'project'], description: 'Whose keypair it is.' }) scope: 'own' | 'project';
  @Time() issued_at: string;
  @ApiProperty({ description: 'Whether it was revoked, or its keypair is deleted, expired or has another key.' })
  revoked: boolean;
  @TimeOrNull('When it was revoked itself; UTC.') revoked_at: string | null;
}

export class NextCertificates extends PageLink {}

export class ShownAuthorityKey {
  @ApiProperty({ description: 'A line of authorized_keys, without cert-authority in front.' }) public_key: string;
  @ApiProperty({ pattern: '^SHA256:[A-Za-z0-9+/]{43}$' }) fingerprint: string;
  @ApiProperty({ enum: ['active', 'next', 'retired'], description: 'It signs, will sign, or signed.' }) state: string;
}

export class UserAuthority {
  @ApiProperty({ type: [ShownAuthorityKey] }) keys: ShownAuthorityKey[];
}
