import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download } from './download.js';
import { GuestClient } from './guest-client.js';

// A busy machine takes its time to start an application.
const KEY = sshKeygen('-C', `alice's "laptop": # 1`).trim();
const OTHER_KEY = sshKeygen('-t', 'rsa', '-b', '2048', '-C', 'desktop').trim();
const IGNITION = '{"ignition":{"version":"3.4.0"}}';
const NETWORK = {
  links: [{ id: 'tap0', type: 'ovs', ethernet_mac_address: '52:54:00:12:34:56' }],
  networks: [
    { id: 'n', type: 'ipv4', link: 'tap0', ip_address: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1' },
  ],
  services: [{ type: 'dns', address: '10.0.0.2' }],
};

let service: StartedApp;
let id: string;
let guest: GuestClient;

beforeAll(async () => {
  service = await startApp();
  const alice = service.as('alice', 'blue').at('2.2');
  const keypairs = [
    { name: 'laptop', public_key: KEY },
    { name: 'winrm', type: 'x509', public_key: opensslCertificate() },
    { name: 'desktop', public_key: OTHER_KEY },
  ];
  for (const keypair of keypairs) await alice.post('/v2.1/os-keypairs', { keypair });
  const made = await alice.post('/v1/guests', {
    guest: {
      name: 'web',
      hostname: 'no',
      key_names: keypairs.map(({ name }) => name),
      addresses: ['127.0.0.6'],
      user_data: Buffer.from(IGNITION).toString('base64'),
      network_data: NETWORK,
    },
  });
  id = (made.body as { guest: { id: string } }).guest.id;
  guest = new GuestClient(service.guest.host, '127.0.0.6');
});
afterAll(async () => service?.stop());

/** A file of the drive for a source. */
async function onDrive(source: string, path: string): Promise<string> {
  const headers = { Accept: 'application/x-tar', 'X-Auth-Token': 'alice:blue' };
  const { bytes } = await download(service.client.host, `/v1/guests/${id}/config-drive?source=${source}`, headers);
  return execFileSync('tar', ['-xO', path], { input: bytes, encoding: 'utf8' });
}

/** libexec/nuageinit/nuageinit of FreeBSD, and libexec/rc/rc.d/nuageinit, which runs it on openstack/latest or the root of a drive. */
describe('nuageinit', () => {
  it('finds the keys and the name in meta_data.json, where each value of public_keys is a key', async () => {
    const metadata = JSON.parse(await onDrive('openstack', 'openstack/latest/meta_data.json')) as object;
    expect(metadata).toMatchObject({ hostname: 'no', public_keys: { laptop: KEY, desktop: OTHER_KEY } });
    expect(metadata).not.toHaveProperty('local-hostname');
  });

  it('finds the MAC address of each link and the netmask of each network in network_data.json', async () => {
    expect(JSON.parse(await onDrive('openstack', 'openstack/latest/network_data.json'))).toEqual(NETWORK);
  });

  it('finds the keys and the name in meta-data of NoCloud, where keys are named public_keys', async () => {
    const metadata = parse(await onDrive('nocloud', 'meta-data'), { version: '1.1' }) as object;
    expect(metadata).toMatchObject({ 'local-hostname': 'no', public_keys: [KEY, OTHER_KEY] });
  });

  it('finds ethernets by MAC addresses in lower case in network-config', async () => {
    const config = parse(await onDrive('nocloud', 'network-config'), { version: '1.1' }) as object;
    expect(config).toEqual({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: '52:54:00:12:34:56' },
          'set-name': 'eth0',
          addresses: ['10.0.0.5/24'],
          gateway4: '10.0.0.1',
          nameservers: { addresses: ['10.0.0.2'] },
        },
      },
    });
  });

  it('can read all with the parser of FreeBSD 14 (yaml.lua): in blocks, texts in quotes, no alias, no anchor, no folded text', async () => {
    const line = /^ *(?:- )?(?:"(?:[^"\\]|\\")*"|[\w.-]+:(?: (?:"(?:[^"\\]|\\")*"|\d+|true))?)$/;
    for (const path of ['meta-data', 'network-config']) {
      const lines = (await onDrive('nocloud', path)).trimEnd().split('\n');
      expect(lines.filter((each) => !line.test(each))).toEqual([]);
    }
  });
});

/** internal/providers/openstack/openstack.go of Ignition: the file on a disk labelled config-2, or over HTTP, whichever comes first. */
describe('Ignition', () => {
  it('finds its configuration at openstack/latest/user_data, byte for byte, on a drive and over HTTP', async () => {
    expect(await onDrive('openstack', 'openstack/latest/user_data')).toBe(IGNITION);
    expect(await guest.get('/openstack/latest/user_data')).toMatchObject({ status: 200, text: IGNITION });
  });

  it('finds 404 for a guest without user data, which it takes for an empty configuration', async () => {
    const body = JSON.stringify({ guest: { user_data: null } });
    await service.as('alice', 'blue').send({ method: 'PATCH', target: `/v1/guests/${id}`, body });
    expect((await guest.get('/openstack/latest/user_data')).status).toBe(404);
  });
});
