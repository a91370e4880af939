import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IP address in its one canonical form, so that equal addresses are equal texts: IPv6 in short lower case, an IPv4 address
 * mapped into IPv6 as the IPv4 address that it is, and without the zone of a link-local one. Undefined where it is none.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const address = new URL(`http://[${text.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (!mapped) return address;
  const [high, low] = mapped.slice(1).map((each) => parseInt(each, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * The addresses that count as one client: an IPv4 address alone, and of IPv6 the network of this many bits, which one client has
 * whole (RFC 6177). What is no address stays as it is.
 */
export function addressGroup(text: string, bits: 48 | 64 = 64): string {
  const address = canonicalAddress(text);
  if (address === undefined || isIPv4(address)) return address ?? text;
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = tail ? [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail] : head;
  return `${groups.slice(0, bits / 16).join(':')}::/${bits}`;
}
