import { createPrivateKey, type KeyObject } from 'node:crypto';
import sshpk from 'sshpk';

/** Reads an RSA private key in OpenSSH's format or in PEM; undefined if the text is not a private key or the passphrase is wrong. */
export function readRsaPrivateKey(text: string, passphrase?: string): KeyObject | 'not RSA' | undefined {
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    if (isOpenSsh(text)) {
      const parsed = sshpk.parsePrivateKey(text, 'auto', secret);
      return parsed.type === 'rsa' ? createPrivateKey(parsed.toString('pkcs1')) : 'not RSA';
    }
    // PEM goes through Node, which knows every cipher that OpenSSL encrypts keys with.
    const key = createPrivateKey({ key: text, ...secret });
    return key.asymmetricKeyType === 'rsa' ? key : 'not RSA';
  } catch {
    return undefined;
  }
}

/** Whether a private key needs a passphrase. */
export function isEncrypted(text: string): boolean {
  if (text.includes('ENCRYPTED')) return true;
  try {
    sshpk.parsePrivateKey(text, 'auto');
    return false;
  } catch (error) {
    return (error as Error).name === 'KeyEncryptedError';
  }
}

const isOpenSsh = (text: string): boolean => text.includes('BEGIN OPENSSH');
