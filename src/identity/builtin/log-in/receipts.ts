import type { JWTPayload } from 'jose';
import { signedCacheKey } from '../../token-cache-key.js';
import { tokenMark, type User } from '../directory/directory.js';
import type { IdentityStore } from '../store/identity-store.js';
import { signClaims, verifyClaims } from './signed-claims.js';

/** That a user proved some of the required methods. Times are in seconds since 1970. */
export interface Receipt {
  readonly user: User;
  readonly methods: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface Claims extends JWTPayload {
  readonly methods: string[];
  /** A new password invalidates the receipts too. */
  readonly password: string;
}

/** Keystone's `[receipt] expiration`. */
const LIFETIME_SECONDS = 300;
const TYPE = 'receipt+jwt';

/** Receipts of log-ins that need another method, signed as tokens are. None is a token. */
export class Receipts {
  constructor(
    private readonly store: IdentityStore,
    private readonly key: Uint8Array,
  ) {}

  async issue(user: User, methods: readonly string[]): Promise<[string, Receipt]> {
    const issuedAt = Math.floor(Date.now() / 1000);
    const receipt = { user, methods, issuedAt, expiresAt: issuedAt + LIFETIME_SECONDS };
    const claims = { methods: [...methods], password: tokenMark(user) };
    return [await signClaims(this.key, TYPE, user.id, claims, receipt), receipt];
  }

  /** Undefined if the receipt was changed or has expired, or its user no longer exists or has a new password. */
  async read(text: string): Promise<Receipt | undefined> {
    // One spelling of a signature is valid, as of a token.
    if (signedCacheKey(text) === undefined) return undefined;
    const claims = await verifyClaims<Claims>(this.key, TYPE, text);
    const user = claims && this.store.current().user(claims.sub!);
    if (!user?.enabled || claims!.password !== tokenMark(user)) return undefined;
    return { user, methods: claims!.methods, issuedAt: claims!.iat!, expiresAt: claims!.exp! };
  }
}
