import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client } from '../support/client.js';
import { opensslCertificate, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { GuestClient } from './guest-client.js';

// A busy machine takes its time to start an application.
const USER_DATA = Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0x0a]);
const LAPTOP = sshKeygen('-C', 'alice@laptop').trim();
const DESKTOP = sshKeygen('-C', 'alice desktop').trim();
const CERTIFICATE = opensslCertificate();

/** Registers keypairs of alice and a guest at 127.0.0.2 that has them all. */
async function register(service: StartedApp, more: object = {}): Promise<string> {
  const alice = service.as('alice', 'blue');
  for (const [name, type, public_key] of [
    ['laptop', 'ssh', LAPTOP],
    ['winrm', 'x509', CERTIFICATE],
    ['desktop', 'ssh', DESKTOP],
  ]) {
    await alice.at('2.2').post('/v2.1/os-keypairs', { keypair: { name, type, public_key } });
  }
  const guest = {
    name: 'Web 1',
    hostname: 'web.example.org',
    key_names: ['laptop', 'winrm', 'desktop'],
    addresses: ['2001:db8::5', '127.0.0.2'],
    metadata: { role: 'web' },
    user_data: USER_DATA.toString('base64'),
    availability_zone: 'az1',
    ...more,
  };
  const reply = await alice.post('/v1/guests', { guest });
  return (reply.body as { guest: { id: string } }).guest.id;
}

