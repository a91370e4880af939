import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { Cluster } from './cluster.js';
import { KEY, recovery, serviceOn } from './service.js';

/** What the service needs at most beyond DB_TIMEOUT_MS, on a busy machine. */
const SLACK = 1500;
const TIMEOUT = 2000;

let cluster: Cluster;
let service: ServiceProcess;
let alice: Client;

beforeAll(async () => {
  cluster = await Cluster.started(['max_connections = 20', 'superuser_reserved_connections = 3']);
});

beforeEach(async () => {
  service = await serviceOn(cluster.url);
  alice = service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');
});

afterEach(async () => {
  await ServiceProcess.killAll();
});

afterAll(async () => {
  await cluster.remove();
});

const create = (name: string): Promise<Reply> =>
  alice.post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } });

/** Reads and writes, answered 503 in time and with Retry-After. */
async function expectUnavailable(): Promise<void> {
  const began = performance.now();
  const replies = await Promise.all([
    create('unlucky'),
    alice.get('/v2.1/os-keypairs'),
    alice.get('/v2.1/os-keypairs/unlucky'),
    alice.delete('/v2.1/os-keypairs/unlucky'),
  ]);
  expect(performance.now() - began).toBeLessThan(TIMEOUT + SLACK);
  for (const { status, headers, body } of replies) {
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(body).toMatchObject({ serviceUnavailable: { code: 503 } });
  }
}

describe('while PostgreSQL', () => {
  it('is down, answers are 503, and requests succeed when it is back', async () => {
    expect((await create('before')).status).toBe(201);
    await cluster.stop('immediate');
    await expectUnavailable();
    await cluster.start();
    expect(await recovery(alice, 'after a restart')).toBeLessThan(SLACK);
    expect((await alice.get('/v2.1/os-keypairs/before')).status).toBe(200);
  });

  it('restarts between two requests, the second one succeeds', async () => {
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
    await cluster.stop('fast');
    await cluster.start();
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
  });

  it('hangs, answers are 503 in time, and requests succeed when it resumes', async () => {
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
    cluster.freeze();
    await expectUnavailable();
    await expectUnavailable();
    cluster.thaw();
    expect(await recovery(alice, 'after a hang')).toBeLessThan(SLACK);
  });

  it('is slow, answers are 503 in time, and requests succeed afterwards', async () => {
    const blocker = cluster.query(`BEGIN; LOCK TABLE key_pairs; SELECT pg_sleep(6); COMMIT`);
    const isLocked = `SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'key_pairs'::regclass`;
    while ((await cluster.query(isLocked)).length === 0);
    await expectUnavailable();
    await blocker;
    expect(await recovery(alice, 'after a lock')).toBeLessThan(SLACK);
  });

  it('has no connection left, answers are 503, and requests succeed when there is one', async () => {
    const fresh = await serviceOn(cluster.url);
    const bob = fresh.client.with({ 'X-Auth-Token': 'bob:b0b' }).at('2.92');
    // The idle connections of the services are closed first.
    await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'`);
    const hogs = Array.from({ length: 25 }, () => cluster.query('SELECT pg_sleep(4)').catch(() => undefined));
    await new Promise((taken) => setTimeout(taken, 1000));
    const { status, headers } = await bob.get('/v2.1/os-keypairs');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    await Promise.all(hogs);
    expect(await recovery(bob, 'after connections were free')).toBeLessThan(SLACK);
  });

  it('accepts no writes, writes are 503 and reads are answered', async () => {
    expect((await create('kept')).status).toBe(201);
    await cluster.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await cluster.query('SELECT pg_reload_conf()');
    await new Promise((reloaded) => setTimeout(reloaded, 500));
    expect((await create('refused')).status).toBe(503);
    expect((await alice.get('/v2.1/os-keypairs/kept')).status).toBe(200);
    await cluster.query('ALTER SYSTEM RESET default_transaction_read_only');
    await cluster.query('SELECT pg_reload_conf()');
    expect(await recovery(alice, 'after writes were taken again')).toBeLessThan(SLACK);
  });
});
