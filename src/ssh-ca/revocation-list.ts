import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { sha256 } from '../crypto/fingerprint.js';
import { writeKrl } from '../crypto/ssh/krl.js';
import { SshCertificateRepository } from '../persistence/repositories/ssh-certificate.repository.js';
import { SshAuthority } from './ssh-authority.js';

/** The list of revoked certificates, in OpenSSH's format. */
export interface Krl {
  readonly content: Buffer;
  /** The entity tag, in quotes; equal lists have equal tags. */
  readonly etag: string;
}

/** Guests request it every minute, without a token. */
const TTL_MS = 1000;

/** The certificates that guests must refuse although they have not expired. */
@Injectable()
export class RevocationList {
  private readonly written = new LRUCache<'krl', Promise<Krl>>({ max: 1, ttl: TTL_MS });

  constructor(
    private readonly authority: SshAuthority,
    private readonly certificates: SshCertificateRepository,
  ) {}

  /** The list, at most a second old. Throws SshCaOff. */
  krl(): Promise<Krl> {
    const known = this.written.get('krl');
    if (known) return known;
    const written = this.write();
    this.written.set('krl', written);
    written.catch(() => this.written.delete('krl'));
    return written;
  }

  private async write(): Promise<Krl> {
    const keys = await this.authority.keys();
    const serials = await this.certificates.revokedSerials();
    const content = writeKrl(
      keys.map(({ blob }) => blob),
      serials,
    );
    return { content, etag: `"${sha256(content).toString('base64url')}"` };
  }
}
