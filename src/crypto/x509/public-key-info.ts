import type { X509Certificate } from 'node:crypto';
import { oid } from '../../key-formats/der.js';
import { contentOf, isOneDerValue, partsOf } from '../asn1/der-check.js';
import { flawOfEd25519 } from '../curves/ed25519-point.js';
import { sshFingerprint } from '../fingerprint.js';
import type { ListableKey } from '../listed-keys.js';
import { ELLIPTIC_CURVES, type EllipticCurve, flawOfPoint } from '../curves/elliptic-curves.js';
import type { KeyFlaw } from '../invalid-key.js';
import { flawOfRsa, weaknessOfRsa } from '../rsa/rsa-weakness.js';
import { sshRsaBlob } from '../ssh/ssh-rsa-blob.js';

/** The SubjectPublicKeyInfo of a certificate: RFC 5280, section 4.1.2.7. */
export interface PublicKeyInfo {
  /** The object identifier of the algorithm, in DER. */
  readonly algorithm: Buffer;
  /** What follows it, in DER; empty if nothing does. */
  readonly parameters: Buffer;
  /** The content of the bit string; undefined unless it is whole bytes. */
  readonly bits: Buffer | undefined;
}

/**
 * Reads the public key of a certificate that OpenSSL has loaded and that is one value in DER. OpenSSL 3 takes four times as
 * long to decode and export a key, and shows neither explicit curve parameters nor numbers that make no key.
 */
export function publicKeyOf(certificate: Buffer): PublicKeyInfo {
  const signed = partsOf(partsOf(certificate)[0]);
  const afterVersion = signed[0][0] === VERSION ? 1 : 0;
  const [algorithm, key] = partsOf(signed[afterVersion + 5]);
  const [identifier, parameters = Buffer.alloc(0)] = partsOf(algorithm);
  const bits = contentOf(key);
  return { algorithm: identifier, parameters, bits: bits[0] === 0 ? bits.subarray(1) : undefined };
}

const VERSION = 0xa0;
const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** Why the key of a certificate is not safe for log-ins; undefined if no weakness is known. */
export function flawOfPublicKey(info: PublicKeyInfo, certificate: X509Certificate): KeyFlaw | undefined {
  if (info.bits === undefined) return UNREADABLE;
  const check = KINDS.get(hexOf(info.algorithm));
  if (check !== undefined) return check(info.bits, info.parameters, certificate);
  return {
    code: 'unknown-type',
    reason: `keys of the kind ${nameOf(info.algorithm)} are not taken; use RSA, EC or Ed25519`,
  };
}

/** The values by which lists identify a key without flaws by `flawOfPublicKey`. */
export function listableKey({ bits = Buffer.alloc(0) }: PublicKeyInfo): ListableKey {
  if (bits[0] !== SEQUENCE || !isOneDerValue(bits)) {
    // A point: SEC 1, section 2.3.3. Its x has half the bytes, or all of them in compressed form.
    const end = bits[0] === 4 && bits.length % 2 === 1 ? (bits.length + 1) / 2 : bits.length;
    return { number: bits.length % 2 === 1 ? bits.subarray(1, end) : bits, sshFingerprint: () => undefined };
  }
  const [modulus, exponent] = partsOf(bits).map(contentOf);
  return { number: modulus, sshFingerprint: () => sshFingerprint(sshRsaBlob(exponent, modulus)) };
}

const UNREADABLE: KeyFlaw = {
  code: 'malformed',
  reason: 'the public key in it cannot be read; use RSA, EC or Ed25519',
};

type KeyCheck = (bits: Buffer, parameters: Buffer, certificate: X509Certificate) => KeyFlaw | undefined;

const KINDS: ReadonlyMap<string, KeyCheck> = new Map<string, KeyCheck>([
  [hexOf(oid('1.2.840.113549.1.1.1')), flawOfRsaBits],
  [hexOf(oid('1.2.840.10045.2.1')), flawOfEcBits],
  [hexOf(oid('1.3.101.112')), (bits) => (bits.length === 32 ? flawOfEd25519(bits) : UNREADABLE)],
]);

