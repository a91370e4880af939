import { describe, expect, it } from '@jest/globals';
import { flawOfNetworkData } from '../../src/guests/network-data.js';

const MAC = 'fa:16:3e:00:00:01';
const LINK = { id: 'eth0', type: 'phy', ethernet_mac_address: MAC };
const VLAN = { id: 'v', type: 'vlan', vlan_link: 'eth0', vlan_id: 101, vlan_mac_address: MAC };
const BOND = { id: 'b', type: 'bond', bond_links: ['eth0'], bond_mode: 'active-backup' };
const STATIC = { id: 'n', type: 'ipv4', link: 'eth0', ip_address: '10.0.0.5' };

const data = (
  links: readonly object[],
  networks: readonly object[] = [],
  more: object = {},
): Record<string, unknown> => ({
  links,
  networks,
  ...more,
});
const link = (change: object) => data([{ ...LINK, ...change }]);
const network = (change: object) => data([LINK], [{ ...STATIC, ...change }]);
const route = (change: object) =>
  network({ routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1', ...change }] });

describe('network data', () => {
  it('is accepted as Nova writes it: physical links, bonds and VLANs, with networks of each type', () => {
    const all = data(
      [
        { ...LINK, mtu: 1500, vif_id: 'x' },
        { ...LINK, id: 'tap1', type: 'ovs', mtu: null },
        BOND,
        VLAN,
        { ...VLAN, id: 'w', vlan_link: 'b', vlan_id: '7' },
      ],
      [
        { id: 'n0', type: 'ipv4_dhcp', link: 'eth0' },
        { id: 'n1', type: 'ipv6_slaac', link: 'tap1' },
        {
          id: 'n2',
          type: 'ipv6',
          link: 'b',
          ip_address: '2001:db8::5',
          netmask: 'ffff:ffff:ffff:ffff::',
          gateway: 'fe80::1',
        },
        {
          id: 'n3',
          type: 'ipv6',
          link: 'v',
          ip_address: '2001:db8::5/64',
          services: [{ type: 'dns', address: '2001:db8::1' }],
        },
        {
          ...STATIC,
          netmask: '255.255.255.0',
          gateway: '10.0.0.1',
          dns_nameservers: ['10.0.0.1'],
          routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1', services: [] }],
        },
      ],
      { services: [{ type: 'dns', address: '10.0.0.1' }, { type: 'other' }] },
    );
    expect(flawOfNetworkData(all)).toBeUndefined();
  });

  it.each([
    ['links', data([])],
    ['links', { networks: [] }],
    ['networks', { links: [LINK] }],
    ['links[1]', data([LINK, 'eth1' as unknown as object])],
    ['links[0].id', link({ id: 7 })],
    ['links[0].type', link({ type: '' })],
    ['links[1].id', data([LINK, LINK])],
    ['networks[1].id', data([LINK], [STATIC, STATIC])],
    ['links[0].ethernet_mac_address', link({ ethernet_mac_address: undefined })],
    ['links[0].ethernet_mac_address', link({ ethernet_mac_address: null })],
    ['links[0].ethernet_mac_address', link({ ethernet_mac_address: 'fa-16-3e-00-00-01' })],
    ['links[0].ethernet_mac_address', link({ ethernet_mac_address: `${MAC}\n` })],
    ['links[0].mtu', link({ mtu: 'big' })],
    ['links[1].bond_links', data([LINK, { ...BOND, bond_links: undefined }])],
    ['links[1].bond_links', data([LINK, { ...BOND, bond_links: [] }])],
    ['links[1].bond_links[1]', data([LINK, { ...BOND, bond_links: ['eth0', 'eth9'] }])],
    ['links[1].bond_links[0]', data([LINK, { ...BOND, bond_links: ['b'] }])],
    ['links[1].vlan_link', data([LINK, { ...VLAN, vlan_link: 'eth9' }])],
    ['links[1].vlan_link', data([LINK, { ...VLAN, vlan_link: 'v' }])],
    ['links[1].vlan_id', data([LINK, { ...VLAN, vlan_id: 4095 }])],
    ['links[1].vlan_id', data([LINK, { ...VLAN, vlan_id: undefined }])],
    ['links[1].vlan_mac_address', data([LINK, { ...VLAN, vlan_mac_address: undefined }])],
    ['networks[0].link', network({ link: 'eth9' })],
    ['networks[0].link', network({ link: 'constructor' })],
    ['networks[0].ip_address', network({ ip_address: undefined })],
    ['networks[0].ip_address', network({ ip_address: '10.0.0.256' })],
    ['networks[0].ip_address', network({ ip_address: '2001:db8::1' })],
    ['networks[0].ip_address', network({ ip_address: '10.0.0.5/24/7' })],
    ['networks[0].netmask', network({ netmask: '255.0.255.0' })],
    ['networks[0].gateway', network({ gateway: 'router' })],
    ['networks[0].dns_nameservers', network({ dns_nameservers: ['10.0.0.1', 'dns'] })],
    ['networks[0].services[0].address', network({ services: [{ type: 'dns' }] })],
    ['networks[0].routes', network({ routes: {} })],
    ['networks[0].routes[0].network', route({ network: undefined })],
    ['networks[0].routes[0].netmask', route({ netmask: 'x' })],
    ['networks[0].routes[0].gateway', route({ gateway: '10.0.0' })],
    ['networks[0].routes[0].services[0].address', route({ services: [{ type: 'dns', address: 'x' }] })],
    ['services[0].type', data([LINK], [], { services: [{}] })],
    ['services[0].address', data([LINK], [], { services: [{ type: 'dns', address: 'localhost' }] })],
  ])('is refused with the path %s', (path, wrong) => {
    expect(flawOfNetworkData(wrong)?.split(' ')[0]).toBe(path);
  });
});
