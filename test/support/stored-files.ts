import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The content of all files of a directory, such as those of the embedded database: a character for each byte. */
export const storedFiles = (directory: string): string[] =>
  (readdirSync(directory, { recursive: true }) as string[])
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
