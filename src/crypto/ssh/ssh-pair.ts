import type { KeyObject } from 'node:crypto';
import { publicLine, writeOpenSsh } from '../../key-formats/openssh.js';
import type { KeyPairText } from '../key-pair-text.js';
import { NODE_WEB_CRYPTO, privateKeyOf } from '../node-web-crypto.js';

/**
 * An SSH pair: the private key in OpenSSH's own format, encrypted where there is a passphrase (bcrypt-pbkdf with
 * aes256-ctr, as ssh-keygen does it), the public key as one line.
 */
export async function sshPair(key: KeyObject, comment: string, passphrase?: string): Promise<KeyPairText> {
  const written = privateKeyOf(key);
  return {
    publicKey: `${publicLine(written, comment)}\n`,
    privateKey: Buffer.from(await writeOpenSsh(NODE_WEB_CRYPTO, written, comment, passphrase)),
  };
}
