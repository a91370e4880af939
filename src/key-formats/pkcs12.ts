import { type Bytes, concat } from './bytes.js';
import { context, contextOctets, integer, NULL, octets, oid, sequence, set } from './der.js';
import { type Encrypted, encryptPbes2 } from './pbes2.js';
import { pkcs8Der } from './pkcs8.js';
import type { PrivateKey } from './private-key.js';
import { hmacSha256, randomBytes, sha, type WebCrypto } from './web-crypto.js';

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  certBag: '1.2.840.113549.1.12.10.1.3',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  sha256: '2.16.840.1.101.3.4.2.1',
};

const ITERATIONS = 2048;
const SALT_BYTES = 8;

/**
 * A private key and its certificate as a PKCS#12 file (RFC 7292), as `openssl pkcs12 -export` of OpenSSL 3 writes it and Nova
 * returns it. The empty password protects nothing: the file is as secret as the key.
 */
export async function writePkcs12(
  crypto: WebCrypto,
  key: PrivateKey,
  certificate: Bytes,
  password = '',
): Promise<Bytes> {
  const encrypt = (plain: Bytes): Promise<Encrypted> => encryptPbes2(crypto, plain, password, ITERATIONS);
  // The attribute that ties the key to the certificate.
  const id = await sha(crypto, 1, certificate);
  const attributes = set(sequence(oid(OID.localKeyId), set(octets(id))));
  const certificates = await encrypt(sequence(certificateBag(certificate, attributes)));
  const { algorithm, bytes } = await encrypt(await pkcs8Der(crypto, key));
  const shrouded = context(0, sequence(algorithm, octets(bytes)));
  const keys = sequence(sequence(oid(OID.shroudedKeyBag), shrouded, attributes));
  const safe = sequence(encryptedData(certificates), data(keys));
  return sequence(integer(3), data(safe), await mac(crypto, safe, password));
}

const data = (content: Bytes): Bytes => sequence(oid(OID.data), context(0, octets(content)));

function encryptedData({ algorithm, bytes }: Encrypted): Bytes {
  const content = sequence(oid(OID.data), algorithm, contextOctets(0, bytes));
  return sequence(oid(OID.encryptedData), context(0, sequence(integer(0), content)));
}

function certificateBag(certificate: Bytes, attributes: Bytes): Bytes {
  const value = sequence(oid(OID.x509Certificate), context(0, octets(certificate)));
  return sequence(oid(OID.certBag), context(0, value), attributes);
}

async function mac(crypto: WebCrypto, safe: Bytes, password: string): Promise<Bytes> {
  const salt = randomBytes(crypto, SALT_BYTES);
  const digest = await hmacSha256(crypto, await macKey(crypto, salt, password), safe);
  const info = sequence(sequence(oid(OID.sha256), NULL), octets(digest));
  return sequence(info, octets(salt), integer(ITERATIONS));
}

/**
 * The key of the MAC: RFC 7292, appendix B.2, for one block of SHA-256. Purpose (3), salt and password each fill blocks of
 * 64 bytes; a password is UTF-16 and two zero bytes, and OpenSSL and Windows agree that the empty one has these too.
 */
async function macKey(crypto: WebCrypto, salt: Bytes, password: string): Promise<Bytes> {
  const characters = Array.from(`${password}\0`.split(''), (character) => character.charCodeAt(0));
  const wide = characters.flatMap((code) => [code >>> 8, code & 0xff]);
  let key = concat(new Uint8Array(64).fill(3), repeated(salt, 64), repeated(wide, Math.ceil(wide.length / 64) * 64));
  for (let i = 0; i < ITERATIONS; i += 1) key = await sha(crypto, 256, key);
  return key;
}

const repeated = (bytes: ArrayLike<number>, length: number): Bytes =>
  Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length]);
