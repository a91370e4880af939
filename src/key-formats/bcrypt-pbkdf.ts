import { Blowfish } from './blowfish.js';
import { type Bytes, concat, uint32, utf8 } from './bytes.js';
import { sha, type WebCrypto } from './web-crypto.js';

const HASH_BYTES = 32;
const MAGIC = utf8('OxychromaticBlowfishSwatDynamite');

/** The key of an encrypted OpenSSH key (OpenBSD's bcrypt_pbkdf, OpenSSH's PROTOCOL.key). A round takes some 20 ms. */
export async function bcryptPbkdf(
  crypto: WebCrypto,
  passphrase: string,
  salt: Bytes,
  rounds: number,
  length: number,
): Promise<Bytes> {
  const hashedPass = await sha(crypto, 512, utf8(passphrase));
  const derived = new Uint8Array(length);
  const blocks = Math.ceil(length / HASH_BYTES);
  for (let block = 0; block < blocks; block += 1) {
    let last = bcryptHash(hashedPass, await sha(crypto, 512, concat(salt, uint32(block + 1))));
    const sum = last.slice();
    for (let round = 1; round < rounds; round += 1) {
      last = bcryptHash(hashedPass, await sha(crypto, 512, last));
      for (let i = 0; i < HASH_BYTES; i += 1) sum[i] ^= last[i];
    }
    // The bytes of the blocks take turns, unlike those of PBKDF2.
    for (let i = 0; i * blocks + block < length && i < HASH_BYTES; i += 1) derived[i * blocks + block] = sum[i];
  }
  return derived;
}

function bcryptHash(hashedPass: Bytes, hashedSalt: Bytes): Bytes {
  const cipher = new Blowfish();
  cipher.expand(hashedPass, hashedSalt);
  for (let i = 0; i < 64; i += 1) {
    cipher.expand(hashedSalt);
    cipher.expand(hashedPass);
  }
  const magic = new DataView(MAGIC.buffer);
  const words = Uint32Array.from({ length: HASH_BYTES / 4 }, (_, at) => magic.getUint32(4 * at));
  for (let i = 0; i < 64; i += 1) cipher.encrypt(words);
  const hash = new DataView(new ArrayBuffer(HASH_BYTES));
  words.forEach((word, at) => hash.setUint32(4 * at, word, true));
  return new Uint8Array(hash.buffer);
}
