import type { KeyObject } from 'node:crypto';
import { isEncrypted, readRsaPrivateKey } from '../../crypto/read-private-key.js';
import { decryptPkcs1 } from '../../crypto/rsa/decrypt-pkcs1.js';
import { CliError, UsageError } from '../cli-error.js';
import { readInput } from '../files/read-input.js';
import { askSecret } from '../prompt.js';

/** Decrypts the password of cloudbase-init: base64 of RSA with PKCS#1 v1.5, for the first key of the guest. Throws CliError. */
export async function decryptPassword(base64: string, file: string): Promise<string> {
  const key = await readRsaKey(file);
  const password = decryptPkcs1(key, Buffer.from(base64, 'base64'));
  if (password === undefined) {
    throw new CliError(
      `${file} is not the key that the password is encrypted for; name that of the guest's first keypair.`,
    );
  }
  return password.toString();
}

/** A private key in OpenSSH's format or in PEM; prompts for a passphrase on the terminal. */
async function readRsaKey(file: string): Promise<KeyObject> {
  const text = await readInput(file);
  const key =
    readRsaPrivateKey(text) ?? (isEncrypted(text) ? readRsaPrivateKey(text, await askPassphrase(file)) : undefined);
  if (key === undefined) {
    throw new UsageError(`${file} cannot be read as a private key, or the passphrase is wrong.`);
  }
  if (key !== 'not RSA') return key;
  throw new UsageError(`${file} is no RSA key, and Windows encrypts its password for RSA keys only.`);
}

function askPassphrase(file: string): Promise<string> {
  if (process.stdin.isTTY) return askSecret(`Passphrase of ${file}: `);
  throw new UsageError(`${file} has a passphrase; run this on a terminal, which prompts for it.`);
}
