import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';

const USERS = 20;
const KEYS_OF_USER = 50;
const EVENTS = USERS * KEYS_OF_USER;
const KEYPAIRS = '/v2.1/os-keypairs';

interface Delivery {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
}

const { dataDir, remove } = emptyDataDir();
const directory = mkdtempSync(join(tmpdir(), 'latchkey-webhooks-'));
const file = join(directory, 'received');
const publicKey = sshKeygen();

let service: ServiceProcess;
let receiver: ChildProcess;
let port = '0';
let deaths = 0;
let hasEnded = false;

/** Starts the receiver, and again whenever it has died. */
async function startReceiver(): Promise<void> {
  receiver = spawn(process.execPath, ['test/process/mortal-receiver.mjs', file, port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  receiver.once('exit', () => {
    if (hasEnded) return;
    deaths += 1;
    void startReceiver();
  });
  const [printed] = (await once(receiver.stdout!, 'data')) as [Buffer];
  port = String(printed).trim();
}

const startService = (): Promise<ServiceProcess> =>
  ServiceProcess.listening({
    DATA_DIR: dataDir,
    EMBEDDED_FSYNC: 'off',
    KEYPAIR_QUOTA: '-1',
    LOG_LEVEL: 'warn',
    WEBHOOK_HTTP: 'true',
    WEBHOOK_NETWORKS: '127.0.0.1',
  });

beforeAll(async () => {
  await startReceiver();
  service = await startService();
});
afterAll(async () => {
  hasEnded = true;
  receiver?.kill('SIGKILL');
  await ServiceProcess.killAll();
  remove();
  rmSync(directory, { recursive: true });
});

/** What the receiver has written, as `ID OWNER NAME`. */
const received = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

it('a receiver that is killed at random, and once the service too, gets 1000 events, each id once, those of each user in order', async () => {
  const webhook = { url: `http://127.0.0.1:${port}/`, types: ['keypair.imported'], project_id: null };
  const made = await service.client.post('/v1/webhooks', { webhook });
  expect([made.status, made.text]).toEqual([201, expect.stringContaining('whsec_')]);

  const work = async (user: number): Promise<void> => {
    const client = service.client.with({ 'X-Auth-Token': `user-${user}:blue` }).at('2.92');
    for (let n = 0; n < KEYS_OF_USER; n += 1) {
      const keypair = { name: `key-${n}`, type: 'ssh', public_key: publicKey };
      expect((await client.post(KEYPAIRS, { keypair })).status).toBe(201);
    }
  };
  await Promise.all(Array.from({ length: USERS }, (_, user) => work(user)));
  expect(new Set(received()).size).toBeLessThan(EVENTS);
  await service.stop('SIGKILL');
  service = await startService();

  const pending = async (): Promise<readonly Delivery[]> => {
    const { deliveries }: { deliveries: Delivery[] } = (await service.client.get('/v1/webhooks/1/deliveries')).body;
    return deliveries.filter(({ state }) => state !== 'delivered');
  };
  await until(
    async () => {
      const left = await pending();
      // Deliveries that would wait for minutes, and those that the killed service had begun.
      const waits = left.filter(
        ({ attempts, next_attempt_at: at }) => attempts > 0 && Date.parse(`${at}Z`) > Date.now() + 5000,
      );
      for (const { id } of waits)
        expect(
          (await service.client.send({ method: 'POST', target: `/v1/webhooks/1/deliveries/${id}/retry` })).status,
        ).toBe(202);
      return left.length === 0 && new Set(received()).size === EVENTS;
    },
    'all are delivered',
    { timeoutMs: 240_000, everyMs: 500 },
  );

  const lines = received();
  const distinct = [...new Set(lines)];
  const listed: { events: { event_id: string }[] } = (
    await service.client.get('/v1/events?all_users=true&type=keypair.imported')
  ).body;
  const ids = distinct.map((line) => line.split(' ')[0]);
  expect(ids.toSorted()).toEqual(listed.events.map(({ event_id: id }) => id).toSorted());
  expect([new Set(ids).size, deaths > 0]).toEqual([EVENTS, true]);
  const inOrder = Array.from({ length: KEYS_OF_USER }, (_, n) => `key-${n}`);
  for (let user = 0; user < USERS; user += 1)
    expect(distinct.filter((line) => line.includes(` user-${user} `)).map((line) => line.split(' ')[2])).toEqual(
      inOrder,
    );
  process.stdout.write(`${lines.length} deliveries of ${EVENTS} events, the receiver died ${deaths} times\n`);
});
