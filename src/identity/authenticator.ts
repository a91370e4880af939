import type { ApiRequest } from '../http/api-request.js';
import type { Caller } from '../domain/caller.js';

/** Determines the caller of a request. Each AUTH_MODE has one. */
export interface Authenticator {
  /** The caller. Throws a DomainError of kind `unauthenticated`, or `unavailable` if the caller cannot be determined now. */
  authenticate(request: ApiRequest): Promise<Caller> | Caller;
  /** Throws unless the services that it depends on are available; absent if there are none. */
  check?(): Promise<void>;
  /** Hits and misses of the token cache since the start. */
  cacheUse?(): { readonly hits: number; readonly misses: number };
}

/** Injection token of the {@link Authenticator} in force. */
export const AUTHENTICATOR = Symbol('Authenticator');
