import { createPublicKey, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, context, integer, octets, oid, sequence, set, time, utf8 } from '../asn1/der.js';
import { signatureOf, subjectPublicKey } from './certificate-signature.js';

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  userPrincipalName: '1.3.6.1.4.1.311.20.2.3',
};

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_COMMON_NAME = 64; // RFC 5280, appendix A: ub-common-name.

/**
 * A self-signed certificate, as Nova makes it for passwordless WinRM, in DER: Windows finds the account by the user principal
 * name. It is for clientAuth only and no CA, as guests put it among trusted roots.
 */
export function selfSign(owner: string, privateKey: KeyObject, days: number, principal = `${owner}@localhost`): Buffer {
  const now = new Date();
  const { algorithm, hash: digest } = signatureOf(privateKey);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const name = commonName(owner);
  const certificate = sequence(
    context(0, integer(2)), // Version 3.
    integer(serialNumber()),
    algorithm,
    name,
    sequence(time(now), time(new Date(now.getTime() + days * DAY_MS))),
    name,
    publicKey,
    context(3, extensions(principal, privateKey)),
  );
  return sequence(certificate, algorithm, bits(sign(digest, certificate, privateKey)));
}

// 20 bytes, positive and in the fewest bytes that hold it: RFC 5280, 4.1.2.2.
function serialNumber(): Buffer {
  const bytes = randomBytes(20);
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return bytes;
}

// A longer id is cut here, counted in characters, and stands whole in the user principal name.
function commonName(owner: string): Buffer {
  const name = Array.from(owner).slice(0, MAX_COMMON_NAME).join('');
  return sequence(set(sequence(oid(OID.commonName), utf8(name))));
}

function extensions(principal: string, privateKey: KeyObject): Buffer {
  const otherName = context(0, Buffer.concat([oid(OID.userPrincipalName), context(0, utf8(principal))]));
  return sequence(
    extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth))),
    extension(OID.subjectAltName, sequence(otherName)),
    extension(OID.subjectKeyIdentifier, octets(keyIdentifier(privateKey))),
  );
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), octets(value));
}

// RFC 5280, 4.2.1.2 (1): the SHA-1 of the key itself.
function keyIdentifier(privateKey: KeyObject): Buffer {
  return hash('sha1', subjectPublicKey(createPublicKey(privateKey)), 'buffer');
}
