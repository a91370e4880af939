import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export const ALGORITHMS = ['ed25519', 'ecdsa', 'rsa'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface KeySpec {
  readonly algorithm: Algorithm;
  readonly bits: number;
}

const CURVES: Readonly<Record<number, string>> = { 256: 'P-256', 384: 'P-384', 521: 'P-521' };

/** Generates a private key outside the main thread: an RSA key can take many seconds. */
export async function makeKey({ algorithm, bits }: KeySpec): Promise<KeyObject> {
  const make = promisify(generateKeyPair);
  switch (algorithm) {
    case 'ed25519':
      return (await make('ed25519')).privateKey;
    case 'ecdsa':
      return (await make('ec', { namedCurve: CURVES[bits] })).privateKey;
    case 'rsa':
      return (await make('rsa', { modulusLength: bits, publicExponent: 65_537 })).privateKey;
  }
}
