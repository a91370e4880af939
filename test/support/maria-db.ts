import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

/** A MariaDB in a temporary directory, reached through a socket. */
export class MariaDb {
  private constructor(
    readonly directory: string,
    private readonly server: ChildProcess,
  ) {}

  static async start(): Promise<MariaDb> {
    const directory = mkdtempSync(join(tmpdir(), 'mariadb-'));
    const options = ['--no-defaults', `--datadir=${join(directory, 'data')}`, '--innodb-use-native-aio=0'];
    if (process.getuid?.() === 0) options.push('--user=root');
    const install = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    execFileSync('mariadb-install-db', [...options, ...install], { stdio: 'ignore' });
    const socket = join(directory, 'socket');
    const server = spawn('mariadbd', [...options, `--socket=${socket}`, '--skip-networking'], { stdio: 'ignore' });
    const started = new MariaDb(directory, server);
    await until(() => started.isReady(), 'MariaDB is ready', { everyMs: 100 });
    return started;
  }

  /** Options for a client that connects to it. */
  get client(): string {
    return `--no-defaults --user=root --socket=${join(this.directory, 'socket')} --default-character-set=utf8mb4`;
  }

  run(sql: string): void {
    execFileSync('mariadb', this.client.split(' '), { input: sql, stdio: ['pipe', 'ignore', 'inherit'] });
  }

  async stop(): Promise<void> {
    this.server.kill('SIGKILL');
    await once(this.server, 'exit');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private isReady(): boolean {
    try {
      execFileSync('mariadb-admin', [...this.client.split(' '), 'ping'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
}
