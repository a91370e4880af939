import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client as PgClient } from 'pg';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { Load } from './load.js';
import { NOTHING_LOST, outcome, report } from './outcome.js';
import { serviceOn } from './service.js';
import { SmallDisk } from './small-disk.js';

const MAX_CONNECTIONS = 20;
/** How long a fault lasts in milliseconds: longer than DB_TIMEOUT_MS, which is 2000. */
const TROUBLE = 3000;

let cluster: Cluster;
let service: ServiceProcess;
let load: Load | undefined;
let disk: SmallDisk | undefined;
let onDisk: Cluster | undefined;

beforeAll(async () => {
  cluster = await Cluster.started([`max_connections = ${MAX_CONNECTIONS}`]);
});

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await ServiceProcess.killAll();
});

afterEach(async () => {
  // A file system is in use as long as a server has files there.
  await onDisk?.remove();
  await disk?.unmount();
  onDisk = undefined;
  disk = undefined;
});

afterAll(() => cluster.remove());

const alice = (): Client => service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');

/** Applies a fault to the server under load; returns what differs at the end between what was acknowledged and what is stored. */
async function bear(
  what: string,
  server: Cluster,
  trouble: () => Promise<void>,
  settings = {},
  atOnce = 8,
): Promise<object> {
  service = await serviceOn(server.url, settings);
  load = new Load(what.replaceAll(' ', '-'), alice, atOnce);
  await load.goesOn(100);
  await trouble();
  const began = performance.now();
  await load.goesOn(20);
  const recovered = Math.round(performance.now() - began);
  await load.goesOn(100);
  await load.stop();
  await service.stop();
  report(what, load, [recovered]);
  return outcome(server, load);
}

/** A session with an open transaction of these statements, which holds their locks until it is ended. */
async function holding(...statements: string[]): Promise<PgClient> {
  const session = await cluster.session();
  for (const statement of ['BEGIN', ...statements]) await session.query(statement);
  return session;
}

const endAll = async (sessions: readonly PgClient[]): Promise<void> => {
  await Promise.all(sessions.map((each) => each.end()));
};

describe('nothing that was acknowledged is lost, and no answer is an error but 503', () => {
  it.each(['fast', 'immediate'] as const)('when the server is restarted, %s, three times', async (mode) => {
    const found = await bear(`server restarted ${mode}`, cluster, async () => {
      for (let i = 0; i < 3; i += 1) {
        await cluster.restart(mode);
        await load!.goesOn(50);
      }
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when connections are cut again and again', async () => {
    const found = await bear('connections cut', cluster, async () => {
      for (let i = 0; i < 20; i += 1) {
        await cluster.cutService();
        await load!.goesOn(10);
      }
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when others use up all connections', async () => {
    const found = await bear('no connection left', cluster, async () => {
      const sessions = await cluster.takeAllConnections(MAX_CONNECTIONS);
      // Answers may still be in transit.
      await load!.answersAll();
      const before = load!.acknowledged;
      await sleep(TROUBLE);
      expect(load!.acknowledged).toBe(before);
      await endAll(sessions);
      expect(load!.unavailable).toBeGreaterThan(0);
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when others use up so many that the pool is larger than what is left', async () => {
    const found = await bear(
      'too few connections left',
      cluster,
      async () => {
        const sessions = await Promise.all(Array.from({ length: 6 }, () => cluster.session().catch(() => undefined)));
        // On a busy machine it takes a while until the pool requests one connection too many.
        for (let tries = 0; tries < 30 && load!.unavailable === 0; tries += 1) await sleep(TROUBLE);
        await endAll(sessions.filter((each) => each !== undefined));
        expect(load!.unavailable).toBeGreaterThan(0);
      },
      { DATABASE_POOL_SIZE: '60' },
      40,
    );
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when the row of a counter is locked', async () => {
    const found = await bear('row locked', cluster, async () => {
      const session = await holding(`SELECT FROM keypair_usage WHERE user_id = 'alice' FOR UPDATE`);
      await sleep(TROUBLE);
      await refused(1);
      // Other users do not wait for that row, and reads do not wait at all.
      const others = await service.client.with({ 'X-Auth-Token': 'bob:b0b' }).get('/v2.1/os-keypairs');
      expect(others.status).toBe(200);
      await session.query('COMMIT');
      await session.end();
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when the table is altered in a long transaction', async () => {
    const found = await bear('table altered', cluster, async () => {
      const session = await holding('ALTER TABLE key_pairs ADD COLUMN note text');
      await sleep(TROUBLE);
      await refused(1);
      await session.query('COMMIT');
      await load!.goesOn(50);
      await session.query('ALTER TABLE key_pairs DROP COLUMN note');
      await session.end();
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when the server accepts no writes for a while', async () => {
    const found = await bear('server read-only', cluster, async () => {
      await cluster.query('ALTER SYSTEM SET default_transaction_read_only = on');
      await cluster.reload();
      await refused(1);
      const [kept] = load!.kept;
      expect((await alice().get(`/v2.1/os-keypairs/${kept}`)).status).toBe(200);
      await cluster.query('ALTER SYSTEM RESET default_transaction_read_only');
      await cluster.reload();
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when the disk of the table is full', async () => {
    disk = await SmallDisk.mounted(16);
    const server = await Cluster.started();
    onDisk = server;
    await server.addTablespace('small', disk.directory);
    await (await serviceOn(server.url)).stop();
    await server.query('ALTER TABLE key_pairs SET TABLESPACE small');
    await server.query('ALTER INDEX key_pairs_pkey SET TABLESPACE small');
    const found = await bear('disk of the table full', server, async () => {
      disk!.fill();
      await refused(100);
      const [kept] = load!.kept;
      expect((await alice().get(`/v2.1/os-keypairs/${kept}`)).status).toBe(200);
      expect((await alice().get('/v2.1/os-keypairs?limit=10')).status).toBe(200);
      disk!.free();
    });
    expect(found).toEqual(NOTHING_LOST);
  });

  it('when the disk of the write-ahead log is full, and the server crashes of it', async () => {
    disk = await SmallDisk.mounted(128);
    const server = await Cluster.startedIn(disk.directory);
    onDisk = server;
    const found = await bear('disk of the server full', server, async () => {
      disk!.fill();
      await refused(100);
      // The server may have freed space when it ended.
      disk!.fill();
      await sleep(TROUBLE);
      await refused(50);
      disk!.free();
      if (!server.isRunning()) await server.start();
    });
    expect(found).toEqual(NOTHING_LOST);
  });
});

/** Waits until so many more requests were answered with 503. */
async function refused(requests: number): Promise<void> {
  const target = load!.unavailable + requests;
  await until(() => load!.unavailable >= target, `${requests} more requests are refused`);
}
