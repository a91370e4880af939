import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { Refusal } from '../refusal.js';

/** Identifies the guest that sends a request. Each METADATA_MODE has one. */
export interface GuestFinder {
  /** Undefined if it is not a registered guest. Throws {@link Refusal}. */
  find(request: IncomingMessage): Promise<StoredGuest | undefined>;
}

/** Injection token of the {@link GuestFinder} in force. */
export const GUEST_FINDER = Symbol('GuestFinder');

/**
 * The value of a header; undefined without one. Throws {@link Refusal} if it is sent twice: a proxy that reads the first value
 * and this service that reads the last would see two guests.
 */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name.toLowerCase()];
  if (values !== undefined && values.length > 1)
    throw new Refusal(400, `Multiple ${name} headers found within request.`);
  return values?.[0];
}
