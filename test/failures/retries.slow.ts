import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { readConfig } from '../../src/config/config.js';
import { dataSourceOptions } from '../../src/persistence/data-source.js';
import type { Statement } from '../../src/persistence/connection-pool.js';
import { Database } from '../../src/persistence/database.js';
import type { Client, Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { CuttingProxy } from './cutting-proxy.js';
import { KEY, serviceOn } from './service.js';

let cluster: Cluster;
let dave: Client;

beforeAll(async () => {
  cluster = await Cluster.started();
  const service = await serviceOn(cluster.url, { DB_TIMEOUT_MS: '30000' });
  dave = service.client.with({ 'X-Auth-Token': 'dave:da7e' }).at('2.92');
  // Sequences are not rolled back with a transaction, and so count attempts.
  await cluster.query('CREATE SEQUENCE tries');
});

beforeEach(async () => {
  await cluster.query('TRUNCATE key_pairs, keypair_usage CASCADE');
  await cluster.query('ALTER SEQUENCE tries RESTART');
});

afterAll(async () => {
  await ServiceProcess.killAll();
  await cluster.remove();
});

const create = (name: string): Promise<Reply> => dave.post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } });
const stored = (): Promise<object[]> =>
  cluster.query('SELECT used, (SELECT count(*)::int FROM key_pairs) AS keypairs FROM keypair_usage');

/** Makes the first so many inserts of keypairs fail with a SQLSTATE; returns what `act` returns, and the number of attempts. */
async function failing(times: number, state: string, act: () => Promise<Reply>): Promise<[number, number]> {
  await cluster.query(`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('tries') <= ${times} THEN RAISE EXCEPTION 'not now' USING ERRCODE = '${state}'; END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER fail BEFORE INSERT ON key_pairs FOR EACH ROW EXECUTE FUNCTION fail()`);
  try {
    const { status } = await act();
    const [{ tries }] = await cluster.query<{ tries: string }>('SELECT last_value AS tries FROM tries');
    return [status, Number(tries)];
  } finally {
    await cluster.query('DROP TRIGGER fail ON key_pairs; DROP FUNCTION fail');
  }
}

/** Waits until a statement of the service waits for a lock; returns its process id. */
async function waiting(): Promise<number> {
  const find = async (): Promise<{ pid: number } | undefined> => {
    const [first] = await cluster.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey' AND wait_event_type = 'Lock'`,
    );
    return first;
  };
  return (await until(find, 'a statement of the service waits')).pid;
}

describe('a statement that PostgreSQL aborts', () => {
  it.each([
    ['a serialization failure', '40001'],
    ['a deadlock', '40P01'],
  ])('for %s is retried once, and succeeds', async (_, state) => {
    expect(await failing(1, state, () => create('laptop'))).toEqual([201, 2]);
    expect(await stored()).toEqual([{ used: 1, keypairs: 1 }]);
  });

  it('twice is not tried a third time, and is answered 503', async () => {
    expect(await failing(9, '40001', () => create('laptop'))).toEqual([503, 2]);
    expect(await stored()).toEqual([]);
  });

  it('for lack of disk space is not retried at once', async () => {
    expect(await failing(9, '53100', () => create('laptop'))).toEqual([503, 1]);
    expect(await stored()).toEqual([]);
  });

  it('for an error of the service is not retried, and is answered 500', async () => {
    expect(await failing(9, '22012', () => create('laptop'))).toEqual([500, 1]);
  });

  it('in a deadlock with another session is retried once, and succeeds', async () => {
    await create('first');
    const other = await cluster.session();
    // The service's session is the one that detects the deadlock, and is aborted.
    await other.query(`SET deadlock_timeout = '1min'`);
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key) VALUES ('dave', 'second', '', '')`,
    );
    // It holds the counter now, and waits for the name.
    const creating = create('second');
    await waiting();
    await other.query(`UPDATE keypair_usage SET used = used WHERE user_id = 'dave'`);
    await other.query('ROLLBACK');
    await other.end();
    expect((await creating).status).toBe(201);
    const [{ deadlocks }] = await cluster.query<{ deadlocks: string }>(
      `SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = 'postgres'`,
    );
    expect(Number(deadlocks)).toBe(1);
    expect(await stored()).toEqual([{ used: 2, keypairs: 2 }]);
  });
});

describe('a statement whose connection is ended while it runs', () => {
  it.each([
    ['that reads', 'LOCK TABLE key_pairs', () => dave.get('/v2.1/os-keypairs/first'), 200, 1],
    ['that adds', `SELECT FROM keypair_usage FOR UPDATE`, () => create('second'), 201, 2],
    ['that removes', `SELECT FROM key_pairs FOR UPDATE`, () => dave.delete('/v2.1/os-keypairs/first'), 204, 0],
  ])('%s is run again', async (_, lock, act, status, keypairs) => {
    await create('first');
    const other = await cluster.session();
    await other.query('BEGIN');
    await other.query(lock);
    const acting = act();
    const [ended] = await cluster.query<{ done: boolean }>('SELECT pg_terminate_backend($1) AS done', [
      await waiting(),
    ]);
    expect(ended).toEqual({ done: true });
    await other.query('COMMIT');
    await other.end();
    expect((await acting).status).toBe(status);
    expect(await stored()).toEqual([{ used: keypairs, keypairs }]);
  });
});

describe('a statement whose answer is lost', () => {
  let proxy: CuttingProxy;
  let dataSource: DataSource;
  let database: Database;

  beforeAll(async () => {
    proxy = await CuttingProxy.before(cluster.port);
    const config = readConfig({ DATABASE_URL: `postgres://latchkey@127.0.0.1:${proxy.port}/postgres`, DATA_DIR: '.' });
    dataSource = await new DataSource(dataSourceOptions(config, config.dbTimeoutMs)).initialize();
    database = new Database(dataSource, config, undefined);
    await cluster.query('CREATE TABLE done (what text)');
  });

  afterAll(async () => {
    await dataSource.destroy();
    proxy.close();
  });

  const statement = (name: string): Statement => ({ name, text: 'INSERT INTO done VALUES ($1)' });
  const timesDone = async (what: string): Promise<number> =>
    (await cluster.query('SELECT FROM done WHERE what = $1', [what])).length;

  it('is not run again if that would apply it twice', async () => {
    proxy.loseAnswerTo = 'test-once';
    await expect(database.write(statement('test-once'), ['once'])).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
      mayHaveHappened: true,
      reason: 'connection lost',
    });
    expect(await timesDone('once')).toBe(1);
  });

  it('is run again if it is idempotent', async () => {
    proxy.loseAnswerTo = 'test-repeatable';
    await database.write({ ...statement('test-repeatable'), repeatable: true }, ['repeatable']);
    expect(await timesDone('repeatable')).toBe(2);
  });
});
