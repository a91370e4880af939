import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { Cluster } from './cluster.js';
import { CuttingProxy } from './cutting-proxy.js';
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

/** Reads and writes, answered 503 in time and with word of when to come again. */
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
  it('is down, answers are 503, and all is well when it is back', async () => {
    expect((await create('before')).status).toBe(201);
    await cluster.stop('immediate');
    await expectUnavailable();
    await cluster.start();
    expect(await recovery(alice, 'after a restart')).toBeLessThan(SLACK);
    expect((await alice.get('/v2.1/os-keypairs/before')).status).toBe(200);
  });

  it('restarts between two requests, the second one does not notice', async () => {
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
    await cluster.stop('fast');
    await cluster.start();
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
  });

  it('hangs, answers are 503 in time, and all is well when it goes on', async () => {
    expect((await alice.get('/v2.1/os-keypairs')).status).toBe(200);
    cluster.freeze();
    await expectUnavailable();
    await expectUnavailable();
    cluster.thaw();
    expect(await recovery(alice, 'after a hang')).toBeLessThan(SLACK);
  });

  it('is slow, answers are 503 in time, and all is well when it is done', async () => {
    const blocker = cluster.query(`BEGIN; LOCK TABLE key_pairs; SELECT pg_sleep(6); COMMIT`);
    await expectUnavailable();
    await blocker;
    expect(await recovery(alice, 'after a lock')).toBeLessThan(SLACK);
  });

  it('has no connection left, answers are 503, and all is well when there is one', async () => {
    const fresh = await serviceOn(cluster.url);
    const bob = fresh.client.with({ 'X-Auth-Token': 'bob:b0b' }).at('2.92');
    // Those that the services have idle are closed first.
    await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'`);
    const hogs = Array.from({ length: 25 }, () => cluster.query('SELECT pg_sleep(4)').catch(() => undefined));
    await new Promise((taken) => setTimeout(taken, 1000));
    const { status, headers } = await bob.get('/v2.1/os-keypairs');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    await Promise.all(hogs);
    expect(await recovery(bob, 'after connections were free')).toBeLessThan(SLACK);
  });

  it('takes no writes, writes are 503 and reads are answered', async () => {
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

describe('a write whose connection is lost before its answer', () => {
  let proxy: CuttingProxy;
  let carol: Client;

  beforeEach(async () => {
    proxy = await CuttingProxy.before(cluster.port);
    const behind = await serviceOn(`postgres://latchkey@127.0.0.1:${proxy.port}/postgres`, { KEYPAIR_QUOTA: '2' });
    carol = behind.client.with({ 'X-Auth-Token': 'carol:ca401' }).at('2.92');
    await cluster.query(`DELETE FROM key_pairs WHERE user_id = 'carol'`);
    await cluster.query(`DELETE FROM keypair_usage WHERE user_id = 'carol'`);
  });

  afterEach(() => proxy.close());

  const createByCarol = (name: string): Promise<Reply> =>
    carol.post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } });
  const counted = () => cluster.query(`SELECT used FROM keypair_usage WHERE user_id = 'carol'`);

  it('is found to have made the keypair, once', async () => {
    proxy.loseAnswerTo = 'keypair-add';
    expect((await createByCarol('first')).status).toBe(201);
    expect(await counted()).toEqual([{ used: 1 }]);
  });

  it('is found to have made the last keypair of the quota', async () => {
    expect((await createByCarol('first')).status).toBe(201);
    proxy.loseAnswerTo = 'keypair-add';
    expect((await createByCarol('second')).status).toBe(201);
    expect((await createByCarol('third')).status).toBe(403);
    expect(await counted()).toEqual([{ used: 2 }]);
  });

  it('is found to have failed where the name was taken before', async () => {
    expect((await createByCarol('first')).status).toBe(201);
    await cluster.query(`UPDATE key_pairs SET created_at = created_at - interval '1 hour' WHERE user_id = 'carol'`);
    proxy.loseAnswerTo = 'keypair-add';
    expect((await createByCarol('first')).status).toBe(409);
  });

  it('is found to have deleted the keypair', async () => {
    expect((await createByCarol('first')).status).toBe(201);
    proxy.loseAnswerTo = 'keypair-remove';
    expect((await carol.delete('/v2.1/os-keypairs/first')).status).toBe(204);
    expect((await carol.delete('/v2.1/os-keypairs/first')).status).toBe(404);
    expect(await counted()).toEqual([{ used: 0 }]);
  });
});
