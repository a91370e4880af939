import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import { utcTime } from '../domain/utc-time.js';
import { type EventListing, EventRepository, type StoredEvent } from '../persistence/repositories/event.repository.js';
import { requirePolicy } from '../policy/policy.js';

/** Whose events a caller requests. */
export type EventsOf = 'project' | 'all' | { readonly userId: string };

const TRIM_INTERVAL_MS = 3_600_000;

/** Who may read which events, and how long they are kept. */
@Injectable()
export class EventsService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: EventRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    // A failed deletion is repeated in the next hour.
    this.timer = setInterval(() => void this.trim().catch(() => undefined), TRIM_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** One page, in the order of their ids. Throws PolicyForbids, or DomainError `no-project`. */
  async page(caller: Caller, of: EventsOf, listing: Omit<EventListing, 'of'>): Promise<StoredEvent[]> {
    const owner = ownerFor(caller, of);
    return listing.limit === 0 ? [] : this.events.page({ of: owner, ...listing });
  }

  /** Deletes events older than EVENTS_KEEP. */
  trim(): Promise<void> {
    return this.events.trim(utcTime(Date.now() - this.config.eventsKeepMs));
  }
}

/** Undefined: all users and projects. */
function ownerFor(caller: Caller, of: EventsOf): string | undefined {
  if (of === 'project') {
    const { projectId } = caller;
    if (projectId === undefined) throw new DomainError('no-project', 'The token has no project.');
    requirePolicy(caller, 'latchkey:events:project', { projectId });
    return ownerOfProject(projectId);
  }
  requirePolicy(caller, 'latchkey:events:index', of === 'all' ? {} : of);
  return of === 'all' ? undefined : of.userId;
}
