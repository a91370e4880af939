import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Collector } from './places.js';
import { Secrets } from './secrets.js';
import { type Answered, send } from './wire.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
const secrets = new Secrets();
const refusals: Answered[] = [];
let service: ServiceProcess;
let collector: Collector;
let guests: string;

beforeAll(async () => {
  collector = await Collector.started();
  service = await ServiceProcess.listening({
    DATA_DIR: join(directory, 'data'),
    AUDIT_FILE: join(directory, 'audit.log'),
    ADMIN_PORT: '0',
    LOG_LEVEL: 'trace',
    ...collector.settings,
  });
  guests = service.hosts.guests;
});
afterAll(async () => {
  await ServiceProcess.killAll();
  collector?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function ask(host: string, method: string, target: string, body?: string): Promise<Answered> {
  const answered = await send(host, { method, target, headers: { 'Content-Type': 'application/json' }, body });
  if (answered.status >= 400) refusals.push(answered);
  return answered;
}

describe('a token in the path of NoCloud', () => {
  it('is used in valid and invalid requests', async () => {
    const api = service.client.host;
    const made = await ask(api, 'POST', '/v1/guests', JSON.stringify({ guest: { name: 'web' } }));
    const { id } = (JSON.parse(made.body) as { guest: { id: string } }).guest;
    const given = await ask(api, 'POST', `/v1/guests/${id}/nocloud-token`);
    expect(given.status).toBe(201);
    const { nocloud_token: token } = JSON.parse(given.body) as { nocloud_token: string };
    secrets.add('token', token);
    // A wrong token is nearly the right one if it was mistyped.
    const inner = token.slice(1, -1);
    secrets.add('part of the token', inner);
    const seed = `/nocloud/${token}/${id}`;
    expect((await ask(guests, 'GET', `${seed}/meta-data`)).status).toBe(200);
    const bad = [
      `${seed}/none`,
      `${seed}/meta-data/..`,
      `${seed}/%6deta-data`,
      `/nocloud/x${inner}x/${id}/meta-data`,
      `/${token}/meta-data`,
      `/openstack/${token}/meta_data.json`,
      `${seed}/${'x'.repeat(5000)}`,
    ];
    for (const target of bad) {
      for (const method of ['GET', 'POST', 'PUT'])
        await ask(guests, method, target, method === 'GET' ? undefined : 'x');
    }
    for (const target of [`/v1/guests/${token}`, `/v1/guests/${id}/nocloud-token/${token}`]) {
      for (const method of ['GET', 'DELETE']) await ask(api, method, target);
    }
    expect((await ask(api, 'DELETE', `/v1/guests/${id}/nocloud-token`)).status).toBe(204);
    expect((await ask(guests, 'GET', `${seed}/meta-data`)).status).toBe(404);
  });

  it('is in no refusal of the metadata service, no log, audit, metric, trace and file', async () => {
    const ofGuests = refusals.filter(({ all }) => !all.includes('application/json'));
    expect(ofGuests.length).toBeGreaterThan(15);
    for (const { all } of ofGuests) expect(secrets.in(all)).toEqual([]);
    const [, operators] = /metrics at http:\/\/([^/]+)\//.exec(service.printedText)!;
    const metrics = (await send(operators, { method: 'GET', target: '/metrics' })).all;
    expect(metrics).toContain('latchkey_changes_total');
    expect(secrets.in(metrics)).toEqual([]);
    await until(() => collector.received.length > 0, 'traces are received');
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(service.printedText).toContain('guest.nocloud-token');
    expect(secrets.in(service.printedText)).toEqual([]);
    expect(secrets.in(Buffer.concat(collector.received))).toEqual([]);
    expect(secrets.inFiles(directory)).toEqual([]);
  });
});
