import type { KeyObject } from 'node:crypto';
import sshpk from 'sshpk';
import type { KeyPairText } from '../key-pair-text.js';

/**
 * An SSH pair: the private key in OpenSSH's own format, encrypted where there is a passphrase (bcrypt-pbkdf with
 * aes256-ctr, as ssh-keygen does it), the public key as one line.
 */
export function sshPair(key: KeyObject, comment: string, passphrase?: string): KeyPairText {
  const parsed = sshpk.parsePrivateKey(key.export({ type: 'pkcs8', format: 'pem' }), 'pem');
  parsed.comment = comment;
  // Without the cipher sshpk would take aes128-ctr; its types know of neither option.
  const options = passphrase === undefined ? undefined : ({ passphrase, cipher: 'aes256-ctr' } as object);
  return {
    publicKey: `${parsed.toPublic().toString('ssh')}\n`,
    privateKey: parsed.toBuffer('ssh-private', options),
  };
}
