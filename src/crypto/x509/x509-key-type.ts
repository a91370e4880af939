import { X509Certificate } from 'node:crypto';
import { writePem } from '../asn1/pem.js';
import { certificateFingerprint } from '../fingerprint.js';
import { InvalidKey } from '../invalid-key.js';
import type { KeyType } from '../key-type.js';
import { kindOfText } from '../text-kind.js';
import { unsafeCharacter } from '../unsafe-text.js';
import { pkcs12 } from './pkcs12.js';
import { selfSigned } from './self-signed.js';
import { certificateForGuest, parseCertificate } from './x509.js';

/** X.509 certificates: imported of every algorithm, generated as RSA and signed by themselves. */
export const X509_KEY_TYPE: KeyType = {
  matches: (text) => kindOfText(text) === 'an X.509 certificate',
  refusalPrefix: 'Keypair data is invalid: failed to generate X509 fingerprint. Error message: ',
  inspect: (text, rules) => ({ fingerprint: parseCertificate(text, rules).fingerprint }),
  async generate({ owner, days, makeRsa }) {
    const unsafe = unsafeCharacter(owner);
    if (unsafe !== undefined) {
      throw new InvalidKey(
        'unsafe-character',
        `the user id contains the character ${unsafe}, which no certificate should; use another id.`,
      );
    }
    const key = await makeRsa();
    const der = selfSigned(owner, key, days);
    return {
      fingerprint: certificateFingerprint(der),
      publicKey: writePem('CERTIFICATE', der),
      privateKey: (await pkcs12(key, der)).toString('base64'),
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