/** RFC 3279, section 2.3.1. */
function flawOfRsaBits(bits: Buffer): KeyFlaw | undefined {
  if (bits[0] !== SEQUENCE || !isOneDerValue(bits)) return UNREADABLE;
  const parts = partsOf(bits);
  if (parts.length !== 2 || !parts.every((part) => part[0] === INTEGER)) return UNREADABLE;
  const contents = parts.map(contentOf);
  if (!contents.every(isPositive)) {
    return {
      code: 'malformed-number',
      reason: 'its RSA modulus and exponent must be positive numbers, each in the fewest bytes; make a new key',
    };
  }
  const [modulus, exponent] = contents.map((content) => BigInt(`0x${hexOf(content)}`));
  return flawOfRsa({ modulus, exponent }) ?? weaknessOfRsa({ modulus, exponent });
}

/** X.690, 8.3.2: the first nine bits of a number are not all the same. */
function isPositive(content: Buffer): boolean {
  const [first, second] = content;
  return content.length > 0 && first < 0x80 && (first > 0 || (content.length > 1 && second >= 0x80));
}

/** RFC 5480, section 2. Curves: those of NIST, and those of RFC 5639 that governments require. */
const CURVES: ReadonlyMap<string, EllipticCurve | undefined> = new Map([
  [hexOf(oid('1.2.840.10045.3.1.7')), ELLIPTIC_CURVES.nistp256],
  [hexOf(oid('1.3.132.0.34')), ELLIPTIC_CURVES.nistp384],
  [hexOf(oid('1.3.132.0.35')), ELLIPTIC_CURVES.nistp521],
  ...['1.3.36.3.3.2.8.1.1.7', '1.3.36.3.3.2.8.1.1.11', '1.3.36.3.3.2.8.1.1.13'].map((curve): [string, undefined] => [
    hexOf(oid(curve)),
    undefined,
  ]),
]);

function flawOfEcBits(bits: Buffer, parameters: Buffer, certificate: X509Certificate): KeyFlaw | undefined {
  // RFC 5480, section 2.1.1 forbids them: a chosen generator makes a known key of any point (CVE-2020-0601).
  if (parameters[0] === SEQUENCE) {
    return {
      code: 'unknown-type',
      reason: 'it writes out the parameters of its curve instead of the name; make a new key on P-256 (CVE-2020-0601)',
    };
  }
  const id = hexOf(parameters);
  if (id === SM2) return { code: 'unknown-type', reason: 'keys of the kind sm2 are not taken; use RSA, EC or Ed25519' };
  if (!CURVES.has(id))
    return { code: 'unknown-type', reason: 'the curve of its key is not one in common use; use P-256, P-384 or P-521' };
  const curve = CURVES.get(id);
  if (curve !== undefined && bits[0] === 4) return flawOfPoint(bits, curve);
  // The single byte 0 is the point at infinity; RFC 5480, section 2.2 allows compressed points and no other form.
  if (![2, 3, 4].includes(bits[0]))
    return { code: 'ecdsa-point', reason: 'its point must be uncompressed or compressed; make a new key' };
  // Points in compressed form, and those of the other curves: OpenSSL knows whether they are on the curve.
  try {
    return certificate.publicKey.asymmetricKeyType === 'ec' ? undefined : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

const SM2 = hexOf(oid('1.2.156.10197.1.301'));

const NAMES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.10', 'rsa-pss'],
  ['1.2.840.113549.1.1.7', 'rsa-oaep'],
  ['1.3.101.110', 'x25519'],
  ['1.3.101.111', 'x448'],
  ['1.3.101.113', 'ed448'],
  ['1.2.840.10040.4.1', 'dsa'],
  ['1.2.840.113549.1.3.1', 'dh'],
  ['1.2.840.10046.2.1', 'dh'],
  ['1.2.156.10197.1.301', 'sm2'],
  ['1.3.132.1.12', 'ecdh'],
  ['2.16.840.1.101.3.4.3.17', 'ml-dsa-44'],
  ['2.16.840.1.101.3.4.3.18', 'ml-dsa-65'],
  ['2.16.840.1.101.3.4.3.19', 'ml-dsa-87'],
]);

function nameOf(identifier: Buffer): string {
  const dotted = dottedOf(contentOf(identifier));
  return NAMES.get(dotted) ?? dotted;
}

/** X.690, 8.19. Cut to the length of a long identifier: a certificate can hold one of many kilobytes. */
function dottedOf(content: Buffer): string {
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content.subarray(0, 64)) {
    number = number * 128n + BigInt(byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0n;
    }
  }
  const [first = 0n, ...rest] = numbers;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

function hexOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('hex');
}
