import { constants, type KeyObject, privateDecrypt } from 'node:crypto';

/**
 * Decrypts RSA with PKCS#1 v1.5 (RFC 8017, 7.2.2); undefined where the padding is wrong. Unpadded decryption, since Node may have
 * padding of that kind disabled (CVE-2023-46809), or return random bytes for a wrong key. Not for ciphertexts of attackers who
 * can measure the time it takes.
 */
export function decryptPkcs1(key: KeyObject, ciphertext: Buffer): Buffer | undefined {
  let block: Buffer;
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
  } catch {
    return undefined;
  }
  if (block[0] !== 0 || block[1] !== 2) return undefined;
  const end = block.indexOf(0, 2);
  return end < 10 ? undefined : block.subarray(end + 1);
}
