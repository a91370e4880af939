import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { ChangeFeed } from '../persistence/change-feed.js';
import { GuestRepository, type StoredGuest } from '../persistence/guest.repository.js';

/** A guest being looked up, or found, and the time until which it is remembered. */
interface Entry {
  readonly found: Promise<StoredGuest | undefined>;
  /** The guest's id, once it is found. */
  id?: string;
  readonly until: number;
}

/** Guests remembered at most; a guest with much user data takes 100 KB. */
const MOST = 4096;

/**
 * Remembers guests for some seconds, since an agent that boots asks for a dozen files at once. Guests that were looked for in
 * vain are not remembered, so that a new one is found at once, whichever process it was registered through.
 */
@Injectable()
export class GuestCache {
  // All live equally long, so the oldest entry is the first one.
  private readonly entries = new Map<string, Entry>();
  private readonly milliseconds: number;

  constructor(
    private readonly guests: GuestRepository,
    @Inject(CONFIG) private readonly config: Config,
    changes: ChangeFeed,
  ) {
    changes.onChange((change) => {
      if (change === undefined) this.entries.clear();
      else if (change.kind === 'guest') this.forgetGuest(change.id);
    });
    this.milliseconds = config.metadataCacheSeconds * 1000;
  }

  byId(id: string): Promise<StoredGuest | undefined> {
    return this.remembered(id, () => this.guests.find(id));
  }

  byAddress(address: string): Promise<StoredGuest | undefined> {
    return this.remembered(address, () => this.guests.findByAddress(this.config.metadataNetwork, address));
  }

  /** Forgets a guest that was changed, and whoever had its addresses; a look-up that is under way is not kept either. */
  forget({ id, addresses }: Pick<StoredGuest, 'id' | 'addresses'>): void {
    for (const key of [id, ...addresses]) this.entries.delete(key);
  }

  /** Forgets what another replica has changed; what is being looked up may be it. */
  private forgetGuest(changed: string): void {
    for (const [key, { id }] of this.entries) {
      if (id === undefined || id === changed) this.entries.delete(key);
    }
  }

  private remembered(key: string, find: () => Promise<StoredGuest | undefined>): Promise<StoredGuest | undefined> {
    const now = performance.now();
    const known = this.entries.get(key);
    if (known && known.until > now) return known.found;
    const entry: Entry = { found: find(), until: now + this.milliseconds };
    this.entries.delete(key);
    this.makeRoom(now);
    this.entries.set(key, entry);
    const forget = (): void => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    };
    entry.found.then((guest) => {
      if (guest) entry.id = guest.id;
      else forget();
    }, forget);
    return entry.found;
  }

  private makeRoom(now: number): void {
    for (const [key, { until }] of this.entries) {
      if (until > now && this.entries.size < MOST) return;
      this.entries.delete(key);
    }
  }
}
