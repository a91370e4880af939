import { createPublicKey, type KeyObject } from 'node:crypto';
import { KeypairType } from '../../domain/keypair-type.js';
import type { KeyKind } from '../key-kinds.js';
import type { KeyPolicy } from '../key-policy.js';
import type { ListedKeys } from '../listed-keys.js';
import { InvalidKey } from '../invalid-key.js';
import { parseSshPublicKey, sshLine, sshLineForGuest } from './ssh.js';
import { sshRsaBlob } from './ssh-rsa-blob.js';
import { sshFingerprint } from '../fingerprint.js';

// Nova's comment; tools recognise generated keys by it.
const COMMENT = 'Generated-by-Nova';

/** SSH keys: imported of every kind, generated as RSA. */
export function sshKeys(policy: KeyPolicy, listed: ListedKeys, makeRsa: () => Promise<KeyObject>): KeyKind {
  return {
    refusalPrefix: 'Keypair data is invalid: failed to generate fingerprint: ',
    inspect(text) {
      const { fingerprint } = parseSshPublicKey(text, policy);
      if (policy === 'strict' && listed.has(fingerprint)) {
        throw new InvalidKey(
          'listed-weak',
          'it is on the list of weak keys that others can make as well (CVE-2008-0166); make a new key.',
        );
      }
      return { type: KeypairType.Ssh, fingerprint };
    },
    async generate() {
      const key = await makeRsa();
      const blob = sshRsaBlob(createPublicKey(key));
      return {
        type: KeypairType.Ssh,
        fingerprint: sshFingerprint(blob),
        publicKey: sshLine({ type: 'ssh-rsa', blob, comment: COMMENT }),
        privateKey: key.export({ type: 'pkcs1', format: 'pem' }).toString(),
      };
    },
    forGuest: sshLineForGuest,
  };
}
