import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { canonicalAddress } from '../domain/ip-address.js';

/** The webhook has no permitted address. Deliveries show the code. */
export class AddressRefused extends Error {
  readonly code = 'address-refused';

  constructor(host: string) {
    super(`${host} is no public address`);
    this.name = 'AddressRefused';
  }
}

/** IPv4 networks that are not on the public Internet (IANA's registry of special-purpose addresses), and multicast. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * Of IPv6, only this network is in public use: loopback, link-local, unique local and multicast addresses are outside it, and so are the
 * forms that hold an IPv4 address, but for 6to4 and Teredo.
 */
const PUBLIC_IPV6 = ['2000::/3'];
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split('/');
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
};
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const NOT_PUBLIC = listOf([...NOT_PUBLIC_IPV4, ...NOT_PUBLIC_IPV6]);
const PUBLIC = listOf(['0.0.0.0/0', ...PUBLIC_IPV6]);

/** All addresses of a host, as `lookup` of node:dns/promises finds them. */
export type Resolver = (
  host: string,
  options: { readonly all: true; readonly family?: number },
) => Promise<{ readonly address: string; readonly family: number }[]>;

/** Decides which addresses webhooks may have, and connects to no others, so that no user reaches internal networks through the service. */
export class PublicAddresses {
  private readonly permitted: BlockList;

  constructor(
    /** Networks in CIDR notation that are permitted as well. */
    networks: readonly string[],
    private readonly resolve: Resolver = systemLookup,
  ) {
    this.permitted = listOf(networks);
  }

  /** Throws {@link AddressRefused} for a URL with an address in place of a name, for which no {@link lookup} is made. */
  requireHost({ hostname }: URL): void {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) > 0 && !this.isPermitted(host)) throw new AddressRefused(hostname);
  }

  /**
   * Finds the permitted addresses of a host, for node:net, which connects to one of them: another answer of the resolver at another moment
   * changes nothing (DNS rebinding).
   */
  readonly lookup: LookupFunction = (host, options, callback) => {
    const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
    const found = this.resolve(host, { all: true, family }).then((addresses) => {
      const permitted = addresses.filter(({ address }) => this.isPermitted(address));
      if (permitted.length === 0) throw new AddressRefused(host);
      return permitted;
    });
    found.then(
      (addresses) =>
        options.all === true ? callback(null, addresses) : callback(null, addresses[0].address, addresses[0].family),
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };

  private isPermitted(text: string): boolean {
    // A link-local address may have a zone; one mapped from IPv4 is that address.
    const address = canonicalAddress(text.replace(/%.*$/, ''));
    if (address === undefined) return false;
    const family = familyOf(address);
    if (this.permitted.check(address, family)) return true;
    return PUBLIC.check(address, family) && !NOT_PUBLIC.check(address, family);
  }
}
