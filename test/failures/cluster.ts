import { execFile, type ExecFileException } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

/** pg_ctl waits until it is done, for three minutes. */
const PATIENT = ['-w', '-t', '180'];
const INITDB = ['-U', 'latchkey', '-A', 'trust', '--no-instructions'];

/** A PostgreSQL server of a test's own. PostgreSQL refuses to run as root, so root runs it as the user postgres. */
export class Cluster {
  private constructor(
    private readonly directory: string,
    readonly port: number,
  ) {}

  /** A new, running server. `settings` are lines of postgresql.conf. */
  static async started(settings: readonly string[] = []): Promise<Cluster> {
    const cluster = await Cluster.inDirectory(tmpdir());
    await postgres('initdb', ['-D', cluster.data, ...INITDB]);
    cluster.configure(settings);
    await cluster.start();
    return cluster;
  }

  /** The same, with everything that it writes in a directory with little space. */
  static async startedIn(parent: string): Promise<Cluster> {
    const cluster = await Cluster.inDirectory(parent);
    await postgres('initdb', ['-D', cluster.data, ...INITDB, '--wal-segsize=1']);
    // Each segment of the write-ahead log is a new file, so that a full disk is hit soon.
    cluster.configure(['wal_recycle = off', 'min_wal_size = 2MB', 'max_wal_size = 4MB', 'shared_buffers = 16MB']);
    await cluster.start();
    return cluster;
  }

  /** A running server that follows another one under the name `standby`. */
  static async following(primary: Cluster): Promise<Cluster> {
    const cluster = await Cluster.inDirectory(tmpdir());
    const source = `host=127.0.0.1 port=${primary.port} user=latchkey application_name=standby`;
    await postgres('pg_basebackup', ['-D', cluster.data, '-d', source, '-R', '-X', 'stream', '-c', 'fast']);
    cluster.configure([]);
    await cluster.start();
    return cluster;
  }

  private static async inDirectory(parent: string): Promise<Cluster> {
    const directory = mkdtempSync(join(parent, 'latchkey-cluster-'));
    await giveToPostgres(directory);
    return new Cluster(directory, await freePort());
  }

  get url(): string {
    return `postgres://latchkey@127.0.0.1:${this.port}/postgres`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Runs a statement as superuser on a connection of its own, also while others may not write. */
  async query<Row extends object>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.session();
    try {
      return (await client.query<Row>(statement, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** A connection of a superuser, which the caller has to close. */
  async session(): Promise<Client> {
    const client = new Client({ connectionString: this.url, options: '-c default_transaction_read_only=off' });
    // Some are cut by the test.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Sessions that leave the service no connection at all: all of the server, which admits so many. */
  async takeAllConnections(count: number): Promise<Client[]> {
    const sessions = [await this.session()];
    while (sessions.length < count) {
      try {
        sessions.push(await this.session());
      } catch {
        await sessions[0].query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name = 'latchkey'`,
        );
      }
    }
    return sessions;
  }

  /** Cuts the connections of the service. */
  async cutService(): Promise<void> {
    await this.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'`);
  }

  async start(): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, ...PATIENT, '-l', join(this.directory, 'log'), 'start']);
  }

  /** `immediate` is like a crash: nothing is written, and the next start recovers. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, '-m', mode, ...PATIENT, 'stop']);
  }

  async restart(mode: 'fast' | 'immediate'): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, '-m', mode, ...PATIENT, '-l', join(this.directory, 'log'), 'restart']);
  }

  /** Reloads settings, access rules and certificates. */
  async reload(): Promise<void> {
    const loaded = async (): Promise<string> =>
      (await this.query<{ at: string }>('SELECT pg_conf_load_time()::text AS at'))[0].at;
    const before = await loaded();
    await postgres('pg_ctl', ['-D', this.data, 'reload']);
    // A new session has what the server has loaded. Those that exist handle the signal by themselves, and do not report when they have.
    await until(async () => (await loaded()) !== before, 'the server has reloaded its configuration');
  }

  /** Whether it runs, if only in recovery: a server whose disk is full may have ended by itself. */
  isRunning(): boolean {
    return this.processes().length > 0;
  }

  async promote(): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, ...PATIENT, 'promote']);
  }

