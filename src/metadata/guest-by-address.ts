import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../persistence/guest.repository.js';
import type { GuestCache } from './guest-cache.js';
import { type GuestFinder, headerOf } from './guest-finder.js';
import type { TrustedPeers } from './trusted-peers.js';

/** `METADATA_MODE=address`: the guest is the one with the address that the connection comes from. */
export class GuestByAddress implements GuestFinder {
  constructor(
    private readonly guests: GuestCache,
    private readonly trusted: TrustedPeers,
  ) {}

  /**
   * A request that an untrusted peer says it forwards is no guest's, not even the peer's own: a proxy on a guest would hand
   * out its metadata to whoever asks it (OSSN-0074; EC2 refuses such requests too).
   */
  async find(request: IncomingMessage): Promise<StoredGuest | undefined> {
    const forwardedFor = headerOf(request, 'X-Forwarded-For');
    const address = this.trusted.origin(request.socket.remoteAddress ?? '', forwardedFor);
    return address === undefined ? undefined : this.guests.byAddress(address);
  }
}
