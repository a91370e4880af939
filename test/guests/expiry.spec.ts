import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Deliveries } from '../../src/metadata/delivery/deliveries.js';
import type { Client, Reply } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download } from './download.js';
import { GuestClient } from './guest-client.js';

const PAST = '2001-01-01';
const FUTURE = '2100-01-01';
const META_DATA = '/openstack/latest/meta_data.json';

let service: StartedApp;
let alice: Client;
let guest: GuestClient;
let id: string;
let users = 0;
const keys = [sshKeygen('-C', 'first'), sshKeygen('-C', 'second')];

const patch = (name: string, keypair: object): Promise<Reply> =>
  alice.send({ method: 'PATCH', target: `/v1/keypairs/${name}`, body: JSON.stringify({ keypair }) });
const keyNames = async (): Promise<string[]> =>
  Object.keys(((await guest.read(META_DATA)).public_keys as object | undefined) ?? {});
const row = async (name: string): Promise<Record<string, unknown>> =>
  ((await alice.get(`/v1/keypairs/${name}`)).body as { keypair: Record<string, unknown> }).keypair;

beforeAll(async () => {
  service = await startApp({ METADATA_CACHE_SECONDS: '300' });
});
afterAll(async () => service?.stop());

/** Another user, with two keypairs and a guest that holds them. */
beforeEach(async () => {
  users += 1;
  alice = service.as(`alice-${users}`, 'blue');
  guest = new GuestClient(service.guest.host, `127.0.1.${users}`);
  await alice.put('/v1/keypairs/laptop', { keypair: { public_key: keys[0] } });
  await alice.put('/v1/keypairs/desktop', { keypair: { public_key: keys[1] } });
  const body = { guest: { name: 'web', key_names: ['laptop', 'desktop'], addresses: [`127.0.1.${users}`] } };
  ({ id } = ((await alice.post('/v1/guests', body)).body as { guest: { id: string } }).guest);
});

describe('an expired keypair', () => {
  it('is delivered to no guest, whatever is cached, until its expiry is set later', async () => {
    expect(await keyNames()).toEqual(['laptop', 'desktop']);
    await patch('laptop', { expires_at: PAST });
    expect(await keyNames()).toEqual(['desktop']);
    expect((await guest.get('/latest/meta-data/public-keys/')).text).toBe('0=desktop');
    await patch('laptop', { expires_at: FUTURE });
    expect(await keyNames()).toEqual(['laptop', 'desktop']);
    await patch('laptop', { expires_at: PAST });
    await patch('desktop', { expires_at: PAST });
    expect(await guest.read(META_DATA)).not.toHaveProperty('public_keys');
  });

  it('is on no config drive', async () => {
    await patch('laptop', { expires_at: PAST });
    const headers = { Accept: 'application/x-tar', 'X-Auth-Token': `alice-${users}:blue` };
    const drive = await download(service.client.host, `/v1/guests/${id}/config-drive`, headers);
    const text = drive.bytes.toString('latin1');
    expect([drive.status, text.includes(keys[0].trim()), text.includes(keys[1].trim())]).toEqual([200, false, true]);
  });

  it('is shown by os-keypairs and in the guest as before', async () => {
    await patch('laptop', { expires_at: PAST });
    expect(await row('laptop')).toMatchObject({ expired: true, guests: 1 });
    expect((await alice.get('/v2.1/os-keypairs/laptop')).status).toBe(200);
    expect((await alice.get(`/v1/guests/${id}`)).body).toMatchObject({ guest: { key_names: ['laptop', 'desktop'] } });
  });

  it('cannot be named for a guest', async () => {
    await patch('laptop', { expires_at: PAST });
    const refused = await alice.post('/v1/guests', { guest: { name: 'db', key_names: ['laptop'] } });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('Keypair laptop has expired')]);
  });

  it('leaves a guest the copy of its previous key', async () => {
    await alice.with({ 'If-Match': '*' }).put('/v1/keypairs/laptop', {
      keypair: { public_key: sshKeygen(), expires_at: PAST },
    });
    expect(await keyNames()).toEqual(['laptop', 'desktop']);
  });
});

describe('the time of the last delivery', () => {
  const flush = (): Promise<void> => service.app.get(Deliveries, { strict: false }).flush();

  it('is stored for each key that a guest has read, though not by the request itself', async () => {
    await guest.get('/openstack/latest/user_data');
    await flush();
    expect(await row('laptop')).toMatchObject({ last_delivered_at: null });

    const before = new Date().toISOString();
    await guest.read(META_DATA);
    expect(await row('laptop')).toMatchObject({ last_delivered_at: null, version: 1 });
    await flush();
    const { last_delivered_at: at, version } = await row('laptop');
    expect(Date.parse(`${String(at)}Z`)).toBeGreaterThanOrEqual(Date.parse(before));
    expect([version, (await row('desktop')).last_delivered_at]).toEqual([1, at]);
    await flush();
    expect((await row('laptop')).last_delivered_at).toBe(at);

    await guest.get('/latest/meta-data/public-keys/0/openssh-key');
    await flush();
    expect(String((await row('laptop')).last_delivered_at) > String(at)).toBe(true);
  });

  it('survives changes by the owner, and is that of the current key only', async () => {
    await patch('laptop', { note: 'mine' });
    await alice.with({ 'If-Match': '*' }).put('/v1/keypairs/desktop', { keypair: { public_key: keys[0] } });
    await guest.read(META_DATA);
    await alice.delete('/v2.1/os-keypairs/nothing');
    await flush();
    expect(await row('laptop')).toMatchObject({ note: 'mine', last_delivered_at: expect.any(String) });
    expect(await row('desktop')).toMatchObject({ last_delivered_at: null });
  });

  it('is not stored for a keypair that was deleted meanwhile', async () => {
    await guest.read(META_DATA);
    await alice.delete('/v2.1/os-keypairs/laptop');
    await flush();
    expect(await row('desktop')).toMatchObject({ last_delivered_at: expect.any(String) });
  });

  it('is retried while the database cannot store it', async () => {
    const database = service.app.get<DataSource>(getDataSourceToken());
    await guest.read(META_DATA);
    await database.query('ALTER TABLE keypair_details RENAME TO elsewhere');
    await flush();
    await database.query('ALTER TABLE elsewhere RENAME TO keypair_details');
    await flush();
    expect(await row('laptop')).toMatchObject({ last_delivered_at: expect.any(String) });
  });

  it('is stored at shutdown', async () => {
    const other = await startApp();
    const user = other.as('carol');
    await user.put('/v1/keypairs/laptop', { keypair: { public_key: keys[0] } });
    await user.post('/v1/guests', { guest: { name: 'web', key_names: ['laptop'], addresses: ['127.0.2.1'] } });
    await new GuestClient(other.guest.host, '127.0.2.1').read(META_DATA);
    const deliveries = other.app.get(Deliveries, { strict: false });
    const flushed = jest.spyOn(deliveries['keypairs'], 'setDelivered');
    await other.stop();
    expect(flushed.mock.calls).toMatchObject([[[{ userId: 'carol', name: 'laptop' }]]]);
  });
});
