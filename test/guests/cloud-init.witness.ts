import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { networkConfig } from '../../src/metadata/formats/network-config.js';
import { GuestClient } from './guest-client.js';
import { type Download, download, withoutSeeds } from './download.js';

// A boot takes its time.
jest.setTimeout(240_000);

const LAPTOP = sshKeygen('-C', 'alice@laptop').trim();
const DESKTOP = sshKeygen('-t', 'rsa', '-b', '2048', '-C', 'alice desktop').trim();
const USER_DATA = '#!/bin/sh\ntouch /run/user-data-ran\n';
const NETWORK_DATA = {
  // A MAC address of libvirt; unquoted, cloud-init's YAML parses it as a number of base 60.
  links: [{ id: 'tap0', type: 'ovs', ethernet_mac_address: '52:54:00:12:34:56' }],
  networks: [{ id: 'network0', type: 'ipv4_dhcp', link: 'tap0' }],
  services: [],
};
const KEYPAIRS = [
  { name: 'laptop', public_key: LAPTOP },
  { name: 'a desktop', public_key: DESKTOP },
  { name: 'winrm', type: 'x509', public_key: opensslCertificate() },
];
const GUEST = {
  name: 'web',
  hostname: 'web.example.org',
  key_names: KEYPAIRS.map(({ name }) => name),
  user_data: Buffer.from(USER_DATA).toString('base64'),
  vendor_data: { 'cloud-init': '#cloud-config\n{}' },
};

