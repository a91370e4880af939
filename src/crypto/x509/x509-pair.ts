import type { KeyObject } from 'node:crypto';
import type { Bytes } from '../../key-formats/bytes.js';
import { selfSign } from '../../key-formats/certificate.js';
import { writePem } from '../../key-formats/pem.js';
import { writePkcs12 } from '../../key-formats/pkcs12.js';
import type { KeyPairText } from '../key-pair-text.js';
import { NODE_WEB_CRYPTO, privateKeyOf } from '../node-web-crypto.js';

/** How the private key of a certificate is written. */
export type X509Container = 'pkcs12' | 'legacy-pkcs12' | 'pem';

export interface CertificateSpec {
  /** The Windows account, as `Administrator@localhost`; the part before the `@` is the common name. */
  readonly principal: string;
  readonly days: number;
  readonly container: X509Container;
  readonly passphrase?: string;
}

/** A self-signed certificate for WinRM with its private key in a container. Legacy PKCS#12 takes RSA keys only. */
export async function x509Pair(key: KeyObject, spec: CertificateSpec): Promise<KeyPairText> {
  const { principal, days } = spec;
  const [commonName] = principal.split('@', 1);
  const der = await selfSign(NODE_WEB_CRYPTO, privateKeyOf(key), { commonName, days, principal });
  const certificate = writePem('CERTIFICATE', der);
  return { publicKey: certificate, privateKey: await wrap(key, der, certificate, spec) };
}

async function wrap(key: KeyObject, der: Bytes, certificate: string, spec: CertificateSpec): Promise<Buffer> {
  const { container, passphrase } = spec;
  switch (container) {
    case 'pkcs12':
      return Buffer.from(await writePkcs12(NODE_WEB_CRYPTO, privateKeyOf(key), der, passphrase));
    case 'legacy-pkcs12': {
      const { legacyPkcs12 } = await import('./legacy-pkcs12.js');
      return legacyPkcs12(key, certificate, passphrase);
    }
    case 'pem':
      return Buffer.from(privatePem(key, passphrase) + certificate);
  }
}

function privatePem(key: KeyObject, passphrase: string | undefined): string {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  return String(key.export(passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase }));
}
