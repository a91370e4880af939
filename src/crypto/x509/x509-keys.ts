import type { KeyObject } from 'node:crypto';
import { KeypairType } from '../../domain/keypair-type.js';
import { certificateFingerprint } from '../fingerprint.js';
import type { KeyKind } from '../key-kinds.js';
import { writePem } from '../asn1/pem.js';
import { pkcs12 } from './pkcs12.js';
import { InvalidKey } from '../invalid-key.js';
import { selfSigned } from './self-signed.js';
import { unsafeCharacter } from '../unsafe-text.js';
import { certificateForGuest, type CertificateRules, parseCertificate } from './x509.js';

/** X.509 certificates: imported of every kind, generated as RSA and signed by themselves. */
export function x509Keys(rules: CertificateRules, days: number, makeRsa: () => Promise<KeyObject>): KeyKind {
  return {
    refusalPrefix: 'Keypair data is invalid: failed to generate X509 fingerprint. Error message: ',
    inspect(text) {
      return { type: KeypairType.X509, fingerprint: parseCertificate(text, rules).fingerprint };
    },
    async generate(owner) {
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
        type: KeypairType.X509,
        fingerprint: certificateFingerprint(der),
        publicKey: writePem('CERTIFICATE', der),
        privateKey: (await pkcs12(key, der)).toString('base64'),
      };
    },
    forGuest: certificateForGuest,
  };
}
