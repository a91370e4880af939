import type { KeyPolicy } from '../key-type.js';
import { InvalidKey } from '../invalid-key.js';
import type { SshFormat } from './ssh-formats.js';
import { SshWire } from './ssh-wire.js';

/** What OpenSSH adds to the type of a key in a certificate. */
export const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';

/**
 * Reads what follows the type in the blob of an OpenSSH certificate: OpenSSH's PROTOCOL.certkeys. Like Nova it looks
 * neither at the dates nor at the signature, which the host checks at log-in.
 */
export function readSshCertificate(format: SshFormat, wire: SshWire, policy: KeyPolicy): Buffer {
  wire.string('the nonce');
  const number = format(wire, policy);
  wire.skip(8, 'the serial number');
  const kind = wire.uint32('the kind of certificate');
  if (kind !== USER && kind !== HOST)
    throw new InvalidKey('openssh-certificate', 'the certificate is neither for users nor for hosts.');
  wire.string('the key id');
  const principals = new SshWire(wire.string('the principals'));
  while (!principals.done) principals.string('a principal');
  wire.skip(8, 'the start of validity');
  wire.skip(8, 'the end of validity');
  readOptions(wire.string('the critical options'));
  readOptions(wire.string('the extensions'));
  wire.string('the reserved field');
  const signer = new SshWire(wire.string('the key that signed')).name('the type of the key that signed');
  readSignature(wire.string('the signature'), signer);
  return number;
}

const USER = 1;
const HOST = 2;

/** Pairs of a name and a value, in any order as OpenSSH and Nova accept them; the value, if it is not empty, is a string inside the string. */
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

function readSignature(bytes: Buffer, signer: string): void {
  const signature = new SshWire(bytes);
  const type = signature.name('the type of the signature');
  if (!mayBeSignedWith(signer, type)) {
    throw new InvalidKey(
      'openssh-certificate',
      'the signature of the certificate is not of the kind that its signing key makes; copy it whole.',
    );
  }
  signature.string('the signature');
  // OpenSSH's PROTOCOL.u2f: flags and a counter follow; of a browser, also its origin, the client data and extensions.
  if (signer.startsWith('sk-')) signature.skip(5, 'the flags and the counter of the signature');
  if (type === WEBAUTHN) for (const what of ['origin', 'client data', 'extensions']) signature.string(`the ${what}`);
  signature.end();
}

const WEBAUTHN = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';

// RFC 8332: RSA keys sign with three kinds of signature; ECDSA keys of security keys also through a browser; others with their own.
function mayBeSignedWith(key: string, signature: string): boolean {
  if (key === 'sk-ecdsa-sha2-nistp256@openssh.com' && signature === WEBAUTHN) return true;
  return key === 'ssh-rsa' ? ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].includes(signature) : key === signature;
}
