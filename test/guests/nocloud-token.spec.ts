import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { parse } from 'yaml';
import { Audit } from '../../src/audit/audit.js';
import { Deliveries } from '../../src/metadata/delivery/deliveries.js';
import type { Client, Reply } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { GuestClient, type GuestReply } from './guest-client.js';

// A busy machine takes its time to start an application.
const KEY = sshKeygen('-C', 'alice@laptop').trim();
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

let service: StartedApp;
let alice: Client;
/** A machine whose address belongs to no guest. */
let stranger: GuestClient;

beforeAll(async () => {
  service = await startApp();
  alice = service.as('alice', 'blue').at('2.2');
  await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: KEY } });
  stranger = new GuestClient(service.guest.host, '127.0.0.77');
});
afterAll(async () => service?.stop());

async function register(fields: object = {}): Promise<string> {
  const reply = await alice.post('/v1/guests', { guest: { name: 'web', key_names: ['laptop'], ...fields } });
  return (reply.body as { guest: { id: string } }).guest.id;
}
const make = (id: string, client = alice): Promise<Reply> =>
  client.send({ method: 'POST', target: `/v1/guests/${id}/nocloud-token` });
const revoke = (id: string, client = alice): Promise<Reply> =>
  client.send({ method: 'DELETE', target: `/v1/guests/${id}/nocloud-token` });
async function newToken(id: string): Promise<string> {
  return ((await make(id)).body as { nocloud_token: string }).nocloud_token;
}
const read = (token: string, id: string, name = 'meta-data', from = stranger): Promise<GuestReply> =>
  from.get(`/nocloud/${token}/${id}/${name}`);

describe('the token of a guest', () => {
  it('is shown once, and stored as its SHA-256', async () => {
    const id = await register();
    const made = await make(id);
    expect([made.status, made.body]).toEqual([201, { nocloud_token: expect.stringMatching(TOKEN) }]);
    const { nocloud_token: token } = made.body as { nocloud_token: string };
    const [row] = await service.app
      .get<DataSource>(getDataSourceToken())
      .query<{ sha256: Uint8Array }[]>('SELECT * FROM guest_nocloud_tokens WHERE guest_id = $1', [id]);
    expect(row).toEqual({ guest_id: id, sha256: expect.anything() });
    expect(Buffer.from(row.sha256)).toEqual(hash('sha256', token, 'buffer'));
    for (const target of [`/v1/guests/${id}`, '/v1/guests'])
      expect((await alice.get(target)).text).not.toContain(token);
  });

  it('lets it read NoCloud from any address, through any proxy, and the time is recorded', async () => {
    const user_data = Buffer.from('#!/bin/sh\n').toString('base64');
    const id = await register({ user_data, vendor_data: { 'cloud-init': '#cloud-config\n{}' } });
    const token = await newToken(id);
    const { status, text } = await read(token, id.toUpperCase());
    expect([status, parse(text)]).toEqual([200, expect.objectContaining({ 'instance-id': id, 'public-keys': [KEY] })]);
    expect((await read(token, id, 'user-data')).text).toBe('#!/bin/sh\n');
    expect((await read(token, id, 'vendor-data')).text).toBe('#cloud-config\n{}');
    expect((await read(token, id, 'network-config')).status).toBe(404);
    const proxied = stranger.with({
      'X-Forwarded-For': '192.0.2.1',
      Via: '1.1 proxy',
      'User-Agent': 'Cloud-Init/25.1',
    });
    expect((await read(token, id, 'meta-data', proxied)).status).toBe(200);
    await service.app.get(Deliveries, { strict: false }).flush();
    expect((await alice.get(`/v1/guests/${id}`)).body).toMatchObject({ guest: { agent: 'Cloud-Init/25.1' } });
  });

  it('gives no access to another guest, another tree or a post', async () => {
    const [id, other] = [await register(), await register({ addresses: ['127.0.0.78'] })];
    const token = await newToken(id);
    const neighbour = new GuestClient(service.guest.host, '127.0.0.78');
    const refusals = [
      await read(token, other),
      await read(token, other, 'meta-data', neighbour),
      await stranger.get(`/openstack/${token}/${id}/meta-data`),
      await stranger.get(`/${token}/${id}/meta-data`),
      await stranger.get(`/nocloud/${token}/openstack/latest/meta_data.json`),
      await stranger.get(`/nocloud/${token}/latest/meta-data/`),
      await stranger.get(`/nocloud/${token}`),
      await stranger.get(`/nocloud/${id}/meta-data`),
      await stranger.post(`/nocloud/${token}/${id}/meta-data`, 'x'),
      await stranger.post(`/nocloud/${token}/openstack/2013-04-04/password`, 'x'),
    ];
    expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 404));
  });

  it('that is wrong gets the same answer as a guest that does not exist', async () => {
    const id = await register();
    const token = await newToken(id);
    const last = token.endsWith('A') ? 'B' : 'A';
    const unknown = await read('A'.repeat(43), '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a');
    expect(unknown.status).toBe(404);
    for (const wrong of [token.slice(0, -1) + last, token.slice(1), `${token}A`, 'A'.repeat(43), token.toUpperCase()]) {
      expect(await read(wrong, id)).toEqual(unknown);
    }
  });

  it('ends with the next one, with its revocation and with the guest, at once', async () => {
    const id = await register();
    const first = await newToken(id);
    expect((await read(first, id)).status).toBe(200);
    const second = await newToken(id);
    expect([(await read(first, id)).status, (await read(second, id)).status]).toEqual([404, 200]);
    expect((await revoke(id)).status).toBe(204);
    expect((await read(second, id)).status).toBe(404);
    expect((await revoke(id)).status).toBe(204);
    const third = await newToken(id);
    expect((await read(third, id)).status).toBe(200);
    await alice.delete(`/v1/guests/${id}`);
    expect((await read(third, id)).status).toBe(404);
  });

  it('returns a change of the guest at once', async () => {
    const id = await register();
    const token = await newToken(id);
    expect((await read(token, id)).text).toContain('"web"');
    const body = JSON.stringify({ guest: { hostname: 'db' } });
    await alice.send({ method: 'PATCH', target: `/v1/guests/${id}`, body });
    expect((await read(token, id)).text).toContain('local-hostname: "db"');
  });

  it("is not issued or revoked by another user, nor for a guest's name", async () => {
    const id = await register();
    const bob = service.as('bob', 'blue');
    expect([(await make(id, bob)).status, (await revoke(id, bob)).status]).toEqual([404, 404]);
    expect((await make('web')).status).toBe(404);
  });

  it('is audited by the id of the guest', async () => {
    const changes: { action: string; name: string | undefined }[] = [];
    service.app.get(Audit, { strict: false }).onChange((change) => changes.push(change));
    const id = await register();
    await newToken(id);
    await revoke(id);
    const owner = 'alice';
    expect(changes).toEqual([
      { action: 'guest.create', owner, name: id },
      { action: 'guest.nocloud-token', owner, name: id },
      { action: 'guest.revoke-nocloud-token', owner, name: id },
    ]);
  });
});
