import type { KeyObject } from 'node:crypto';
import forge from 'node-forge';

/**
 * An RSA key and its certificate as legacy PKCS#12, with 3DES and SHA-1: Windows Server 2016 and older report a wrong password
 * for anything newer.
 */
export function legacyPkcs12(key: KeyObject, certificate: string, password = ''): Buffer {
  const privateKey = forge.pki.privateKeyFromPem(String(key.export({ type: 'pkcs1', format: 'pem' })));
  const options = { algorithm: '3des', count: 2048, generateLocalKeyId: true } as const;
  // Without a password at all, null, forge would not encrypt the private key.
  const file = forge.pkcs12.toPkcs12Asn1(privateKey, [forge.pki.certificateFromPem(certificate)], password, options);
  return Buffer.from(forge.asn1.toDer(file).getBytes(), 'binary');
}
