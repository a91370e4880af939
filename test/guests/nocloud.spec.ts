import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { download } from './download.js';
import { GuestClient } from './guest-client.js';

// A busy machine takes its time to start an application.
const LAPTOP = sshKeygen('-C', 'alice@laptop').trim();
const DESKTOP = sshKeygen('-C', "alice's: desktop # 2").trim();
const USER_DATA = Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0x0a]);
const MAC = 'FA:16:3e:00:00:01';
const NETWORK = {
  links: [
    { id: 'tap0', type: 'ovs', ethernet_mac_address: MAC, mtu: 1450 },
    // A number of base 60 in YAML 1.1, unless it is quoted.
    { id: 'tap1', type: 'phy', ethernet_mac_address: '52:54:00:12:34:56' },
    { id: 'tap2', type: 'phy', ethernet_mac_address: 'fa:16:3e:00:00:03' },
    { id: 'b', type: 'bond', bond_links: ['tap1', 'tap2'], bond_mode: 'active-backup', bond_miimon: 100 },
    { id: 'v', type: 'vlan', vlan_link: 'b', vlan_id: 101, vlan_mac_address: 'fa:16:3e:00:00:04' },
  ],
  networks: [
    {
      id: 'n0',
      type: 'ipv4',
      link: 'tap0',
      ip_address: '10.0.0.5',
      netmask: '255.255.255.0',
      gateway: '10.0.0.1',
      dns_nameservers: ['10.0.0.2'],
      routes: [{ network: '10.1.0.0', netmask: '255.255.0.0', gateway: '10.0.0.3' }],
    },
    { id: 'n1', type: 'ipv6', link: 'tap0', ip_address: '2001:db8::5/64', gateway: '2001:db8::1' },
    { id: 'n2', type: 'ipv4_dhcp', link: 'v' },
  ],
  services: [{ type: 'dns', address: '9.9.9.9' }],
};

