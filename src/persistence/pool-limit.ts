import { Logger } from '@nestjs/common';

/** After this time one more connection is tried. */
const RETRY_DELAY_MS = 30_000;

/**
 * Keeps a pool as small as a pooler in session mode allows, which gives each of its connections a server connection for as long as it
 * is open. Further connections would wait for one until they are cut, each with a statement that waits for it.
 */
export class PoolLimit {
  private readonly logger = new Logger('Database');
  private readonly size: number;
  private open = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private isPoolerKnown = false;
  private reported: number | undefined;

  /** `options` are those of pg-pool, which reads `max` whenever it looks for a connection; `others` are connections beside the pool. */
  constructor(
    private readonly options: { max: number },
    private readonly others: number,
  ) {
    this.size = options.max;
  }

  /** A connection is open; `isPooled` if a pooler stands before the server. */
  opened(isPooled: boolean): void {
    this.open += 1;
    if (!isPooled || this.isPoolerKnown || this.others === 0) return;
    this.isPoolerKnown = true;
    this.logger.warn(`DATABASE_URL leads to a pooler. In session mode ${this.need}.`);
  }

  closed(): void {
    this.open -= 1;
  }

  /** A connection was accepted, but no server answered it in time. */
  refused(): void {
    if (this.open !== this.reported) {
      this.reported = this.open;
      this.logger.warn(
        `The pooler has server connections for ${this.open} of the ${this.size} connections of the pool, which stays that small. ` +
          `In session mode ${this.need}; give it more, or lower DATABASE_POOL_SIZE.`,
      );
    }
    this.options.max = Math.max(this.open, 1);
    clearInterval(this.retryTimer);
    this.retryTimer = setInterval(() => this.grow(), RETRY_DELAY_MS).unref();
  }

  private get need(): string {
    return `it needs ${this.size + this.others} server connections for each process, DATABASE_POOL_SIZE${this.others > 0 ? ' + 1' : ''}`;
  }

  private grow(): void {
    this.options.max += 1;
    if (this.options.max >= this.size) clearInterval(this.retryTimer);
  }
}
