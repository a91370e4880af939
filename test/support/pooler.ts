import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** A PgBouncer in front of a server. */
export interface Pooler {
  /** The URL of the database behind it. */
  readonly url: string;
  readonly printedText: () => string;
  /** Runs a command of its console. */
  command(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts PgBouncer in front of the server of a URL. */
export async function startPooler(direct: URL, settings: Readonly<Record<string, string | number>>): Promise<Pooler> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
  const port = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=${direct.hostname} port=${direct.port} user=${direct.username}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'max_client_conn = 200',
      'admin_users = console',
      ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
      '',
    ].join('\n'),
  );
  const command = ['pgbouncer', file];
  // PgBouncer refuses to run as root.
  const isRoot = userInfo().uid === 0;
  if (isRoot) {
    chmodSync(directory, 0o755);
    chmodSync(file, 0o644);
  }
  const child = isRoot ? spawn('runuser', ['-u', 'postgres', '--', ...command]) : spawn(command[0], command.slice(1));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)));
  const url = new URL(direct);
  url.port = String(port);
  await until(() => /process up/.test(printed), 'PgBouncer is up');
  return {
    url: url.href,
    printedText: () => printed,
    command: async (text) => {
      const console = new Client({ host: '127.0.0.1', port, user: 'console', database: 'pgbouncer' });
      await console.connect();
      await console.query(text);
      await console.end();
    },
    stop: async () => {
      // runuser forwards SIGTERM and no other signal.
      if (child.kill('SIGTERM')) await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
