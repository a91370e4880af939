import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import type { Requester } from '../domain/caller.js';
import type { EventType } from '../domain/event-type.js';
import { type Tracing, TRACING } from '../tracing/tracing.js';
import { ConnectionPool, type Outcome, type PoolUse, type Statement } from './connection-pool.js';
import { standbyPool } from './data-source.js';
import type { DatabaseUnavailable } from './database-failure.js';
import { WriteGate } from './write-gate.js';

/** What a read must show. */
export interface ReadOptions {
  readonly deadline?: number;
  /**
   * The users whose rows are read. With DATABASE_READS=standby a standby is asked, which may lag behind, unless one of them wrote
   * lately; undefined: the newest state.
   */
  readonly owners?: readonly string[];
}

/** Attempts of a read on the two servers, one after the other. */
const MAX_TURNS = 4;
/** Of the time that is left, for an attempt after which the other server may be tried. */
const FIRST_SHARE = 0.25;
/** The number of owners whose last write is remembered. */
const MAX_WRITERS = 100_000;
const RETRY_DELAY_MS = 50;
/** A write that takes longer may wait for a standby; less for a short DB_TIMEOUT_MS. */
const SLOW_WRITE_MS = 1000;

/** Writes a record of no content, whose commit is confirmed after all those before it. */
const CONFIRM: Statement = {
  name: 'confirm',
  repeatable: true,
  text: `SELECT pg_logical_emit_message(true, 'latchkey', '')`,
};

/** Commits of this role that wait for a standby for some milliseconds, of every replica and behind a pooler too. */
const HELD_COMMIT = {
  name: 'held-commit',
  text: `
    SELECT FROM pg_stat_activity WHERE usename = current_user AND wait_event = 'SyncRep'
      AND state_change < clock_timestamp() - $1 * interval '1 millisecond' LIMIT 1`,
};

