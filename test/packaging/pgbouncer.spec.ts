import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type Pooler, startPooler } from '../support/pooler.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { until } from '../support/until.js';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

// PgBouncer as Debian ships it, 1.18 on release 12: in transaction mode it does not track named statements, refuses startup
// parameters that it does not know, and forwards no notifications.
const AT_ONCE = 100;
const REQUESTS = 900;

let directory: string;
let pooler: Pooler;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  directory = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
});

afterAll(async () => {
  await database?.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** The pooler of the tests that follow. */
function behind(options: Record<string, string | number>): void {
  beforeAll(async () => {
    pooler = await startPooler(new URL(database.environment.DATABASE_URL!), options);
  });
  afterAll(async () => {
    await ServiceProcess.killAll();
    await pooler?.stop();
  });
}

const settings = (): Record<string, string> => ({
  AUTH_MODE: 'builtin',
  DATA_DIR: directory,
  DATABASE_URL: pooler.url,
  DATABASE_LISTEN_URL: database.environment.DATABASE_URL!,
  DATABASE_STATEMENTS: 'unnamed',
  MIGRATE_ON_START: 'true',
  KEYPAIR_QUOTA: '-1',
});

describe('behind a PgBouncer in transaction mode', () => {
  behind({ pool_mode: 'transaction', default_pool_size: 10 });
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

  it('900 mixed requests on 100 connections are all answered as without it', async () => {
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

describe('behind a PgBouncer in session mode', () => {
  const SERVER_CONNECTIONS = 3;
  behind({
    pool_mode: 'session',
    default_pool_size: SERVER_CONNECTIONS,
    ignore_startup_parameters: 'statement_timeout',
  });
  const POOL_SIZE = 4;
  let service: ServiceProcess;

  /** The statuses of so many lists, sixteen at once. */
  const listed = async (count: number): Promise<Set<number>> => {
    const statuses = new Set<number>();
    let left = count;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        statuses.add((await service.client.at('2.92').get('/v2.1/os-keypairs')).status);
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    return statuses;
  };
  const logIns = (): number => pooler.printedText().match(/login attempt/g)?.length ?? 0;
  const serverConnections = (): number => pooler.printedText().match(/new connection to server/g)?.length ?? 0;

  beforeAll(async () => {
    service = await ServiceProcess.listening({
      DATA_DIR: directory,
      DATABASE_URL: pooler.url,
      DATABASE_POOL_SIZE: String(POOL_SIZE),
      DB_TIMEOUT_MS: '4000',
      MIGRATE_ON_START: 'true',
    });
  });

  it('the service logs at start how many server connections it needs', () => {
    expect(service.printedText).toContain('it needs 5 server connections for each process, DATABASE_POOL_SIZE + 1');
  });

  it('with too few of them every request is answered on the available ones, and the log names what to do', async () => {
    expect([...(await listed(500))]).toEqual([200]);
    await service.printed(/server connections for 2 of the 4 connections of the pool.*lower DATABASE_POOL_SIZE/);
  });

  it('no connection that waits in the pooler is replaced repeatedly', async () => {
    const before = logIns();
    const began = performance.now();
    expect([...(await listed(2000))]).toEqual([200]);
    // One is tried each half minute.
    expect(logIns() - before).toBeLessThanOrEqual(1 + Math.floor((performance.now() - began) / 30_000));
  });

  it('the pool has its full size once the pooler has enough of them', async () => {
    await pooler.command('SET default_pool_size = 5');
    const isFull = async (): Promise<boolean> => {
      expect([...(await listed(200))]).toEqual([200]);
      return serverConnections() === POOL_SIZE + 1;
    };
    await until(isFull, 'five server connections', { timeoutMs: 120_000 });
  });
});
