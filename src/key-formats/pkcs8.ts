import type { Bytes } from './bytes.js';
import { integer, NULL, octets, oid, sequence } from './der.js';
import { encryptPbes2 } from './pbes2.js';
import { readPem, writePem } from './pem.js';
import { UnreadableKey } from './openssh.js';
import { importForSigning, type PrivateKey } from './private-key.js';
import type { WebCrypto } from './web-crypto.js';

/** As OWASP recommends for PBKDF2 with SHA-256 (2023). */
const ITERATIONS = 600_000;

/** The key in DER (RFC 5958). */
export async function pkcs8Der(crypto: WebCrypto, key: PrivateKey): Promise<Bytes> {
  return new Uint8Array((await crypto.subtle.exportKey('pkcs8', await importForSigning(crypto, key))) as ArrayBuffer);
}

/** The key in PEM, encrypted with PBES2 (RFC 8018) if there is a passphrase. */
export async function writePkcs8(crypto: WebCrypto, key: PrivateKey, passphrase?: string): Promise<string> {
  const der = await pkcs8Der(crypto, key);
  if (passphrase === undefined) return writePem('PRIVATE KEY', der);
  const { algorithm, bytes } = await encryptPbes2(crypto, der, passphrase, ITERATIONS);
  return writePem('ENCRYPTED PRIVATE KEY', sequence(algorithm, octets(bytes)));
}

const IMPORTS = [
  { name: 'Ed25519' },
  { name: 'ECDSA', namedCurve: 'P-256' },
  { name: 'ECDSA', namedCurve: 'P-384' },
  { name: 'ECDSA', namedCurve: 'P-521' },
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
];

/** Reads unencrypted PKCS#8, and PKCS#1 of RSA, in PEM; undefined for a text of another format. Throws {@link UnreadableKey}. */
export async function readPkcs8(crypto: WebCrypto, text: string): Promise<PrivateKey | undefined> {
  const block = readPem(text);
  if (block === undefined || !block.label.endsWith('PRIVATE KEY') || block.label.startsWith('OPENSSH'))
    return undefined;
  if (block.label.startsWith('ENCRYPTED') || text.includes('Proc-Type:')) throw new UnreadableKey('encrypted');
  const isPkcs1 = block.label === 'RSA PRIVATE KEY';
  if (!isPkcs1 && block.label !== 'PRIVATE KEY') throw new UnreadableKey('unsupported');
  const rsa = sequence(oid('1.2.840.113549.1.1.1'), NULL);
  const der = isPkcs1 ? sequence(integer(0), rsa, octets(block.bytes)) : block.bytes;
  for (const algorithm of IMPORTS) {
    const key = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']).catch(() => undefined);
    if (key) return (await crypto.subtle.exportKey('jwk', key)) as PrivateKey;
  }
  throw new UnreadableKey('unsupported');
}
