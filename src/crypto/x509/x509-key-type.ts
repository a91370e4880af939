import { X509Certificate } from 'node:crypto';
import { toBase64 } from '../../key-formats/bytes.js';
import { selfSign } from '../../key-formats/certificate.js';
import { writePem } from '../../key-formats/pem.js';
import { writePkcs12 } from '../../key-formats/pkcs12.js';
import { certificateFingerprint, sha256, withColons } from '../fingerprint.js';
import { InvalidKey } from '../invalid-key.js';
import { sizeOfCertificateKey } from '../key-size.js';
import type { KeyType } from '../key-type.js';
import { NODE_WEB_CRYPTO, privateKeyOf } from '../node-web-crypto.js';
import { kindOfText } from '../text-kind.js';
import { unsafeCharacter } from '../unsafe-text.js';
import { principalOf } from './principal.js';
import { certificateForGuest, parseCertificate, storedCertificate } from './x509.js';

/** X.509 certificates: imported of every algorithm, generated as RSA and signed by themselves. */
export const X509_KEY_TYPE: KeyType = {
  matches: (text) => kindOfText(text) === 'an X.509 certificate',
  refusalPrefix: 'Keypair data is invalid: failed to generate X509 fingerprint. Error message: ',
  inspect(text, rules) {
    const { der, fingerprint } = parseCertificate(text, rules);
    return { fingerprint, sha256: sha256(der) };
  },
  describe(text) {
    const certificate = storedCertificate(text);
    const { raw: bytes, subject, subjectAltName: alternativeNames, validFrom, validTo } = certificate;
    return {
      bytes,
      ...keyOf(certificate),
      comment: '',
      certificate: { subject, alternativeNames, principal: principalOf(bytes), validFrom, validTo },
    };
  },
  fingerprintKind: 'sha1',
  fingerprintOf: certificateFingerprint,
  showSha256: (digest) => withColons(digest.toString('hex')),
  async generate({ owner, days, makeRsa }) {
    const unsafe = unsafeCharacter(owner);
    if (unsafe !== undefined) {
      throw new InvalidKey(
        'unsafe-character',
        `the user id contains the character ${unsafe}, which no certificate should; use another id.`,
      );
    }
    const key = privateKeyOf(await makeRsa());
    const options = { commonName: owner, days, principal: `${owner}@localhost` };
    const der = Buffer.from(await selfSign(NODE_WEB_CRYPTO, key, options));
    return {
      fingerprint: certificateFingerprint(der),
      sha256: sha256(der),
      publicKey: writePem('CERTIFICATE', der),
      privateKey: toBase64(await writePkcs12(NODE_WEB_CRYPTO, key, Uint8Array.from(der))),
    };
  },
  algorithmOf: () => 'x509',
  forGuest: certificateForGuest,
  metadataMember: 'x509',
  // The base64 of the PEM block, on one line.
  metadataValue: (pem) => pem.replace(/-----[^-]+-----|\s/g, ''),
  isInEc2: false,
  endOf(publicKey) {
    try {
      return Date.parse(new X509Certificate(publicKey).validTo);
    } catch {
      // KEY_POLICY=nova stores certificates that OpenSSL cannot read.
      return Infinity;
    }
  },
};

/** KEY_POLICY=nova stores certificates with keys that OpenSSL cannot read. */
function keyOf(certificate: X509Certificate): { algorithm: string | undefined; bits: number | undefined } {
  try {
    const { publicKey } = certificate;
    return { algorithm: publicKey.asymmetricKeyType, bits: sizeOfCertificateKey(publicKey) };
  } catch {
    return { algorithm: undefined, bits: undefined };
  }
}
