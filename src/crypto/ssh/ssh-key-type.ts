import { createPublicKey } from 'node:crypto';
import { contentOf, partsOf } from '../asn1/der-check.js';
import { sha256, showSshSha256, sshFingerprint } from '../fingerprint.js';
import { throwFlaw } from '../invalid-key.js';
import { sizeOfSshKey } from '../key-size.js';
import type { KeyType } from '../key-type.js';
import { BUNDLED_KEYS } from '../listed-keys.js';
import { parseSshPublicKey, parseStoredKey, sshLine, sshLineForGuest } from './ssh.js';
import { sshRsaBlob } from './ssh-rsa-blob.js';
import { beginsLikeSshKey } from './ssh-type.js';

// Nova's comment; tools recognise generated keys by it.
const COMMENT = 'Generated-by-Nova';

/** SSH keys: imported of every algorithm, generated as RSA. */
export const SSH_KEY_TYPE: KeyType = {
  matches: beginsLikeSshKey,
  refusalPrefix: 'Keypair data is invalid: failed to generate fingerprint: ',
  inspect(text, { policy, listed = BUNDLED_KEYS }) {
    const { blob, fingerprint, number } = parseSshPublicKey(text, policy);
    if (policy === 'strict') throwFlaw(listed.flawOf({ number, sshFingerprint: () => fingerprint }));
    return { fingerprint, sha256: sha256(blob) };
  },
  describe(text) {
    const { type: algorithm, blob, comment } = parseStoredKey(text);
    return { bytes: blob, algorithm, bits: sizeOfSshKey(algorithm, blob), comment, certificate: undefined };
  },
  fingerprintKind: 'md5',
  fingerprintOf: sshFingerprint,
  showSha256: showSshSha256,
  async generate({ makeRsa }) {
    const key = await makeRsa();
    // RFC 8017, A.1.1: PKCS#1 writes modulus and exponent as SSH does.
    const pkcs1 = createPublicKey(key).export({ type: 'pkcs1', format: 'der' });
    const [modulus, exponent] = partsOf(pkcs1).map(contentOf);
    const blob = sshRsaBlob(exponent, modulus);
    return {
      fingerprint: sshFingerprint(blob),
      sha256: sha256(blob),
      publicKey: sshLine({ type: 'ssh-rsa', blob, comment: COMMENT }),
      privateKey: key.export({ type: 'pkcs1', format: 'pem' }).toString(),
    };
  },
  algorithmOf: (publicKey) => publicKey.trimStart().split(/\s/, 1)[0],
  forGuest: sshLineForGuest,
  metadataMember: 'public_keys',
  metadataValue: (line) => line,
  isInEc2: true,
  endOf: undefined,
};
