import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Deliveries } from '../../src/metadata/delivery/deliveries.js';
import type { Client } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { GuestClient } from './guest-client.js';

// A busy machine takes its time to start an application.
const SECRET = 'shared-with-the-agents';
const META_DATA = '/openstack/latest/meta_data.json';

let service: StartedApp;
let alice: Client;
let guests = 0;

const flush = (): Promise<void> => service.app.get(Deliveries, { strict: false }).flush();

/** A guest without keypairs, and the client that it reads with. */
async function newGuest(): Promise<{ id: string; guest: GuestClient }> {
  guests += 1;
  const address = `127.0.4.${guests}`;
  const made = await alice.post('/v1/guests', { guest: { name: `web-${guests}`, addresses: [address] } });
  const { id } = (made.body as { guest: { id: string } }).guest;
  return { id, guest: new GuestClient(service.guest.host, address) };
}

async function shown(id: string): Promise<{ last_fetched_at: string | null; agent: string | null }> {
  const { body } = await alice.get(`/v1/guests/${id}`);
  return (body as { guest: { last_fetched_at: string | null; agent: string | null } }).guest;
}

beforeAll(async () => {
  service = await startApp();
  alice = service.as('alice', 'blue');
});
afterAll(async () => service?.stop());

describe('the last fetch of a guest', () => {
  it('is shown with the name of its agent, in the guest, in lists and after a change; the request itself writes nothing', async () => {
    const { id, guest } = await newGuest();
    const before = new Date().toISOString();
    await guest.with({ 'User-Agent': 'Cloud-Init/22.4.2' }).read(META_DATA);
    expect(await shown(id)).toMatchObject({ last_fetched_at: null, agent: null });
    await flush();
    const { last_fetched_at: at, agent } = await shown(id);
    expect([agent, Date.parse(`${at}Z`) >= Date.parse(before)]).toEqual(['Cloud-Init/22.4.2', true]);
    const { body } = await alice.get('/v1/guests');
    expect((body as { guests: object[] }).guests.at(-1)).toMatchObject({ id, last_fetched_at: at, agent });
    const change = JSON.stringify({ guest: { name: 'db' } });
    const changed = await alice.send({ method: 'PATCH', target: `/v1/guests/${id}`, body: change });
    expect(changed.body).toMatchObject({ guest: { name: 'db', last_fetched_at: at, agent } });
  });

  it.each(['/latest/meta-data/', '/openstack/', '/nocloud/ID/user-data', '/openstack/latest/password'])(
    'is recorded for %s too',
    async (path) => {
      const { id, guest } = await newGuest();
      await guest.get(path.replace('ID', id));
      await flush();
      expect((await shown(id)).last_fetched_at).toEqual(expect.any(String));
    },
  );

  it('is not changed by a missing path, nor by a request for a session token', async () => {
    const { id, guest } = await newGuest();
    await guest.get('/openstack/latest/nothing');
    const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': '60' };
    expect((await guest.with(ttl).send('PUT', '/latest/api/token')).status).toBe(200);
    await flush();
    expect(await shown(id)).toMatchObject({ last_fetched_at: null, agent: null });
  });

  it('is the later of two times that replicas store, and is deleted with the guest', async () => {
    const { id, guest } = await newGuest();
    await guest.with({ 'User-Agent': 'first/1' }).read(META_DATA);
    await flush();
    const early = await shown(id);
    await guest.with({ 'User-Agent': 'second/2' }).read(META_DATA);
    await flush();
    const late = await shown(id);
    expect([late.agent, late.last_fetched_at! > early.last_fetched_at!]).toEqual(['second/2', true]);
    const deliveries = service.app.get(Deliveries, { strict: false });
    await deliveries['guests'].setFetched([{ id, at: early.last_fetched_at!, agent: 'first/1' }]);
    expect(await shown(id)).toEqual(late);

    await guest.read(META_DATA);
    await alice.delete(`/v1/guests/${id}`);
    await flush();
    const database = service.app.get<DataSource>(getDataSourceToken());
    expect(await database.query('SELECT * FROM guest_fetches WHERE guest_id = $1', [id])).toEqual([]);
  });

  it('is stored later while the database cannot store it', async () => {
    const { id, guest } = await newGuest();
    const database = service.app.get<DataSource>(getDataSourceToken());
    await guest.with({ 'User-Agent': 'curl/7.88.1' }).read(META_DATA);
    await database.query('ALTER TABLE guest_fetches RENAME TO elsewhere');
    await flush();
    await database.query('ALTER TABLE elsewhere RENAME TO guest_fetches');
    await flush();
    expect((await shown(id)).agent).toBe('curl/7.88.1');
  });
});

describe('the name of an agent', () => {
  const NAMES: readonly (readonly [string, string | null])[] = [
    // As agents and programs send them.
    ['Cloud-Init/22.4.2', 'Cloud-Init/22.4.2'],
    ['Ignition/2.20.0', 'Ignition/2.20.0'],
    ['Python-urllib/3.11', 'Python-urllib/3.11'],
    ['curl/7.88.1', 'curl/7.88.1'],
    ['Wget', 'Wget'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0'],
    // What a guest may send instead.
    ['<script>alert(1)</script>', null],
    ['=HYPERLINK("http://x")', null],
    ['-rf', null],
    ['$(reboot)', null],
    [' ', null],
    ['curl/$(reboot)', 'curl'],
    ["a'; DROP TABLE guests; --", 'a'],
    ['constructor', 'constructor'],
    ['caf\xe9/1', 'caf'],
    [`${'x'.repeat(3000)}/${'y'.repeat(500)}`, 'x'.repeat(32)],
    [`x/${'9'.repeat(500)}`, `x/${'9'.repeat(31)}`],
  ];
  it.each(NAMES.map(([sent, name]) => [sent.slice(0, 40), name, sent]))(
    'that is sent as %j is shown as %j',
    async (_, name, sent) => {
      const { id, guest } = await newGuest();
      expect((await guest.with({ 'User-Agent': sent! }).get(META_DATA)).status).toBe(200);
      await flush();
      expect(await shown(id)).toMatchObject({ last_fetched_at: expect.any(String), agent: name });
    },
  );

  it("is unknown behind Neutron, whose agents send their own and not the guest's", async () => {
    const neutron = await startApp({ METADATA_MODE: 'neutron', METADATA_SECRET: SECRET });
    try {
      const owner = neutron.as('alice', 'blue');
      const { body } = await owner.post('/v1/guests', { guest: { name: 'web' } });
      const { id } = (body as { guest: { id: string } }).guest;
      const signed = {
        'X-Instance-ID': id,
        'X-Tenant-ID': 'blue',
        'X-Instance-ID-Signature': createHmac('sha256', SECRET).update(id).digest('hex'),
        'User-Agent': 'python-requests/2.28.1',
      };
      await new GuestClient(neutron.guest.host, '127.0.0.1', signed).read(META_DATA);
      await neutron.app.get(Deliveries, { strict: false }).flush();
      const after = await owner.get(`/v1/guests/${id}`);
      expect(after.body).toMatchObject({ guest: { last_fetched_at: expect.any(String), agent: null } });
    } finally {
      await neutron.stop();
    }
  });
});
