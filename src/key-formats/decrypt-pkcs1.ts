import { type Bytes, fromNumber, toNumber } from './bytes.js';
import { bytesOf, type RsaKey } from './private-key.js';

/**
 * Decrypts RSA with PKCS#1 v1.5 (RFC 8017, 7.2.2), which WebCrypto cannot; undefined where the padding is wrong. Not for ciphertexts of
 * attackers who can measure the time it takes.
 */
export function decryptPkcs1(key: RsaKey, ciphertext: Uint8Array): Bytes | undefined {
  const [p, q, dp, dq, qi] = [key.p, key.q, key.dp, key.dq, key.qi].map((member) => toNumber(bytesOf(member)));
  const length = bytesOf(key.n).length;
  if (ciphertext.length !== length) return undefined;
  const number = toNumber(ciphertext);
  const [ofP, ofQ] = [power(number % p, dp, p), power(number % q, dq, q)];
  const difference = (((ofP - ofQ) % p) + p) % p;
  const block = fromNumber(ofQ + q * ((qi * difference) % p), length);
  if (block[0] !== 0 || block[1] !== 2) return undefined;
  const end = block.indexOf(0, 2);
  return end < 10 ? undefined : block.slice(end + 1);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
