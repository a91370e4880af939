import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A public key made by ssh-keygen, as its .pub file has it. */
export function sshKeygen(...options: string[]): string {
  return inDirectory((directory) => {
    const file = join(directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-N', '', '-f', file, '-t', 'ed25519', ...options]);
    return readFileSync(`${file}.pub`, 'utf8');
  });
}

/** The MD5 fingerprint that ssh-keygen prints, without its prefix. */
export function sshFingerprint(publicKey: string): string {
  const output = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', '-'], { input: publicKey, encoding: 'utf8' });
  return /MD5:([0-9a-f:]+)/.exec(output)![1];
}

/** The SHA-256 fingerprint that ssh-keygen prints: `SHA256:` and base64. */
export function sshSha256(publicKey: string): string {
  return execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: publicKey, encoding: 'utf8' }).split(' ')[1];
}

/** A self-signed certificate made by openssl, as PEM. */
export function opensslCertificate(): string {
  return inDirectory((directory) => {
    const key = join(directory, 'key.pem');
    const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', '/CN=alice', '-days', '30'];
    return execFileSync('openssl', ['req', ...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  });
}

/** The SHA-1 fingerprint that openssl prints, as the API writes it. */
export function opensslFingerprint(certificate: string): string {
  const output = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha1'], {
    input: certificate,
    encoding: 'utf8',
  });
  return output.split('=')[1].trim().toLowerCase();
}

function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-keys-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
