import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '../../config/config.js';
import { ownerOfProject } from '../../domain/keypair-owner.js';
import { ChangeFeed } from '../../persistence/change-feed.js';
import { GuestRepository, type StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { DeliverableKeys } from '../delivery/deliverable-keys.js';

/** A lookup of a guest, running or finished. */
interface Entry {
  readonly found: Promise<StoredGuest | undefined>;
  /** The guest's id and whose keypairs it may hold, once it is found. */
  id?: string;
  owners?: readonly string[];
}

/** A guest with much user data takes 100 KB. */
const MAX_ENTRIES = 4096;

/**
 * Caches guests for some seconds, since an agent requests a dozen files at boot. Missing guests are not cached, so that a new one
 * is found at once, whichever process it was registered through.
 */
@Injectable()
export class GuestCache {
  private readonly entries: LRUCache<string, Entry> | undefined;

  constructor(
    private readonly guests: GuestRepository,
    private readonly keys: DeliverableKeys,
    @Inject(CONFIG) private readonly config: Config,
    changes: ChangeFeed,
  ) {
    // For lru-cache a ttl of 0 means no expiry.
    const ttl = config.metadataCacheSeconds * 1000;
    this.entries = ttl === 0 ? undefined : new LRUCache({ max: MAX_ENTRIES, ttl });
    changes.onChange((change) => {
      if (change === undefined) this.entries?.clear();
      else if (change.kind === 'guest') this.forgetGuest(change.id);
      else if (change.kind === 'keypairs') this.forgetGuestsOf(change.id);
    });
  }

  byId(id: string): Promise<StoredGuest | undefined> {
    return this.remember(id, () => this.guests.find(id, { mayLag: true }));
  }

  byAddress(address: string): Promise<StoredGuest | undefined> {
    return this.remember(address, () => this.guests.findByAddress(this.config.metadataNetwork, address));
  }

  byNoCloudToken(sha256: Buffer): Promise<StoredGuest | undefined> {
    return this.remember(sha256.toString('hex'), () => this.guests.findByNoCloudToken(sha256));
  }

  /** Drops a guest that was changed, and all running lookups, which may be of that guest. */
  forgetGuest(changed: string): void {
    for (const [key, { id }] of this.entries?.entries() ?? []) {
      if (id === undefined || id === changed) this.entries?.delete(key);
    }
  }

  /** Drops the guests that may hold keypairs of an owner, and all running lookups. */
  forgetGuestsOf(changed: string): void {
    for (const [key, { owners }] of this.entries?.entries() ?? []) {
      if (owners?.includes(changed) ?? true) this.entries?.delete(key);
    }
  }

  private remember(key: string, find: () => Promise<StoredGuest | undefined>): Promise<StoredGuest | undefined> {
    const known = this.entries?.get(key);
    if (known) return known.found;
    const entry: Entry = { found: find().then((guest) => guest && this.keys.of(guest)) };
    this.entries?.set(key, entry);
    const forget = (): void => {
      if (this.entries?.peek(key) === entry) this.entries.delete(key);
    };
    entry.found.then((guest) => {
      if (guest) Object.assign(entry, { id: guest.id, owners: [guest.userId, ownerOfProject(guest.projectId)] });
      else forget();
    }, forget);
    return entry.found;
  }
}
