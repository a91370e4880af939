import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { utcTime } from '../../domain/utc-time.js';
import {
  type GuestFetch,
  GuestRepository,
  ownerOfKey,
  type StoredGuest,
} from '../../persistence/repositories/guest.repository.js';
import { type Delivery, KeypairRecordRepository } from '../../persistence/repositories/keypair-record.repository.js';

const FLUSH_MS = 60_000;

/**
 * Collects which guests requested their metadata and which read their keys, and stores the times by one statement a minute for each:
 * a request of a guest writes nothing.
 */
@Injectable()
export class Deliveries implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly read: Notes<{ readonly guest: StoredGuest; readonly at: number }>;
  private readonly fetches: Notes<{ readonly id: string; readonly agent: string | null; readonly at: number }>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keypairs: KeypairRecordRepository,
    private readonly guests: GuestRepository,
  ) {
    this.read = new Notes((noted) => this.keypairs.setDelivered(latest(noted)));
    this.fetches = new Notes((noted) => {
      const fetches = noted.map(({ at, ...fetch }): GuestFetch => ({ ...fetch, at: utcTime(at) }));
      return this.guests.setFetched(fetches.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Notes that a guest has read its keys. */
  note(guest: StoredGuest): void {
    if (guest.keys.length > 0) this.read.set(guest.id, { guest, at: Date.now() });
  }

  /** Notes that a guest has requested its metadata; `agent` is the name of its program. */
  noteFetch({ id }: StoredGuest, agent: string | null): void {
    this.fetches.set(id, { id, agent, at: Date.now() });
  }

  /** Stores the noted fetches. Those that cannot be stored now are retried with the next ones. */
  async flush(): Promise<void> {
    await this.read.flush();
    await this.fetches.flush();
  }
}

/** The last note of each guest since they were stored. */
class Notes<T> {
  private notes = new Map<string, T>();

  /** `store` gets them in no order, but replicas that store at once must not wait for each other: it has to sort them. */
  constructor(private readonly store: (notes: readonly T[]) => Promise<void>) {}

  set(guestId: string, note: T): void {
    this.notes.set(guestId, note);
  }

  async flush(): Promise<void> {
    if (this.notes.size === 0) return;
    const { notes } = this;
    this.notes = new Map();
    try {
      await this.store([...notes.values()]);
    } catch (error) {
      this.notes = new Map([...notes, ...this.notes]);
      new Logger('Metadata').warn(`The times of deliveries are not stored yet (${(error as Error).name}).`);
    }
  }
}

/** Each keypair once, with the last time, in one order. */
function latest(noted: readonly { readonly guest: StoredGuest; readonly at: number }[]): Delivery[] {
  const deliveries = new Map<string, Delivery>();
  for (const { guest, at } of noted.toSorted((a, b) => a.at - b.at)) {
    for (const copy of guest.keys) {
      const { name, fingerprint } = copy;
      const userId = ownerOfKey(guest, copy);
      // Two guests may hold two keys that a keypair had; the statement knows which it has.
      deliveries.set(JSON.stringify([userId, name, fingerprint]), { userId, name, fingerprint, at: utcTime(at) });
    }
  }
  return [...deliveries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, delivery]) => delivery);
}
