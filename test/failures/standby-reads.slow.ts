import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { KEY, recovery, serviceOn } from './service.js';

/** Milliseconds of DB_TIMEOUT_MS, and how long a write may be refused once the primary is back, on a machine that runs other suites too. */
const TIMEOUT = 2000;
const SLACK = 15_000;

let primary: Cluster;
let standby: Cluster;

beforeAll(async () => {
  primary = await Cluster.started();
  standby = await Cluster.following(primary);
});

afterEach(async () => {
  await ServiceProcess.killAll();
  for (const server of [primary, standby]) if (!server.isRunning()) await server.start();
  await standby.query('SELECT pg_wal_replay_resume()');
  await primary.query('TRUNCATE key_pairs, keypair_usage CASCADE');
  // The next test creates the same names.
  const isEmpty = async () => (await standby.query('SELECT FROM key_pairs LIMIT 1')).length === 0;
  await until(isEmpty, 'the standby has replayed the end of the test');
});

afterAll(() => Promise.all([primary.remove(), standby.remove()]));

/** A client of a service that may read from the standby. */
async function clientWith(settings: Record<string, string> = {}): Promise<Client> {
  const reading = { DATABASE_READ_URL: standby.url, DB_TIMEOUT_MS: String(TIMEOUT), ...settings };
  const service = await serviceOn(primary.url, reading);
  return service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');
}

const create = (client: Client, name: string): Promise<Reply> =>
  client.post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } });
const show = (client: Client, name: string): Promise<Reply> => client.get(`/v2.1/os-keypairs/${name}`);
const replicated = (name: string): Promise<unknown> =>
  until(
    async () => (await standby.query('SELECT FROM key_pairs WHERE name = $1', [name])).length > 0,
    `${name} arrives`,
  );

/** Keeps the standby from applying changes; the server only records the request at first. */
async function pauseReplay(): Promise<void> {
  await standby.query('SELECT pg_wal_replay_pause()');
  const isPaused = `pg_get_wal_replay_pause_state() = 'paused'`;
  await until(async () => (await standby.query(`SELECT WHERE ${isPaused}`)).length > 0, 'replay pauses');
}

describe('while the primary is unavailable', () => {
  it('reads are answered by the standby, and writes are 503', async () => {
    const alice = await clientWith();
    await create(alice, 'laptop');
    await replicated('laptop');
    await primary.stop('immediate');
    const replies = await Promise.all([
      show(alice, 'laptop'),
      alice.get('/v2.1/os-keypairs'),
      alice.get('/v2.1/limits'),
      alice.get('/v1/guests'),
      create(alice, 'desktop'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 503]);
    await primary.start();
    expect(await recovery(alice, 'after the primary returned')).toBeLessThan(SLACK);
    expect((await show(alice, 'recovery')).status).toBe(200);
  });

  it('and hangs, a read spends a quarter of its time there, and the next ones do not wait', async () => {
    const timeout = 20_000;
    const alice = await clientWith({ DB_TIMEOUT_MS: String(timeout) });
    await create(alice, 'laptop');
    await replicated('laptop');
    primary.freeze();
    const began = performance.now();
    expect((await show(alice, 'laptop')).status).toBe(200);
    const noticed = performance.now();
    expect(noticed - began).toBeGreaterThan(timeout / 5);
    expect(noticed - began).toBeLessThan(timeout);
    for (let read = 0; read < 10; read += 1) expect((await show(alice, 'laptop')).status).toBe(200);
    // All of them together take less than one that waits.
    expect(performance.now() - noticed).toBeLessThan(timeout / 4);
    primary.thaw();
    expect(await recovery(alice, 'after the primary went on')).toBeLessThan(SLACK);
  });

  it('a read waits for the standby to replay what it received, but not for long', async () => {
    const alice = await clientWith();
    await create(alice, 'laptop');
    await replicated('laptop');
    await pauseReplay();
    await create(alice, 'desktop');
    const [{ position }] = await primary.query<{ position: string }>('SELECT pg_current_wal_flush_lsn() AS position');
    const isReceived = async (): Promise<boolean> =>
      (await standby.query('SELECT WHERE pg_last_wal_receive_lsn() >= $1::pg_lsn', [position])).length > 0;
    await until(isReceived, 'the standby has received the last write');
    await primary.stop('immediate');
    const began = performance.now();
    expect((await show(alice, 'laptop')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(300);
    await standby.query('SELECT pg_wal_replay_resume()');
    expect((await show(alice, 'desktop')).status).toBe(200);
  });
});

describe('with DATABASE_READS=standby', () => {
  const READS = { DATABASE_READS: 'standby', DATABASE_FRESH_SECONDS: '2' };

  it('a user who wrote recently reads the primary, and later the standby', async () => {
    const alice = await clientWith({ ...READS, DATABASE_FRESH_SECONDS: '15' });
    await create(alice, 'laptop');
    await replicated('laptop');
    await pauseReplay();
    expect((await create(alice, 'desktop')).status).toBe(201);
    expect((await show(alice, 'desktop')).status).toBe(200);
    const others = alice.with({ 'X-Auth-Token': 'admin:ops' });
    expect((await others.get('/v2.1/os-keypairs/desktop?user_id=alice')).status).toBe(200);
    await until(async () => (await show(alice, 'desktop')).status === 404, 'the read comes from the standby');
    expect((await show(alice, 'laptop')).status).toBe(200);
    await standby.query('SELECT pg_wal_replay_resume()');
    await until(async () => (await show(alice, 'desktop')).status === 200, 'the standby has replayed');
  });

  it('reads are answered by the primary while the standby is unavailable', async () => {
    const alice = await clientWith({ ...READS, DATABASE_FRESH_SECONDS: '1' });
    await create(alice, 'laptop');
    await replicated('laptop');
    await standby.stop('immediate');
    const bob = alice.with({ 'X-Auth-Token': 'bob:b0b' });
    const replies = await Promise.all([bob.get('/v2.1/os-keypairs'), bob.get('/v2.1/os-keypairs?limit=1')]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('a read that the standby aborts is answered by the primary', async () => {
    const alice = await clientWith({ ...READS, DB_TIMEOUT_MS: '60000' });
    await create(alice, 'laptop');
    await replicated('laptop');
    // The standby replays the lock, which then blocks the read of a user who wrote nothing.
    const other = await primary.session();
    try {
      await other.query('BEGIN');
      await other.query('LOCK TABLE key_pairs');
      await other.query('SELECT pg_current_xact_id(), pg_switch_wal()');
      const locked = `SELECT FROM pg_locks WHERE relation = 'key_pairs'::regclass AND mode = 'AccessExclusiveLock'`;
      await until(async () => (await standby.query(locked)).length > 0, 'the standby has replayed the lock');
      const bob = alice.with({ 'X-Auth-Token': 'bob:b0b' });
      const waiting = `application_name = 'latchkey' AND wait_event_type = 'Lock'`;
      const listed = bob.get('/v2.1/os-keypairs');
      await until(
        async () => (await standby.query(`SELECT FROM pg_stat_activity WHERE ${waiting}`)).length > 0,
        'the read waits on the standby',
      );
      await standby.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${waiting}`);
      await other.query('COMMIT');
      expect((await listed).status).toBe(200);
    } finally {
      await other.end();
    }
  });
});
