import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A migrated database without rows, for engines in memory. It is created by the build, since that takes nine seconds of CPU. */
export const EMPTY_DATABASE = fileURLToPath(new URL('../../../empty-database.tar.gz', import.meta.url));

/** The archive for PGlite; undefined where nothing was built, as in unit tests. */
export async function readEmptyDatabase(): Promise<Blob | undefined> {
  return existsSync(EMPTY_DATABASE) ? new Blob([gunzipSync(await readFile(EMPTY_DATABASE))]) : undefined;
}
