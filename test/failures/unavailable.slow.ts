import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { KEY, recovery, serviceOn } from './service.js';

/** What the service needs at most beyond DB_TIMEOUT_MS, on a machine that runs other suites too. Without that limit it would wait for minutes. */
const SLACK = 15_000;
const MAX_CONNECTIONS = 20;
const TIMEOUT = 2000;

let cluster: Cluster;
let service: ServiceProcess;
let alice: Client;

beforeAll(async () => {
  cluster = await Cluster.started([`max_connections = ${MAX_CONNECTIONS}`, 'superuser_reserved_connections = 3']);
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
    const blocker = await cluster.session();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE key_pairs');
    await expectUnavailable();
    await blocker.query('COMMIT');
    await blocker.end();
    expect(await recovery(alice, 'after a lock')).toBeLessThan(SLACK);
  });

  it('has no connection left, answers are 503, and requests succeed when there is one', async () => {
    const fresh = await serviceOn(cluster.url);
    const bob = fresh.client.with({ 'X-Auth-Token': 'bob:b0b' }).at('2.92');
    const sessions = await cluster.takeAllConnections(MAX_CONNECTIONS);
    const { status, headers } = await bob.get('/v2.1/os-keypairs');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    await Promise.all(sessions.map((each) => each.end()));
    expect(await recovery(bob, 'after connections were free')).toBeLessThan(SLACK);
  });

  it('accepts no writes, writes are 503 and reads are answered', async () => {
    expect((await create('kept')).status).toBe(201);
    await cluster.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await cluster.reload();
    // Sessions of the service take the setting over one by one.
    await until(async () => (await create('refused')).status === 503, 'writes are refused');
    expect((await alice.get('/v2.1/os-keypairs/kept')).status).toBe(200);
    await cluster.query('ALTER SYSTEM RESET default_transaction_read_only');
    await cluster.reload();
    expect(await recovery(alice, 'after writes were taken again')).toBeLessThan(SLACK);
  });
});
