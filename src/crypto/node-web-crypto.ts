import { hash, type KeyObject, webcrypto } from 'node:crypto';
import type { Bytes } from '../key-formats/bytes.js';
import type { PrivateKey } from '../key-formats/private-key.js';
import type { WebCrypto } from '../key-formats/web-crypto.js';

const { subtle } = webcrypto;

/**
 * What the key formats are written with in Node.js. Its own WebCrypto hashes on another thread, which takes 0.2 ms each time; a
 * PKCS#12 file takes 2048 hashes (measured 2026-11).
 */
export const NODE_WEB_CRYPTO = {
  getRandomValues: (bytes: Bytes) => webcrypto.getRandomValues(bytes),
  subtle: {
    digest: async (algorithm: string, data: Bytes) => {
      const digest = hash(algorithm.replace('-', ''), data, 'buffer');
      return Uint8Array.from(digest).buffer;
    },
    generateKey: subtle.generateKey.bind(subtle),
    importKey: subtle.importKey.bind(subtle),
    exportKey: subtle.exportKey.bind(subtle),
    sign: subtle.sign.bind(subtle),
    encrypt: subtle.encrypt.bind(subtle),
    deriveBits: subtle.deriveBits.bind(subtle),
  },
} as WebCrypto;

/** A private key of Node.js as the key formats take it. */
export const privateKeyOf = (key: KeyObject): PrivateKey => key.export({ format: 'jwk' }) as PrivateKey;
