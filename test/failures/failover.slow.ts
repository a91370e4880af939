import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { Cluster } from './cluster.js';
import { Load } from './load.js';
import { NOTHING_LOST, outcome, report } from './outcome.js';
import { serviceOn } from './service.js';
import { until } from '../support/until.js';

const KILLS_OF_SERVICE = 20;
const FAILOVERS = 5;

let clusters: Cluster[];
let primary: Cluster;
let service: ServiceProcess;
let load: Load | undefined;

beforeEach(async () => {
  primary = await Cluster.started();
  clusters = [primary];
});

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await ServiceProcess.killAll();
  await Promise.all(clusters.map((cluster) => cluster.remove()));
});

const alice = (): Client => service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');

/** A second server, which every commit of the first one waits for. */
async function addStandby(): Promise<Cluster> {
  const standby = await Cluster.following(primary);
  clusters.push(standby);
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
  await primary.query('SELECT pg_reload_conf()');
  const isSynchronous = async (): Promise<boolean> => {
    const rows = await primary.query<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication');
    return rows.some(({ sync_state: state }) => state === 'sync');
  };
  await until(isSynchronous, 'the standby is synchronous');
  return standby;
}

describe('nothing that was acknowledged is lost', () => {
  it(`when the service is killed ${KILLS_OF_SERVICE} times under load`, async () => {
    service = await serviceOn(primary.url);
    load = new Load('kill', alice);
    const recoveries: number[] = [];
    for (let i = 0; i < KILLS_OF_SERVICE; i += 1) {
      await load.goesOn(20 + i * 3);
      await service.stop('SIGKILL');
      const began = performance.now();
      service = await serviceOn(primary.url);
      await load.goesOn(1);
      recoveries.push(Math.round(performance.now() - began));
    }
    await load.stop();
    expect(await outcome(primary, load)).toEqual(NOTHING_LOST);
    report('service killed', load, recoveries);
  }, 600_000);

  it(`when the primary is killed and its synchronous standby promoted, ${FAILOVERS} times under load`, async () => {
    const recoveries: number[] = [];
    for (let i = 0; i < FAILOVERS; i += 1) {
      const standby = await addStandby();
      const url = `postgres://latchkey@${primary.address},${standby.address}/postgres?target_session_attrs=read-write`;
      service = await serviceOn(url);
      load = new Load(`failover-${i}`, alice);
      await load.goesOn(100 + i * 20);
      await primary.killAll();
      const began = performance.now();
      await standby.query(`ALTER SYSTEM RESET synchronous_standby_names`);
      await standby.promote();
      await standby.query('SELECT pg_reload_conf()');
      primary = standby;
      await load.goesOn(50);
      recoveries.push(Math.round(performance.now() - began));
      await load.stop();
      expect(await outcome(primary, load)).toEqual(NOTHING_LOST);
      report('primary killed', load, recoveries);
      await service.stop('SIGTERM');
    }
  }, 600_000);

  it('when the server hangs for 30 seconds under load', async () => {
    service = await serviceOn(primary.url);
    load = new Load('hang', alice);
    await load.goesOn(100);
    primary.freeze();
    await new Promise((over) => setTimeout(over, 30_000));
    primary.thaw();
    const began = performance.now();
    await load.goesOn(20);
    const recovered = Math.round(performance.now() - began);
    await load.stop();
    expect(load.unavailable).toBeGreaterThan(0);
    // A statement that was sent before the deadline may be executed after it.
    await new Promise((settled) => setTimeout(settled, 3000));
    expect(await outcome(primary, load)).toEqual(NOTHING_LOST);
    report('server frozen for 30 s', load, [recovered]);
  });
});
