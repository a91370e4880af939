import type { IncomingMessage } from 'node:http';
import type { StoredGuest } from '../persistence/guest.repository.js';
import { Refusal } from './refusal.js';

/** Tells which guest sends a request. Each METADATA_MODE is one. */
export interface GuestFinder {
  /** Undefined where it is no guest that is known. Throws {@link Refusal}. */
  find(request: IncomingMessage): Promise<StoredGuest | undefined>;
}

/** Injection token of the {@link GuestFinder} in force. */
export const GUEST_FINDER = Symbol('GuestFinder');

/**
 * The value of a header; undefined without one. Throws {@link Refusal} where it is sent twice: who reads the first and who
 * reads the last, as a proxy and we might, would see two guests.
 */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name.toLowerCase()];
  if (values !== undefined && values.length > 1)
    throw new Refusal(400, `Multiple ${name} headers found within request.`);
  return values?.[0];
}
