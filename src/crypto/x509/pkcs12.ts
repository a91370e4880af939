import { createCipheriv, createHmac, hash, type KeyObject, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { context, contextOctets, integer, NULL, octets, oid, sequence, set } from '../asn1/der.js';

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  certBag: '1.2.840.113549.1.12.10.1.3',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
};

const ITERATIONS = 2048;
const SALT_BYTES = 8;

/**
 * A private key and its certificate as a PKCS#12 file (RFC 7292), as `openssl pkcs12 -export` of OpenSSL 3 writes it and Nova
 * returns it. The empty password protects nothing: the file is as secret as the key.
 */
export async function pkcs12(privateKey: KeyObject, certificate: Buffer, password = ''): Promise<Buffer> {
  const [certificates, keys] = await Promise.all([
    encrypt(sequence(certificateBag(certificate)), password),
    shroudedKey(privateKey, certificate, password),
  ]);
  const safe = sequence(encryptedData(certificates), data(sequence(keys)));
  return sequence(integer(3), data(safe), mac(safe, password));
}

function data(content: Buffer): Buffer {
  return sequence(oid(OID.data), context(0, octets(content)));
}

function encryptedData({ algorithm, bytes }: Encrypted): Buffer {
  const content = sequence(oid(OID.data), algorithm, contextOctets(0, bytes));
  return sequence(oid(OID.encryptedData), context(0, sequence(integer(0), content)));
}

function certificateBag(certificate: Buffer): Buffer {
  const value = sequence(oid(OID.x509Certificate), context(0, octets(certificate)));
  return sequence(oid(OID.certBag), context(0, value), belongingTo(certificate));
}

async function shroudedKey(privateKey: KeyObject, certificate: Buffer, password: string): Promise<Buffer> {
  const { algorithm, bytes } = await encrypt(privateKey.export({ type: 'pkcs8', format: 'der' }), password);
  const value = sequence(algorithm, octets(bytes));
  return sequence(oid(OID.shroudedKeyBag), context(0, value), belongingTo(certificate));
}

/** The attribute that ties the key to the certificate. */
function belongingTo(certificate: Buffer): Buffer {
  const id = hash('sha1', certificate, 'buffer');
  return set(sequence(oid(OID.localKeyId), set(octets(id))));
}

interface Encrypted {
  readonly algorithm: Buffer;
  readonly bytes: Buffer;
}

/** PBES2 of RFC 8018, section 6.2. */
async function encrypt(plain: Buffer, password: string): Promise<Encrypted> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(16);
  const key = await promisify(pbkdf2)(password, salt, ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const derivation = sequence(octets(salt), integer(ITERATIONS), sequence(oid(OID.hmacWithSha256), NULL));
  return {
    algorithm: sequence(
      oid(OID.pbes2),
      sequence(sequence(oid(OID.pbkdf2), derivation), sequence(oid(OID.aes256Cbc), octets(iv))),
    ),
    bytes: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

function mac(safe: Buffer, password: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const digest = createHmac('sha256', macKey(salt, password)).update(safe).digest();
  const info = sequence(sequence(oid(OID.sha256), NULL), octets(digest));
  return sequence(info, octets(salt), integer(ITERATIONS));
}

/**
 * The key of the MAC: RFC 7292, appendix B.2, for one block of SHA-256. Purpose (3), salt and password each fill blocks of
 * 64 bytes; a password is UTF-16 and two zero bytes, and OpenSSL and Windows agree that the empty one has these too.
 */
function macKey(salt: Buffer, password: string): Buffer {
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const filled = Buffer.alloc(Math.ceil(characters.length / 64) * 64, characters);
  let key = Buffer.concat([Buffer.alloc(64, 3), Buffer.alloc(64, salt), filled]);
  for (let i = 0; i < ITERATIONS; i++) key = hash('sha256', key, 'buffer');
  return key;
}
