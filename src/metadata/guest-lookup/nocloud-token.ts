import { hash, randomBytes } from 'node:crypto';

/** 32 bytes in base64url; no id of a guest has this length. */
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, which cannot be guessed, so that their SHA-256 is all that has to be stored. */
export function newNoCloudToken(): { readonly token: string; readonly sha256: Buffer } {
  const token = randomBytes(32).toString('base64url');
  return { token, sha256: sha256Of(token) };
}

/** A path with a token, such as `nocloud/TOKEN/ID/meta-data`, taken apart. */
export interface TokenPath {
  /** The key of the lookup. A client cannot choose a digest, so the time of the lookup reveals nothing of a token. */
  readonly sha256: Buffer;
  /** The path without the token. */
  readonly path: readonly string[];
}

/** Undefined for every other path. */
export function readTokenPath([tree, token, ...rest]: readonly string[]): TokenPath | undefined {
  if (tree !== 'nocloud' || token === undefined || !TOKEN_FORM.test(token)) return undefined;
  return { sha256: sha256Of(token), path: [tree, ...rest] };
}

const sha256Of = (token: string): Buffer => hash('sha256', token, 'buffer');
