import { linksOf } from '../http/pages.js';
import { projectOf } from '../domain/keypair-owner.js';
import type { StoredCertificate } from '../persistence/repositories/ssh-certificate.repository.js';
import { authorityFingerprint, type AuthorityKey, authorityLine } from '../ssh-ca/ssh-authority.js';
import type { SignedCertificate } from './certificates.service.js';

/** `{"certificate": {...}}`: the certificate, which is returned only once. */
export function showCertificate({ row, serial, line, signerKey }: SignedCertificate): object {
  return {
    certificate: {
      serial: Number(serial),
      key_id: row.keyId,
      keypair: row.keypair,
      principals: row.principals,
      valid_after: row.validAfter,
      valid_before: row.validBefore,
      certificate: line,
      ca_fingerprint: authorityFingerprint(signerKey),
    },
  };
}

/** `{"certificates": [...], "certificates_links": [...]}`; the link leads to the next page, if there may be one. */
export function listCertificates(rows: readonly StoredCertificate[], next: string | undefined): object {
  return {
    certificates: rows.map((row) => ({
      serial: Number(row.serial),
      key_id: row.keyId,
      keypair: row.keypair,
      principals: row.principals,
      valid_after: row.validAfter,
      valid_before: row.validBefore,
      user_id: row.userId,
      project_id: row.projectId,
      scope: projectOf(row.keypairOwner) === undefined ? 'own' : 'project',
      issued_at: row.issuedAt,
      revoked: row.isRevoked,
      revoked_at: row.revokedAt,
    })),
    ...linksOf('certificates', next),
  };
}

export function showAuthority(keys: readonly AuthorityKey[]): object {
  return {
    user: {
      keys: keys.map(({ blob, state }) => ({
        public_key: authorityLine(blob),
        fingerprint: authorityFingerprint(blob),
        state,
      })),
    },
  };
}
