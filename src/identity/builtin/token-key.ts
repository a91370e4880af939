import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

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
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(LENGTH).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // If replicas start at once, one creates the file, and the others find it complete.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readKey(path)!;
}
