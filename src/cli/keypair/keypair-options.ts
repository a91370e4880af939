import { InvalidArgumentError, Option } from 'commander';
import { ALGORITHMS } from '../../crypto/make-key.js';
import { KeypairType } from '../../domain/keypair-type.js';
import { severalOption } from '../global-options.js';

// Options that several commands have.

const TYPES: readonly string[] = Object.values(KeypairType);

/** The type in any case, as users of novaclient write it. */
export function typeOption(
  flags: string,
  description = 'type of the keypair (default: that of the public key, or else ssh)',
): Option {
  return new Option(flags, description).choices(TYPES).argParser((text: string) => {
    const type = text.toLowerCase();
    if (!TYPES.includes(type)) throw new InvalidArgumentError(`Allowed choices are ${TYPES.join(', ')}.`);
    return type;
  });
}

export const userOption = (): Option => new Option('--user <user>', 'id or name of the owner (administrators only)');

export const sharedOption = (): Option =>
  new Option('--shared', 'use a keypair of the project (Latchkey only)').conflicts('user');

export const fingerprintOption = (): Option =>
  new Option(
    '--fingerprint <hash>',
    "fingerprint to show (default: the service's own, MD5 for ssh and SHA-1 for x509)",
  ).choices(['sha256', 'md5']);

export const privateKeyOption = (): Option =>
  new Option('--private-key <file>', 'write the private key to this file (default: standard output)');

export const expiresOption = (): Option =>
  new Option('--expires <time>', 'when delivery to guests ends: a duration such as 90d, or an ISO 8601 time');

/** The options that set the life of a keypair. */
export const lifeOptions = (): Option[] => [
  expiresOption(),
  severalOption('--tag <name=value>', 'tag to set; may be repeated'),
  new Option('--note <text>', 'note for readers'),
  new Option('--protect', 'refuse to delete the keypair'),
];

/** The options of commands that make a pair, or read a public key instead. */
export const pairOptions = (): Option[] => [
  new Option('--public-key <file>', 'register this public key or certificate; - is standard input'),
  ...madePairOptions().map((option) => option.conflicts('publicKey')),
  new Option('--force', 'replace the private key file if it exists'),
];

/** The options of a pair that is generated here. */
export const madePairOptions = (): Option[] => [
  privateKeyOption(),
  new Option('--algorithm <name>', 'key algorithm (default: ed25519 for ssh, rsa for x509)').choices(ALGORITHMS),
  new Option('--bits <n>', 'size of the key: 2048 to 16384 for rsa (default 3072), 256, 384 or 521 for ecdsa'),
  new Option('--days <n>', 'validity of a certificate in days (default: 3650)'),
  new Option('--upn <upn>', 'Windows account of a certificate (default: USER_ID@localhost)'),
  new Option('--passphrase', 'encrypt the private key with a passphrase'),
  new Option('--legacy-pkcs12', 'write PKCS#12 with 3DES and SHA-1, for Windows Server 2016 and older'),
  new Option('--keep', 'keep the private key file if the registration fails'),
];
