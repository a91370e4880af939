import { InvalidArgumentError, Option } from 'commander';
import { KeypairType } from '../../domain/keypair-type.js';

// Options that several commands have.

const TYPES: readonly string[] = Object.values(KeypairType);

/** The type in any case, as users of novaclient write it. */
export function typeOption(
  flags: string,
  description = 'what the keypair is (default: what the public key is, or else ssh)',
): Option {
  return new Option(flags, description).choices(TYPES).argParser((text: string) => {
    const type = text.toLowerCase();
    if (!TYPES.includes(type)) throw new InvalidArgumentError(`Allowed choices are ${TYPES.join(', ')}.`);
    return type;
  });
}

export function userOption(): Option {
  return new Option('--user <user>', 'id or name of the owner (administrators only)');
}

export function sharedOption(): Option {
  return new Option('--shared', 'a keypair of the project (Latchkey only)').conflicts('user');
}

export function fingerprintOption(): Option {
  const description = "fingerprint to show (default: the service's own, MD5 for ssh and SHA-1 for x509)";
  return new Option('--fingerprint <hash>', description).choices(['sha256', 'md5']);
}
