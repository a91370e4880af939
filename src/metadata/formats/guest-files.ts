import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { KEY_TYPES } from '../../crypto/key-types.js';

/** Where guests that are set up for it read, below the URL of the metadata listener. */
export const AUTHORIZED_KEYS_PATH = 'latchkey/v1/authorized-keys';
export const AUTHORITY_KEYS_PATH = 'latchkey/v1/ssh-ca/user.pub';
export const KRL_PATH = 'latchkey/v1/ssh-ca/krl';

/**
 * The lines of authorized_keys that an account of a guest has now: none but for the accounts that are named, since sshd would ask for root
 * too. Undefined for a guest that does not follow its keypairs.
 */
export function authorizedKeys({ followKeys, loginUsers, keys }: StoredGuest, user: string | null): string | undefined {
  if (!followKeys) return undefined;
  if (user === null || !loginUsers?.includes(user)) return '';
  const lines = keys.filter(({ type }) => KEY_TYPES[type].isInEc2).map(({ data }) => `${data}\n`);
  return lines.join('');
}
