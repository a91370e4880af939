import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sshpk from 'sshpk';
import type { Secrets } from './secrets.js';

/** A private key from ssh-keygen, in its own format. It leaves no file in the directory. */
export function privateKeyOfSsh(directory: string): string {
  const file = join(directory, 'pasted');
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', file]);
  const text = readFileSync(file, 'utf8');
  for (const each of [file, `${file}.pub`]) rmSync(each);
  return text;
}

/** Registers a private key in PKCS#8 or PKCS#1 as a secret: each line, and the numbers that the public key does not have. */
export function keepPrivateKey(secrets: Secrets, what: string, pem: string): void {
  for (const line of pem.split('\n'))
    if (line.length > 20 && !line.startsWith('-')) secrets.add(what, line.slice(0, 60));
  const { d, p, q } = createPrivateKey(pem).export({ format: 'jwk' });
  for (const number of [d, p, q]) if (number !== undefined) secrets.add(what, Buffer.from(number, 'base64url'));
}

/** The same for a key in OpenSSH's own format; of an encrypted one only the numbers, which its file must not contain. */
export function keepOpenSshKey(secrets: Secrets, what: string, text: string, passphrase = ''): void {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('-'));
  // The public key comes first, and may be written anywhere.
  const own = passphrase === '' ? lines.slice(Math.ceil(lines.length / 2)) : [];
  for (const line of own) secrets.add(what, line.slice(0, 60));
  const key = sshpk.parsePrivateKey(text, 'ssh', { passphrase });
  const known = new Set(key.toPublic().parts.map(({ name }) => name));
  for (const { name, data } of key.parts) if (!known.has(name)) secrets.add(what, data);
}
