import { isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * OpenStack's network_data.json, checked as the agents read it (cloudinit.sources.helpers.openstack.convert_net_json, nuageinit):
 * if one of them fails, the guest has no network.
 */

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const LISTS = ['links', 'networks', 'services'];
const STATIC_TYPES = new Map([
  ['ipv4', isIPv4],
  ['static', isIPv4],
  ['ipv6', isIPv6],
  ['static6', isIPv6],
]);

type Entry = Readonly<Record<string, unknown>>;

/** A part of the data that an agent cannot read. */
class Flaw extends Error {}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first problem, with the path of the faulty part; undefined if every agent can read the data. */
export function flawOfNetworkData(value: Entry): string | undefined {
  try {
    checkAll(value);
    return undefined;
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  }
}

function checkAll(value: Entry): void {
  if (Object.keys(value).some((name) => !LISTS.includes(name))) throw new Flaw(`It may have only ${LISTS.join(', ')}.`);
  const links = entriesOf(value, 'links', '');
  const networks = entriesOf(value, 'networks', '');
  ensure(links.length > 0, 'links', 'must have an entry');
  const byId = checkIds(links, 'links');
  checkIds(networks, 'networks');
  for (const [at, link] of links.entries()) checkLink(link, `links[${at}]`, byId);
  for (const [at, network] of networks.entries()) checkNetwork(network, `networks[${at}]`, byId);
  if (value.services !== undefined) checkServices(value, '');
}

function checkIds(entries: readonly Entry[], list: string): ReadonlyMap<string, Entry> {
  const byId = new Map<string, Entry>();
  for (const [at, entry] of entries.entries()) {
    const id = textOf(entry, 'id', `${list}[${at}]`);
    textOf(entry, 'type', `${list}[${at}]`);
    ensure(!byId.has(id), `${list}[${at}].id`, 'is that of another entry; give each its own');
    byId.set(id, entry);
  }
  return byId;
}

function checkLink(link: Entry, path: string, links: ReadonlyMap<string, Entry>): void {
  if (link.mtu !== undefined && link.mtu !== null) {
    ensure(Number.isInteger(link.mtu) && Number(link.mtu) > 0, `${path}.mtu`, 'must be a whole number above 0');
  }
  if (link.type === 'bond') {
    const members = link.bond_links;
    ensure(Array.isArray(members) && members.length > 0, `${path}.bond_links`, 'must be a list of ids of links');
    for (const [at, member] of (members as unknown[]).entries()) {
      ensure(links.get(member as string)?.type !== 'bond', `${path}.bond_links[${at}]`, 'must not be a bond');
      checkTarget(member, `${path}.bond_links[${at}]`, links);
    }
    if (link.ethernet_mac_address !== undefined) checkMac(link, 'ethernet_mac_address', path);
    return;
  }
  if (link.type !== 'vlan') return checkMac(link, 'ethernet_mac_address', path);
  checkTarget(link.vlan_link, `${path}.vlan_link`, links);
  ensure(links.get(link.vlan_link as string)?.type !== 'vlan', `${path}.vlan_link`, 'must not be a VLAN');
  const id = textOfScalar(link.vlan_id);
  const isId = /^\d{1,4}$/.test(id) && Number(id) >= 1 && Number(id) <= 4094;
  ensure(isId, `${path}.vlan_id`, 'must be a number from 1 to 4094');
  checkMac(link, 'vlan_mac_address', path);
}

function checkNetwork(network: Entry, path: string, links: ReadonlyMap<string, Entry>): void {
  checkTarget(network.link, `${path}.link`, links);
  const isOfFamily = STATIC_TYPES.get(network.type as string);
  if (isOfFamily) {
    const [address, prefix, ...more] = textOf(network, 'ip_address', path).split('/');
    const isRight = isOfFamily(address) && !address.includes('%') && more.length === 0;
    const what = `must be an ${isOfFamily === isIPv4 ? 'IPv4' : 'IPv6'} address because the type is ${network.type as string}`;
    ensure(isRight && (prefix === undefined || isNetmask(prefix)), `${path}.ip_address`, what);
  }
  checkOptional(network, 'netmask', path, isNetmask, 'a netmask');
  checkOptional(network, 'gateway', path, isAddress, 'an IP address');
  const { dns_nameservers: servers } = network;
  if (servers !== undefined) {
    const list: unknown[] = Array.isArray(servers) ? servers : [servers];
    ensure(list.every(isAddress), `${path}.dns_nameservers`, 'must hold IP addresses');
  }
  if (network.services !== undefined) checkServices(network, `${path}.`);
  if (network.routes === undefined) return;
  for (const [at, route] of entriesOf(network, 'routes', `${path}.`).entries()) {
    const place = `${path}.routes[${at}]`;
    const [address, prefix] = textOf(route, 'network', place).split('/', 2);
    ensure(
      isAddress(address) && (prefix === undefined || isNetmask(prefix)),
      `${place}.network`,
      'must be an IP address',
    );
    checkOptional(route, 'netmask', place, isNetmask, 'a netmask');
    checkOptional(route, 'gateway', place, isAddress, 'an IP address');
    if (route.services !== undefined) checkServices(route, `${place}.`);
  }
}

function checkServices(owner: Entry, prefix: string): void {
  for (const [at, service] of entriesOf(owner, 'services', prefix).entries()) {
    const path = `${prefix}services[${at}]`;
    const isDns = textOf(service, 'type', path) === 'dns';
    if (isDns || service.address !== undefined) {
      ensure(isAddress(service.address), `${path}.address`, 'must be an IP address');
    }
  }
}

function entriesOf(owner: Entry, name: string, prefix: string): readonly Entry[] {
  const list = owner[name];
  ensure(Array.isArray(list), `${prefix}${name}`, 'is required and must be a list');
  const at = (list as unknown[]).findIndex((each) => !isEntry(each));
  ensure(at < 0, `${prefix}${name}[${at}]`, 'must be an object');
  return list as Entry[];
}

function textOf(entry: Entry, name: string, path: string): string {
  const value = entry[name];
  ensure(typeof value === 'string' && value !== '', `${path}.${name}`, 'is required and must be text');
  return value as string;
}

function checkTarget(id: unknown, path: string, links: ReadonlyMap<string, Entry>): void {
  ensure(typeof id === 'string' && links.has(id), path, 'must be the id of an entry of links');
}

function checkMac(link: Entry, name: string, path: string): void {
  const value = link[name];
  ensure(
    typeof value === 'string' && MAC.test(value),
    `${path}.${name}`,
    'must be a MAC address, as in fa:16:3e:00:00:01',
  );
}

function checkOptional(
  entry: Entry,
  name: string,
  path: string,
  isRight: (value: unknown) => boolean,
  what: string,
): void {
  const value = entry[name];
  if (value !== undefined && value !== null) ensure(isRight(value), `${path}.${name}`, `must be ${what}`);
}

const isAddress = (value: unknown): boolean => typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');

/** A prefix length, or a mask whose ones stand before its zeros. */
function isNetmask(value: unknown): boolean {
  const text = textOfScalar(value);
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 128;
  if (isIPv4(text)) {
    const bits = text.split('.').map((each) => Number(each).toString(2).padStart(8, '0'));
    return /^1*0*$/.test(bits.join(''));
  }
  return isIPv6(text) && /^[fec80:]+$/i.test(text);
}

function ensure(holds: boolean, path: string, what: string): void {
  if (!holds) throw new Flaw(`${path} ${what}.`);
}

/** A number or text as text; empty for anything else, which may have no toString. */
const textOfScalar = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
