import type { StoredGuest } from '../persistence/repositories/guest.repository.js';

/** A name that is no pattern, no list and no marker in a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The lines of a known_hosts file for guests, by the keys that each reported: addresses, host name and name, and one key. */
export function knownHosts(guests: readonly StoredGuest[], hostKeys: ReadonlyMap<string, string>): string {
  return guests
    .flatMap(({ id, addresses, hostname, name }) => {
      const hosts = [...new Set([...addresses, hostname, name].filter(isPlain))].join(',');
      const keys = hostKeys.get(id)?.split('\n') ?? [];
      return keys.map((key) => `${hosts} ${key}\n`);
    })
    .join('');
}

/** Addresses of IPv6 have colons and no other characters of note. */
const isPlain = (host: string): boolean => PLAIN_NAME.test(host) || /^[0-9a-f:]+$/.test(host);
