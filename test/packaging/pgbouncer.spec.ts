import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { until } from '../support/until.js';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

// PgBouncer as Debian ships it, 1.18 on release 12: in transaction mode it follows no named statements, refuses startup
// parameters that it does not know, and passes no notifications.
const AT_ONCE = 100;
const REQUESTS = 900;

let directory: string;
let pooler: ChildProcess;
let pooled: string;
let database: TestDatabase;
let printed = '';

beforeAll(async () => {
  database = await testDatabase();
  directory = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
  const direct = new URL(database.environment.DATABASE_URL!);
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
      'pool_mode = transaction',
      'default_pool_size = 10',
      'max_client_conn = 200',
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
  pooler = isRoot ? spawn('runuser', ['-u', 'postgres', '--', ...command]) : spawn(command[0], command.slice(1));
  for (const stream of [pooler.stdout!, pooler.stderr!]) stream.on('data', (text) => (printed += String(text)));
  const url = new URL(direct);
  url.port = String(port);
  pooled = url.href;
  await until(() => /process up/.test(printed), 'PgBouncer is up');
});

afterAll(async () => {
  await ServiceProcess.killAll();
  // runuser passes on SIGTERM and no other signal.
  if (pooler?.kill('SIGTERM')) await once(pooler, 'exit');
  await database?.remove();
  rmSync(directory, { recursive: true, force: true });
});

const settings = (): Record<string, string> => ({
  AUTH_MODE: 'builtin',
  DATA_DIR: directory,
  DATABASE_URL: pooled,
  DATABASE_LISTEN_URL: database.environment.DATABASE_URL!,
  DATABASE_STATEMENTS: 'unnamed',
  MIGRATE_ON_START: 'true',
  KEYPAIR_QUOTA: '-1',
});

describe('behind a PgBouncer in transaction mode', () => {
  let first: ServiceProcess;
  let second: ServiceProcess;

  const tokenOf = async (): Promise<string> => {
    const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8')) as {
      clouds: { latchkey: { auth: { username: string; password: string } } };
    };
    const { username: name, password } = clouds.latchkey.auth;
    return logIn(first.client, '/identity/v3', { name, password }, { project: name });
  };
  const at = (replica: ServiceProcess, token: string): Client =>
    replica.client.with({ 'X-Auth-Token': token }).at('2.92');

  beforeAll(async () => {
    first = await ServiceProcess.listening(settings());
    second = await ServiceProcess.listening(settings());
  });

  it('900 mixed requests on 100 connections are all answered as ever', async () => {
    const client = at(first, await tokenOf());
    const publicKey = sshKeygen();
    const statuses = new Map<number, number>();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < REQUESTS) {
        const index = next++;
        const name = `key-${Math.floor(index / 3)}`;
        const reply =
          index % 3 === 0
            ? await client.post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } })
            : await client.get(index % 3 === 1 ? '/v2.1/os-keypairs?limit=5' : '/v2.1/limits');
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(Object.fromEntries(statuses)).toEqual({ 200: 600, 201: 300 });
  });

  it('a token that one replica revoked is refused by the other at once', async () => {
    const token = await tokenOf();
    expect((await at(second, token).get('/v2.1/os-keypairs')).status).toBe(200);
    const revoked = await first.client
      .with({ 'X-Auth-Token': token, 'X-Subject-Token': token })
      .delete('/identity/v3/auth/tokens');
    expect(revoked.status).toBe(204);
    const refused = await until(async () => {
      const reply = await at(second, token).get('/v2.1/os-keypairs');
      return reply.status === 200 ? undefined : reply;
    }, 'the other replica refuses the token');
    expect(refused.status).toBe(401);
  });

  it('without DATABASE_LISTEN_URL the service names the setting and does not start', async () => {
    const { DATABASE_LISTEN_URL: _, ...others } = settings();
    const service = ServiceProcess.start(others);
    await service.printed(/cannot start: /);
    expect(service.printedText).toContain('set DATABASE_LISTEN_URL');
  });
});
