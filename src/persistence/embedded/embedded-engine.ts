import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';
import { lockDirectory } from './directory-lock.js';

/** PGlite's `dataDir` for a database that is gone with the process. */
export const IN_MEMORY = 'memory://';

/** Most of PGlite's memory is PostgreSQL's buffer pool, 128 MB unless told. The system caches the files anyway. */
const SETTINGS = ['shared_buffers=4MB'];

/** PostgreSQL in this process, and the way to close it. */
export interface EmbeddedEngine {
  readonly database: PGlite;
  close(): Promise<void>;
}

/** Directories that this process is closing: whoever opens one again waits. */
const closing = new Map<string, Promise<void>>();

/** Opens the database in a directory, making it first if need be. Throws DirectoryInUse. */
export async function openEngine(directory: string): Promise<EmbeddedEngine> {
  if (directory === IN_MEMORY) {
    const database = await run(IN_MEMORY);
    return { database, close: () => database.close() };
  }
  await closing.get(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(directory);
  try {
    if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(directory);
    const database = await run(directory);
    return {
      database,
      close: async () => {
        const closed = closeAndUnlock(database, unlock);
        closing.set(directory, closed);
        await closed;
        closing.delete(directory);
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** The engine is loaded when there is something to run, not for a service on PostgreSQL. */
async function run(dataDir: string): Promise<PGlite> {
  const engine = await import('@electric-sql/pglite');
  return engine.PGlite.create({ dataDir, postgresqlconf: SETTINGS });
}

async function closeAndUnlock(database: PGlite, unlock: () => Promise<void>): Promise<void> {
  try {
    await database.close();
  } finally {
    await unlock();
  }
}

/** Making a database takes some 800 MB once: a process of its own gives them back. */
async function initialise(directory: string): Promise<void> {
  const script = `
    import { PGlite } from ${JSON.stringify(import.meta.resolve('@electric-sql/pglite'))};
    const database = await PGlite.create({ dataDir: process.argv[1] });
    await database.close();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, directory]);
}
