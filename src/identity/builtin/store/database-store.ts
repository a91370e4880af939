import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ChangeFeed } from '../../../persistence/change-feed.js';
import type { IdentityRepository } from '../../../persistence/repositories/identity.repository.js';
import { Directory } from '../directory/directory.js';
import { IdentityStore } from './identity-store.js';

/** Between reads that need no notice of a change: notices may be lost, as behind a pooler. */
const POLL_INTERVAL_MS = 5_000;

/** The users and projects of the database in memory, read anew when another replica or a command changed them. */
export class DatabaseStore extends IdentityStore implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Identity');
  private directory = new Directory([], []);
  private digest: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The read that begins after the one under way. */
  private next: Promise<void> | undefined;
  private reading: Promise<void> = Promise.resolve();

  /** `prepare` fills an empty database, `isShared` whether other processes change it. */
  constructor(
    private readonly repository: IdentityRepository,
    changes: ChangeFeed,
    private readonly isShared: boolean,
    private readonly prepare: () => Promise<void>,
  ) {
    super();
    changes.onChange((change) => {
      if (change === undefined || change.kind === 'identity') this.reloadLater();
    });
  }

  /** Modules are initialized, and the database with them migrated. */
  async onApplicationBootstrap(): Promise<void> {
    await this.prepare();
    await this.reload();
    if (this.isShared) this.timer = setInterval(() => this.reloadLater(), POLL_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  override current(): Directory {
    return this.directory;
  }

  /** Shows every change that was committed before. Concurrent calls share a read. */
  reload(): Promise<void> {
    this.next ??= this.reading
      .catch(() => {})
      .then(() => {
        this.next = undefined;
        this.reading = this.read();
        return this.reading;
      });
    return this.next;
  }

  private async read(): Promise<void> {
    const loaded = await this.repository.load(this.digest);
    if (!loaded) return;
    this.digest = loaded.digest;
    this.directory = Directory.of(loaded.identity);
    this.changed();
  }

  /** While the database is unavailable the users stay as they were. */
  private reloadLater(): void {
    this.reload().catch((error: unknown) => {
      this.logger.warn(`The users cannot be read from the database; they stay as they were: ${(error as Error).name}`);
    });
  }
}
