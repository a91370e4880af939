import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { KEY, serviceOn } from './service.js';
import { SteadyLoad, summary } from './steady-load.js';

/** How long the standby is unavailable once the services have noticed; STANDBY_AWAY_SECONDS=60 for a longer run. */
const AWAY_MS = Number(process.env.STANDBY_AWAY_SECONDS ?? 12) * 1000;
/** A write that is refused at once does not wait for DB_TIMEOUT_MS; a busy machine takes its time. */
const AT_ONCE_MS = 4000;

let primary: Cluster;
let standby: Cluster;
let load: SteadyLoad | undefined;

beforeEach(async () => {
  primary = await Cluster.started();
  standby = await Cluster.following(primary);
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
  await primary.query('SELECT pg_reload_conf()');
  await until(isSynchronous, 'the standby is synchronous');
});

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await ServiceProcess.killAll();
  await Promise.all([primary.remove(), standby.remove()]);
});

const isSynchronous = async (): Promise<boolean> =>
  (await primary.query(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`)).length > 0;

const heldCommits = async (): Promise<number> =>
  (await primary.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)).length;

describe('while the synchronous standby is unavailable', () => {
  it.each([
    ['returns', () => standby.start()],
    [
      'is given up',
      async () => {
        await primary.query('ALTER SYSTEM RESET synchronous_standby_names');
        await primary.query('SELECT pg_reload_conf()');
      },
    ],
  ])('reads are answered, writes are refused at once, and both work when it %s', async (_, recover) => {
    const settings = { DB_TIMEOUT_MS: '5000' };
    const services = [await serviceOn(primary.url, settings), await serviceOn(primary.url, settings)];
    load = new SteadyLoad(services.map(({ client }) => client));
    await until(() => load!.firstCreateAfter(0), 'a create is acknowledged');

    await standby.killAll();
    const killed = performance.now();
    let held = 0;
    let noticed: number | undefined;
    while (noticed === undefined || performance.now() - noticed < AWAY_MS) {
      held = Math.max(held, await heldCommits());
      await sleep(100);
      if (services.every(({ printedText }) => printedText.includes('writes are refused')))
        noticed ??= performance.now();
    }
    const back = performance.now();
    await recover();
    const acknowledged = await until(() => load!.firstCreateAfter(back), 'creates are acknowledged again');
    await Promise.all(services.map((service) => service.printed(/writes are accepted/)));
    const accepted = performance.now();
    await sleep(1000);
    await load.stop();

    const refused = load.of('create', noticed, back);
    process.stdout.write(
      `standby away for ${AWAY_MS / 1000} s: reads ${summary(load.of('read'))}; ` +
        `creates of the first ${Math.round(noticed - killed)} ms ${summary(load.of('create', killed, noticed))}; ` +
        `later ones ${summary(refused)}; at most ${held} commits held; writes back after ${Math.round(acknowledged - back)} ms.\n`,
    );
    expect(load.of('read').filter(({ status }) => status !== 200)).toEqual([]);
    expect(refused.length).toBeGreaterThan(100);
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter !== '1')).toEqual([]);
    expect(refused.filter(({ sentAt, answeredAt }) => answeredAt - sentAt > AT_ONCE_MS)).toEqual([]);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(10);
    expect(await heldCommits()).toBe(0);
    const last = load.of('create', accepted).filter(({ status }) => status !== 201);
    expect(last).toEqual([]);
    expect(await load.compare((statement) => primary.query(statement))).toMatchObject({ lost: [], miscounted: [] });
  });

  it.each([
    ['create', 1, 409],
    ['delete', 0, 404],
  ])(
    'a %s that was stored and lost its connection is not acknowledged before the standby has it',
    async (act, keypairs, repeated) => {
      const service = await serviceOn(primary.url);
      const alice = service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');
      const create = (): Promise<Reply> =>
        alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: KEY } });
      const remove = (): Promise<Reply> => alice.delete('/v2.1/os-keypairs/laptop');
      const stored = (): Promise<object[]> => primary.query(`SELECT FROM key_pairs WHERE name = 'laptop'`);
      const send = act === 'create' ? create : remove;
      if (act === 'delete') await create();

      await standby.killAll();
      const answer = send();
      await until(async () => (await heldCommits()) === 1, 'its commit waits');
      await primary.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
      expect((await answer).status).toBe(503);
      expect(await stored()).toHaveLength(keypairs);

      await standby.start();
      await until(isSynchronous, 'the standby is back');
      const again = await until(async () => {
        const reply = await send();
        return reply.status === 503 ? undefined : reply;
      }, 'writes are accepted');
      expect(again.status).toBe(repeated);
    },
  );
});
