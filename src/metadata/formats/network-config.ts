import { isIPv4 } from 'node:net';

/** An entry of OpenStack's network_data.json, which was checked when the guest was registered. */
type Entry = Readonly<Record<string, unknown>>;

/** The kinds of interfaces in a network-config of version 2. */
const KINDS = { bond: 'bonds', vlan: 'vlans', other: 'ethernets' } as const;

const DHCP: Readonly<Record<string, Entry>> = {
  ipv4_dhcp: { dhcp4: true },
  ipv6_dhcp: { dhcp6: true },
  'ipv6_dhcpv6-stateful': { dhcp6: true },
  'ipv6_dhcpv6-stateless': { 'accept-ra': true },
  ipv6_slaac: { 'accept-ra': true },
};

/**
 * OpenStack's network data as a network-config of version 2, which NoCloud has. Interfaces of a MAC address are named eth0, eth1 ... in
 * their order: not every distribution's renderer can match addresses without giving names.
 */
export function networkConfig(data: object): object {
  const { links, networks, services } = data as Readonly<Record<string, Entry[]>>;
  const names = nameLinks(links);
  const config: Record<string, Record<string, object>> = {};
  for (const link of links) {
    const own = networks.filter(({ link: id }) => id === link.id);
    const kind = KINDS[kindOf(link)];
    config[kind] ??= {};
    config[kind][names.get(link.id as string)!] = {
      ...interfaceOf(link, names),
      ...(typeof link.mtu === 'number' && { mtu: link.mtu }),
      ...addressing(own, services ?? []),
    };
  }
  return { version: 2, ...config };
}

const kindOf = ({ type }: Entry): keyof typeof KINDS => (type === 'bond' || type === 'vlan' ? type : 'other');

function nameLinks(links: readonly Entry[]): Map<string, string> {
  const names = new Map<string, string>();
  const counts = { other: 0, bond: 0 };
  for (const link of links) {
    const kind = kindOf(link);
    if (kind !== 'vlan') names.set(link.id as string, `${kind === 'bond' ? 'bond' : 'eth'}${counts[kind]++}`);
  }
  for (const link of links) {
    if (kindOf(link) !== 'vlan') continue;
    names.set(link.id as string, `${names.get(link.vlan_link as string)}.${String(link.vlan_id)}`);
  }
  return names;
}

function interfaceOf(link: Entry, names: ReadonlyMap<string, string>): object {
  const { ethernet_mac_address: mac, vlan_mac_address: vlanMac } = link;
  switch (kindOf(link)) {
    case 'bond': {
      const { bond_mode: mode, bond_miimon: interval, bond_xmit_hash_policy: policy } = link;
      return {
        interfaces: (link.bond_links as string[]).map((id) => names.get(id)),
        ...(mac !== undefined && { macaddress: mac }),
        parameters: {
          ...(mode !== undefined && { mode }),
          ...(interval !== undefined && { 'mii-monitor-interval': Number(interval) }),
          ...(policy !== undefined && { 'transmit-hash-policy': policy }),
        },
      };
    }
    case 'vlan':
      return { id: Number(link.vlan_id), link: names.get(link.vlan_link as string), macaddress: vlanMac };
    case 'other':
      return { match: { macaddress: (mac as string).toLowerCase() }, 'set-name': names.get(link.id as string) };
  }
}

function addressing(networks: readonly Entry[], services: readonly Entry[]): object {
  const dns = [...networks.flatMap(nameServers), ...services.flatMap(serverOf)];
  const addresses = networks.flatMap(({ ip_address: address, netmask }) =>
    typeof address === 'string' ? [withPrefix(address, netmask)] : [],
  );
  const routes = networks.flatMap(routesOf);
  return {
    ...Object.assign({}, ...networks.map(({ type }) => DHCP[type as string])),
    ...(addresses.length > 0 && { addresses }),
    ...Object.assign({}, ...networks.map(gatewayOf)),
    ...(routes.length > 0 && { routes }),
    ...(dns.length > 0 && { nameservers: { addresses: [...new Set(dns)] } }),
  };
}

function nameServers({ dns_nameservers: servers = [], services = [] }: Entry): string[] {
  const own = Array.isArray(servers) ? (servers as string[]) : [servers as string];
  return [...own, ...(services as Entry[]).flatMap(serverOf)];
}

const serverOf = ({ type, address }: Entry): string[] => (type === 'dns' ? [address as string] : []);

function routesOf({ routes = [] }: Entry): object[] {
  return (routes as Entry[]).map(({ network, netmask, gateway }) => ({
    to: withPrefix(network as string, netmask),
    ...(typeof gateway === 'string' && { via: gateway }),
  }));
}

/** Not as a route: cloud-init 22.4 takes `::/0` for `::/64`. */
function gatewayOf({ type, gateway }: Entry): object {
  if (typeof gateway !== 'string' || DHCP[type as string]) return {};
  return { [isIPv4(gateway) ? 'gateway4' : 'gateway6']: gateway };
}

/** An address with the length of its prefix; one without a netmask is alone in its network. */
function withPrefix(address: string, mask: unknown): string {
  if (address.includes('/')) return address.replace(/\/(.*)$/, (_, length: string) => `/${prefixOf(length)}`);
  const whole = isIPv4(address) ? 32 : 128;
  return `${address}/${typeof mask === 'string' || typeof mask === 'number' ? prefixOf(String(mask)) : whole}`;
}

/** The number of ones in a mask. */
function prefixOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const [radix, groups] = isIPv4(text) ? [10, text.split('.')] : [16, text.split(':')];
  const bits = groups.map((each) => Number.parseInt(each || '0', radix).toString(2)).join('');
  return bits.replaceAll('0', '').length;
}
