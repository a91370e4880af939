import { isIPv4, isIPv6 } from 'node:net';

/** A link-local address is that of one machine only together with the interface that it is seen on (RFC 4007). */
const LINK_LOCAL = /^fe[89ab]/;
const INTERFACE = /^[A-Za-z0-9._-]{1,15}$/;

/**
 * An IP address in its one canonical form, so that equal addresses are equal texts: IPv6 in short lower case, a link-local one
 * with its zone, and an IPv4 address mapped into IPv6 as the IPv4 address. Undefined where the text is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const at = text.indexOf('%');
  const address = new URL(`http://[${at < 0 ? text : text.slice(0, at)}]`).hostname.slice(1, -1);
  if (at >= 0) {
    const zone = text.slice(at + 1);
    return LINK_LOCAL.test(address) && INTERFACE.test(zone) ? `${address}%${zone}` : undefined;
  }
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (!mapped) return address;
  const [high, low] = mapped.slice(1).map((each) => parseInt(each, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

const MAC_ON_INTERFACE = /^((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(%.*)$/i;

/**
 * An address that a guest is registered with: as for {@link canonicalAddress}, or a MAC address and the interface that faces it,
 * such as `fa:16:3e:00:00:01%br0`, which stands for the link-local address that the guest makes of it (RFC 4291, appendix A).
 */
export function guestAddress(text: string): string | undefined {
  const [, mac, zone] = MAC_ON_INTERFACE.exec(text) ?? [];
  if (mac === undefined) return canonicalAddress(text);
  const [a, b, c, d, e, f] = mac.split(':');
  const universal = (parseInt(a, 16) ^ 2).toString(16);
  return canonicalAddress(`fe80::${universal}${b}:${c}ff:fe${d}:${e}${f}${zone}`);
}

/**
 * The addresses that count as one client: an IPv4 address alone, and of IPv6 the network of this many bits, which one client has
 * whole (RFC 6177). What is no address stays as it is.
 */
export function addressGroup(text: string, bits: 48 | 64 = 64): string {
  const address = canonicalAddress(text);
  if (address === undefined || isIPv4(address)) return address ?? text;
  return `${groupsOf(address)
    .slice(0, bits / 16)
    .join(':')}::/${bits}`;
}

/**
 * A network in CIDR notation, or one address, in canonical form. Undefined for anything else, also with bits set beyond the prefix, which
 * sshd refuses.
 */
export function canonicalNetwork(text: string): string | undefined {
  const [, written, prefix] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = written === undefined ? undefined : canonicalAddress(written);
  if (address === undefined || isIPv4(address) !== isIPv4(written)) return undefined;
  if (prefix === undefined) return address;
  const size = isIPv4(address) ? 32 : 128;
  const bits = Number(prefix);
  if (bits > size) return undefined;
  const isNetwork = (numberOf(address) & ((1n << BigInt(size - bits)) - 1n)) === 0n;
  return isNetwork ? `${address}/${bits}` : undefined;
}

/** A canonical address as a number. */
function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, each) => sum * 256n + BigInt(each), 0n);
  return groupsOf(address).reduce((sum, each) => sum * 65_536n + BigInt(`0x${each}`), 0n);
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(address: string): string[] {
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  return tail ? [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail] : head;
}

/** Whether a canonical address is link-local and has no zone, so that several machines may have it. */
export const lacksZone = (address: string): boolean => LINK_LOCAL.test(address) && !address.includes('%');
