import { execFile, type ExecFileException } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** A PostgreSQL server of a test's own. PostgreSQL refuses to run as root, so root runs it as the user postgres. */
export class Cluster {
  private constructor(
    private readonly directory: string,
    readonly port: number,
  ) {}

  /** A new, running server. `settings` are lines of postgresql.conf; `parent` is the directory that its own is made in. */
  static async started(settings: readonly string[] = [], parent = tmpdir()): Promise<Cluster> {
    const cluster = await Cluster.inDirectory(parent);
    await postgres('initdb', ['-D', cluster.data, '-U', 'latchkey', '-A', 'trust', '--no-instructions']);
    cluster.configure(settings);
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
    if (process.getuid?.() === 0) chownSync(directory, ...(await postgresIds()));
    return new Cluster(directory, await freePort());
  }

  get url(): string {
    return `postgres://latchkey@127.0.0.1:${this.port}/postgres`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Runs a statement as superuser on a connection of its own, also where others may not write. */
  async query<Row extends object>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, options: '-c default_transaction_read_only=off' });
    await client.connect();
    try {
      return (await client.query<Row>(statement, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, '-w', '-l', join(this.directory, 'log'), 'start']);
  }

  /** `immediate` is as a crash: nothing is written, and the next start recovers. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, '-m', mode, '-w', 'stop']);
  }

  async promote(): Promise<void> {
    await postgres('pg_ctl', ['-D', this.data, '-w', 'promote']);
  }

  /** Kills every process of the server at once, as a power cut does. */
  async killAll(): Promise<void> {
    this.signalAll('SIGKILL');
    while (this.processes().length > 0) await sleep(20);
    rmSync(join(this.data, 'postmaster.pid'), { force: true });
  }

  /** The server hangs: connections are taken by the system and never answered. */
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

  /** The postmaster and its children, living ones only. */
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
    // Children outlive a postmaster that was killed for a moment.
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

function binaries(): string {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root)
    .toSorted((a, b) => Number(a) - Number(b))
    .at(-1);
  return join(root, newest!, 'bin');
}

async function postgresIds(): Promise<[number, number]> {
  return [Number(await run('id', ['-u', 'postgres'])), Number(await run('id', ['-g', 'postgres']))];
}

/** What a program prints. Its standard output is a file of its own where it leaves a server behind, so nobody waits for that. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const told = (error: ExecFileException | null, output: string, errors: string): void =>
      error ? reject(new Error(`${program} ${args.join(' ')}: ${errors || error.message}`)) : resolve(output);
    const child = execFile(program, [...args], told);
    // pg_ctl's server keeps the pipe open; with the exit of pg_ctl all is said.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), 50));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
