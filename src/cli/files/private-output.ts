import { existsSync } from 'node:fs';
import { PrivateFile } from '../../files/private-file.js';
import { CliError, EXIT } from '../cli-error.js';

/** Throws CliError if the path exists. Called before the work, so that no key is generated in vain. */
export function requireFree(path: string, force = false): void {
  if (!force && existsSync(path)) throw fileExistsError(path);
}

/** Writes a file with a secret. Throws CliError. */
export function writePrivateOutput(path: string, content: Uint8Array, force = false): PrivateFile {
  try {
    return PrivateFile.write(path, content, force);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExistsError(path) : unwritable(path, error as Error);
  }
}

function fileExistsError(path: string): CliError {
  return new CliError(`${path} exists already, and was left alone; name another file, or use --force.`, EXIT.conflict);
}

function unwritable(path: string, cause: Error): CliError {
  const { code = cause.message } = cause as NodeJS.ErrnoException;
  return new CliError(`The file ${path} cannot be written (${code}).`, EXIT.failed, { cause });
}
