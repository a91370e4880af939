import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download, withoutSeeds } from './download.js';
import { GuestClient } from './guest-client.js';

const KEY = sshKeygen('-C', 'alice@laptop').trim();
const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const ADDRESS = '127.0.6.1';

let directory: string;
let service: StartedApp;
let without: StartedApp;
let authority: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-ssh-ca-'));
  const settings = { GUEST_ADDRESSES: 'owner', METADATA_CACHE_SECONDS: '0' };
  service = await startApp({ ...settings, SSH_CA: 'on', SSH_CA_KEY_FILE: join(directory, 'ssh-ca.key') });
  without = await startApp(settings);
  for (const each of [service, without])
    await each.as('alice', 'blue').put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
  authority = (await service.client.get('/v1/ssh-ca/user.pub')).text.trim();
});
afterAll(async () => {
  await service?.stop();
  await without?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const FORMS = [
  '/openstack/latest/meta_data.json',
  '/openstack/2012-08-10/meta_data.json',
  '/openstack/latest/vendor_data.json',
  '/openstack/latest/vendor_data2.json',
  '/latest/meta-data/public-keys/',
  '/latest/meta-data/public-keys/0/openssh-key',
  '/latest/meta-data/public-keys/1/openssh-key',
  `/nocloud/${ID}/meta-data`,
  `/nocloud/${ID}/vendor-data`,
  '/latchkey/v1/authorized-keys?user=debian',
  '/latchkey/v1/ssh-ca/user.pub',
  '/latchkey/v1/ssh-ca/krl',
];

/** Everything that a guest reads, in each form and on both drives, without the random parts. */
async function readAll(from: StartedApp, fields: object): Promise<Record<string, string>> {
  const { client, guest } = from;
  const alice = from.as('alice', 'blue');
  await alice.send({ method: 'DELETE', target: `/v1/guests/${ID}` });
  const body = { guest: { id: ID, name: 'web', key_names: ['laptop'], addresses: [ADDRESS], ...fields } };
  expect((await alice.post('/v1/guests', body)).status).toBe(201);
  const reader = new GuestClient(guest.host, ADDRESS);
  const read: Record<string, string> = {};
  for (const path of FORMS) {
    const { status, text } = await reader.get(path);
    read[path] = `${status} ${text.replace(/,"random_seed":"[^"]+"/, '')}`;
  }
  for (const source of ['openstack', 'nocloud']) {
    const headers = { 'X-Auth-Token': 'alice:blue', Accept: 'application/x-tar' };
    const drive = await download(client.host, `/v1/guests/${ID}/config-drive?source=${source}`, headers);
    // The instance id of EC2 counts registrations, and the headers of an archive have the time of registration.
    read[source] = withoutSeeds(drive.bytes)
      .replaceAll(/[0-7]{11}[ \0][0-7]{6}\0/g, '')
      .replaceAll(/\bi-[0-9a-f]{8}\b/g, '');
  }
  return read;
}

const CA_OF = (principals: string): string => `cert-authority,principals="${principals}" ${authority}`;

describe('a guest with ssh_ca', () => {
  it('finds the authority after its keys in every form, for its own principal only', async () => {
    const read = await readAll(service, { ssh_ca: true });
    const line = CA_OF(`latchkey:guest:${ID}`);
    const { public_keys: keys } = JSON.parse(read['/openstack/latest/meta_data.json'].slice(4)) as {
      public_keys: object;
    };
    expect(keys).toEqual({ laptop: KEY, 'latchkey-ca': line });
    expect(read['/latest/meta-data/public-keys/']).toBe('200 0=laptop\n1=latchkey-ca');
    expect(read['/latest/meta-data/public-keys/1/openssh-key']).toBe(`200 ${line}`);
    expect(parse(read[`/nocloud/${ID}/meta-data`].slice(4))).toMatchObject({ 'public-keys': [KEY, line] });
    expect(read.openstack).toContain(JSON.stringify(line).slice(1, -1));
    expect(read.nocloud).toContain(JSON.stringify(line));
    expect(read['/latchkey/v1/ssh-ca/user.pub']).toBe(`200 ${authority}\n`);
    expect(read['/latchkey/v1/ssh-ca/krl']).toMatch(/^200 SSHKRL\n/);
  });

  it('accepts certificates for its project only if its owner allows them', async () => {
    const read = await readAll(service, { ssh_ca: true, ssh_access: 'project' });
    expect(read['/latest/meta-data/public-keys/1/openssh-key']).toBe(
      `200 ${CA_OF(`latchkey:guest:${ID},latchkey:project:blue`)}`,
    );
  });

  it('may also have a keypair with the name of the authority', async () => {
    await service.as('alice', 'blue').put('/v1/keypairs/latchkey-ca', { keypair: { public_key: KEY } });
    const read = await readAll(service, { ssh_ca: true, key_names: ['latchkey-ca'] });
    expect(read['/latest/meta-data/public-keys/']).toBe('200 0=latchkey-ca\n1=latchkey-ca-2');
  });

  it('"sshd" has no line among its keys, and a script in its vendor data, also on drives', async () => {
    const read = await readAll(service, { ssh_ca: 'sshd', login_users: ['debian'] });
    expect(read['/latest/meta-data/public-keys/']).toBe('200 0=laptop');
    const script = read[`/nocloud/${ID}/vendor-data`].slice(4);
    expect(script).toMatch(/^#!\/bin\/sh\n/);
    expect(script).toContain(`\n${authority}\n`);
    expect(script).toContain('for user in debian; do\n');
    expect(JSON.parse(read['/openstack/latest/vendor_data.json'].slice(4))).toEqual({ 'cloud-init': script });
    for (const source of ['openstack', 'nocloud']) expect(read[source]).toContain('TrustedUserCAKeys');
  });

  it('"sshd" needs accounts with plain names', async () => {
    const alice = service.as('alice', 'blue');
    const send = async (fields: object): Promise<[number, string]> => {
      const { status, text } = await alice.post('/v1/guests', { guest: { name: 'web', ...fields } });
      return [status, text];
    };
    expect(await send({ ssh_ca: 'sshd' })).toEqual([400, expect.stringContaining('login_users')]);
    for (const name of ['', '*', 'a b', "a'b", '../etc', '-x', 'Root', 7])
      expect(await send({ ssh_ca: 'sshd', login_users: [name] })).toEqual([
        400,
        expect.stringContaining('login_users'),
      ]);
    expect(await send({ ssh_ca: 'yes' })).toEqual([400, expect.stringContaining('ssh_ca')]);
    const { body } = await alice.send({
      method: 'PATCH',
      target: `/v1/guests/${ID}`,
      body: JSON.stringify({ guest: { ssh_ca: false, login_users: null } }),
    });
    expect(body).toMatchObject({ guest: { ssh_ca: false, ssh_access: 'owner', login_users: [] } });
  });
});

describe('a guest without ssh_ca, or where SSH_CA is off,', () => {
  it.each([
    ['none of the options', {}],
    ['keys that it follows', { follow_keys: true }],
  ])('and with %s reads the same as before, byte for byte', async (_, fields) => {
    const plain = await readAll(without, fields);
    expect(await readAll(service, fields)).toEqual(plain);
    expect(plain['/latchkey/v1/ssh-ca/user.pub']).toMatch(/^404/);
    const options = { ssh_ca: true, ssh_access: 'project' };
    const off = await readAll(without, { ...fields, ...options });
    expect(off).toEqual(plain);
  });
});

describe('live keys', () => {
  it('are for the listed accounts, and only for a guest that follows its keypairs', async () => {
    const path = '/latchkey/v1/authorized-keys?user=debian';
    expect((await readAll(service, { login_users: ['debian'] }))[path]).toMatch(/^404/);
    expect((await readAll(service, { follow_keys: true }))[path]).toBe('200 ');
    expect((await readAll(service, { follow_keys: true, login_users: ['debian'] }))[path]).toBe(`200 ${KEY}\n`);
    const both = await readAll(service, { follow_keys: true, login_users: ['debian'], ssh_ca: true });
    expect(both[path]).toBe(`200 ${KEY}\n${CA_OF(`latchkey:guest:${ID}`)}\n`);
    const reader = new GuestClient(service.guest.host, ADDRESS);
    for (const query of ['?user=root', '?user=', '', '?user=debian%00', '?user=*', '?users=debian'])
      expect(await reader.get(`/latchkey/v1/authorized-keys${query}`)).toMatchObject({ status: 200, text: '' });
    expect((await new GuestClient(service.guest.host, '127.0.6.2').get(path)).status).toBe(404);
    expect((await reader.get('/latchkey/v1/other')).status).toBe(404);
  });
});
