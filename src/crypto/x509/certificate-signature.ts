import type { KeyObject } from 'node:crypto';
import { NULL, oid, sequence } from '../asn1/der.js';

/** How certificates are signed with a kind of key. */
export interface CertificateSignature {
  /** The AlgorithmIdentifier. */
  readonly algorithm: Buffer;
  /** As `crypto.sign` names it; null where the signature hashes by itself. */
  readonly hash: string | null;
}

// RFC 5754, section 3.2; RFC 5758, section 3.2; RFC 8410, section 3.
const RSA = { algorithm: sequence(oid('1.2.840.113549.1.1.11'), NULL), hash: 'sha256' };
const ED25519 = { algorithm: sequence(oid('1.3.101.112')), hash: null };
const ECDSA: Readonly<Record<string, CertificateSignature>> = {
  prime256v1: { algorithm: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' },
  secp384r1: { algorithm: sequence(oid('1.2.840.10045.4.3.3')), hash: 'sha384' },
  secp521r1: { algorithm: sequence(oid('1.2.840.10045.4.3.4')), hash: 'sha512' },
};

/** The signature for a key: SHA-256 with RSA, the hash of its size with ECDSA, or Ed25519. Throws TypeError for others. */
export function signatureOf(key: KeyObject): CertificateSignature {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') return RSA;
  if (type === 'ed25519') return ED25519;
  const found = type === 'ec' ? ECDSA[details?.namedCurve ?? ''] : undefined;
  if (found === undefined) throw new TypeError(`certificates are not signed with keys of the kind ${type}`);
  return found;
}

/** The bits of a public key in its SubjectPublicKeyInfo, without the algorithm. */
export function subjectPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'der' });
  const { x = '', y } = key.export({ format: 'jwk' });
  const first = Buffer.from(x, 'base64url');
  // SEC 1, 2.3.3: a point is the byte 4 and its two coordinates. Ed25519 has one number and no such byte.
  return y === undefined ? first : Buffer.concat([Buffer.of(4), first, Buffer.from(y, 'base64url')]);
}
