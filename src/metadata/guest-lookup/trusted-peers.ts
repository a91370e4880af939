import { compile } from '@fastify/proxy-addr';
import { canonicalAddress } from '../../domain/ip-address.js';

/** The peers whose X-Forwarded-For is trusted, by the rule with which Fastify reads TRUSTED_PROXIES for the API. */
export class TrustedPeers {
  private readonly trusts: (address: string, hop: number) => boolean;

  /** `trusted` are addresses and networks, as TRUSTED_PROXIES holds them. Throws where one is neither. */
  constructor(trusted: readonly string[]) {
    this.trusts = compile([...trusted]);
  }

  /** `address` is canonical. The setting names no zones. */
  include(address: string): boolean {
    return this.trusts(address.split('%', 1)[0], 0);
  }

  /**
   * The address that a request comes from: that of the connection, or if the peer is trusted the last untrusted one in the
   * X-Forwarded-For list. Undefined if an untrusted peer sends such a list, or if the list has no address there.
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
