import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Keys } from '../crypto/keys.js';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import type { Caller } from '../domain/caller.js';
import { DeliverableKeys } from '../metadata/delivery/deliverable-keys.js';
import { Deliveries } from '../metadata/delivery/deliveries.js';
import { GuestCache } from '../metadata/guest-lookup/guest-cache.js';
import { newNoCloudToken } from '../metadata/guest-lookup/nocloud-token.js';
import { guestAddress } from '../domain/ip-address.js';
import type { GuestKey } from '../persistence/entities/guest.entity.js';
import {
  type AddressHolder,
  AddressTaken,
  type GuestContent,
  type GuestFetch,
  GuestRepository,
  type StoredGuest,
} from '../persistence/repositories/guest.repository.js';
import { SharedKeypairs } from '../keypairs/shared-keypairs.js';
import { KeypairRepository } from '../persistence/repositories/keypair.repository.js';
import { type GuestAction, requirePolicy } from '../policy/policy.js';
import {
  type GuestFilter,
  isAdmin,
  listScope,
  type Ownership,
  ownershipFor,
  requireAddresses,
} from './guest-access.js';
import { changedContent, newContent } from './guest-content.js';
import { UUID } from './guest-rules.js';
import type { ChangedGuest, NewGuest } from './guests.dto.js';

/** The guest does not exist, or belongs to another user. */
export class GuestNotFound extends DomainError {
  constructor(id: string) {
    super('guest-not-found', `Guest ${excerpt(id)} could not be found.`);
  }
}

/** The owner of the guest does not have a requested keypair. */
class UnknownKeypair extends DomainError {
  constructor(name: string, userId: string) {
    super(
      'guest-keypair-not-found',
      `Keypair ${excerpt(name)} not found for user ${userId}; key_names must name keypairs of the guest's owner.`,
    );
  }
}

/** A requested keypair has expired. */
class ExpiredKeypair extends DomainError {
  constructor(name: string) {
    super(
      'guest-keypair-expired',
      `Keypair ${excerpt(name)} has expired. Set a later end with PATCH /v1/keypairs/NAME, or name another keypair.`,
    );
  }
}

/** The marker of a page is not a guest of the list. */
class GuestMarkerNotFound extends DomainError {
  constructor(marker: string) {
    super('guest-marker-not-found', `Marker ${excerpt(marker)} could not be found.`);
  }
}

/** An address is taken; the message, for administrators, names the guest that has it. */
class AddressHeld extends DomainError {
  constructor({ id, userId, address }: AddressHolder, network: string, options: ErrorOptions) {
    super(
      'address-taken',
      `Address ${address} in the network ${network} belongs to guest ${id} of user ${userId}. ` +
        'Delete that guest, or remove the address from it.',
      options,
    );
  }
}

/** Another request changed the guest first. */
class ChangedMeanwhile extends DomainError {
  constructor(id: string) {
    super('guest-changed', `Guest ${id} was changed by another request at the same time. Send the change again.`);
  }
}

