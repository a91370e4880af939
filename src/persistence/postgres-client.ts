import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { type DatabaseTls, tlsOptions } from '../config/database-tls.js';
import type { DatabaseHost } from '../config/database-url.js';
import { PoolLimit } from './pool-limit.js';

/** The servers to connect to, with what pg does not support by itself. */
export interface PostgresServers {
  readonly hosts: readonly DatabaseHost[];
  readonly onlyWritable: boolean;
  readonly tls: DatabaseTls | undefined;
  /** Called for each connection, since the password may change while the service runs; undefined: that of the URL. */
  readonly password: (() => Promise<string>) | undefined;
  /** For the probe of one server, and for the first answer of a connection. */
  readonly timeoutMs: number;
  /** The number of connections to them outside the pool. */
  readonly others: number;
}

/** No server can be reached and takes writes, if required. */
class NoServer extends Error {
  constructor(options: ErrorOptions) {
    super('None of the database servers can be reached, or none of them takes writes.', options);
    this.name = 'NoServer';
  }
}

/** A pooler such as PgBouncer accepted the connection, but has no server connection for it. */
class NoServerConnection extends Error {
  constructor(options: ErrorOptions) {
    super('The pooler has no server connection left.', options);
    this.name = 'NoServerConnection';
  }
}

/** A connection that can be cut at once. pg's own `end` waits for the server to close it, which a hanging server does not. */
export interface PostgresClient extends Client {
  cut(): void;
}

type Connected = (error: Error | null) => void;

/** pg-pool passes its own options to each client, and reads `max` whenever it looks for a connection. */
type GivenConfig = ClientConfig & { max?: number };

/**
 * A class of pg's connections for these servers, which are tried in turn, starting with the last one that succeeded. Those of a pool
 * share a {@link PoolLimit}.
 */
export function postgresClient(servers: PostgresServers): new (config?: GivenConfig) => PostgresClient {
  let last = 0;
  let sharedLimit: PoolLimit | undefined;

  return class extends Client implements PostgresClient {
    private readonly settings: ClientConfig;
    /** Undefined for a connection outside a pool. */
    private readonly limit: PoolLimit | undefined;
    /** Filled by `connect`, since errors of reading files must not be thrown in the constructor, which the pool calls. */
    private readonly encryption: ConnectionOptions;

    constructor(given?: GivenConfig) {
      const encryption: ConnectionOptions = {};
      const settings = { ...given, ...(servers.tls && { ssl: encryption }) };
      super(settings);
      this.settings = settings;
      this.encryption = encryption;
      if (given?.max !== undefined)
        this.limit = sharedLimit ??= new PoolLimit(given as { max: number }, servers.others);
      // Statements report errors themselves; an error event without a listener would end the process.
      this.on('error', () => {});
    }

    override connect(): Promise<Client>;
    override connect(connected: Connected): void;
    override connect(connected?: Connected): Promise<Client> | void {
      const connecting = this.connectToOne();
      if (!connected) return connecting;
      connecting.then(() => connected(null), connected);
    }

    cut(): void {
      this.connection.stream.destroy();
    }

    private async connectToOne(): Promise<Client> {
      if (servers.tls) Object.assign(this.encryption, await tlsOptions(servers.tls));
      if (servers.password) this.password = await servers.password();
      if (servers.hosts.length > 1 || servers.onlyWritable) {
        Object.assign(this, await this.findServer());
      }
      if (this.connection.stream.destroyed) throw new Error('There is no time left to connect.');
      await super.connect();
      if (this.limit) await this.firstAnswer(this.limit);
      return this;
    }

    /** In session mode a pooler accepts a connection at once, and answers it when one of its server connections is free. */
    private async firstAnswer(limit: PoolLimit): Promise<void> {
      let isOverdue = false;
      const timer = setTimeout(() => {
        isOverdue = true;
        this.cut();
      }, servers.timeoutMs);
      try {
        const { rows } = await this.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        limit.opened(rows[0].pid !== (this as unknown as { readonly processID: number }).processID);
        this.once('end', () => limit.closed());
      } catch (error) {
        if (!isOverdue) throw error;
        limit.refused();
        throw new NoServerConnection({ cause: error });
      } finally {
        clearTimeout(timer);
      }
    }

    private async findServer(): Promise<DatabaseHost> {
      let cause: unknown;
      for (let turn = 0; turn < servers.hosts.length; turn += 1) {
        const index = (last + turn) % servers.hosts.length;
        const server = servers.hosts[index];
        try {
          await this.probe(server);
          last = index;
          return server;
        } catch (error) {
          cause = error;
        }
      }
      throw new NoServer({ cause });
    }

    /** Throws if the server cannot be used. */
    private async probe(server: DatabaseHost): Promise<void> {
      const limits = { connectionTimeoutMillis: servers.timeoutMs, query_timeout: servers.timeoutMs };
      const probe = new Client({ ...this.settings, ...limits });
      Object.assign(probe, server, { password: this.password });
      probe.on('error', () => {});
      try {
        await probe.connect();
        if (!servers.onlyWritable) return;
        const { rows } = await probe.query<{ read_only: boolean }>(
          `SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS read_only`,
        );
        if (rows[0].read_only) throw new Error('The server takes no writes.');
      } finally {
        probe.connection.stream.destroy();
      }
    }
  };
}