/**
 * Runs single statements on TypeORM's own connection pool, and reads on standbys where they are configured. TypeORM never names
 * statements, and a named one is about a third faster (see docs/decisions/0003-statements-written-out.md).
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly primary: ConnectionPool;
  /** Of DATABASE_READ_URL. */
  private readonly standby: ConnectionPool | undefined;
  /** Owners who wrote recently; undefined if reads prefer the primary. */
  private readonly writers: LRUCache<string, true> | undefined;
  /** For one statement. Infinity for the embedded engine, which is always available and must keep its one connection. */
  private readonly timeoutMs: number;
  /** Undefined for the embedded engine, which has no standby. */
  private readonly gate: WriteGate | undefined;
  private readonly keepsEvents: boolean;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(CONFIG) config: Config,
    @Inject(TRACING) private readonly tracing: Tracing | undefined,
  ) {
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    const isEmbedded = config.databaseUrl === undefined;
    const options = { isEmbedded, areNamed: config.databaseStatements === 'named' };
    this.primary = new ConnectionPool(master, options);
    this.keepsEvents = config.eventsKeepMs > 0;
    this.timeoutMs = isEmbedded ? Infinity : config.dbTimeoutMs;
    if (isEmbedded) return;
    if (config.databaseReadUrl !== undefined) this.standby = new ConnectionPool(standbyPool(config), options);
    if (config.databaseReads === 'standby')
      this.writers = new LRUCache({ max: MAX_WRITERS, ttl: config.databaseFreshSeconds * 1000 });
    const slowMs = Math.min(SLOW_WRITE_MS, this.timeoutMs / 5);
    this.gate = new WriteGate({
      // Reads keep the other half of the pool.
      maxWrites: Math.ceil(config.databasePoolSize / 2),
      slowMs,
      areCommitsHeld: async () => (await this.readPrimary(HELD_COMMIT, [slowMs])).length > 0,
    });
  }

  get use(): PoolUse {
    return this.primary.use;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.standby?.end();
  }

  /** The deadline of a statement that starts now, in milliseconds of `performance.now()`. */
  deadline(): number {
    return performance.now() + this.timeoutMs;
  }

  /** The parameters of {@link eventOf}; without a type, so that no event is written, with EVENTS_KEEP=off. */
  event(type: EventType, { userId, projectId, requestId }: Requester): unknown[] {
    return [this.keepsEvents ? type : null, projectId, userId, requestId];
  }

  /** Calls the listener when writes begin to be refused, for those that wait for their turn elsewhere. */
  onWritesRefused(listener: (reason: DatabaseUnavailable) => void): void {
    this.gate?.onClose(listener);
  }

  /** Throws {@link DatabaseUnavailable} while writes are refused. */
  assertWritable(): void {
    this.gate?.assertOpen();
  }

  /**
   * Runs a statement that changes nothing and returns its rows. After a failure it is tried again, on a standby if there is one.
   * Throws pg's DatabaseError if the database refuses it, or {@link DatabaseUnavailable} no later than the deadline.
   */
  read<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    { deadline = this.deadline(), owners }: ReadOptions = {},
  ): Promise<Row[]> {
    const { standby, writers } = this;
    if (!standby) return this.readPrimary(statement, values, deadline);
    const mayLag = writers !== undefined && owners !== undefined && !owners.some((owner) => writers.has(owner));
    return this.traced(statement, () => this.readEither<Row>(standby, mayLag, statement, values, deadline));
  }

  /** The same on the primary only, for what decides on writes. */
  readPrimary<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    deadline = this.deadline(),
  ): Promise<Row[]> {
    return this.traced(statement, () => this.run<Row>(statement, values, deadline, true));
  }

  /**
   * Runs a statement that changes rows and returns its rows, as {@link readPrimary} does. It is retried if the first one certainly
   * changed nothing, or if it is repeatable. It is refused while commits wait for a synchronous standby. `owner` is the user whose
   * rows it changes, if reads name their owners.
   */
  write<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    deadline = this.deadline(),
    owner?: string,
  ): Promise<Row[]> {
    const run = (): Promise<Row[]> => this.run<Row>(statement, values, deadline, statement.repeatable ?? false, true);
    const writing = this.traced(statement, () => (this.gate ? this.gate.pass(deadline, run) : run()));
    const { writers } = this;
    return writers && owner !== undefined ? writing.finally(() => writers.set(owner, true)) : writing;
  }

  /**
   * Waits until every commit that is visible now has reached the synchronous standby, if there is one. A statement that was ended
   * while its commit waited may have been applied without that, and what only reads its outcome does not wait.
   */
  async confirm(deadline: number): Promise<void> {
    await this.run(CONFIRM, [], deadline, true);
  }

  private traced<Row>({ name }: Statement, run: () => Promise<Row[]>): Promise<Row[]> {
    return this.tracing ? this.tracing.statement(name, run) : run();
  }

  private async readEither<Row extends object>(
    standby: ConnectionPool,
    mayLag: boolean,
    statement: Statement,
    values: readonly unknown[],
    deadline: number,
  ): Promise<Row[]> {
    const attempt = async (pool: ConnectionPool, until: number): Promise<Outcome> => {
      try {
        return await pool.attempt(statement, values, until, { onceReplayed: pool === standby && !mayLag });
      } catch (error) {
        // A standby may lack the newest migration.
        if (pool === this.primary) throw error;
        return { failure: error as DatabaseUnavailable };
      }
    };
    const prefersStandby = mayLag ? !standby.isAway : this.primary.isAway;
    const pools = prefersStandby ? [standby, this.primary] : [this.primary, standby];
    let ofPrimary: DatabaseUnavailable | undefined;
    for (let turn = 0; ; turn += 1) {
      const [pool, other] = [pools[turn % 2], pools[(turn + 1) % 2]];
      const now = performance.now();
      const isShared = turn < MAX_TURNS - 1 && !other.isAway;
      const outcome = await attempt(pool, isShared ? now + (deadline - now) * FIRST_SHARE : deadline);
      if (!('failure' in outcome)) return outcome.rows as Row[];
      const { failure } = outcome;
      if (failure.breaksConnection) void pool.watch();
      if (pool === this.primary) ofPrimary = failure;
      if (turn === MAX_TURNS - 1 || performance.now() + RETRY_DELAY_MS >= deadline) throw ofPrimary ?? failure;
      if (turn % 2 === 1) await sleep(RETRY_DELAY_MS);
    }
  }

  private async run<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    deadline: number,
    isRepeatable: boolean,
    isWrite = false,
  ): Promise<Row[]> {
    const first = await this.primary.attempt(statement, values, deadline);
    if (!('failure' in first)) return first.rows as Row[];
    const { failure } = first;
    const mayRetry = failure.isTransient && (isRepeatable || !failure.mayHaveHappened);
    if (!mayRetry || performance.now() + RETRY_DELAY_MS >= deadline) throw failure;
    await sleep(RETRY_DELAY_MS);
    const second = await this.primary.attempt(statement, values, deadline);
    if ('failure' in second) throw second.failure;
    // The second one may have found nothing left to change.
    if (isWrite && failure.mayHaveHappened) await this.confirm(deadline);
    return second.rows as Row[];
  }
}
