import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download, withoutSeeds } from './download.js';
import { GuestClient, type GuestReply } from './guest-client.js';

const [KEY, OTHER_KEY] = [sshKeygen('-C', 'root@web').trim(), sshKeygen('-C', 'root@web').trim()];
const RSA = sshKeygen('-t', 'rsa', '-b', '2048', '-C', 'root@web').trim();
const CERTIFICATE = opensslCertificate();
const REPORT = '/latchkey/v1/phone-home';
const withoutComment = (key: string): string => key.split(' ').slice(0, 2).join(' ');

let service: StartedApp;
let guests = 0;

/** A guest of a user, and a function that reports its keys. */
async function newGuest(owner: Client, fields: object = {}) {
  guests += 1;
  const address = `127.0.4.${guests}`;
  const made = await owner.post('/v1/guests', {
    guest: { name: `web-${guests}`, addresses: [address], ...fields },
  });
  const { id } = (made.body as { guest: { id: string } }).guest;
  const client = new GuestClient(service.guest.host, address);
  const report = (keys: Record<string, string>): Promise<GuestReply> =>
    client.post(REPORT, new URLSearchParams(keys).toString());
  return { id, address, name: `web-${guests}`, client, report };
}

const knownHosts = async (client: Client, query = ''): Promise<string> =>
  (await client.get(`/v1/guests/known-hosts${query}`)).text;

beforeAll(async () => {
  service = await startApp({ GUEST_ADDRESSES: 'owner', PHONE_HOME_URL: 'http://169.254.169.254' });
});
afterAll(async () => service?.stop());

describe('host keys', () => {
  it('that a guest reports are found by ssh-keygen under its names and addresses', async () => {
    const alice = service.as('alice', 'blue');
    const { name, address, report } = await newGuest(alice);
    expect((await report({ pub_key_ed25519: KEY, pub_key_rsa: `${RSA}\n`, pub_key_ecdsa: 'N/A' })).status).toBe(200);
    const directory = mkdtempSync(join(tmpdir(), 'known-hosts-'));
    const file = join(directory, 'known_hosts');
    writeFileSync(file, await knownHosts(alice));
    for (const host of [name, address]) {
      const found = execFileSync('ssh-keygen', ['-F', host, '-f', file], { encoding: 'utf8' });
      const keys = found.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(' ')]));
      expect(keys.map(([, ...key]) => key.join(' '))).toEqual([withoutComment(KEY), withoutComment(RSA)]);
    }
    rmSync(directory, { recursive: true });
  });

  it('are reported once: the same ones again are accepted, and others only after the owner deleted the first', async () => {
    const bob = service.as('bob', 'blue');
    const { id, report } = await newGuest(bob);
    await report({ pub_key_ed25519: KEY });
    expect((await report({ pub_key_ed25519: KEY })).status).toBe(200);
    expect((await report({ pub_key_ed25519: OTHER_KEY })).status).toBe(409);
    expect(await knownHosts(bob)).toContain(` ${withoutComment(KEY)}\n`);

    expect((await bob.send({ method: 'DELETE', target: `/v1/guests/${id}/host-keys` })).status).toBe(204);
    expect(await knownHosts(bob)).toBe('');
    expect((await report({ pub_key_ed25519: OTHER_KEY })).status).toBe(200);
    expect(await knownHosts(bob)).toContain(` ${withoutComment(OTHER_KEY)}\n`);
  });

  it('end with the guest', async () => {
    const carol = service.as('carol', 'blue');
    const { id, report } = await newGuest(carol);
    await report({ pub_key_ed25519: KEY });
    await carol.send({ method: 'DELETE', target: `/v1/guests/${id}` });
    expect(await knownHosts(carol)).toBe('');
  });

  it.each([
    ['without a key', ''],
    ['without a key', 'pub_key_rsa=N/A'],
    ['with an invalid key', 'pub_key_ed25519=ssh-ed25519+AAAA'],
    ['with a key of another kind', `pub_key_rsa=${encodeURIComponent(CERTIFICATE)}`],
    ['that is too long', `pub_key_ed25519=${'a'.repeat(5000)}`],
  ])('in a report %s are refused', async (_, form) => {
    const { client } = await newGuest(service.as('dan', 'blue'));
    expect((await client.post(REPORT, form)).status).toBe(400);
    expect(await knownHosts(service.as('dan', 'blue'))).toBe('');
  });

  it('are for the owner of the guest, and a name with a pattern matches no host', async () => {
    const [erin, mallory] = [service.as('erin', 'blue'), service.as('mallory', 'red')];
    const { id, address, report } = await newGuest(erin, { name: '*,github.com', hostname: 'web' });
    await report({ pub_key_ed25519: KEY });
    expect(await knownHosts(erin)).toBe(`${address},web ${withoutComment(KEY)}\n`);
    expect(await knownHosts(mallory)).toBe('');
    expect(await knownHosts(service.as('admin', 'admin'))).toBe('');
    expect((await mallory.send({ method: 'DELETE', target: `/v1/guests/${id}/host-keys` })).status).toBe(404);
  });

  it('come in pages, and a Link header leads to the next', async () => {
    const frank = service.as('frank', 'blue');
    const keys = [KEY, OTHER_KEY, KEY];
    for (const key of keys) await (await newGuest(frank)).report({ pub_key_ed25519: key });
    const found: string[] = [];
    let next: string | undefined = '?limit=1';
    while (next !== undefined) {
      const reply = await frank.get(`/v1/guests/known-hosts${next}`);
      found.push(reply.text);
      next = /\?[^>]*/.exec(reply.headers.link ?? '')?.[0];
    }
    expect(found.map((line) => line.split(' ').slice(1).join(' ').trim())).toEqual([...keys.map(withoutComment), '']);
  });
});

describe('PHONE_HOME_URL', () => {
  it('makes cloud-init of guests at the listener report their keys, and not of those with a config drive', async () => {
    const grace = service.as('grace', 'blue');
    const { id, client } = await newGuest(grace, { vendor_data: { a: 'b' } });
    const vendorData = await client.read('/openstack/latest/vendor_data2.json');
    expect(vendorData).toEqual({ static: { a: 'b' }, 'cloud-init': expect.stringMatching(/^#cloud-config\n/) });
    expect(parse(vendorData['cloud-init'] as string)).toMatchObject({
      phone_home: { url: `http://169.254.169.254${REPORT}` },
    });
    const drive = await download(service.client.host, `/v1/guests/${id}/config-drive`, {
      'X-Auth-Token': 'grace:blue',
      Accept: 'application/x-tar',
    });
    expect(withoutSeeds(drive.bytes).includes('phone_home')).toBe(false);
  });

  it('is unset by default: no guest is requested to report, and no report is accepted', async () => {
    const silent = await startApp({ GUEST_ADDRESSES: 'owner' });
    await silent.as('alice', 'blue').post('/v1/guests', { guest: { name: 'web', addresses: ['127.0.5.1'] } });
    const client = new GuestClient(silent.guest.host, '127.0.5.1');
    expect((await client.get('/openstack/latest/vendor_data2.json')).status).toBe(404);
    expect((await client.post(REPORT, new URLSearchParams({ pub_key_ed25519: KEY }).toString())).status).toBe(404);
    await silent.stop();
  });
});
