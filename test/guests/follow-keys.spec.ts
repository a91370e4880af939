import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download } from './download.js';
import { GuestClient } from './guest-client.js';

const [OLD, NEW] = [sshKeygen('-C', 'old').trim(), sshKeygen('-C', 'new').trim()];

let service: StartedApp;
let alice: Client;
let users = 0;

const apply = (name: string, public_key: string, query = ''): Promise<Reply> =>
  alice.with({ 'If-Match': '*' }).put(`/v1/keypairs/${name}${query}`, { keypair: { public_key } });
const patch = (target: string, body: object): Promise<Reply> =>
  alice.send({ method: 'PATCH', target, body: JSON.stringify(body) });

/** A guest that trusts `laptop` of a new user, and its client. */
async function newGuest(fields: object = { follow_keys: true }) {
  users += 1;
  const address = `127.0.3.${users}`;
  const made = await alice.post('/v1/guests', {
    guest: { name: 'web', key_names: ['laptop'], addresses: [address], ...fields },
  });
  const { id } = (made.body as { guest: { id: string } }).guest;
  const client = new GuestClient(service.guest.host, address);
  const keys = async (): Promise<Record<string, string>> => {
    const { public_keys: read = {} } = await client.read('/openstack/latest/meta_data.json');
    return Object.fromEntries(
      Object.entries(read as Record<string, string>).map(([name, text]) => [name, text.trim()]),
    );
  };
  return { id, keys, client };
}

beforeAll(async () => {
  service = await startApp({ METADATA_CACHE_SECONDS: '300', GUEST_ADDRESSES: 'owner' });
});
afterAll(async () => service?.stop());

/** A new user for each test. */
async function newUser(): Promise<void> {
  alice = service.as(`alice-${(users += 1)}`, 'blue');
  await alice.put('/v1/keypairs/laptop', { keypair: { public_key: OLD } });
}

describe('guests that follow their keypairs', () => {
  it('receive both keys after a rotation, and the new one alone when the overlap has ended; others keep their copy', async () => {
    await newUser();
    const [one, two, copying] = [await newGuest(), await newGuest(), await newGuest({})];
    expect(await one.keys()).toEqual({ laptop: OLD });
    await apply('laptop', NEW, '?overlap=PT24H');
    for (const guest of [one, two]) expect(await guest.keys()).toEqual({ laptop: NEW, 'laptop-v1': OLD });
    expect((await one.client.get('/latest/meta-data/public-keys/')).text).toBe('0=laptop\n1=laptop-v1');
    expect(await copying.keys()).toEqual({ laptop: OLD });

    // A day passes.
    const database = service.app.get<DataSource>(getDataSourceToken());
    await database.query(`UPDATE keypair_versions SET valid_until = valid_until - interval '25 hours'`);
    await patch('/v1/keypairs/laptop', { keypair: { note: 'drops what is cached' } });
    for (const guest of [one, two]) expect(await guest.keys()).toEqual({ laptop: NEW });
    expect(await copying.keys()).toEqual({ laptop: OLD });
  });

  it('receive the new key alone if there is no overlap', async () => {
    await newUser();
    const { keys } = await newGuest();
    await apply('laptop', NEW, '?overlap=0m');
    expect(await keys()).toEqual({ laptop: NEW });
  });

  it('receive nothing of a keypair that has expired or is deleted, but a new one of its name', async () => {
    await newUser();
    const { id, keys } = await newGuest();
    await patch('/v1/keypairs/laptop', { keypair: { expires_at: '2001-01-01' } });
    expect(await keys()).toEqual({});
    await patch('/v1/keypairs/laptop', { keypair: { expires_at: null } });
    expect(await keys()).toEqual({ laptop: OLD });
    await alice.delete('/v2.1/os-keypairs/laptop');
    await patch(`/v1/guests/${id}`, { guest: { name: 'drops what is cached' } });
    expect(await keys()).toEqual({});
    await alice.put('/v1/keypairs/laptop', { keypair: { public_key: NEW } });
    await patch(`/v1/guests/${id}`, { guest: { name: 'again' } });
    expect(await keys()).toEqual({ laptop: NEW });
  });

  it('receive certificates in their own form, also on config drives', async () => {
    await newUser();
    await alice.put('/v1/keypairs/winrm', { keypair: { public_key: opensslCertificate() } });
    const { id } = await newGuest({ follow_keys: true, key_names: ['laptop', 'winrm'] });
    await apply('laptop', NEW);
    const headers = { Accept: 'application/x-tar', 'X-Auth-Token': `alice-${users - 1}:blue` };
    const drive = await download(service.client.host, `/v1/guests/${id}/config-drive`, headers);
    const text = drive.bytes.toString('latin1');
    expect([drive.status, text.includes(OLD), text.includes(NEW), text.includes('BEGIN CERTIFICATE')]).toEqual([
      200,
      true,
      true,
      true,
    ]);
  });

  it('start and stop following when their owner sets it', async () => {
    await newUser();
    const { id, keys } = await newGuest({});
    await apply('laptop', NEW, '?overlap=0m');
    expect(await keys()).toEqual({ laptop: OLD });
    expect((await patch(`/v1/guests/${id}`, { guest: { follow_keys: true } })).body).toMatchObject({
      guest: { follow_keys: true },
    });
    expect(await keys()).toEqual({ laptop: NEW });
    await patch(`/v1/guests/${id}`, { guest: { follow_keys: false } });
    expect(await keys()).toEqual({ laptop: OLD });
    expect((await patch(`/v1/guests/${id}`, { guest: { follow_keys: 'yes' } })).status).toBe(400);
  });
});
