import { BlockList, isIPv6 } from 'node:net';
import { canonicalAddress } from '../domain/ip-address.js';

/** The peers whose X-Forwarded-For is believed. */
export class TrustedPeers {
  private readonly networks = new BlockList();

  /** `written` are addresses and networks, as TRUSTED_PROXIES holds them. Throws where one is neither. */
  constructor(written: readonly string[]) {
    for (const each of written.flatMap((one) => NAMED[one] ?? [one])) {
      const [address, bits] = each.split('/', 2);
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.networks.addAddress(address, family);
      else this.networks.addSubnet(address, Number(bits), family);
    }
  }

  /** `address` is canonical. The setting names no zones. */
  include(address: string): boolean {
    return this.networks.check(address.split('%', 1)[0], isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  /**
   * The address that a request comes from: that of the connection, or where the peer is trusted the last one in the
   * X-Forwarded-For list that is not. Undefined where an untrusted peer sends such a list, or the list holds no address there.
   */
  origin(peer: string, forwardedFor: string | undefined): string | undefined {
    const address = canonicalAddress(peer);
    if (address === undefined || forwardedFor === undefined) return address;
    if (!this.include(address)) return undefined;
    const hops = forwardedFor.split(',').map((each) => canonicalAddress(each.trim()));
    const untrusted = hops.findLastIndex((each) => each === undefined || !this.include(each));
    return untrusted < 0 ? hops[0] : hops[untrusted];
  }
}

/** The names that Fastify, which reads the same setting for the API, has for networks. */
const NAMED: Record<string, string[]> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};
