import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { CustomTypesConfig, Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { type Tracing, TRACING } from '../tracing/tracing.js';
import { type DatabaseUnavailable, failureOf, type Stage } from './database-failure.js';
import type { PostgresClient } from './postgres-client.js';

/** A statement that the server prepares once for each connection and then knows by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** That it may run twice with the same outcome as once. Of a statement that only reads this need not be said. */
  readonly repeatable?: true;
  /** What becomes of its columns by their types, where that is not as usual. */
  readonly types?: CustomTypesConfig;
}

/** Connections as they are at the moment. */
export interface PoolUse {
  readonly open: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

/** Milliseconds before a second try. */
const PAUSE = 50;

/**
 * Runs single statements on TypeORM's own connection pool. TypeORM never names statements, and a named one is about a third
 * faster (see docs/decisions/0003-statements-written-out.md).
 */
@Injectable()
export class Database {
  private readonly pool: Pool;
  /** Milliseconds for one statement. The embedded engine has none: it is never away, and its one connection never cut. */
  private readonly timeout: number;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(CONFIG) config: Config,
    @Inject(TRACING) private readonly tracing: Tracing | undefined,
  ) {
    this.pool = (dataSource.driver as unknown as { readonly master: Pool }).master;
    this.timeout = config.databaseUrl === undefined ? Infinity : config.dbTimeout;
  }

  get use(): PoolUse {
    return { open: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /** When a statement that begins now must be done, in milliseconds of `performance.now()`. */
  deadline(): number {
    return performance.now() + this.timeout;
  }

  /**
   * The rows that a statement returns. It is run a second time where the first one failed in passing and cannot have changed
   * anything, or may be repeated. Throws pg's DatabaseError for what the database refuses, or {@link DatabaseUnavailable}
   * no later than the deadline.
   */
  query<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    deadline = this.deadline(),
  ): Promise<Row[]> {
    if (!this.tracing) return this.run(statement, values, deadline);
    return this.tracing.statement(statement.name, () => this.run<Row>(statement, values, deadline));
  }

  private async run<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    deadline: number,
  ): Promise<Row[]> {
    const first = await this.attempt(statement, values, deadline);
    if (!('failure' in first)) return first.rows as Row[];
    const { failure } = first;
    const isRepeatable = statement.repeatable ?? /^\s*SELECT\b/.test(statement.text);
    const mayTryAgain = failure.passing && (isRepeatable || !failure.mayHaveHappened);
    if (!mayTryAgain || performance.now() + PAUSE >= deadline) throw failure;
    await sleep(PAUSE);
    const second = await this.attempt(statement, values, deadline);
    if ('failure' in second) throw second.failure;
    return second.rows as Row[];
  }

  private async attempt(
    { name, text, types }: Statement,
    values: readonly unknown[],
    deadline: number,
  ): Promise<{ rows: object[] } | { failure: DatabaseUnavailable }> {
    let stage: Stage = 'connecting';
    // Not pool.query: that closes the connection whenever the database refuses something, such as a name that is taken.
    let client: PoolClient | undefined;
    let isBroken = false;
    let impatience: NodeJS.Timeout | undefined;
    try {
      client = await this.connection(deadline);
      const { cut } = client as PoolClient & Partial<PostgresClient>;
      if (cut && this.timeout !== Infinity) {
        const held = client;
        impatience = setTimeout(() => {
          stage = 'overdue';
          cut.call(held);
        }, deadline - performance.now());
      }
      stage = 'running';
      const { rows } = await client.query<object>({ name, text, types, values: [...values] });
      return { rows };
    } catch (error) {
      const failure = failureOf(error, stage);
      if (!failure) throw error;
      isBroken = failure.breaksConnection;
      return { failure };
    } finally {
      clearTimeout(impatience);
      client?.release(isBroken);
    }
  }

  private async connection(deadline: number): Promise<PoolClient> {
    // One that is idle, and that nobody else waits for, is had at once.
    const isHadInTime = this.timeout === Infinity || this.pool.idleCount > this.pool.waitingCount;
    const connecting = this.pool.connect();
    if (isHadInTime) return connecting;
    let impatience: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_resolve, reject) => {
      impatience = setTimeout(() => {
        reject(new Error('No connection became free in time.'));
        connecting.then(
          (late) => late.release(),
          () => {},
        );
      }, deadline - performance.now());
    });
    try {
      return await Promise.race([connecting, patience]);
    } finally {
      clearTimeout(impatience);
    }
  }
}
