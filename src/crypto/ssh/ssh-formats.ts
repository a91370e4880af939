import { flawOfEd25519 } from '../curves/ed25519-point.js';
import { ELLIPTIC_CURVES, flawOfPoint, weaknessOfPoint } from '../curves/elliptic-curves.js';
import { bitLength, bytesOf } from '../rsa/integer-math.js';
import type { KeyPolicy } from '../key-type.js';
import { InvalidKey, throwFlaw } from '../invalid-key.js';
import { flawOfRsa, weaknessOfRsa } from '../rsa/rsa-weakness.js';
import type { SshWire } from './ssh-wire.js';
import { unsafeCharacter } from '../unsafe-text.js';

/**
 * Reads what follows the type in a key's blob, and throws InvalidKey unless the policy accepts the key. Returns the number by
 * which lists identify the key: the RSA modulus, the x of a point, the Ed25519 key.
 */
export type SshFormat = (wire: SshWire, policy: KeyPolicy) => Buffer;

/** RFC 4253, section 6.6. */
function rsa(wire: SshWire, policy: KeyPolicy): Buffer {
  const exponent = wire.positive('the RSA exponent');
  const modulus = wire.positive('the RSA modulus');
  throwFlaw(flawOfRsa({ modulus, exponent }));
  if (policy === 'strict') throwFlaw(weaknessOfRsa({ modulus, exponent }));
  return bytesOf(modulus);
}

/** RFC 4253, section 6.6. OpenSSH and Nova know no sizes but 1024 bits with 160. */
function dss(wire: SshWire): Buffer {
  const p = wire.positive('the DSA prime p');
  const q = wire.positive('the DSA prime q');
  const g = wire.positive('the DSA generator g');
  const y = wire.positive('the DSA value y');
  if (bitLength(p) !== 1024 || bitLength(q) !== 160)
    throw new InvalidKey('dsa', 'DSA keys of SSH have 1024 bits; use Ed25519.');
  if (g < 2n || g >= p || y >= p) throw new InvalidKey('dsa', 'its DSA numbers do not fit each other; make a new key.');
  return bytesOf(y);
}

/** RFC 5656, section 3.1. */
function ecdsa(curve: keyof typeof ELLIPTIC_CURVES): SshFormat {
  return (wire, policy) => {
    const named = wire.name('the name of the curve');
    if (named !== curve)
      throw new InvalidKey(
        'type-mismatch',
        `the key says ecdsa-sha2-${curve} and is for another curve; copy it whole.`,
      );
    const point = wire.string('the point');
    throwFlaw(flawOfPoint(point, ELLIPTIC_CURVES[curve]));
    if (policy === 'strict') throwFlaw(weaknessOfPoint(point, ELLIPTIC_CURVES[curve]));
    return point.subarray(1, 1 + ELLIPTIC_CURVES[curve].bytes);
  };
}

/** RFC 8709, section 4. */
function ed25519(wire: SshWire, policy: KeyPolicy): Buffer {
  const key = wire.string('the Ed25519 key');
  if (key.length !== 32)
    throw new InvalidKey('truncated', `Ed25519 keys have 32 bytes and this has ${key.length}; copy it whole.`);
  if (policy === 'strict') throwFlaw(flawOfEd25519(key));
  return key;
}

/** OpenSSH's PROTOCOL.u2f: a key as of the plain type, then the application. */
function onSecurityKey(format: SshFormat): SshFormat {
  return (wire, policy) => {
    const number = format(wire, policy);
    const application = wire.string('the application');
    const text = application.toString('utf8');
    if (!Buffer.from(text).equals(application) || unsafeCharacter(text) !== undefined) {
      throw new InvalidKey(
        'unsafe-character',
        'the application of the security key must be printable text, such as "ssh:".',
      );
    }
    return number;
  };
}

/** The formats by the first word of the line, which the blob repeats. */
export const SSH_FORMATS: ReadonlyMap<string, SshFormat> = new Map<string, SshFormat>([
  ['ssh-ed25519', ed25519],
  ['ssh-rsa', rsa],
  ['ecdsa-sha2-nistp256', ecdsa('nistp256')],
  ['ecdsa-sha2-nistp384', ecdsa('nistp384')],
  ['ecdsa-sha2-nistp521', ecdsa('nistp521')],
  ['sk-ssh-ed25519@openssh.com', onSecurityKey(ed25519)],
  ['sk-ecdsa-sha2-nistp256@openssh.com', onSecurityKey(ecdsa('nistp256'))],
]);

/** Formats that only the `nova` policy takes, plain or in a certificate. */
export const OLD_SSH_FORMATS: ReadonlyMap<string, SshFormat> = new Map<string, SshFormat>([['ssh-dss', dss]]);
