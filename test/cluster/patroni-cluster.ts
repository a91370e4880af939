import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { binaries, run } from '../failures/cluster.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const SOURCE = 'deploy/cluster';
const PASSWORD = 'of this cluster';
/** The machines, each a loopback address of this one. */
const ADDRESSES = { 'db-1.example.org': '127.0.0.11', 'db-2.example.org': '127.0.0.12' };

/** A machine of the database: Patroni and the PostgreSQL that it runs. */
export class Node {
  private patroni: ChildProcess | undefined;

  constructor(
    private readonly cluster: PatroniCluster,
    private readonly name: string,
    private readonly address: string,
  ) {}

  /** Starts Patroni, which starts PostgreSQL. */
  start(): void {
    const { ports, directory } = this.cluster;
    this.patroni = this.cluster.spawn('patroni', [this.cluster.file('patroni.yml')], {
      PATRONI_NAME: this.name,
      PATRONI_ETCD3_HOSTS: `127.0.0.1:${ports.etcd}`,
      PATRONI_RESTAPI_LISTEN: `${this.address}:${ports.patroni}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `${this.address}:${ports.patroni}`,
      PATRONI_POSTGRESQL_LISTEN: `${this.address}:${ports.postgres}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${this.address}:${ports.postgres}`,
      PATRONI_POSTGRESQL_DATA_DIR: this.data,
      PATRONI_POSTGRESQL_PGPASS: join(directory, `pgpass-${this.name}`),
      PATRONI_POSTGRESQL_BIN_DIR: binaries(),
      PATRONI_SUPERUSER_PASSWORD: PASSWORD,
      PATRONI_REPLICATION_PASSWORD: PASSWORD,
    });
  }

  /** Kills PostgreSQL; Patroni goes on. */
  killPostgres(): void {
    const pid = Number(readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    for (const each of [pid, ...childrenOf(pid)]) kill(each);
  }

  /** Kills everything at once, as a power cut does. */
  killAll(): void {
    if (this.patroni?.pid !== undefined) kill(this.patroni.pid);
    if (existsSync(join(this.data, 'postmaster.pid'))) this.killPostgres();
  }

  /** Runs a statement as superuser. */
  async query<Row extends object>(statement: string, database = 'latchkey'): Promise<Row[]> {
    const client = new Client({
      host: this.address,
      port: this.cluster.ports.postgres,
      user: 'postgres',
      password: PASSWORD,
      database,
      connectionTimeoutMillis: 2000,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Whether it accepts writes. */
  async isPrimary(): Promise<boolean> {
    const rows = await this.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby', 'postgres').catch(
      () => [],
    );
    return rows.some(({ standby }) => !standby);
  }

  /** Whether Patroni has recorded it as the synchronous standby, which may become the next primary. */
  async isSynchronous(): Promise<boolean> {
    const url = `http://${this.address}:${this.cluster.ports.patroni}/synchronous`;
    const reply = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return reply?.status === 200;
  }

  private get data(): string {
    return join(this.cluster.directory, this.name);
  }
}

/** The cluster of deploy/cluster on this machine: its files with other addresses, ports and paths, and one etcd. */
export class PatroniCluster {
  readonly nodes: readonly [Node, Node];
  private readonly children: ChildProcess[] = [];
  private readonly printed = new Map<string, string>();

  private constructor(
    readonly directory: string,
    readonly ports: Record<'etcd' | 'etcdPeers' | 'patroni' | 'postgres' | 'haproxy' | 'pgbouncer', number>,
    private readonly identity: { readonly uid?: number; readonly gid?: number },
  ) {
    const [first, second] = Object.values(ADDRESSES);
    this.nodes = [new Node(this, 'db-1', first), new Node(this, 'db-2', second)];
  }

  /** A running cluster with an empty database of the role `latchkey`. */
  static async started(): Promise<PatroniCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-patroni-'));
    const ports = {
      etcd: await freePort(),
      etcdPeers: await freePort(),
      patroni: await freePort(),
      postgres: await freePort(),
      haproxy: await freePort(),
      pgbouncer: await freePort(),
    };
    // PostgreSQL and PgBouncer refuse to run as root.
    const isRoot = process.getuid?.() === 0;
    const idOf = async (kind: string): Promise<number> => Number(await run('id', [kind, 'postgres']));
    const identity = isRoot ? { uid: await idOf('-u'), gid: await idOf('-g') } : {};
    const cluster = new PatroniCluster(directory, ports, identity);
    try {
      await cluster.start();
    } catch (error) {
      await cluster.remove();
      throw new Error(`The cluster does not start.\n${cluster.lastOutput}`, { cause: error });
    }
    return cluster;
  }

  /** The last output of each program. */
  get lastOutput(): string {
    return [...this.printed].map(([program, text]) => `== ${program}\n${text.slice(-3000)}`).join('\n');
  }

  /** The database settings of the service. */
  get settings(): Record<string, string> {
    const lines = this.adapt('latchkey.env').split('\n');
    return Object.fromEntries(
      lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s, 2)),
    ) as Record<string, string>;
  }

  /** The primary and its synchronous standby, once both are there. */
  async roles(): Promise<{ readonly primary: Node; readonly standby: Node }> {
    return until(
      async () => {
        for (const [primary, standby] of [this.nodes, this.nodes.toReversed()]) {
          if ((await primary.isPrimary()) && (await standby.isSynchronous())) return { primary, standby };
        }
        return undefined;
      },
      'there is a primary with a synchronous standby',
      { timeoutMs: 120_000, everyMs: 200 },
    );
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** Starts a program as the user of the cluster. */
  spawn(program: string, args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
    const env = { PATH: `/usr/sbin:${process.env.PATH}`, LANG: 'C.UTF-8', ...environment };
    const child = spawn(program, args, { env, cwd: this.directory, ...this.identity });
    const key = [program, environment.PATRONI_NAME].join(' ');
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => this.printed.set(key, `${this.printed.get(key) ?? ''}${String(text)}`));
    }
    this.children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const node of this.nodes) node.killAll();
    for (const child of this.children) child.kill('SIGKILL');
    await until(
      () => this.children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
      'all processes have ended',
    );
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  private async start(): Promise<void> {
    this.give(this.directory);
    const { etcd, etcdPeers } = this.ports;
    const peers = `http://127.0.0.1:${etcdPeers}`;
    const clients = `http://127.0.0.1:${etcd}`;
    this.spawn('etcd', [], {
      ETCD_NAME: 'etcd-1',
      ETCD_DATA_DIR: this.file('etcd'),
      ETCD_LOG_LEVEL: 'error',
      ETCD_LISTEN_CLIENT_URLS: clients,
      ETCD_ADVERTISE_CLIENT_URLS: clients,
      ETCD_LISTEN_PEER_URLS: peers,
      ETCD_INITIAL_ADVERTISE_PEER_URLS: peers,
      ETCD_INITIAL_CLUSTER: `etcd-1=${peers}`,
    });
    // Both would use the same name for their socket.
    this.write('patroni.yml', `${this.adapt('patroni.yml')}  parameters: { unix_socket_directories: '' }\n`);
    this.write('haproxy.cfg', this.adapt('haproxy.cfg'));
    this.write('pgbouncer.ini', this.adapt('pgbouncer.ini'));
    this.write('userlist.txt', `"latchkey" "${PASSWORD}"\n`);
    this.write('database-password', PASSWORD);
    const [first, second] = this.nodes;
    first.start();
    await until(() => first.isPrimary(), 'the first node is the primary', { timeoutMs: 90_000, everyMs: 200 });
    second.start();
    await first.query(`CREATE ROLE latchkey LOGIN PASSWORD '${PASSWORD}'`, 'postgres');
    await first.query(`ALTER ROLE latchkey SET statement_timeout = '5s'`, 'postgres');
    await first.query('CREATE DATABASE latchkey OWNER latchkey', 'postgres');
    this.spawn('haproxy', ['-db', '-f', this.file('haproxy.cfg')]);
    this.spawn('pgbouncer', [this.file('pgbouncer.ini')]);
    await this.roles();
  }

  /** A file of deploy/cluster with the addresses, ports and paths of this cluster. */
  private adapt(name: string): string {
    const { patroni, postgres, haproxy, pgbouncer } = this.ports;
    const numbers: Record<string, number> = { 8008: patroni, 5432: postgres, 5000: haproxy, 6432: pgbouncer };
    return readFileSync(join(SOURCE, name), 'utf8')
      .replace(/db-\d\.example\.org/g, (host) => ADDRESSES[host as keyof typeof ADDRESSES])
      .replace(/\b(8008|5432|5000|6432)\b/g, (port) => String(numbers[port]))
      .replace(/\/etc\/(?:pgbouncer|latchkey)/g, this.directory);
  }

  private write(name: string, content: string): void {
    writeFileSync(this.file(name), content, { mode: 0o600 });
    this.give(this.file(name));
  }

  private give(path: string): void {
    if (this.identity.uid !== undefined) chownSync(path, this.identity.uid, this.identity.gid!);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function childrenOf(parent: number): number[] {
  const isChild = (pid: string): boolean => {
    try {
      return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]) === parent;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isChild(name))
    .map(Number);
}