  /** Kills every process of the server at once, as a power cut does. */
  async killAll(): Promise<void> {
    this.signalAll('SIGKILL');
    while (this.processes().length > 0) await sleep(20);
    rmSync(join(this.data, 'postmaster.pid'), { force: true });
  }

  /** The server hangs: the system accepts connections, and no process answers. */
  freeze(): void {
    this.signalAll('SIGSTOP');
  }

  thaw(): void {
    this.signalAll('SIGCONT');
  }

  configure(settings: readonly string[]): void {
    const lines = [
      `listen_addresses = '127.0.0.1'`,
      `port = ${this.port}`,
      `unix_socket_directories = '${this.directory}'`,
      ...settings,
    ];
    appendFileSync(join(this.data, 'postgresql.conf'), `${lines.join('\n')}\n`);
  }

  /** A file beside the data, readable by the server only; its path. */
  async file(name: string, content: string): Promise<string> {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    await giveToPostgres(path);
    return path;
  }

  /** Who may connect, in lines of pg_hba.conf; takes effect after a reload. The tests themselves always may. */
  admit(lines: readonly string[]): void {
    const own = 'host all,replication latchkey 127.0.0.1/32 trust';
    writeFileSync(join(this.data, 'pg_hba.conf'), `${[own, ...lines].join('\n')}\n`);
  }

  /** A tablespace in a directory of its own under `parent`. */
  async addTablespace(name: string, parent: string): Promise<void> {
    const path = join(parent, name);
    mkdirSync(path);
    await giveToPostgres(path);
    await this.query(`CREATE TABLESPACE ${name} LOCATION '${path}'`);
  }

  async remove(): Promise<void> {
    if (this.processes().length > 0) {
      this.thaw();
      await this.killAll();
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  private signalAll(signal: NodeJS.Signals): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /** The postmaster and its children that are alive. */
  private processes(): number[] {
    const file = join(this.data, 'postmaster.pid');
    this.postmaster = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : this.postmaster;
    if (this.postmaster === undefined) return [];
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), ...statusOf(name) }))
      .filter(({ state }) => state !== undefined && state !== 'Z');
    const own = all
      .filter(({ pid, parent }) => pid === this.postmaster || parent === this.postmaster)
      .map(({ pid }) => pid);
    for (const pid of own) this.seen.add(pid);
    // Children outlive a killed postmaster for a moment.
    return all.map(({ pid }) => pid).filter((pid) => this.seen.has(pid));
  }

  private postmaster: number | undefined;
  private readonly seen = new Set<number>();
}

function statusOf(pid: string): { state?: string; parent?: number } {
  try {
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    return { state, parent: Number(parent) };
  } catch {
    return {};
  }
}

/** Runs a program of PostgreSQL. */
function postgres(program: string, args: readonly string[]): Promise<string> {
  const path = join(binaries(), program);
  return process.getuid?.() === 0 ? run('runuser', ['-u', 'postgres', '--', path, ...args]) : run(path, args);
}

/** Where the programs of PostgreSQL are. */
export function binaries(): string {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root)
    .toSorted((a, b) => Number(a) - Number(b))
    .at(-1);
  return join(root, newest!, 'bin');
}

async function giveToPostgres(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  chownSync(path, Number(await run('id', ['-u', 'postgres'])), Number(await run('id', ['-g', 'postgres'])));
}

/** Runs a program and returns its output. pg_ctl leaves behind a server that keeps the pipes open, so its exit ends the wait. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (error: ExecFileException | null, output: string, errors: string): void =>
      error ? reject(new Error(`${program} ${args.join(' ')}: ${errors || error.message}`)) : resolve(output);
    const child = execFile(program, [...args], settle);
    // When pg_ctl exits, its output is complete.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), 50));
  });
}
