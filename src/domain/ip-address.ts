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
