import { md5 } from '../../crypto/md5.js';
import { typeOfText } from '../../crypto/key-types.js';
import type { FingerprintKind } from './fingerprint-kinds.js';
import { PAIR_TYPES, withColons } from './pair-types.js';

/**
 * The fingerprint of a public key as `ssh-keygen -l` writes it, or of a certificate as `openssl x509 -fingerprint` has it in
 * lower case. Undefined where the text is neither, as a service with looser rules may have it.
 */
export function fingerprintOf(text: string, kind: FingerprintKind): string | undefined {
  const { bytesOf, sha256Of } = PAIR_TYPES[typeOfText(text)];
  try {
    const bytes = bytesOf(text);
    return kind === 'md5' ? withColons(md5(bytes)) : sha256Of(bytes);
  } catch {
    return undefined;
  }
}
