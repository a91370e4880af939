import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { parseSshPublicKey } from '../../crypto/ssh/ssh.js';
import { parseCertificate } from '../../crypto/x509/x509.js';
import { KeypairType } from '../../domain/keypair-type.js';
import type { Row } from '../output/show.js';
import type { Algorithm } from '../../crypto/make-key.js';
import type { KeyPairText } from '../../crypto/key-pair-text.js';
import { sizeOfCertificateKey, sizeOfSshKey } from './key-size.js';
import type { X509Container } from '../../crypto/x509/x509-pair.js';

/** What is made of a new key. */
export interface PairOptions {
  readonly name: string;
  readonly passphrase: string | undefined;
  /** The Windows account of a certificate. */
  readonly principal: string;
  readonly days: number;
  readonly container: X509Container;
}

/** What the command line knows of a key type, beside what the service knows (`crypto/key-types.ts`). */
export interface PairType {
  /** The microversion from which Nova has the type, undefined if always, and how a message names a keypair of it. */
  readonly since: string | undefined;
  readonly title: string;
  readonly defaultAlgorithm: Algorithm;
  /** Whether --days, --upn and --legacy-pkcs12 apply. */
  readonly isCertificate: boolean;
  readonly makePair: (key: KeyObject, options: PairOptions) => Promise<KeyPairText>;
  /** The private key as a terminal can show it. */
  readonly printed: (privateKey: Buffer) => string | Buffer;
  /** The bytes that fingerprints are of. Throws InvalidKey. */
  readonly bytesOf: (text: string) => Buffer;
  /** The SHA-256 fingerprint as ssh-keygen or openssl writes it. */
  readonly sha256Of: (bytes: Buffer) => string;
  /** What `keypair check` shows of a readable key. */
  readonly describe: (text: string) => Row;
}

export const PAIR_TYPES: Readonly<Record<KeypairType, PairType>> = {
  [KeypairType.Ssh]: {
    since: undefined,
    title: 'An SSH keypair',
    defaultAlgorithm: 'ed25519',
    isCertificate: false,
    async makePair(key, { name, passphrase }) {
      const { sshPair } = await import('../../crypto/ssh/ssh-pair.js');
      return sshPair(key, name, passphrase);
    },
    printed: (privateKey) => privateKey,
    bytesOf: (text) => parseSshPublicKey(text, 'nova').blob,
    sha256Of: (bytes) => `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`,
    describe(text) {
      const { type: algorithm, blob, comment } = parseSshPublicKey(text, 'nova');
      return { algorithm, bits: sizeOfSshKey(algorithm, blob), comment };
    },
  },
  [KeypairType.X509]: {
    since: '2.2',
    title: 'An X.509 keypair',
    // Not every version of WinRM accepts another algorithm.
    defaultAlgorithm: 'rsa',
    isCertificate: true,
    async makePair(key, { principal, days, container, passphrase }) {
      const { x509Pair } = await import('../../crypto/x509/x509-pair.js');
      return x509Pair(key, { principal, days, container, ...(passphrase !== undefined && { passphrase }) });
    },
    // PKCS#12 is bytes; Nova gives it out in base64.
    printed: (privateKey) => `${privateKey.toString('base64')}\n`,
    bytesOf: (text) => parseCertificate(text, { policy: 'nova' }).der,
    sha256Of: (bytes) => withColons(createHash('sha256').update(bytes).digest('hex')),
    describe: describeCertificate,
  },
};

export function withColons(hex: string): string {
  return hex.replaceAll(/..(?!$)/g, '$&:');
}

function describeCertificate(text: string): Row {
  const { der, fingerprint: sha1 } = parseCertificate(text, { policy: 'nova' });
  const { subject, subjectAltName, validFrom, validTo, publicKey } = new X509Certificate(der);
  const now = Date.now();
  const isValid = Date.parse(validFrom) <= now && now <= Date.parse(validTo);
  return {
    algorithm: publicKey.asymmetricKeyType,
    bits: sizeOfCertificateKey(publicKey),
    subject,
    'alternative names': subjectAltName,
    'valid from': isoDate(validFrom),
    'valid to': isoDate(validTo),
    'valid now': isValid ? 'yes' : 'no',
    sha1,
  };
}

function isoDate(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
