import { unsafeCharacter } from '../../crypto/unsafe-text.js';
import { DEFAULT_KEYPAIR_TYPE, type KeypairType } from '../../domain/keypair-type.js';
import { UsageError } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';
import type { Algorithm, KeySpec } from '../../crypto/make-key.js';
import { PAIR_TYPES } from '../keys/pair-types.js';
import type { X509Container } from '../../crypto/x509/x509-pair.js';

/** The options of `keypair create` if the pair is generated here. */
export type CreateOptions = OptionsOf<{
  readonly privateKey?: string;
  readonly type?: KeypairType;
  readonly algorithm?: Algorithm;
  readonly bits?: string;
  readonly days?: string;
  readonly upn?: string;
  readonly passphrase?: boolean;
  readonly legacyPkcs12?: boolean;
  readonly force?: boolean;
  readonly keep?: boolean;
  readonly user?: string;
  readonly shared?: boolean;
}>;

/** The pair to make. */
export interface Order {
  readonly type: KeypairType;
  readonly key: KeySpec;
  /** The following options apply to certificates only. */
  readonly container: X509Container;
  readonly days: number;
  readonly principal: string | undefined;
}

/** The service's default, and a maximum that Windows supports. */
const DEFAULT_DAYS = '3650';
const MAX_DAYS = 36_500;

/** Reads the order from the options. Throws CliError if they contradict each other. */
export function readOrder(options: CreateOptions): Order {
  const { type = DEFAULT_KEYPAIR_TYPE, algorithm, bits, privateKey, format } = options;
  if (privateKey === undefined && format !== undefined) {
    throw new UsageError('-f needs --private-key FILE, as otherwise the private key takes standard output.');
  }
  if (!PAIR_TYPES[type].isCertificate) refuseOptionsOfCertificates(options);
  const key = readKeySpec(algorithm ?? PAIR_TYPES[type].defaultAlgorithm, bits);
  return {
    type,
    key,
    container: containerOf(options, key),
    days: daysOf(options.days),
    principal: principalOf(options.upn),
  };
}

function refuseOptionsOfCertificates({ days, upn, legacyPkcs12 }: CreateOptions): void {
  for (const [option, value] of Object.entries({ '--days': days, '--upn': upn, '--legacy-pkcs12': legacyPkcs12 })) {
    if (value !== undefined) throw new UsageError(`${option} is for certificates; add --type x509.`);
  }
}

function containerOf({ privateKey = '', legacyPkcs12 = false }: CreateOptions, { algorithm }: KeySpec): X509Container {
  const isPem = /\.(pem|key)$/i.test(privateKey);
  if (!legacyPkcs12) return isPem ? 'pem' : 'pkcs12';
  if (isPem) throw new UsageError('--legacy-pkcs12 does not write PEM; name the file .p12 or .pfx.');
  if (algorithm === 'rsa') return 'legacy-pkcs12';
  throw new UsageError('--legacy-pkcs12 is for RSA keys, as those old systems know no others; omit --algorithm.');
}

function daysOf(text = DEFAULT_DAYS): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= MAX_DAYS) return Number(text);
  throw new UsageError(`--days must be a whole number from 1 to ${MAX_DAYS}.`);
}

function principalOf(upn: string | undefined): string | undefined {
  if (upn === undefined || (/^[^@]+@[^@]+$/.test(upn) && unsafeCharacter(upn) === undefined)) return upn;
  throw new UsageError('--upn must be written like Administrator@localhost.');
}

const RSA = { min: 2048, max: 16_384, default: 3072 };
const ECDSA_BITS = [256, 384, 521];

/** Reads the requested key; `bits` is text of the command line. Throws CliError for a size that the algorithm lacks. */
function readKeySpec(algorithm: Algorithm, bits?: string): KeySpec {
  const size = bits === undefined ? undefined : Number(bits);
  switch (algorithm) {
    case 'ed25519':
      if (size !== undefined && size !== 256) throw new UsageError('Ed25519 keys have 256 bits; omit --bits.');
      return { algorithm, bits: 256 };
    case 'ecdsa':
      if (size !== undefined && !ECDSA_BITS.includes(size))
        throw new UsageError('--bits must be 256, 384 or 521 for ecdsa.');
      return { algorithm, bits: size ?? 256 };
    case 'rsa':
      if (size !== undefined && !(Number.isInteger(size) && size >= RSA.min && size <= RSA.max)) {
        throw new UsageError(`--bits must be a whole number from ${RSA.min} to ${RSA.max} for rsa.`);
      }
      return { algorithm, bits: size ?? RSA.default };
  }
}
