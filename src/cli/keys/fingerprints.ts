import { sha256, withColons } from '../../crypto/fingerprint.js';
import { KEY_TYPES, typeOfText } from '../../crypto/key-types.js';
import { md5 } from '../../crypto/md5.js';

/** Fingerprints that can be shown in place of the service's. */
export type FingerprintKind = 'sha256' | 'md5';

/**
 * The fingerprint of a public key as `ssh-keygen -l` writes it, or of a certificate as `openssl x509 -fingerprint` has it in
 * lower case. Undefined where the text is neither, as a service with looser rules may have it.
 */
export function fingerprintOf(text: string, kind: FingerprintKind): string | undefined {
  const { describe, showSha256 } = KEY_TYPES[typeOfText(text)];
  try {
    const { bytes } = describe(text);
    return kind === 'md5' ? withColons(md5(bytes)) : showSha256(sha256(bytes));
  } catch {
    return undefined;
  }
}
