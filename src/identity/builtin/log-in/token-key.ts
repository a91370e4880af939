import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makePrivately } from '../../../files/private-file.js';

/** Bytes of a key for HS256 (RFC 7518, 3.2). */
const LENGTH = 32;

/** The key file holds something else. */
export class InvalidTokenKey extends Error {
  constructor() {
    super(`must hold ${LENGTH} random bytes in base64, as "openssl rand -base64 ${LENGTH}" makes them`);
    this.name = 'InvalidTokenKey';
  }
}

/**
 * The key that tokens are signed with, created if missing. It survives restarts, and replicas share the file; without it all
 * issued tokens are invalid. Throws {@link InvalidTokenKey}, or the error of the file system.
 */
export function tokenKey(path: string): Buffer {
  return readKey(path) ?? makeKey(path);
}

function readKey(path: string): Buffer | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    const key = Buffer.from(text, 'base64');
    if (key.length !== LENGTH || key.toString('base64') !== text) throw new InvalidTokenKey();
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function makeKey(path: string): Buffer {
  makePrivately(path, `${randomBytes(LENGTH).toString('base64')}\n`);
  return readKey(path)!;
}
