import { DatabaseError, type Pool, type PoolClient, Query } from 'pg';
import { type DatabaseUnavailable, databaseFailure, type Stage } from './database-failure.js';
import type { PostgresClient } from './postgres-client.js';

/** A statement that the server prepares once for each connection and then knows by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether a write may run twice with the same outcome as once. */
  readonly repeatable?: true;
  /** Called with each row when it arrives, and the number of those before it. */
  onRow?(this: void, row: object, place: number): void;
}

/** The current connections. */
export interface PoolUse {
  readonly open: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

export type Outcome = { readonly rows: object[] } | { readonly failure: DatabaseUnavailable };

export interface PoolOptions {
  /** Whether statements may wait without an end, as for the embedded engine, which is always available. */
  readonly isEmbedded: boolean;
  /** Whether statements are named. */
  readonly areNamed: boolean;
}

const PING: Statement = { name: 'ping', text: 'SELECT' };
const PING_INTERVAL_MS = 250;
const PING_TIMEOUT_MS = 1000;

const REPLAY_POSITION: Statement = {
  name: 'replay-position',
  text: `
    SELECT received::text, NOT pg_is_in_recovery() OR coalesce(pg_last_wal_replay_lsn() >= received, true) AS replayed
    FROM coalesce($1::pg_lsn, pg_last_wal_receive_lsn()) AS received`,
};
/** A primary that crashes may leave half a record, which is never replayed. */
const REPLAY_TIMEOUT_MS = 300;
const REPLAY_INTERVAL_MS = 10;

/** Runs single statements on the connections to one server, or to several that are one to its callers. */
export class ConnectionPool {
  private hasFailed = false;
  private isWatching = false;

  constructor(
    private readonly pool: Pool,
    private readonly options: PoolOptions,
  ) {}

  get use(): PoolUse {
    return { open: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /** Whether the server failed and has answered no statement since, for those who call {@link watch}. */
  get isAway(): boolean {
    return this.hasFailed;
  }

  /** Sends statements until one is answered, this one or another. */
  async watch(): Promise<void> {
    this.hasFailed = true;
    if (this.isWatching) return;
    this.isWatching = true;
    do {
      await new Promise((next) => setTimeout(next, PING_INTERVAL_MS).unref());
      if (this.isAway) await this.attempt(PING, [], performance.now() + PING_TIMEOUT_MS);
    } while (this.isAway);
    this.isWatching = false;
  }

  async end(): Promise<void> {
    await this.pool.end();
  }

  /**
   * Runs a statement once. Throws pg's DatabaseError if the database refuses it. With `onceReplayed` a standby first replays what it
   * has received.
   */
  async attempt(
    statement: Statement,
    values: readonly unknown[],
    deadline: number,
    { onceReplayed = false } = {},
  ): Promise<Outcome> {
    let stage: Stage = 'connecting';
    // Not pool.query, which closes the connection whenever the database refuses a statement, such as for a name that is taken.
    let client: PoolClient | undefined;
    let isBroken = false;
    let timer: NodeJS.Timeout | undefined;
    try {
      client = await this.acquire(deadline);
      const { cut } = client as PoolClient & Partial<PostgresClient>;
      if (cut && !this.options.isEmbedded) {
        const held = client;
        timer = setTimeout(() => {
          stage = 'overdue';
          cut.call(held);
        }, deadline - performance.now());
      }
      stage = 'running';
      if (onceReplayed) await this.replay(client);
      const rows = await this.rows(client, statement, values);
      // A client that reads what it has just written must not be sent to a standby that lacks it.
      this.hasFailed = false;
      return { rows };
    } catch (error) {
      const failure = databaseFailure(error, stage);
      if (!failure) {
        // Its stack ends in pg's parser; this one leads to the repository.
        if (error instanceof DatabaseError) Error.captureStackTrace(error);
        throw error;
      }
      isBroken = failure.breaksConnection;
      return { failure };
    } finally {
      clearTimeout(timer);
      client?.release(isBroken);
    }
  }

  /** Passes a Query, since pg copies a config property by property, which takes a tenth of the CPU time of a list (2026-11-30). */
  private rows<Row extends object>(
    client: PoolClient,
    { name, text, onRow }: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const query = new Query<Row>(text, [...values], (error, result) =>
        error ? reject(error) : resolve(result.rows),
      );
      if (onRow) query.on('row', (row, result) => onRow(row, result!.rows.length));
      client.query(this.options.areNamed ? Object.assign(query, { name }) : query);
    });
  }

  /** Waits until a standby has replayed what it has received by now. */
  private async replay(client: PoolClient): Promise<void> {
    const began = performance.now();
    let target: string | null = null;
    for (;;) {
      const [{ received, replayed }]: { received: string | null; replayed: boolean }[] = await this.rows(
        client,
        REPLAY_POSITION,
        [target],
      );
      if (replayed || performance.now() - began > REPLAY_TIMEOUT_MS) return;
      target = received;
      await new Promise((next) => setTimeout(next, REPLAY_INTERVAL_MS));
    }
  }

  private async acquire(deadline: number): Promise<PoolClient> {
    // An idle connection that no other statement waits for needs no timer.
    const isImmediate = this.options.isEmbedded || this.pool.idleCount > this.pool.waitingCount;
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
