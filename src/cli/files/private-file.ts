import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/**
 * A file with a secret. Only its owner may read it, it is on the disk when `write` returns, and it is whole or not there.
 * A file that is replaced stays as it was until `keep`.
 */
export class PrivateFile {
  private constructor(
    readonly path: string,
    private readonly written: string,
  ) {}

  /** Refuses a path where something is already. Look before the work begins, so that nothing is made in vain. */
  static insistFree(path: string, force = false): void {
    if (!force && existsSync(path)) throw taken(path);
  }

  static write(path: string, content: Uint8Array, force = false): PrivateFile {
    const written = force ? join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`) : path;
    try {
      writeNew(written, content);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(path) : unwritable(path, error as Error);
    }
    return new PrivateFile(path, written);
  }

  keep(): void {
    if (this.written !== this.path) renameSync(this.written, this.path);
    syncDirectory(this.path);
  }

  discard(): void {
    rmSync(this.written, { force: true });
  }
}

function writeNew(path: string, content: Uint8Array): void {
  // "x" never follows a link and never takes a file that is there.
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  syncDirectory(path);
}

/** The name of a new file is on the disk when its directory is. Windows has no such call. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function taken(path: string): CliError {
  return new CliError(`${path} exists already, and was left alone; name another file, or use --force.`, EXIT.conflict);
}

function unwritable(path: string, cause: Error): CliError {
  const { code = cause.message } = cause as NodeJS.ErrnoException;
  return new CliError(`The file ${path} cannot be written (${code}).`, EXIT.failed, { cause });
}