/** The rules of guests. The guests of other users count as not found. */
@Injectable()
export class GuestsService {
  constructor(
    private readonly guests: GuestRepository,
    private readonly keypairs: KeypairRepository,
    private readonly shared: SharedKeypairs,
    private readonly deliverableKeys: DeliverableKeys,
    private readonly deliveries: Deliveries,
    private readonly keys: Keys,
    private readonly cache: GuestCache,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Registers a guest and copies its keypairs. Throws PolicyForbids, GuestIdTaken, AddressTaken or GuestQuotaExceeded. */
  async create(caller: Caller, request: NewGuest): Promise<StoredGuest> {
    const ownership = ownershipFor(caller, request);
    if (request.addresses?.length) requireAddresses(caller, ownership, this.config);
    const id = request.id?.toLowerCase() ?? randomUUID();
    const initial = newContent(request.name, id, this.config.metadataNetwork);
    const content = await this.content(caller, ownership, request, initial);
    const guest = await this.nameHolder(caller, id, content, () =>
      this.guests.add({ ...ownership, id, ...content }, this.config.guestQuota, caller),
    );
    this.cache.forgetGuest(guest.id);
    return guest;
  }

  /** Throws {@link GuestNotFound}. */
  async show(caller: Caller, id: string, action: GuestAction = 'latchkey:guests:show'): Promise<StoredGuest> {
    const guest = UUID.test(id) ? await this.guests.find(id.toLowerCase()) : undefined;
    if (!guest || !caller.rules.allows('latchkey:guests:show', caller, guest)) throw new GuestNotFound(id);
    requirePolicy(caller, action, guest);
    return guest;
  }

  /** A guest as it is delivered on a config drive. Throws {@link GuestNotFound}. */
  async deliverable(caller: Caller, id: string): Promise<StoredGuest> {
    const guest = await this.deliverableKeys.of(await this.show(caller, id, 'latchkey:guests:config_drive'));
    this.deliveries.note(guest);
    return guest;
  }

  /** One page in the order of registration, after the guest `marker` where one is given. Throws PolicyForbids. */
  async page(caller: Caller, filter: GuestFilter, limit: number): Promise<StoredGuest[]> {
    const userId = listScope(caller, filter);
    const { marker, address, key_name: keyName } = filter;
    const last = marker === undefined ? undefined : await this.guests.find(marker.toLowerCase());
    if (marker !== undefined && (!last || (userId !== undefined && last.userId !== userId))) {
      throw new GuestMarkerNotFound(marker);
    }
    const after = last?.number ?? '0';
    if (limit === 0) return [];
    return this.guests.page({ userId, address: address && guestAddress(address), keyName, after, limit });
  }

  /** When guests last requested their metadata, by id. */
  fetches(guests: readonly StoredGuest[]): Promise<ReadonlyMap<string, GuestFetch>> {
    return this.guests.fetches(guests.map(({ id }) => id));
  }

  /** Throws {@link GuestNotFound}, PolicyForbids or AddressTaken. */
  async change(caller: Caller, id: string, request: ChangedGuest): Promise<StoredGuest> {
    const guest = await this.show(caller, id, 'latchkey:guests:update');
    if (request.addresses?.length || request.network !== undefined) requireAddresses(caller, guest, this.config);
    const content = await this.content(caller, guest, request, guest);
    const changed = await this.nameHolder(caller, guest.id, content, () => this.guests.change(guest, content, caller));
    this.cache.forgetGuest(guest.id);
    if (!changed) throw new ChangedMeanwhile(id);
    return changed;
  }

  /** Deletes a guest and returns it. Throws {@link GuestNotFound}. */
  async delete(caller: Caller, id: string): Promise<StoredGuest> {
    const guest = await this.show(caller, id, 'latchkey:guests:delete');
    if (!(await this.guests.remove(guest, caller))) throw new GuestNotFound(id);
    this.cache.forgetGuest(guest.id);
    return guest;
  }

  /** The encrypted password that the guest has set, or an empty text. Throws {@link GuestNotFound}. */
  async password(caller: Caller, id: string): Promise<string> {
    const guest = await this.show(caller, id, 'latchkey:guests:show_password');
    return (await this.guests.password(guest.id)) ?? '';
  }

  /** The host keys that guests reported, by id. */
  hostKeys(guests: readonly StoredGuest[]): Promise<ReadonlyMap<string, string>> {
    return this.guests.hostKeys(guests.map(({ id }) => id));
  }

  /** Lets a guest report its host keys once more, and returns it. Throws {@link GuestNotFound} or PolicyForbids. */
  async forgetHostKeys(caller: Caller, id: string): Promise<StoredGuest> {
    const guest = await this.show(caller, id, 'latchkey:guests:update');
    await this.guests.removeHostKeys(guest.id);
    return guest;
  }

  /** Gives a guest a new token for NoCloud, which ends its former one. Throws {@link GuestNotFound} or PolicyForbids. */
  async createNoCloudToken(caller: Caller, id: string): Promise<{ guest: StoredGuest; token: string }> {
    const guest = await this.show(caller, id, 'latchkey:guests:nocloud_token');
    const { token, sha256 } = newNoCloudToken();
    if (!(await this.guests.setNoCloudToken(guest.id, sha256))) throw new GuestNotFound(id);
    this.cache.forgetGuest(guest.id);
    return { guest, token };
  }

  /** Ends the token of a guest, if it has one, and returns the guest. Throws {@link GuestNotFound} or PolicyForbids. */
  async revokeNoCloudToken(caller: Caller, id: string): Promise<StoredGuest> {
    const guest = await this.show(caller, id, 'latchkey:guests:nocloud_token');
    await this.guests.removeNoCloudToken(guest.id);
    this.cache.forgetGuest(guest.id);
    return guest;
  }

  /** The requested properties, and the current ones for the rest. */
  private async content(
    caller: Caller,
    ownership: Ownership,
    request: ChangedGuest,
    current: GuestContent,
  ): Promise<GuestContent> {
    const changed = changedContent(request, current);
    return request.key_names
      ? { ...changed, keys: await this.copyKeys(caller, ownership, request.key_names) }
      : changed;
  }

  /** Names the guest that has a taken address in the error, for administrators only. */
  private async nameHolder<T>(caller: Caller, id: string, content: GuestContent, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof AddressTaken) || !isAdmin(caller)) throw error;
      const holder = await this.guests.holderOf(error.network, content.addresses, id);
      throw holder ? new AddressHeld(holder, error.network, { cause: error }) : error;
    }
  }

  private copyKeys(caller: Caller, ownership: Ownership, names: readonly string[]): Promise<GuestKey[]> {
    return Promise.all(names.map((name) => this.copyKey(caller, ownership, name)));
  }

  /** The owner's keypair, or else the project's. Throws UnknownKeypair or ExpiredKeypair. */
  private async copyKey(caller: Caller, { userId, projectId }: Ownership, keypairName: string): Promise<GuestKey> {
    const findOwn = () => this.keypairs.find(userId, keypairName);
    const findShared = () => this.shared.find(projectId, keypairName);
    // Where another caller means the project's keypair, the owner of the guest must not put a key of their own in its place.
    const isOfCaller = caller.userId === userId;
    const shared = isOfCaller ? undefined : await findShared();
    const own = shared ? undefined : await findOwn();
    const keypair = shared ?? own ?? (isOfCaller ? await findShared() : undefined);
    if (!keypair) throw new UnknownKeypair(keypairName, userId);
    if (keypair.isExpired) throw new ExpiredKeypair(keypairName);
    const { name, type, fingerprint, publicKey } = keypair;
    const data = this.keys.forGuest(publicKey, type);
    return { name, type, fingerprint, data, ...(keypair !== own && { scope: 'project' }) };
  }
}
