import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';
import { syncName, syncTree } from '../../files/sync.js';
import { lockDirectory } from './directory-lock.js';
import { readEmptyDatabase } from './empty-database.js';

/** PGlite's `dataDir` for a database that is lost when the process ends. */
export const IN_MEMORY = 'memory://';

/** Most of PGlite's memory is PostgreSQL's buffer pool, 128 MB by default. The system caches the files anyway. */
const SETTINGS = ['-c', 'shared_buffers=4MB'];
/** PGlite turns synchronisation off by this one (postgres(1)). Of the calls that sync, Emscripten passes fsync alone on. */
const NO_SYNC = '-F';
const SYNC_SETTINGS = ['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];

/** The files of a database cannot be used as they are. */
export class UnusableDirectory extends Error {
  constructor(directory: string, cause: unknown) {
    super(
      `The embedded database in ${directory} cannot be opened: its files are damaged, incomplete or of another version of PostgreSQL. ` +
        'Restore the directory from a backup, or move it away to start with an empty database.',
      { cause },
    );
    this.name = 'UnusableDirectory';
  }
}

/** PostgreSQL in this process, and the way to close it. */
export interface EmbeddedEngine {
  readonly database: PGlite;
  close(): Promise<void>;
}

/** Directories that this process is closing; opening one again waits for that. */
const closing = new Map<string, Promise<void>>();

/**
 * Opens the database in a directory, creating it first if it does not exist; `isSynced` makes what is acknowledged survive a power
 * loss. Throws DirectoryInUse, or {@link UnusableDirectory}.
 */
export async function openEngine(directory: string, isSynced: boolean): Promise<EmbeddedEngine> {
  if (directory === IN_MEMORY) {
    const { PGlite } = await import('@electric-sql/pglite');
    const database = await PGlite.create({
      loadDataDir: await readEmptyDatabase(),
      startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    });
    return { database, close: () => database.close() };
  }
  await closing.get(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(directory);
  try {
    if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(directory);
    const database = await run(directory, isSynced);
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
async function run(directory: string, isSynced: boolean): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  const { SyncedFiles } = await import('./synced-files.js');
  const defaults = PGlite.defaultStartParams;
  try {
    return await PGlite.create(
      isSynced
        ? {
            fs: new SyncedFiles(directory),
            startParams: [...defaults.filter((each) => each !== NO_SYNC), ...SYNC_SETTINGS, ...SETTINGS],
          }
        : { dataDir: directory, startParams: [...defaults, ...SETTINGS] },
    );
  } catch (error) {
    throw new UnusableDirectory(directory, error);
  }
}

async function closeAndUnlock(database: PGlite, unlock: () => Promise<void>): Promise<void> {
  try {
    await database.close();
  } finally {
    await unlock();
  }
}

/**
 * Creating a database takes some 800 MB once: a separate process gives them back. The database is moved to its place once all of it is
 * on the disk, so that it is never there in part.
 */
async function initialise(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const script = `
    import { PGlite } from ${JSON.stringify(import.meta.resolve('@electric-sql/pglite'))};
    const database = await PGlite.create({ dataDir: process.argv[1] });
    await database.close();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, draft]);
  syncTree(draft);
  try {
    renameSync(draft, directory);
  } catch (error) {
    // Files without PG_VERSION among them.
    throw (error as NodeJS.ErrnoException).code === 'ENOTEMPTY' ? new UnusableDirectory(directory, error) : error;
  }
  syncName(directory);
}
