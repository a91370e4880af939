import { type Bytes, fromBase64, toBase64Url } from './bytes.js';
import type { WebCrypto } from './web-crypto.js';

/** A private key as a JSON Web Key (RFC 7517); every format is written from it. Numbers are base64url. */
export type PrivateKey = EdwardsKey | EllipticKey | RsaKey;

export interface EdwardsKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
}

export interface EllipticKey {
  readonly kty: 'EC';
  readonly crv: Curve;
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

export interface RsaKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly dp: string;
  readonly dq: string;
  readonly qi: string;
}

export type Curve = 'P-256' | 'P-384' | 'P-521';

/** What the formats need to know of each curve. */
export const CURVES = {
  'P-256': { ssh: 'nistp256', bytes: 32, hash: 'SHA-256', signature: '1.2.840.10045.4.3.2' },
  'P-384': { ssh: 'nistp384', bytes: 48, hash: 'SHA-384', signature: '1.2.840.10045.4.3.3' },
  'P-521': { ssh: 'nistp521', bytes: 66, hash: 'SHA-512', signature: '1.2.840.10045.4.3.4' },
} as const satisfies Record<Curve, object>;

/** A key to generate. */
export type KeyChoice =
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ecdsa'; readonly curve: Curve }
  | { readonly kind: 'rsa'; readonly bits: number };

/** Generates a key. RSA takes seconds. */
export async function generateKey(crypto: WebCrypto, choice: KeyChoice): Promise<PrivateKey> {
  const algorithm = {
    ed25519: () => ({ name: 'Ed25519' }),
    ecdsa: () => ({ name: 'ECDSA', namedCurve: (choice as { curve: Curve }).curve }),
    rsa: () => ({ ...RSA, modulusLength: (choice as { bits: number }).bits, publicExponent: Uint8Array.of(1, 0, 1) }),
  }[choice.kind]();
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as { privateKey: object };
  return (await crypto.subtle.exportKey('jwk', pair.privateKey)) as PrivateKey;
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** How WebCrypto calls the algorithm of a key that signs. */
export function signing(key: PrivateKey): {
  readonly name: string;
  readonly hash?: string;
  readonly namedCurve?: string;
} {
  if (key.kty === 'OKP') return { name: 'Ed25519' };
  return key.kty === 'RSA' ? RSA : { name: 'ECDSA', namedCurve: key.crv, hash: CURVES[key.crv].hash };
}

export const importForSigning = (crypto: WebCrypto, key: PrivateKey): Promise<object> =>
  crypto.subtle.importKey('jwk', membersOf(key), signing(key), true, ['sign']);

/** Without `key_ops` and `ext`, which might contradict the use. */
function membersOf(key: PrivateKey): object {
  return Object.fromEntries(
    Object.entries(key).filter(([name]) =>
      ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'].includes(name),
    ),
  );
}

/** The number that a member of the key is, in as many bytes as it is written with. */
export const bytesOf = (member: string): Bytes => fromBase64(member);

export const memberOf = (bytes: Uint8Array): string => toBase64Url(bytes);
