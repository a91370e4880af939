import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client, ClientConfig, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';

/** What was changed: a guest, by its id, or a token that was revoked, by its audit id. */
export interface Change {
  readonly kind: 'guest' | 'token';
  readonly id: string;
}

/** A channel of PostgreSQL, and what is sent there: `guest ID` or `token ID`. */
const CHANNEL = 'latchkey';

/** An expression of SQL that tells every replica of a change, once it is committed. */
export const told = (kind: Change['kind'], id: string): string => `pg_notify('${CHANNEL}', '${kind} ' || ${id})`;

/** Milliseconds between two tries to listen. */
const PAUSE = 1000;

/**
 * Hears what any replica has changed, so that nobody goes on by what they remember (LISTEN and NOTIFY). While the connection is
 * lost, and behind a PgBouncer in transaction mode, nothing is heard: what is remembered must have a time of its own as well.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly listeners: ((change: Change | undefined) => void)[] = [];
  private readonly pool: Pool & {
    readonly Client: new (config: ClientConfig) => Client;
    readonly options: ClientConfig;
  };
  private client: Client | undefined;
  private pause: NodeJS.Timeout | undefined;
  private isOver: boolean;

  constructor(@InjectDataSource() dataSource: DataSource, @Inject(CONFIG) config: Config) {
    this.pool = (dataSource.driver as unknown as { readonly master: ChangeFeed['pool'] }).master;
    // Nobody but this process uses the embedded database.
    this.isOver = config.databaseUrl === undefined;
  }

  /** Calls back after each change, with undefined where some may have been missed. */
  onChange(listener: (change: Change | undefined) => void): void {
    this.listeners.push(listener);
  }

  onApplicationBootstrap(): void {
    void this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.pause);
    await this.client?.end().catch(() => {});
  }

  private async listen(): Promise<void> {
    if (this.isOver) return;
    // Like a connection of the pool, but not one of them: it is never given back.
    const client = new this.pool.Client(this.pool.options);
    this.client = client;
    const lost = (): void => {
      if (this.client !== client) return;
      this.client = undefined;
      if (!this.isOver) this.pause = setTimeout(() => void this.listen(), PAUSE);
    };
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload }) => {
      const [, kind, id] = /^(guest|token) (.+)$/.exec(payload ?? '') ?? [];
      this.tell(kind === undefined ? undefined : { kind: kind as Change['kind'], id });
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.tell(undefined);
    } catch {
      // Requests tell that the database is away; here it is tried again.
      lost();
      await client.end().catch(() => {});
    }
  }

  private tell(change: Change | undefined): void {
    for (const listener of this.listeners) listener(change);
  }
}