describe('a guest of NoCloud', () => {
  let service: StartedApp;
  let alice: Client;
  let guest: GuestClient;
  let id: string;

  const register = async (more: object): Promise<string> =>
    ((await alice.post('/v1/guests', { guest: { name: 'web', ...more } })).body as { guest: { id: string } }).guest.id;
  const patch = (change: object) =>
    alice.send({ method: 'PATCH', target: `/v1/guests/${id}`, body: JSON.stringify({ guest: change }) });

  beforeAll(async () => {
    service = await startApp();
    alice = service.as('alice', 'blue').at('2.2');
    for (const [name, type, public_key] of [
      ['laptop', 'ssh', LAPTOP],
      ['winrm', 'x509', opensslCertificate()],
      ['desktop', 'ssh', DESKTOP],
    ]) {
      await alice.post('/v2.1/os-keypairs', { keypair: { name, type, public_key } });
    }
    guest = new GuestClient(service.guest.host, '127.0.0.2');
    id = await register({ key_names: ['laptop', 'winrm', 'desktop'], addresses: ['127.0.0.2'] });
  });
  afterAll(async () => service?.stop());

  it('reads its identity and its SSH keys, with the id of its SMBIOS in either case', async () => {
    for (const path of [id, id.toUpperCase()]) {
      const { status, text } = await guest.get(`/nocloud/${path}/meta-data`);
      expect(status).toBe(200);
      const keys = [LAPTOP, DESKTOP];
      const expected = { 'instance-id': id, 'local-hostname': 'web', 'public-keys': keys };
      // The other name is the one that FreeBSD's nuageinit reads.
      expect(parse(text)).toEqual({ ...expected, public_keys: keys });
    }
  });

  it.each(['no', 'On', '2026-01-31', '1e3', '0x1f', '0777', 'null'])(
    'reads the host name %s as a text, as YAML 1.1 has it',
    async (hostname) => {
      await patch({ hostname });
      const { text } = await guest.get(`/nocloud/${id}/meta-data`);
      expect(parse(text, { version: '1.1' })).toMatchObject({ 'instance-id': id, 'local-hostname': hostname });
    },
  );

  it('finds empty user data if it has none, and no vendor data and network config', async () => {
    expect(await guest.get(`/nocloud/${id}/user-data`)).toMatchObject({ status: 200, text: '' });
    expect((await guest.get(`/nocloud/${id}/vendor-data`)).status).toBe(404);
    expect((await guest.get(`/nocloud/${id}/network-config`)).status).toBe(404);
  });

  it('reads user data byte for byte, and the part of the vendor data that is for cloud-init', async () => {
    const vendor_data = { 'cloud-init': '#cloud-config\n{}\n', static: 1 };
    await patch({ user_data: USER_DATA.toString('base64'), vendor_data });
    expect((await guest.get(`/nocloud/${id}/user-data`)).bytes).toEqual(USER_DATA);
    expect((await guest.get(`/nocloud/${id}/vendor-data`)).text).toBe('#cloud-config\n{}\n');
  });

  it('reads its network as version 2', async () => {
    await patch({ network_data: NETWORK });
    const reply = await guest.get(`/nocloud/${id}/network-config`);
    expect(parse(reply.text, { version: '1.1' })).toEqual({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: MAC.toLowerCase() },
          'set-name': 'eth0',
          mtu: 1450,
          addresses: ['10.0.0.5/24', '2001:db8::5/64'],
          gateway4: '10.0.0.1',
          gateway6: '2001:db8::1',
          routes: [{ to: '10.1.0.0/16', via: '10.0.0.3' }],
          nameservers: { addresses: ['10.0.0.2', '9.9.9.9'] },
        },
        eth1: {
          match: { macaddress: '52:54:00:12:34:56' },
          'set-name': 'eth1',
          nameservers: { addresses: ['9.9.9.9'] },
        },
        eth2: {
          match: { macaddress: 'fa:16:3e:00:00:03' },
          'set-name': 'eth2',
          nameservers: { addresses: ['9.9.9.9'] },
        },
      },
      bonds: {
        bond0: {
          interfaces: ['eth1', 'eth2'],
          parameters: { mode: 'active-backup', 'mii-monitor-interval': 100 },
          nameservers: { addresses: ['9.9.9.9'] },
        },
      },
      vlans: {
        'bond0.101': {
          id: 101,
          link: 'bond0',
          macaddress: 'fa:16:3e:00:00:04',
          dhcp4: true,
          nameservers: { addresses: ['9.9.9.9'] },
        },
      },
    });
  });

  it('gets nothing by the id of another guest, nor without its own address', async () => {
    const other = await register({ key_names: ['desktop'], addresses: ['127.0.0.3'] });
    expect((await guest.get(`/nocloud/${other}/meta-data`)).status).toBe(404);
    expect((await new GuestClient(service.guest.host, '127.0.0.9').get(`/nocloud/${id}/meta-data`)).status).toBe(404);
    expect((await new GuestClient(service.guest.host, '127.0.0.3').get(`/nocloud/${other}/meta-data`)).status).toBe(
      200,
    );
  });

  it.each(['', '/', '/meta-data', '/ID', '/ID/', '/ID/constructor', '/ID/meta-data/more', '/ID/user_data'])(
    'finds nothing at /nocloud%s',
    async (path) => {
      expect((await guest.get(`/nocloud${path.replace('ID', id)}`)).status).toBe(404);
    },
  );

  it('has a drive with the same files', async () => {
    const headers = { Accept: 'application/x-tar', 'X-Auth-Token': 'alice:blue' };
    const { status, bytes } = await download(
      service.client.host,
      `/v1/guests/${id}/config-drive?source=nocloud`,
      headers,
    );
    expect(status).toBe(200);
    const names = execFileSync('tar', ['-t'], { input: bytes, encoding: 'utf8' }).trim().split('\n');
    expect(names).toEqual(['meta-data', 'network-config', 'user-data', 'vendor-data']);
    for (const name of names) {
      const file = execFileSync('tar', ['-xO', name], { input: bytes });
      expect(file).toEqual((await guest.get(`/nocloud/${id}/${name}`)).bytes);
    }
    const wrong = await alice.get(`/v1/guests/${id}/config-drive?source=lxd`);
    expect(wrong.status).toBe(400);
  });
});
