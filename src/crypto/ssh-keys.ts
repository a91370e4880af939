import { createPublicKey, type KeyObject } from 'node:crypto';
import { KeypairType } from '../persistence/keypair-type.js';
import type { KeyKind } from './key-kinds.js';
import type { KeyPolicy } from './key-policy.js';
import { parseSshPublicKey, sshLine, sshLineForGuest } from './ssh.js';
import { sshRsaBlob } from './ssh-rsa-blob.js';
import { sshFingerprint } from './fingerprint.js';

// Nova's comment; tools recognise generated keys by it.
const COMMENT = 'Generated-by-Nova';

/** SSH keys: imported of every kind, generated as RSA. */
export function sshKeys(policy: KeyPolicy, makeRsa: () => Promise<KeyObject>): KeyKind {
  return {
    inspect(text) {
      return { type: KeypairType.Ssh, fingerprint: parseSshPublicKey(text, policy).fingerprint };
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
