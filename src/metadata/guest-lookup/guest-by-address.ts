import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import type { GuestCache } from './guest-cache.js';
import { type GuestFinder, headerOf } from './guest-finder.js';
import type { TrustedPeers } from './trusted-peers.js';

/** Headers by which a proxy marks a forwarded request (RFC 9110, RFC 7239, and those of nginx and content networks). */
const FORWARDING = new Set([
  'forwarded',
  'via',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'client-ip',
  'fastly-client-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-remote-addr',
  'x-remote-ip',
]);

const isForwarded = ({ headers }: IncomingMessage): boolean =>
  Object.keys(headers).some((name) => FORWARDING.has(name) || name.startsWith('x-forwarded'));

/** `METADATA_MODE=address`: identifies the guest by the address of the connection. */
export class GuestByAddress implements GuestFinder {
  constructor(
    private readonly guests: GuestCache,
    private readonly trusted: TrustedPeers,
  ) {}

  /**
   * A request that an untrusted peer forwards belongs to no guest, not even to the peer: a proxy on a guest would hand out its
   * metadata to its own clients (OSSN-0074; EC2 refuses such requests too). A trusted proxy must send X-Forwarded-For.
   */
  async find(request: IncomingMessage): Promise<StoredGuest | undefined> {
    const forwardedFor = headerOf(request, 'X-Forwarded-For');
    if (forwardedFor === undefined && isForwarded(request)) return undefined;
    const address = this.trusted.origin(request.socket.remoteAddress ?? '', forwardedFor);
    return address === undefined ? undefined : this.guests.byAddress(address);
  }
}
