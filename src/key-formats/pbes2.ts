import { type Bytes, utf8 } from './bytes.js';
import { integer, NULL, octets, oid, sequence } from './der.js';
import { randomBytes, type WebCrypto } from './web-crypto.js';

const OID = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
};

const SALT_BYTES = 8;

export interface Encrypted {
  /** The AlgorithmIdentifier. */
  readonly algorithm: Bytes;
  readonly bytes: Bytes;
}

/** PBES2 of RFC 8018, section 6.2, with PBKDF2 of SHA-256 and AES-256. */
export async function encryptPbes2(
  crypto: WebCrypto,
  plain: Bytes,
  password: string,
  iterations: number,
): Promise<Encrypted> {
  const salt = randomBytes(crypto, SALT_BYTES);
  const iv = randomBytes(crypto, 16);
  const { subtle } = crypto;
  const secret = await subtle.importKey('raw', utf8(password), 'PBKDF2', false, ['deriveBits']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  const bits = new Uint8Array(await subtle.deriveBits(derivation, secret, 256));
  const key = await subtle.importKey('raw', bits, 'AES-CBC', false, ['encrypt']);
  const described = sequence(octets(salt), integer(iterations), sequence(oid(OID.hmacWithSha256), NULL));
  return {
    algorithm: sequence(
      oid(OID.pbes2),
      sequence(sequence(oid(OID.pbkdf2), described), sequence(oid(OID.aes256Cbc), octets(iv))),
    ),
    bytes: new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv }, key, plain)),
  };
}
