import type { KeyObject } from 'node:crypto';
import type { KeyDescription } from '../../crypto/key-type.js';
import { certificateFingerprint } from '../../crypto/fingerprint.js';
import { KeypairType } from '../../domain/keypair-type.js';
import type { Row } from '../output/show.js';
import type { Algorithm } from '../../crypto/make-key.js';
import type { KeyPairText } from '../../crypto/key-pair-text.js';
import type { X509Container } from '../../crypto/x509/x509-pair.js';

/** The result of generating a key. */
export interface PairOptions {
  readonly name: string;
  readonly passphrase: string | undefined;
  /** The Windows account of a certificate. */
  readonly principal: string;
  readonly days: number;
  readonly container: X509Container;
}

/** The properties of a key type for the command line, besides those of the service (`crypto/key-types.ts`). */
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
  /** What `keypair check` shows of a readable key. */
  readonly describe: (key: KeyDescription) => Row;
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
    describe: ({ algorithm, bits, comment }) => ({ algorithm, bits, comment }),
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
    describe: describeCertificate,
  },
};

function describeCertificate({ bytes, algorithm, bits, certificate }: KeyDescription): Row {
  const { subject, alternativeNames, validFrom, validTo } = certificate!;
  const now = Date.now();
  const isValid = Date.parse(validFrom) <= now && now <= Date.parse(validTo);
  return {
    algorithm,
    bits,
    subject,
    'alternative names': alternativeNames,
    'valid from': isoDate(validFrom),
    'valid to': isoDate(validTo),
    'valid now': isValid ? 'yes' : 'no',
    sha1: certificateFingerprint(bytes),
  };
}

function isoDate(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
