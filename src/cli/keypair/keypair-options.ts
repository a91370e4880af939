import { InvalidArgumentError, Option } from 'commander';
import { KeypairType } from '../../domain/keypair-type.js';
import { FINGERPRINTS } from '../keys/fingerprint-kinds.js';

// Options that several commands have.

const TYPES: readonly string[] = Object.values(KeypairType);

/** The type in any case, as users of novaclient write it. */
export function typeOption(flags: string): Option {
  return new Option(flags, 'what the keypair is (default: what the public key is, or else ssh)')
    .choices(TYPES)
    .argParser((text: string) => {
      const type = text.toLowerCase();
      if (!TYPES.includes(type)) throw new InvalidArgumentError(`Allowed choices are ${TYPES.join(', ')}.`);
      return type;
    });
}

export function userOption(): Option {
  return new Option('--user <user>', 'id or name of the owner (administrators only)');
}

export function fingerprintOption(): Option {
  const says = "fingerprint to show (default: the service's own, MD5 for ssh and SHA-1 for x509)";
  return new Option('--fingerprint <hash>', says).choices(FINGERPRINTS);
}
