import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SteadyLoad, summary } from '../failures/steady-load.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { PatroniCluster } from './patroni-cluster.js';

/** CLUSTER_FAILOVERS=5 for a longer run. */
const FAILOVERS = Number(process.env.CLUSTER_FAILOVERS ?? 2);
/** From the promotion to the next acknowledged create, on a machine that runs other suites too. */
const WRITES_BACK_MS = 5000;

let cluster: PatroniCluster;
let directory: string;
let services: ServiceProcess[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-cluster-'));
  cluster = await PatroniCluster.started();
  const settings = {
    DATA_DIR: directory,
    MIGRATE_ON_START: 'true',
    KEYPAIR_QUOTA: '-1',
    LOG_LEVEL: 'warn',
    ...cluster.settings,
  };
  services = [await ServiceProcess.listening(settings), await ServiceProcess.listening(settings)];
}, 240_000);

afterAll(async () => {
  await ServiceProcess.killAll();
  await cluster?.remove();
  rmSync(directory, { recursive: true, force: true });
});

describe('two replicas on the cluster of deploy/cluster', () => {
  it('lose no acknowledged keypair, and refuse no read, while Patroni replaces the primary', async () => {
    const load = new SteadyLoad(services.map(({ client }) => client));
    const delays: number[] = [];
    try {
      await until(() => load.firstCreateAfter(0), 'a create is acknowledged');
      for (let failover = 0; failover < FAILOVERS; failover += 1) {
        const { primary, standby } = await cluster.roles();
        const what = failover % 2 === 0 ? 'PostgreSQL killed' : 'machine killed';
        const killed = performance.now();
        if (failover % 2 === 0) primary.killPostgres();
        else primary.killAll();
        await until(() => standby.isPrimary(), 'the standby is promoted', { timeoutMs: 60_000 });
        const promoted = performance.now();
        const acknowledged = await until(() => load.firstCreateAfter(promoted), 'creates are acknowledged again');
        delays.push(Math.round(acknowledged - promoted));
        process.stdout.write(
          `${what}: promoted after ${Math.round(promoted - killed)} ms, a create acknowledged ${delays.at(-1)} ms later; ` +
            `reads meanwhile ${summary(load.of('read', killed, acknowledged))}; creates ${summary(load.of('create', killed, acknowledged))}.\n`,
        );
        if (failover % 2 === 1) primary.start();
      }
      await cluster.roles();
      await sleep(1000);
    } catch (error) {
      const printed = [cluster.lastOutput, ...services.map(({ printedText }) => printedText.slice(-3000))];
      throw new Error(`The failover does not end.\n${printed.join('\n')}`, { cause: error });
    } finally {
      await load.stop();
    }
    const { primary } = await cluster.roles();
    const found = await load.compare((statement) => primary.query(statement));
    process.stdout.write(
      `${FAILOVERS} failovers: ${found.acknowledged} creates acknowledged; creates ${summary(load.of('create'))}; reads ${summary(load.of('read'))}.\n`,
    );
    expect(found).toMatchObject({ lost: [], miscounted: [] });
    expect(load.of('read').filter(({ status }) => status !== 200)).toEqual([]);
    expect(load.of('create').filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
    expect(Math.max(...delays)).toBeLessThan(WRITES_BACK_MS);
  }, 600_000);
});
