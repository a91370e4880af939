import fs from 'node:fs';
import { dirname, join } from 'node:path';

/** Brings a file or the entries of a directory to the disk. */
export function syncPath(path: string): void {
  const file = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Brings the name of a file to the disk, which is in its directory. Windows has no such call. */
export function syncName(path: string): void {
  if (process.platform !== 'win32') syncPath(dirname(path));
}

/** Brings a directory and all that is in it to the disk. */
export function syncTree(directory: string): void {
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    syncPath(join(entry.parentPath, entry.name));
  }
  syncPath(directory);
}