describe('a guest', () => {
  let service: StartedApp;
  let alice: Client;
  let guest: GuestClient;
  let id: string;
  const latest = '/openstack/latest/meta_data.json';

  beforeAll(async () => {
    service = await startApp();
    alice = service.as('alice', 'blue');
    guest = new GuestClient(service.guest.host, '127.0.0.2');
    id = await register(service);
  });
  afterAll(async () => service?.stop());

  const patch = (change: object) =>
    alice.send({ method: 'PATCH', target: `/v1/guests/${id}`, body: JSON.stringify({ guest: change }) });

  describe('of OpenStack', () => {
    it('finds the versions, as a list of lines', async () => {
      for (const target of ['/openstack', '/openstack/', '//openstack//']) {
        const { status, type, text } = await guest.get(target);
        expect([status, type]).toEqual([200, 'text/plain; charset=UTF-8']);
        expect(text.split('\n')).toEqual([
          '2012-08-10',
          '2013-04-04',
          '2013-10-17',
          '2015-10-15',
          '2016-06-30',
          '2016-10-06',
          '2017-02-22',
          '2018-08-27',
          '2020-10-14',
          '2025-04-04',
          'latest',
        ]);
      }
    });

    it('reads its identity and the keys to trust', async () => {
      const metadata = await guest.read(latest);
      expect(metadata).toEqual({
        uuid: id,
        meta: { role: 'web' },
        public_keys: { laptop: LAPTOP, desktop: DESKTOP },
        x509: { winrm: expect.any(String) },
        keys: [
          { name: 'laptop', type: 'ssh', data: LAPTOP },
          { name: 'winrm', type: 'x509', data: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/) },
          { name: 'desktop', type: 'ssh', data: DESKTOP },
        ],
        hostname: 'web.example.org',
        name: 'Web 1',
        launch_index: 0,
        availability_zone: 'az1',
        random_seed: expect.any(String),
        project_id: 'blue',
        devices: [],
        dedicated_cpus: [],
      });
      const { winrm } = metadata.x509 as { winrm: string };
      expect(winrm).toMatch(/^[A-Za-z0-9+/]+=*$/);
      const fingerprint = new X509Certificate(CERTIFICATE).fingerprint256;
      expect(new X509Certificate(Buffer.from(winrm, 'base64')).fingerprint256).toBe(fingerprint);
    });

    it('gets 512 new random bytes each time', async () => {
      const seeds = [await guest.read(latest), await guest.read(latest)].map(({ random_seed: seed }) => String(seed));
      expect(Buffer.from(seeds[0], 'base64')).toHaveLength(512);
      expect(seeds[0]).not.toBe(seeds[1]);
    });

    // CONTRACTS: each field was added by a version, and stays.
    it.each([
      ['2012-08-10', []],
      ['2013-04-04', ['random_seed']],
      ['2013-10-17', ['random_seed']],
      ['2015-10-15', ['random_seed', 'project_id']],
      ['2016-06-30', ['random_seed', 'project_id', 'devices']],
      ['2016-10-06', ['random_seed', 'project_id', 'devices']],
      ['2017-02-22', ['random_seed', 'project_id', 'devices']],
      ['2018-08-27', ['random_seed', 'project_id', 'devices']],
      ['2020-10-14', ['random_seed', 'project_id', 'devices', 'dedicated_cpus']],
      ['2025-04-04', ['random_seed', 'project_id', 'devices', 'dedicated_cpus']],
    ])('at %s reads %j besides the constant fields', async (version, fields) => {
      const metadata = await guest.read(`/openstack/${version}/meta_data.json`);
      const dated = ['random_seed', 'project_id', 'devices', 'dedicated_cpus'].filter((name) => name in metadata);
      expect(dated).toEqual(fields);
      expect(metadata).toMatchObject({ uuid: id, hostname: 'web.example.org' });
    });

    it('reads its user data byte for byte', async () => {
      const { status, bytes } = await guest.get('/openstack/latest/user_data');
      expect([status, bytes.toString('hex')]).toEqual([200, USER_DATA.toString('hex')]);
      expect((await guest.get('/latest/user-data')).bytes).toEqual(bytes);
    });

    it('gets 404 for user data, vendor data and network data that it does not have', async () => {
      await patch({ user_data: null });
      for (const name of ['user_data', 'vendor_data.json', 'vendor_data2.json', 'network_data.json']) {
        expect([name, (await guest.get(`/openstack/2018-08-27/${name}`)).status]).toEqual([name, 404]);
      }
      expect((await guest.get('/openstack/latest')).text).toBe('meta_data.json\npassword');
    });

    it('finds empty network data at latest, where Talos reads, and none where cloud-init reads', async () => {
      expect(await guest.read('/openstack/latest/network_data.json')).toEqual({});
      expect((await guest.get('/openstack/2018-08-27/network_data.json')).status).toBe(404);
      expect((await guest.get('/openstack/2025-04-04/network_data.json')).status).toBe(404);
    });

    it('finds them from the version on that introduced them', async () => {
      const network_data = {
        links: [{ id: 'a', type: 'phy', ethernet_mac_address: 'fa:16:3e:00:00:01' }],
        networks: [],
        services: [],
      };
      await patch({ user_data: 'YQ==', vendor_data: { 'cloud-init': '#!/bin/sh' }, network_data });
      const files = async (version: string) => (await guest.get(`/openstack/${version}/`)).text.split('\n');
      expect(await files('2012-08-10')).toEqual(['meta_data.json', 'user_data']);
      expect(await files('2013-04-04')).toEqual(['meta_data.json', 'user_data', 'password']);
      const all = [
        'meta_data.json',
        'user_data',
        'vendor_data.json',
        'network_data.json',
        'vendor_data2.json',
        'password',
      ];
      expect(await files('latest')).toEqual(all);
      for (const name of all)
        expect([name, (await guest.get(`/openstack/latest/${name}`)).status]).toEqual([name, 200]);
      for (const name of all.slice(2)) {
        expect([name, (await guest.get(`/openstack/2012-08-10/${name}`)).status]).toEqual([name, 404]);
      }
      expect(await guest.read('/openstack/latest/network_data.json')).toEqual(network_data);
      expect(await guest.read('/openstack/latest/vendor_data.json')).toEqual({ 'cloud-init': '#!/bin/sh' });
      expect(await guest.read('/openstack/latest/vendor_data2.json')).toEqual({
        static: { 'cloud-init': '#!/bin/sh' },
      });
    });

    it('gets 404 for an unknown version or name', async () => {
      for (const target of [
        '/openstack/2012-08-11',
        '/openstack/2099-01-01/meta_data.json',
        '/openstack/latest/meta_data',
        '/openstack/latest/meta_data.json/x',
        '/openstack/latest/constructor',
        '/openstack/constructor/meta_data.json',
        '/openstack/content/0000',
      ]) {
        expect([target, (await guest.get(target)).status]).toEqual([target, 404]);
      }
    });
  });

  describe('of EC2', () => {
    const read = async (path: string): Promise<string> => (await guest.get(`/2009-04-04/meta-data/${path}`)).text;

    it('finds the versions where it reads them', async () => {
      for (const target of ['/', '/ec2', '/ec2/']) {
        expect((await guest.get(target)).text.split('\n')).toEqual([
          '1.0',
          '2007-01-19',
          '2007-03-01',
          '2007-08-29',
          '2007-10-10',
          '2007-12-15',
          '2008-02-01',
          '2008-09-01',
          '2009-04-04',
          'latest',
        ]);
      }
    });

    it('reads what CirrOS, cloudbase-init and afterburn request', async () => {
      expect(await read('instance-id')).toMatch(/^i-[0-9a-f]{8}$/);
      expect(await read('hostname')).toBe('web.example.org');
      expect(await read('local-hostname')).toBe('web.example.org');
      expect(await read('local-ipv4')).toBe('127.0.0.2');
      expect(await read('placement/availability-zone')).toBe('az1');
      expect(await read('ami-manifest-path')).toBe('FIXME');
      expect(await read('security-groups')).toBe('default');
      expect(await read('instance-type')).toBe('generic');
      expect(await read('block-device-mapping/')).toBe('ami\nroot');
      expect(await read('public-keys/')).toBe('0=laptop\n1=desktop');
      expect(await read('public-keys/0/')).toBe('openssh-key');
      expect(await read('public-keys/0/openssh-key')).toBe(LAPTOP);
      expect(await read('public-keys/1/openssh-key')).toBe(DESKTOP);
      expect((await guest.get('/2009-04-04/meta-data/public-keys/2/openssh-key')).status).toBe(404);
      expect((await guest.get('/latest/user-data')).status).toBe(200);
      expect((await guest.get('/latest/')).text).toBe('meta-data/\nuser-data');
    });

    it.each([
      ['1.0', '2007-01-19', ['local-hostname', 'public-hostname', 'public-ipv4']],
      ['2007-03-01', '2007-08-29', ['instance-type']],
      ['2007-10-10', '2007-12-15', ['block-device-mapping/']],
      ['2007-12-15', '2008-02-01', ['placement/']],
      ['2008-02-01', '2008-09-01', ['instance-action']],
    ])('after %s finds from %s on %j', async (before, version, names) => {
      const added = async (at: string): Promise<string[]> => {
        const listed = (await guest.get(`/${at}/meta-data/`)).text.split('\n');
        return names.filter((name) => listed.includes(name));
      };
      expect([await added(before), await added(version), await added('latest')]).toEqual([[], names, names]);
    });
  });

  describe('with keypairs of odd names, which /v2 accepts,', () => {
    const ODD = ['a=b=c', 'a/b/c', '../../etc/passwd', '.hidden', '=', 'ключ', '__proto__'];
    let names: string[];

    beforeAll(async () => {
      for (const name of ODD) await alice.post('/v2/os-keypairs', { keypair: { name, public_key: LAPTOP } });
      expect((await patch({ key_names: ODD })).status).toBe(200);
      const metadata = await guest.read(latest);
      names = Object.keys(metadata.public_keys as object);
    });
    afterAll(async () => patch({ key_names: ['laptop', 'winrm', 'desktop'] }));

    it('reads names that every agent can handle, and every key', () => {
      expect(names).toHaveLength(ODD.length);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9 @_-][A-Za-z0-9 @._-]*$/);
    });

    it('finds one line for each in the EC2 list, with one equals sign', async () => {
      const lines = (await guest.get('/latest/meta-data/public-keys/')).text.split('\n');
      expect(lines).toEqual(names.map((name, at) => `${at}=${name}`));
    });
  });

  it('finds only the key that was parsed, and none that was smuggled in beside it', async () => {
    const smuggled = `${LAPTOP}\nssh-ed25519 AAAAEVIL evil`;
    const rows = service.app.get<DataSource>(getDataSourceToken());
    await rows.query(
      `INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key) VALUES
        ('alice', 'two-lines', 'ssh', '00:11', $1), ('alice', 'junk', 'x509', '22:33', $2)`,
      [smuggled, `ssh-ed25519 AAAAEVIL evil\n${CERTIFICATE}`],
    );
    await patch({ key_names: ['two-lines', 'junk'] });
    const reply = await guest.get(latest);
    expect(reply.text).not.toContain('EVIL');
    expect((JSON.parse(reply.text) as { public_keys: object }).public_keys).toEqual({ 'two-lines': LAPTOP });
    await patch({ key_names: ['laptop', 'winrm', 'desktop'] });
  });

  // CONTRACTS.md documents what these agents do; their code is not in the registries at hand.
  describe('whose agent is', () => {
    it('cloudbase-init finds SSH keys, and a certificate for WinRM that it can decode', async () => {
      const metadata = await guest.read('/openstack/latest/meta_data.json');
      const keys = metadata.keys as { type: string; data: string }[];
      const union = new Set([
        ...Object.values(metadata.public_keys as Record<string, string>),
        ...keys.filter(({ type }) => type === 'ssh').map(({ data }) => data),
      ]);
      expect(union).toEqual(new Set([LAPTOP, DESKTOP]));
      const [certificate] = keys.filter(({ type }) => type === 'x509');
      // It strips the header and the footer, and decodes the rest.
      const base64 = certificate.data
        .replace('-----BEGIN CERTIFICATE-----', '')
        .replace('-----END CERTIFICATE-----', '');
      expect(new X509Certificate(Buffer.from(base64, 'base64')).subject).toBe('CN=alice');
      // It checks this version before it posts a password.
      expect((await guest.get('/openstack/2013-04-04/meta_data.json')).status).toBe(200);
    });

    it('afterburn finds only keys that parse, and no line with two equals signs', async () => {
      const metadata = await guest.read('/openstack/2012-08-10/meta_data.json');
      for (const key of Object.values(metadata.public_keys as Record<string, string>)) {
        expect(sshFingerprint(key)).toMatch(/^[0-9a-f:]{47}$/);
      }
      const lines = (await guest.get('/latest/meta-data/public-keys')).text.split('\n');
      expect(lines.every((line) => line.split('=').length === 2)).toBe(true);
    });

    it('Ignition finds its configuration as user data', async () => {
      const ignition = JSON.stringify({ ignition: { version: '3.4.0' } });
      await patch({ user_data: Buffer.from(ignition).toString('base64') });
      expect((await guest.get('/openstack/latest/user_data')).text).toBe(ignition);
    });
  });

  describe('that posts a password', () => {
    const target = '/openstack/2013-04-04/password';
    const SEALED = Buffer.alloc(512, 7).toString('base64');
    const shown = async () => ((await alice.get(`/v1/guests/${id}/password`)).body as { password: string }).password;

    it('finds an empty one at first, and none before the version that introduced it', async () => {
      expect(await guest.get(target)).toMatchObject({ status: 200, text: '', type: 'text/plain; charset=UTF-8' });
      expect((await guest.get('/openstack/2012-08-10/password')).status).toBe(404);
      expect((await guest.post('/openstack/2012-08-10/password', SEALED)).status).toBe(404);
      expect(await shown()).toBe('');
    });

    it.each([
      ['is too long', 'A'.repeat(1021)],
      ['is far too long', 'A'.repeat(1_000_000)],
      ['has a carriage return', 'AAAA\r\nX-Injected: 1'],
      ['is no base64', 'pass word'],
      ['is not text', '\u0000\u0001'],
    ])('is refused one that %s', async (_, password) => {
      expect((await guest.post(target, password)).status).toBe(400);
      expect(await shown()).toBe('');
    });

    it('posts it once, and its owner reads it', async () => {
      expect((await guest.post(target, '')).status).toBe(200);
      const replies = await Promise.all([guest.post(target, SEALED), guest.post(target, SEALED)]);
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect((await guest.post(target, 'AAAA')).status).toBe(409);
      expect((await guest.get(target)).text).toBe(SEALED);
      expect(await shown()).toBe(SEALED);
    });
  });

  it('reads a change at once, although guests are cached for some seconds', async () => {
    await guest.read(latest);
    await patch({ hostname: 'renamed.example.org' });
    expect((await guest.read(latest)).hostname).toBe('renamed.example.org');
    await patch({ addresses: ['127.0.0.3'] });
    expect((await guest.get(latest)).status).toBe(404);
    const moved = new GuestClient(service.guest.host, '127.0.0.3');
    expect((await moved.get(latest)).status).toBe(200);
    await patch({ addresses: ['127.0.0.2'] });
    expect([(await moved.get(latest)).status, (await guest.get(latest)).status]).toEqual([404, 200]);
    await alice.delete(`/v1/guests/${id}`);
    expect((await guest.get(latest)).status).toBe(404);
  });
});

describe('with METADATA_KEYS=nova', () => {
  it('finds certificates among the public keys, as Nova has them', async () => {
    const service = await startApp({ METADATA_KEYS: 'nova' });
    try {
      await register(service);
      const metadata = await new GuestClient(service.guest.host, '127.0.0.2').read('/openstack/latest/meta_data.json');
      expect(metadata.public_keys).toEqual({
        laptop: LAPTOP,
        winrm: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/),
        desktop: DESKTOP,
      });
      expect(metadata).not.toHaveProperty('x509');
      expect(metadata.keys).toHaveLength(3);
    } finally {
      await service.stop();
    }
  });
});

it('serves guests of its own network only, if METADATA_NETWORK names one', async () => {
  const service = await startApp({ METADATA_NETWORK: 'lab' });
  try {
    await register(service, { network: 'elsewhere' });
    const guest = new GuestClient(service.guest.host, '127.0.0.2');
    expect((await guest.get('/openstack')).status).toBe(404);
    await register(service);
    expect((await guest.get('/openstack')).status).toBe(200);
  } finally {
    await service.stop();
  }
});
