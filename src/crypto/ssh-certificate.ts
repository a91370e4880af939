import type { KeyPolicy } from './key-policy.js';
import { badSshKey } from './refusals.js';
import type { SshFormat } from './ssh-formats.js';
import { SshWire } from './ssh-wire.js';

/** What OpenSSH adds to the type of a key in a certificate. */
export const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';

/**
 * Reads what follows the type in the blob of an OpenSSH certificate: OpenSSH's PROTOCOL.certkeys. Like Nova it looks
 * neither at the dates nor at the signature: whoever logs in with it is checked by the host.
 */
export function readSshCertificate(format: SshFormat, wire: SshWire, policy: KeyPolicy): void {
  wire.string('the nonce');
  format(wire, policy);
  wire.skip(8, 'the serial number');
  wire.skip(4, 'the kind of certificate');
  wire.string('the key id');
  const principals = new SshWire(wire.string('the principals'));
  while (!principals.done) principals.string('a principal');
  wire.skip(8, 'the start of validity');
  wire.skip(8, 'the end of validity');
  readOptions(wire.string('the critical options'));
  readOptions(wire.string('the extensions'));
  wire.string('the reserved field');
  const signer = new SshWire(wire.string('the key that signed')).name('the type of the key that signed');
  const signature = new SshWire(wire.string('the signature')).name('the type of the signature');
  if (!mayBeSignedWith(signer, signature)) {
    throw badSshKey(`the signature of the certificate is not of the kind that its signing key makes; copy it whole.`);
  }
}

/** Pairs of a name and a value; the value, if it is not empty, is a string inside the string. */
function readOptions(bytes: Buffer): void {
  const options = new SshWire(bytes);
  while (!options.done) {
    options.string('the name of an option');
    const value = options.string('the value of an option');
    if (value.length === 0) continue;
    const inner = new SshWire(value);
    inner.string('the value of an option');
    inner.end();
  }
}

// RFC 8332: RSA keys sign with three kinds of signature; all other types with their own.
function mayBeSignedWith(key: string, signature: string): boolean {
  return key === 'ssh-rsa' ? ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].includes(signature) : key === signature;
}
