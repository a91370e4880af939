import { Injectable } from '@nestjs/common';
import { InvalidKey } from '../crypto/invalid-key.js';
import { KEY_TYPES } from '../crypto/key-types.js';
import type { GuestKey } from '../persistence/entities/guest.entity.js';
import { ownerOfKey, type StoredGuest } from '../persistence/guest.repository.js';
import { KeypairRecordRepository, type LiveKey } from '../persistence/keypair-record.repository.js';

/** Which keys are delivered to a guest. */
@Injectable()
export class DeliverableKeys {
  constructor(private readonly keypairs: KeypairRecordRepository) {}

  /**
   * The guest with the keys that it receives: its copies but for those of keypairs that have expired, where a copy of an earlier key
   * of the keypair stays; or, if it follows them, its keypairs as they are now.
   */
  async of(guest: StoredGuest): Promise<StoredGuest> {
    const owners = [...new Set(guest.keys.map((key) => ownerOfKey(guest, key)))];
    const delivered = await Promise.all(
      owners.map((owner) => {
        const copies = guest.keys.filter((key) => ownerOfKey(guest, key) === owner);
        return guest.followKeys ? this.current(owner, copies) : this.unexpired(owner, copies);
      }),
    );
    const keys = guest.keys.flatMap((copy) => delivered.flatMap((each) => each.get(copy) ?? []));
    return { ...guest, keys };
  }

  /** The copies of an owner's keypairs, but for those of keypairs that have ended. */
  private async unexpired(owner: string, copies: readonly GuestKey[]): Promise<ReadonlyMap<GuestKey, GuestKey[]>> {
    const expired = await this.keypairs.expired(owner, namesOf(copies));
    const isDelivered = (copy: GuestKey): boolean =>
      !expired.some(({ name, fingerprint }) => name === copy.name && fingerprint === copy.fingerprint);
    return new Map(copies.filter(isDelivered).map((copy) => [copy, [copy]]));
  }

  /** For each copy the key that its keypair has now, and those before it until their overlap ends. */
  private async current(owner: string, copies: readonly GuestKey[]): Promise<ReadonlyMap<GuestKey, GuestKey[]>> {
    const live = await this.keypairs.liveKeys(owner, namesOf(copies));
    return new Map(
      copies.map((copy) => {
        const keys = live.filter(({ name }) => name === copy.name).toSorted(newestFirst);
        return [copy, keys.flatMap((key) => asDelivered(copy, key))];
      }),
    );
  }
}

const namesOf = (copies: readonly GuestKey[]): string[] => copies.map(({ name }) => name);

const newestFirst = (one: LiveKey, other: LiveKey): number =>
  (other.version ?? Infinity) - (one.version ?? Infinity) || 0;

/** A key under the name of its keypair, with its version if it is an old one. None for a text of a Nova that holds no key. */
function asDelivered(copy: GuestKey, { name, type, fingerprint, publicKey, version }: LiveKey): GuestKey[] {
  try {
    const data = KEY_TYPES[type].forGuest(publicKey);
    return [{ ...copy, name: version === null ? name : `${name}-v${version}`, type, fingerprint, data }];
  } catch (error) {
    if (error instanceof InvalidKey) return [];
    throw error;
  }
}
