import type { ApiRequest } from '../http/api-request.js';
import type { Caller } from '../domain/caller.js';

/** Finds out who sends a request. Each AUTH_MODE is one. */
export interface Authenticator {
  /** The caller. Throws a DomainError of kind `unauthenticated`, or `unavailable` where it cannot be found out now. */
  authenticate(request: ApiRequest): Promise<Caller> | Caller;
  /** Sees whether others that it needs are there. Throws where they are not; without it nobody else is needed. */
  check?(): Promise<void>;
  /** Tokens that were known already, and those that had to be asked about, since the start. */
  cacheUse?(): { readonly hits: number; readonly misses: number };
}

/** Injection token of the {@link Authenticator} in force. */
export const AUTHENTICATOR = Symbol('Authenticator');
