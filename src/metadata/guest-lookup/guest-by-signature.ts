import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import type { GuestCache } from './guest-cache.js';
import { type GuestFinder, headerOf } from './guest-finder.js';
import { Refusal } from '../refusal.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SIGNATURE = /^[0-9a-f]{64}$/;

/**
 * `METADATA_MODE=neutron`: Neutron's metadata agent names the guest and its project, and signs the guest's id with a secret that
 * it shares with this service.
 */
export class GuestBySignature implements GuestFinder {
  private readonly secrets: readonly KeyObject[];

  constructor(
    private readonly guests: GuestCache,
    secrets: readonly string[],
  ) {
    this.secrets = secrets.map((secret) => createSecretKey(secret, 'utf8'));
  }

  /** Checks the signature before it looks anything up, so that the answer reveals nothing without one. */
  async find(request: IncomingMessage): Promise<StoredGuest | undefined> {
    const id = requireHeader(request, 'X-Instance-ID');
    const projectId = requireHeader(request, 'X-Tenant-ID');
    const signature = headerOf(request, 'X-Instance-ID-Signature');
    if (!this.isSigned(id, signature)) throw new Refusal(403, 'Invalid proxy request signature.');
    if (!UUID.test(id)) return undefined;
    const guest = await this.guests.byId(id.toLowerCase());
    // The project protects against a guest that chooses the network of its port to pass for another guest (CVE-2013-6419).
    return guest?.projectId === projectId ? guest : undefined;
  }

  /** In constant time (CVE-2014-3517), and with every secret, so that the time does not reveal which one matched. */
  private isSigned(id: string, signature: string | undefined): boolean {
    if (signature === undefined || !SIGNATURE.test(signature)) return false;
    const given = Buffer.from(signature, 'hex');
    return this.secrets
      .map((secret) => timingSafeEqual(createHmac('sha256', secret).update(id, 'latin1').digest(), given))
      .includes(true);
  }
}

function requireHeader(request: IncomingMessage, name: string): string {
  const value = headerOf(request, name);
  if (!value) throw new Refusal(400, `${name} header is missing from request.`);
  return value;
}
