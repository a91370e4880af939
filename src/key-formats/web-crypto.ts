import type { Bytes } from './bytes.js';

type Usage = 'sign' | 'verify' | 'encrypt' | 'decrypt' | 'deriveBits' | 'deriveKey';

/** The part of WebCrypto that the formats need. Browsers have it on HTTPS and on loopback only; Node.js always. */
export interface WebCrypto {
  getRandomValues(bytes: Bytes): unknown;
  readonly subtle: {
    digest(algorithm: string, data: Bytes): Promise<ArrayBuffer>;
    generateKey(algorithm: object, extractable: boolean, usages: Usage[]): Promise<unknown>;
    importKey(format: 'jwk', key: object, algorithm: object, extractable: boolean, usages: Usage[]): Promise<object>;
    importKey(
      format: 'raw' | 'pkcs8' | 'spki',
      key: Bytes,
      algorithm: object | string,
      extractable: boolean,
      usages: Usage[],
    ): Promise<object>;
    exportKey(format: 'jwk' | 'pkcs8' | 'spki', key: object): Promise<unknown>;
    sign(algorithm: object, key: object, data: Bytes): Promise<ArrayBuffer>;
    encrypt(algorithm: object, key: object, data: Bytes): Promise<ArrayBuffer>;
    deriveBits(algorithm: object, key: object, length: number): Promise<ArrayBuffer>;
  };
}

export function randomBytes(crypto: WebCrypto, length: number): Bytes {
  const bytes = new Uint8Array(length);
  crypto.getRandomValues(bytes);
  return bytes;
}

export const sha = async (crypto: WebCrypto, bits: 1 | 256 | 512, bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, bytes));

export async function hmacSha256(crypto: WebCrypto, key: Bytes, bytes: Bytes): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign(algorithm, imported, bytes));
}