describe('cloud-init', () => {
  let service: StartedApp;
  let id: string;
  let directory: string;

  const drive = (): Promise<Download> =>
    download(service.client.host, `/v1/guests/${id}/config-drive`, { 'X-Auth-Token': 'alice:blue' });
  const run = (program: string, ...words: string[]): string =>
    execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  // Not synchronously, since the service that it requests from is in this process.
  const read = async (...words: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['test/guests/read_metadata.py', ...words]);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-witness-'));
    service = await startApp();
    const alice = service.as('alice', 'blue').at('2.2');
    for (const keypair of KEYPAIRS) await alice.post('/v2.1/os-keypairs', { keypair });
    const made = await alice.post('/v1/guests', {
      guest: { ...GUEST, network_data: NETWORK_DATA, addresses: ['127.0.0.1'] },
    });
    id = (made.body as { guest: { id: string } }).guest.id;
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await service?.stop();
  });

  const EXPECTED = {
    keys: [LAPTOP, DESKTOP],
    hostname: 'web.example.org',
    seed: 512,
    userData: USER_DATA,
    vendorData: GUEST.vendor_data,
    networkData: NETWORK_DATA,
  };

  it("reports its host keys as the vendor data requests, and they are in its owner's known_hosts", async () => {
    const port = await freePort();
    const listening = await startApp({
      GUEST_ADDRESSES: 'owner',
      METADATA_PORT: String(port),
      PHONE_HOME_URL: `http://127.0.0.1:${port}`,
    });
    const alice = listening.as('alice', 'blue');
    await alice.post('/v1/guests', { guest: { name: 'web', addresses: ['127.0.0.1'] } });
    const hostKey = sshKeygen('-C', 'root@web');
    writeFileSync(join(directory, 'ssh_host_ed25519_key.pub'), hostKey);
    await promisify(execFile)('/usr/bin/python3', ['test/guests/phone_home.py', `http://127.0.0.1:${port}`, directory]);
    const [type, blob] = hostKey.split(' ');
    expect((await alice.get('/v1/guests/known-hosts')).text).toBe(`127.0.0.1,web ${type} ${blob.trim()}\n`);
    await listening.stop();
  });

  it('reads the metadata service, of OpenStack and of EC2, and finds exactly the SSH keys', async () => {
    const metadata = await read('http', `http://${service.guest.host}`);
    expect(metadata).toMatchObject({ ...EXPECTED, id, ec2UserData: USER_DATA });
    expect(metadata.ec2).toMatchObject({
      'instance-id': expect.stringMatching(/^i-/),
      'local-hostname': 'web.example.org',
      'local-ipv4': '127.0.0.1',
      placement: { 'availability-zone': 'nova' },
      'public-keys': { laptop: LAPTOP, 'a desktop': DESKTOP },
    });
  });

  it('reads the same interfaces, addresses and routes from the network config of NoCloud', async () => {
    const { text } = await new GuestClient(service.guest.host, '127.0.0.1').get(`/nocloud/${id}/network-config`);
    expect(await read('network', text)).toEqual({
      eth0: { mac: '52:54:00:12:34:56', subnets: [['dhcp4', null, null]], routes: [] },
    });
    const networks = [
      { id: 'a', link: 'tap0', type: 'ipv4', ip_address: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1' },
      { id: 'b', link: 'tap0', type: 'ipv6', ip_address: '2001:db8::5/64', gateway: '2001:db8::1' },
    ];
    expect(await read('network', JSON.stringify(networkConfig({ ...NETWORK_DATA, networks })))).toEqual({
      eth0: {
        mac: '52:54:00:12:34:56',
        subnets: [
          ['static', '10.0.0.5', 24],
          ['static', '2001:db8::5', 64],
        ],
        routes: ['10.0.0.1', '2001:db8::1'],
      },
    });
  });

  describe('with a config drive', () => {
    const program = 'xorriso';
    const { PATH } = process.env;
    let image: string;
    let tools: StartedApp;

    /** The image from a service that finds only this program. */
    async function made(): Promise<Buffer> {
      const bin = join(directory, `bin-${program}`);
      mkdirSync(bin, { recursive: true });
      if (!existsSync(join(bin, program)))
        symlinkSync(run('sh', '-c', `command -v ${program}`).trim(), join(bin, program));
      process.env.PATH = bin;
      try {
        const { status, type, bytes } = await drive();
        expect([status, type]).toEqual([200, 'application/x-iso9660-image']);
        return bytes;
      } finally {
        process.env.PATH = PATH;
      }
    }

    beforeAll(async () => {
      // A service keeps using the program that it found first.
      tools = service;
      service = await startApp();
      const alice = service.as('alice', 'blue').at('2.2');
      for (const keypair of KEYPAIRS) await alice.post('/v2.1/os-keypairs', { keypair });
      await alice.post('/v1/guests', { guest: { ...GUEST, id, network_data: NETWORK_DATA } });
      image = join(directory, `${program}.iso`);
      writeFileSync(image, await made());
    });
    afterEach(() => {
      process.env.PATH = PATH;
    });
    afterAll(async () => {
      await service.stop();
      service = tools;
    });

    it('finds the label that it searches for, with Joliet and Rock Ridge names', () => {
      const output = run('isoinfo', '-d', '-i', image);
      expect(output).toContain('Volume id: config-2\n');
      expect(output).toMatch(/Joliet with UCS level \d found/);
      expect(output).toMatch(/Rock Ridge signatures version \d found/);
      const seen = spawnSync('xorriso', ['-indev', image, '-toc'], { encoding: 'utf8' });
      expect(seen.stdout + seen.stderr).toContain("Volume id    : 'config-2'");
      expect(run('blkid', '-o', 'value', '-s', 'LABEL', image).trim()).toBe('config-2');
      for (const names of ['-R', '-J']) {
        const files = run('isoinfo', names, '-f', '-i', image).split('\n');
        expect(files).toEqual(
          expect.arrayContaining(['/openstack/latest/meta_data.json', '/ec2/latest/meta-data.json']),
        );
      }
    });

    it('reads it, and finds the same as from the service', async () => {
      const tree = join(directory, `${program}-tree`);
      run('xorriso', '-osirrox', 'on', '-indev', image, '-extract', '/', tree);
      expect(await read('drive', tree)).toMatchObject({ ...EXPECTED, id });
    });

    it('gets the same bytes each time, but for the random seeds', async () => {
      const one = await made();
      // The clock of an image counts seconds.
      await new Promise((later) => setTimeout(later, 1100));
      const other = await made();
      expect(one.equals(other)).toBe(false);
      expect(withoutSeeds(one) === withoutSeeds(other)).toBe(true);
    });
  });

  const NAMESPACES = ['--mount', '--uts', '--net', '--pid', '--fork', '--mount-proc'];
  // Needs root, or a container that may make namespaces: elsewhere these tests fail, and those above still cover the reading.
  describe('booting an isolated machine', () => {
    it.each([
      ['openstack', 'DataSourceOpenStack'],
      ['config-drive', 'DataSourceConfigDrive'],
      ['nocloud', 'DataSourceNoCloudNet'],
      ['nocloud-drive', 'DataSourceNoCloud'],
    ])('from %s sets its name, lets in the keys and runs the user data', (source, found) => {
      const input = join(directory, 'boot.json');
      writeFileSync(input, JSON.stringify({ guest: GUEST, keypairs: KEYPAIRS }));
      const machine = [...NAMESPACES, 'test/guests/machine/machine.sh'];
      const boot = [process.execPath, 'test/guests/machine/boot.mjs', source, input];
      const booted = JSON.parse(run('unshare', ...machine, ...boot)) as Record<string, string>;
      expect(booted.source).toContain(found);
      expect(booted).toMatchObject({ instanceId: booted.id, hostname: 'web', userData: USER_DATA, ran: true });
      expect(new Set(booted.authorizedKeys.trim().split('\n'))).toEqual(new Set([LAPTOP, DESKTOP]));
      if (source.startsWith('nocloud')) return;
      expect(booted.ec2).toMatchObject({ 'instance-id': expect.stringMatching(/^i-/) });
    });
  });
});
