import { createHash } from 'node:crypto';
import { md5 } from '../../crypto/md5.js';
import { parseSshPublicKey } from '../../crypto/ssh/ssh.js';
import { kindOfText } from '../../crypto/text-kind.js';
import { parseCertificate } from '../../crypto/x509/x509.js';
import type { FingerprintKind } from './fingerprint-kinds.js';

/**
 * The fingerprint of a public key as `ssh-keygen -l` writes it, or of a certificate as `openssl x509 -fingerprint` has it in
 * lower case. Undefined where the text is neither, as a service with looser rules may have it.
 */
export function fingerprintOf(text: string, kind: FingerprintKind): string | undefined {
  try {
    const isCertificate = kindOfText(text) === 'an X.509 certificate';
    const bytes = isCertificate ? parseCertificate(text, { policy: 'nova' }).der : parseSshPublicKey(text, 'nova').blob;
    if (kind === 'md5') return withColons(md5(bytes));
    const hash = createHash('sha256').update(bytes);
    return isCertificate ? withColons(hash.digest('hex')) : `SHA256:${hash.digest('base64').replace(/=+$/, '')}`;
  } catch {
    return undefined;
  }
}

function withColons(hex: string): string {
  return hex.replaceAll(/..(?!$)/g, '$&:');
}
