import { hash } from 'node:crypto';

const MAX_BYTES = 2048;
/** Unpadded base64url, in parts with dots between them (RFC 7515, 2): what Fernet tokens, JWS and UUIDs are made of. */
const SAFE = /^[\w-]+(?:\.[\w-]+)*$/;
/** A JWS with HS256. The last of 43 characters holds four bits, so of four spellings of a signature one is canonical (RFC 4648, 3.5). */
const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/;

/** Under what a token is remembered: its hash, so that memory holds no token. Undefined if it cannot be a token of a Keystone. */
export function cacheKey(token: string): string | undefined {
  return token.length <= MAX_BYTES && SAFE.test(token) ? hash('sha256', token, 'base64') : undefined;
}

/** As {@link cacheKey}, for the one spelling of a token that the built-in identity signed. */
export function signedCacheKey(token: string): string | undefined {
  return SIGNED.test(token.slice(0, MAX_BYTES + 1)) ? cacheKey(token) : undefined;
}
