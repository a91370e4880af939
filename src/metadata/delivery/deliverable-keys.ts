import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { sshFingerprint } from '../../crypto/fingerprint.js';
import { InvalidKey } from '../../crypto/invalid-key.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import { KeypairType } from '../../domain/keypair-type.js';
import { withScript } from '../../domain/vendor-data.js';
import type { GuestKey } from '../../persistence/entities/guest.entity.js';
import { ownerOfKey, type StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { KeypairRecordRepository, type LiveKey } from '../../persistence/repositories/keypair-record.repository.js';
import { acceptedPrincipals } from '../../ssh-ca/principals.js';
import { RevocationList } from '../../ssh-ca/revocation-list.js';
import { type AuthorityKey, authorityLine, SshAuthority } from '../../ssh-ca/ssh-authority.js';
import { sshdSetup } from './sshd-setup.js';

/** Which keys are delivered to a guest. */
@Injectable()
export class DeliverableKeys {
  constructor(
    private readonly keypairs: KeypairRecordRepository,
    private readonly authority: SshAuthority,
    private readonly revocations: RevocationList,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The guest with the keys that it receives: its copies but for those of keypairs that have expired, where a copy of an earlier key
   * of the keypair stays; or, if it follows them, its keypairs as they are now. The keys of the certificate authority are the last, if it
   * trusts them.
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
    return this.withAuthority({ ...guest, keys });
  }

  /** The guest with the data that makes it trust the certificate authority, if it should. */
  private async withAuthority(guest: StoredGuest): Promise<StoredGuest> {
    if (guest.sshCa === null || !this.authority.isOn) return guest;
    const keys = await this.authority.keys();
    if (guest.sshCa === 'keys') return { ...guest, keys: [...guest.keys, ...authorityKeys(guest, keys)] };
    const { content: krl } = await this.revocations.krl();
    const lines = keys.map(({ blob }) => authorityLine(blob));
    const script = sshdSetup(guest, { keys: lines, krl, url: this.config.phoneHomeUrl });
    return { ...guest, vendorData: withScript(guest.vendorData, script) };
  }

  /** The copies of an owner's keypairs, except those of expired keypairs. */
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

/** The names of the certificate authority's keys among those of a guest. */
const AUTHORITY = 'latchkey-ca';

/**
 * Lines that make sshd accept certificates for this guest only, whatever its configuration is (sshd(8), AUTHORIZED_KEYS FILE
 * FORMAT).
 */
function authorityKeys(guest: StoredGuest, authority: readonly AuthorityKey[]): GuestKey[] {
  const options = `cert-authority,principals="${acceptedPrincipals(guest).join(',')}"`;
  const names = freeNames(AUTHORITY, guest.keys);
  return authority.map(({ blob }) => ({
    name: names.next().value!,
    type: KeypairType.Ssh,
    fingerprint: sshFingerprint(blob),
    data: `${options} ${authorityLine(blob)}`,
  }));
}

/** Names that no key has: METADATA_KEYS=nova keeps the keys by name. */
function* freeNames(name: string, keys: readonly GuestKey[]): Generator<string, undefined> {
  for (let count = 1; ; count += 1) {
    const free = count === 1 ? name : `${name}-${count}`;
    if (!keys.some((key) => key.name === free)) yield free;
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
