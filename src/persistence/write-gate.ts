import { Logger } from '@nestjs/common';
import { DatabaseUnavailable } from './database-failure.js';

export interface WriteGateOptions {
  /** The number of concurrent writes; others wait for their turn. */
  readonly maxWrites: number;
  /** How long a write may take before the gate checks for a standby that is gone. */
  readonly slowMs: number;
  /** Whether commits wait for a synchronous standby. */
  readonly areCommitsHeld: () => Promise<boolean>;
}

interface Waiting {
  readonly enter: () => void;
  readonly reject: (reason: DatabaseUnavailable) => void;
  readonly timer: NodeJS.Timeout;
}

const POLL_MS = 250;

/**
 * Refuses writes while commits wait for a synchronous standby that is gone. PostgreSQL keeps such a backend until a standby confirms
 * its commit, also after its client has left, so every further write would take one more connection until none is left for reads.
 */
export class WriteGate {
  private readonly logger = new Logger('Database');
  private readonly waiting = new Set<Waiting>();
  private readonly listeners: ((reason: DatabaseUnavailable) => void)[] = [];
  private running = 0;
  private slow = 0;
  private isClosed = false;
  private isWatching = false;

  constructor(private readonly options: WriteGateOptions) {}

  /** Calls the listener when writes begin to be refused. */
  onClose(listener: (reason: DatabaseUnavailable) => void): void {
    this.listeners.push(listener);
  }

  /** Throws {@link DatabaseUnavailable} if writes are refused now. */
  assertOpen(): void {
    if (this.isClosed) throw refusal();
  }

  /** Runs a write in its turn. Throws {@link DatabaseUnavailable} if it has none before the deadline, or writes are refused. */
  async pass<T>(deadline: number, write: () => Promise<T>): Promise<T> {
    this.assertOpen();
    if (this.running < this.options.maxWrites) this.running += 1;
    else await this.turn(deadline);
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      this.slow += 1;
      void this.watch();
    }, this.options.slowMs);
    try {
      return await write();
    } finally {
      clearTimeout(timer);
      if (isSlow) this.slow -= 1;
      this.leave();
    }
  }

  private turn(deadline: number): Promise<void> {
    return new Promise((enter, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(waiting);
        reject(notWritten('No connection became free in time.'));
      }, deadline - performance.now());
      const waiting: Waiting = { enter, reject, timer };
      this.waiting.add(waiting);
    });
  }

  private leave(): void {
    const [next] = this.waiting;
    if (!next) {
      this.running -= 1;
      return;
    }
    this.waiting.delete(next);
    clearTimeout(next.timer);
    next.enter();
  }

  /** Asks the server until no write is slow and no commit waits. */
  private async watch(): Promise<void> {
    if (this.isWatching) return;
    this.isWatching = true;
    do {
      try {
        this.setClosed(await this.options.areCommitsHeld());
      } catch {
        // The database is not available, which the writes report themselves.
      }
      await new Promise((next) => setTimeout(next, POLL_MS).unref());
    } while (this.isClosed || this.slow > 0);
    this.isWatching = false;
  }

  private setClosed(isClosed: boolean): void {
    if (isClosed === this.isClosed) return;
    this.isClosed = isClosed;
    if (!isClosed) {
      this.logger.warn('Commits are confirmed again: writes are accepted.');
      return;
    }
    this.logger.warn('No synchronous standby confirms commits: writes are refused until one does.');
    for (const { reject, timer } of this.waiting) {
      clearTimeout(timer);
      reject(refusal());
    }
    this.waiting.clear();
    for (const listener of this.listeners) listener(refusal());
  }
}

const refusal = (): DatabaseUnavailable => notWritten('No synchronous standby confirms commits.');

const notWritten = (cause: string): DatabaseUnavailable =>
  new DatabaseUnavailable(false, false, false, { cause: new Error(cause) });
