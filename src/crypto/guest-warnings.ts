import type { KeyDescription } from './key-type.js';

/** Guests that cannot use a key although it is good. */
export const GUEST_WARNINGS = {
  'cirros-sk': 'CirrOS takes no key of a security key (sk-...): use another key for its guests.',
  'fips-ed25519': 'Guests in FIPS mode take no Ed25519 key: use RSA or ECDSA for them.',
  'windows-password':
    'cloudbase-init encrypts the password of a Windows guest to RSA keys only: use RSA where you need it.',
} as const;

export type GuestWarning = keyof typeof GUEST_WARNINGS;

/** Warnings about guests that cannot use a key. */
export function guestWarnings({ algorithm = '' }: Pick<KeyDescription, 'algorithm'>): GuestWarning[] {
  return [
    ...(algorithm.startsWith('sk-') ? (['cirros-sk'] as const) : []),
    ...(algorithm.includes('ed25519') ? (['fips-ed25519'] as const) : []),
    ...(algorithm.includes('rsa') ? [] : (['windows-password'] as const)),
  ];
}
