import type { KeyObject } from 'node:crypto';
import { bitLength } from './rsa/integer-math.js';

/** Bits of the key in an SSH blob; undefined for a kind that is not known. */
export function sizeOfSshKey(type: string, blob: Buffer): number | undefined {
  if (type.includes('ed25519')) return 256;
  const curve = /nistp(\d+)/.exec(type)?.[1];
  if (curve !== undefined) return Number(curve);
  if (type !== 'ssh-rsa' && type !== 'ssh-dss') return undefined;
  // RFC 4253, section 6.6: type, exponent and modulus for RSA; type and p for DSA.
  const [, first, second] = strings(blob);
  return bitLength(BigInt(`0x${(type === 'ssh-rsa' ? second : first).toString('hex')}`));
}

/** Bits of the key in a certificate. */
export function sizeOfCertificateKey({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): number | undefined {
  if (details?.modulusLength !== undefined) return details.modulusLength;
  if (type === 'ed25519') return 256;
  const digits = /\d{3}/.exec(details?.namedCurve ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

function strings(blob: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at);
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}
