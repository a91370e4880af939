import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { type DatabaseTls, tlsOptions } from '../config/database-tls.js';
import type { DatabaseHost } from '../config/database-url.js';

/** What a connection needs that pg does not do by itself. */
export interface PostgresServers {
  readonly hosts: readonly DatabaseHost[];
  readonly onlyWritable: boolean;
  readonly tls: DatabaseTls | undefined;
  /** Asked for each connection, so that a password may be changed while the service runs; undefined: that of the URL. */
  readonly password: (() => Promise<string>) | undefined;
  /** Milliseconds that one server may take to say whether it will do. */
  readonly timeout: number;
}

/** No server is there that will do. */
class NoServer extends Error {
  constructor(options: ErrorOptions) {
    super('None of the database servers can be reached, or none of them takes writes.', options);
    this.name = 'NoServer';
  }
}

/** A connection that can be cut at once. pg's own `end` says goodbye, which a server that hangs does not hear. */
export interface PostgresClient extends Client {
  cut(): void;
}

type Connected = (error: Error | null) => void;

/** A class of pg's connections for these servers, which are tried in turn, beginning with the one that did last. */
export function postgresClient(servers: PostgresServers): new (config?: ClientConfig) => PostgresClient {
  let last = 0;

  return class extends Client implements PostgresClient {
    private readonly settings: ClientConfig;
    /** Filled before the connection is made: the constructor is no place for reading files, as the pool lets nothing fail there. */
    private readonly encryption: ConnectionOptions;

    constructor(given?: ClientConfig) {
      const encryption: ConnectionOptions = {};
      const settings = { ...given, ...(servers.tls && { ssl: encryption }) };
      super(settings);
      this.settings = settings;
      this.encryption = encryption;
      // What goes wrong is told to whoever runs a statement; an event that nobody hears would end the process.
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
      return this;
    }

    private async findServer(): Promise<DatabaseHost> {
      let cause: unknown;
      for (let turn = 0; turn < servers.hosts.length; turn += 1) {
        const index = (last + turn) % servers.hosts.length;
        const server = servers.hosts[index];
        try {
          await this.examine(server);
          last = index;
          return server;
        } catch (error) {
          cause = error;
        }
      }
      throw new NoServer({ cause });
    }

    /** Throws where the server will not do. */
    private async examine(server: DatabaseHost): Promise<void> {
      const limits = { connectionTimeoutMillis: servers.timeout, query_timeout: servers.timeout };
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
