import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { CustomTypesConfig, Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { type Tracing, TRACING } from '../tracing/tracing.js';
import { type DatabaseUnavailable, databaseFailure, type Stage } from './database-failure.js';
import type { PostgresClient } from './postgres-client.js';

/** A statement that the server prepares once for each connection and then knows by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether it may run twice with the same outcome as once; implied for SELECT. */
  readonly repeatable?: true;
  /** Parsers of its columns by type, if not pg's. */
  readonly types?: CustomTypesConfig;
}

/** The current connections. */
export interface PoolUse {
  readonly open: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

const RETRY_DELAY_MS = 50;

/**
 * Runs single statements on TypeORM's own connection pool. TypeORM never names statements, and a named one is about a third
 * faster (see docs/decisions/0003-statements-written-out.md).
 */
@Injectable()
export class Database {
  private readonly pool: Pool;
  /** For one statement. Infinity for the embedded engine, which is always available and must keep its one connection. */
  private readonly timeoutMs: number;
  private readonly areNamed: boolean;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(CONFIG) config: Config,
    @Inject(TRACING) private readonly tracing: Tracing | undefined,
  ) {
    this.pool = (dataSource.driver as unknown as { readonly master: Pool }).master;
    this.timeoutMs = config.databaseUrl === undefined ? Infinity : config.dbTimeoutMs;
    this.areNamed = config.databaseStatements === 'named';
  }

  get use(): PoolUse {
    return { open: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /** The deadline of a statement that starts now, in milliseconds of `performance.now()`. */
  deadline(): number {
    return performance.now() + this.timeoutMs;
  }

  /**
   * Runs a statement and returns its rows. After a transient failure it is retried once if it changed nothing or is repeatable.
   * Throws pg's DatabaseError if the database refuses it, or {@link DatabaseUnavailable} no later than the deadline.
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
    const mayRetry = failure.isTransient && (isRepeatable || !failure.mayHaveHappened);
    if (!mayRetry || performance.now() + RETRY_DELAY_MS >= deadline) throw failure;
    await sleep(RETRY_DELAY_MS);
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
    // Not pool.query, which closes the connection whenever the database refuses a statement, such as for a name that is taken.
    let client: PoolClient | undefined;
    let isBroken = false;
    let timer: NodeJS.Timeout | undefined;
    try {
      client = await this.acquire(deadline);
      const { cut } = client as PoolClient & Partial<PostgresClient>;
      if (cut && this.timeoutMs !== Infinity) {
        const held = client;
        timer = setTimeout(() => {
          stage = 'overdue';
          cut.call(held);
        }, deadline - performance.now());
      }
      stage = 'running';
      const { rows } = await client.query<object>({ ...(this.areNamed && { name }), text, types, values: [...values] });
      return { rows };
    } catch (error) {
      const failure = databaseFailure(error, stage);
      if (!failure) throw error;
      isBroken = failure.breaksConnection;
      return { failure };
    } finally {
      clearTimeout(timer);
      client?.release(isBroken);
    }
  }

  private async acquire(deadline: number): Promise<PoolClient> {
    // An idle connection that no other statement waits for needs no timer.
    const isImmediate = this.timeoutMs === Infinity || this.pool.idleCount > this.pool.waitingCount;
    const connecting = this.pool.connect();
    if (isImmediate) return connecting;
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error('No connection became free in time.'));
        connecting.then(
          (late) => late.release(),
          () => {},
        );
      }, deadline - performance.now());
    });
    try {
      return await Promise.race([connecting, expiry]);
    } finally {
      clearTimeout(timer);
    }
  }
}
