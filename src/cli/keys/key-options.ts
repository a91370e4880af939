import type { Algorithm, KeySpec } from '../../crypto/make-key.js';
import { UsageError } from '../cli-error.js';

const RSA = { min: 2048, max: 16_384, default: 3072 };
const ECDSA_BITS = [256, 384, 521];

/** Reads the requested key; `bits` is text of the command line. Throws CliError for a size that the algorithm lacks. */
export function readKeySpec(algorithm: Algorithm, bits?: string): KeySpec {
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
