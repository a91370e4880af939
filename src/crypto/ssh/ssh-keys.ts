import { createPublicKey, type KeyObject } from 'node:crypto';
import { KeypairType } from '../../domain/keypair-type.js';
import { contentOf, partsOf } from '../asn1/der-check.js';
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
      const { fingerprint, number } = parseSshPublicKey(text, policy);
      const flaw = policy === 'strict' ? listed.flawOf({ number, sshFingerprint: () => fingerprint }) : undefined;
      if (flaw !== undefined) throw new InvalidKey('listed-weak', `${flaw}.`);
      return { type: KeypairType.Ssh, fingerprint };
    },
    async generate() {
      const key = await makeRsa();
      // RFC 8017, A.1.1: PKCS#1 writes modulus and exponent as SSH does.
      const pkcs1 = createPublicKey(key).export({ type: 'pkcs1', format: 'der' });
      const [modulus, exponent] = partsOf(pkcs1).map(contentOf);
      const blob = sshRsaBlob(exponent, modulus);
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
