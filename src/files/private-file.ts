import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncName } from './sync.js';

/** Readable and writable by the owner only. */
const PRIVATE = 0o600;

/**
 * A file with a secret. Only its owner may read it, it is on the disk when `write` returns, and it is complete or absent. A file
 * that it replaces is unchanged until `keep`.
 */
export class PrivateFile {
  private constructor(
    readonly path: string,
    private readonly written: string,
  ) {}

  /** Throws the error of the file system: EEXIST for a file that exists, unless `replace` is set. */
  static write(path: string, content: string | Uint8Array, replace = false): PrivateFile {
    const written = replace ? join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`) : path;
    writeNew(written, content);
    return new PrivateFile(path, written);
  }

  keep(): void {
    if (this.written !== this.path) renameSync(this.written, this.path);
    syncName(this.path);
  }

  discard(): void {
    rmSync(this.written, { force: true });
  }
}

/** Writes or replaces a private file: readers see the old text or the new one. */
export function writePrivately(path: string, text: string): void {
  const file = PrivateFile.write(path, text, true);
  try {
    file.keep();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Makes a private file with its directory, unless it exists: of replicas that start at once, one makes it, and it is whole for the others. */
export function makePrivately(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  writeNew(draft, text);
  try {
    linkSync(draft, path);
    syncName(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

function writeNew(path: string, content: string | Uint8Array): void {
  // "x" never follows a link and never takes a file that exists.
  const file = openSync(path, 'wx', PRIVATE);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  syncName(path);
}
