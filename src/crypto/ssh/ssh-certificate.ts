import type { KeyPolicy } from '../key-policy.js';
import { InvalidKey } from '../invalid-key.js';
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
  wire.skipUint64('the serial number');
  const kind = wire.uint32('the kind of certificate');
  if (kind !== USER && kind !== HOST)
    throw new InvalidKey('openssh-certificate', 'the certificate is neither for users nor for hosts.');
  wire.string('the key id');
  const principals = new SshWire(wire.string('the principals'));
  while (!principals.done) principals.string('a principal');
  wire.skipUint64('the start of validity');
  wire.skipUint64('the end of validity');
  readOptions(wire.string('the critical options'));
  readOptions(wire.string('the extensions'));
  wire.string('the reserved field');
  const signer = new SshWire(wire.string('the key that signed')).name('the type of the key that signed');
  readSignature(wire.string('the signature'), signer);
}

const USER = 1;
const HOST = 2;

/** Pairs of a name and a value, in the order of names; the value, if it is not empty, is a string inside the string. */
function readOptions(bytes: Buffer): void {
  const options = new SshWire(bytes);
  let last: string | undefined;
  while (!options.done) {
    const name = options.name('the name of an option');
    if (last !== undefined && name <= last)
      throw new InvalidKey('openssh-certificate', 'the options of the certificate are not in order.');
    last = name;
    const value = options.string('the value of an option');
    if (value.length === 0) continue;
    const inner = new SshWire(value);
    inner.string('the value of an option');
    inner.end();
  }
}

function readSignature(bytes: Buffer, signer: string): void {
  const signature = new SshWire(bytes);
  if (!mayBeSignedWith(signer, signature.name('the type of the signature'))) {
    throw new InvalidKey(
      'openssh-certificate',
      'the signature of the certificate is not of the kind that its signing key makes; copy it whole.',
    );
  }
  signature.string('the signature');
  signature.end();
}

// RFC 8332: RSA keys sign with three kinds of signature; all other types with their own.
function mayBeSignedWith(key: string, signature: string): boolean {
  return key === 'ssh-rsa' ? ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].includes(signature) : key === signature;
}
