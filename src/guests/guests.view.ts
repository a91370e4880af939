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
