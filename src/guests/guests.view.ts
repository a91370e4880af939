import { linksOf } from '../http/pages.js';
import type { GuestFetch, StoredGuest } from '../persistence/repositories/guest.repository.js';

/** A guest without the parts that may be long. */
function summary(guest: StoredGuest, fetch: GuestFetch | undefined): object {
  return {
    id: guest.id,
    name: guest.name,
    hostname: guest.hostname,
    user_id: guest.userId,
    project_id: guest.projectId,
    availability_zone: guest.availabilityZone,
    network: guest.network,
    addresses: guest.addresses,
    key_names: guest.keys.map(({ name }) => name),
    follow_keys: guest.followKeys,
    ssh_ca: guest.sshCa === 'keys' ? true : (guest.sshCa ?? false),
    ssh_access: guest.sshAccess ?? 'owner',
    login_users: guest.loginUsers ?? [],
    created_at: guest.createdAt,
    updated_at: guest.updatedAt,
    last_fetched_at: fetch?.at ?? null,
    agent: fetch?.agent ?? null,
  };
}

/** `{"guest": {...}}`: the whole guest without the password. */
export function showGuest(guest: StoredGuest, fetch: GuestFetch | undefined): object {
  return {
    guest: {
      ...summary(guest, fetch),
      keys: guest.keys.map(({ name, type, fingerprint, data, scope = 'own' }) => ({
        name,
        type,
        fingerprint,
        public_key: data,
        scope,
      })),
      metadata: guest.metadata,
      user_data: guest.userData,
      vendor_data: guest.vendorData,
      network_data: guest.networkData,
    },
  };
}

/** `{"guests": [...], "guests_links": [...]}`; the link leads to the next page, if there may be one. */
export function listGuests(
  guests: readonly StoredGuest[],
  fetches: ReadonlyMap<string, GuestFetch>,
  next: string | undefined,
): object {
  return {
    guests: guests.map((guest) => summary(guest, fetches.get(guest.id))),
    ...linksOf('guests', next),
  };
}

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
