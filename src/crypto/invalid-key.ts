import { DomainError } from '../domain/domain-error.js';

/** Why a key is refused: the code that metrics count, its meaning, and what helps. docs/errors.md is printed from it. */
export const KEY_REFUSALS = {
  'private-key': ['The text holds a private key.', 'Stop using the key, make a new pair, send the public half only.'],
  'not-a-key': ['The text is no key and no certificate.', 'Send the line of a .pub file, or a certificate in PEM.'],
  'wrong-type': ['The key is of the other type.', 'Send the type that the key has, or none.'],
  'other-format': ['The key is in a format that guests do not read.', 'Convert it with the command in the message.'],
  'surrounding-text': ['Something stands before or around the key.', 'Send the key alone.'],
  'not-one-line': ['The SSH key is broken over lines, or there is more than one.', 'Send one key on one line.'],
  options: ['Options or a host name stand before the key.', 'Send the key alone.'],
  'unsafe-character': ['A control or bidirectional character.', 'Write plain text.'],
  'too-long': ['The text or its comment is too long.', 'Send one key with a short comment.'],
  'not-base64': ['The base64 is damaged.', 'Copy the file whole.'],
  truncated: ['The key was cut.', 'Copy the file whole.'],
  'trailing-data': ['Bytes follow the end of the key.', 'Send the key alone.'],
  'type-mismatch': ['The type in the line is not the type in the key.', 'Copy the line whole.'],
  malformed: ['The certificate cannot be read.', 'Make it anew.'],
  'malformed-number': ['A number of the key is not written as the standard requires.', 'Make a new key.'],
  'unknown-type': ['The kind of key is not supported.', 'Use Ed25519, ECDSA or RSA.'],
  'openssh-certificate': ['An OpenSSH certificate, or a damaged one.', 'Send the plain key it was made from.'],
  dsa: ['DSA keys are too short.', 'Make an Ed25519 key.'],
  'ecdsa-point': ['The point is not on the curve, or compressed.', 'Make a new key.'],
  'ed25519-no-point': ['The bytes are not a point of the curve.', 'Copy the key whole, or make a new one.'],
  'ed25519-small-order': ['Anybody can sign for this key.', 'Make a new key.'],
  'rsa-exponent': ['The RSA exponent is unusable.', 'Make a new key with the exponent 65537.'],
  'rsa-too-small': ['RSA under 2048 bits can be broken.', 'Make an Ed25519 key.'],
  'rsa-too-large': ['OpenSSH works with no RSA over 16,384 bits.', 'Make an Ed25519 key.'],
  'rsa-small-factor': ['The RSA modulus has a small factor.', 'Make a new key.'],
  'rsa-pattern': ['The RSA modulus is not random.', 'Make a new key.'],
  'rsa-prime': ['The RSA modulus is a prime.', 'Make a new key.'],
  'rsa-roca': ['The RSA key was made by a broken chip (ROCA, CVE-2017-15361).', 'Make a new key elsewhere.'],
  'rsa-close-primes': ['The RSA primes are too close (Fermat, CVE-2022-26320).', 'Make a new key.'],
  'listed-weak': ['The private key is known to others.', 'Make a new key.'],
  expired: ['The certificate is not valid now.', 'Send one that is.'],
} as const satisfies Record<string, readonly [meaning: string, remedy: string]>;

export type KeyRefusal = keyof typeof KEY_REFUSALS;

/** What is wrong with a key. The reason ends with what to do, without a full stop. */
export interface KeyFlaw {
  readonly code: KeyRefusal;
  readonly reason: string;
}

/** A public key or certificate that is refused. The reason states what is wrong and what helps; it never quotes the key. */
export class InvalidKey extends DomainError {
  constructor(
    override readonly code: KeyRefusal,
    readonly reason: string,
    options?: ErrorOptions & { readonly prefix?: string },
  ) {
    super('invalid-key', (options?.prefix ?? '') + reason, options);
  }
}

export function throwFlaw(flaw: KeyFlaw | undefined): void {
  if (flaw !== undefined) throw new InvalidKey(flaw.code, `${flaw.reason}.`);
}
