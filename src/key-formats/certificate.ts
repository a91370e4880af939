import { type Bytes, concat } from './bytes.js';
import { bits, context, NULL, octets, oid, positive, sequence, set, time, utf8 } from './der.js';
import { bytesOf, CURVES, importForSigning, type PrivateKey, signing } from './private-key.js';
import { randomBytes, sha, type WebCrypto } from './web-crypto.js';

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  userPrincipalName: '1.3.6.1.4.1.311.20.2.3',
  rsa: '1.2.840.113549.1.1.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ed25519: '1.3.101.112',
  ecPublicKey: '1.2.840.10045.2.1',
};

const CURVE_OIDS = { 'P-256': '1.2.840.10045.3.1.7', 'P-384': '1.3.132.0.34', 'P-521': '1.3.132.0.35' };

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_COMMON_NAME = 64; // RFC 5280, appendix A: ub-common-name.

export interface CertificateOptions {
  readonly commonName: string;
  readonly days: number;
  /** The user principal name, as `Administrator@localhost`. */
  readonly principal: string;
}

/**
 * A self-signed certificate, as Nova makes it for passwordless WinRM, in DER: Windows finds the account by the user principal
 * name. It is for clientAuth only and no CA, as guests put it among trusted roots.
 */
export async function selfSign(
  crypto: WebCrypto,
  key: PrivateKey,
  { commonName, days, principal }: CertificateOptions,
): Promise<Bytes> {
  const now = new Date();
  const signature = signatureAlgorithm(key);
  const name = distinguishedName(commonName);
  const keyId = await sha(crypto, 1, subjectPublicKey(key));
  const certificate = sequence(
    context(0, positive(Uint8Array.of(2))), // Version 3.
    positive(serialNumber(crypto)),
    signature,
    name,
    sequence(time(now), time(new Date(now.getTime() + days * DAY_MS))),
    name,
    sequence(keyAlgorithm(key), bits(subjectPublicKey(key))),
    context(3, extensions(principal, keyId)),
  );
  return sequence(certificate, signature, bits(await sign(crypto, key, certificate)));
}

// RFC 5754, section 3.2; RFC 5758, section 3.2; RFC 8410, section 3.
function signatureAlgorithm(key: PrivateKey): Bytes {
  if (key.kty === 'RSA') return sequence(oid(OID.sha256WithRsa), NULL);
  return sequence(oid(key.kty === 'OKP' ? OID.ed25519 : CURVES[key.crv].signature));
}

function keyAlgorithm(key: PrivateKey): Bytes {
  if (key.kty === 'RSA') return sequence(oid(OID.rsa), NULL);
  return key.kty === 'OKP' ? sequence(oid(OID.ed25519)) : sequence(oid(OID.ecPublicKey), oid(CURVE_OIDS[key.crv]));
}

/** The bits of a public key in its SubjectPublicKeyInfo, without the algorithm. */
function subjectPublicKey(key: PrivateKey): Bytes {
  if (key.kty === 'RSA') return sequence(positive(bytesOf(key.n)), positive(bytesOf(key.e)));
  // SEC 1, 2.3.3: a point is the byte 4 and its two coordinates. Ed25519 has one number and no such byte.
  return key.kty === 'OKP' ? bytesOf(key.x) : concat([4], bytesOf(key.x), bytesOf(key.y));
}

async function sign(crypto: WebCrypto, key: PrivateKey, bytes: Bytes): Promise<Bytes> {
  const imported = await importForSigning(crypto, key);
  const signature = new Uint8Array(await crypto.subtle.sign(signing(key), imported, bytes));
  if (key.kty !== 'EC') return signature;
  // WebCrypto writes both numbers side by side, and X.509 as a sequence (RFC 3279, 2.2.3).
  const half = signature.length / 2;
  return sequence(positive(signature.subarray(0, half)), positive(signature.subarray(half)));
}

// 20 bytes, positive and in the fewest bytes that hold it: RFC 5280, 4.1.2.2.
function serialNumber(crypto: WebCrypto): Bytes {
  const bytes = randomBytes(crypto, 20);
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return bytes;
}

// A longer name is cut here, counted in characters, and stands whole in the user principal name.
function distinguishedName(commonName: string): Bytes {
  const name = Array.from(commonName).slice(0, MAX_COMMON_NAME).join('');
  return sequence(set(sequence(oid(OID.commonName), utf8(name))));
}

function extensions(principal: string, keyId: Bytes): Bytes {
  const otherName = context(0, concat(oid(OID.userPrincipalName), context(0, utf8(principal))));
  return sequence(
    extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth))),
    extension(OID.subjectAltName, sequence(otherName)),
    // RFC 5280, 4.2.1.2 (1): the SHA-1 of the key itself.
    extension(OID.subjectKeyIdentifier, octets(keyId)),
  );
}

const extension = (id: string, value: Bytes): Bytes => sequence(oid(id), octets(value));
