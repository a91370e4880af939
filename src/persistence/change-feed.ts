import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Client } from 'pg';
import { CONFIG, type Config } from '../config/config.js';
import { directClient } from './data-source.js';

/**
 * A guest that was changed, by its id, a user whose keypairs were, a token that was revoked, by its audit id, or an application
 * credential that was deleted, by its id; or a user or project of the built-in identity, by its id.
 */
export interface Change {
  readonly kind: 'guest' | 'keypairs' | 'token' | 'credential' | 'identity';
  readonly id: string;
}

/** The channel of PostgreSQL; its payloads are such as `guest ID`. */
const CHANNEL = 'latchkey';

/**
 * An SQL expression that notifies every replica of a change once it is committed; `id` is an SQL expression too. Citus keeps the rows of a
 * CTE in a table, which has no columns of type void.
 */
export const notifyChange = (kind: Change['kind'], id: string): string =>
  `pg_notify('${CHANNEL}', '${kind} ' || ${id})::text`;

const RETRY_DELAY_MS = 1000;

/**
 * Receives the changes of all replicas (LISTEN and NOTIFY), so that caches can drop what is stale. While the connection is lost, and
 * behind a pooler in transaction mode without DATABASE_LISTEN_URL, nothing arrives: cached values must expire by themselves as well.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly listeners: ((change: Change | undefined) => void)[] = [];
  private client: Client | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private isStopped: boolean;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    // Only this process uses the embedded database.
    this.isStopped = config.databaseUrl === undefined;
  }

  /** Calls the listener after each change, and with undefined when some may have been missed. */
  onChange(listener: (change: Change | undefined) => void): void {
    this.listeners.push(listener);
  }

  onApplicationBootstrap(): void {
    void this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
    await this.client?.end().catch(() => {});
  }

  private async listen(): Promise<void> {
    if (this.isStopped) return;
    const client = directClient(this.config);
    this.client = client;
    const retryLater = (): void => {
      if (this.client !== client) return;
      this.client = undefined;
      if (!this.isStopped) this.retryTimer = setTimeout(() => void this.listen(), RETRY_DELAY_MS);
    };
    client.on('error', retryLater).on('end', retryLater);
    client.on('notification', ({ payload }) => {
      const [, kind, id] = /^(guest|keypairs|token|credential|identity) (.+)$/s.exec(payload ?? '') ?? [];
      this.emit(kind === undefined ? undefined : { kind: kind as Change['kind'], id });
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.emit(undefined);
    } catch {
      // Requests report that the database is unavailable.
      retryLater();
      await client.end().catch(() => {});
    }
  }

  private emit(change: Change | undefined): void {
    for (const listener of this.listeners) listener(change);
  }
}
