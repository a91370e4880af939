// Run by the build, in the checkout: makes dist/empty-database.tar.gz unless it is newer than all that it depends on.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../config/config.js';
import { dataSourceOptions, embeddedDirectory } from '../data-source.js';
import { openDataSource } from '../open-data-source.js';
import { EMPTY_DATABASE } from './empty-database.js';

const WAL_PAGE_BYTES = 8192;

const SOURCES = ['package-lock.json', ...readdirSync('migrations').map((name) => join('migrations', name))];

if (!isCurrent()) {
  rmSync(EMPTY_DATABASE, { force: true });
  await make();
}

function isCurrent(): boolean {
  if (!existsSync(EMPTY_DATABASE)) return false;
  const made = statSync(EMPTY_DATABASE).mtimeMs;
  return SOURCES.every((path) => statSync(path).mtimeMs < made);
}

async function make(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-empty-'));
  try {
    const config = readConfig({ DATA_DIR: dataDir, AUTH_MODE: 'none', EMBEDDED_FSYNC: 'off' });
    const directory = embeddedDirectory(config);
    const source = await openDataSource(dataSourceOptions(config));
    await source.runMigrations();
    // Two thirds of the files are of databases that others could be made of, and the service makes none.
    await source.query('UPDATE pg_database SET datistemplate = false');
    for (const name of ['template0', 'template1']) await source.query(`DROP DATABASE ${name}`);
    await source.destroy();
    for (const name of readdirSync(join(directory, 'pg_wal'))) cutZeros(join(directory, 'pg_wal', name));
    execFileSync('tar', ['-czf', EMPTY_DATABASE, '--format=ustar', '-C', directory, '.']);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Removes the empty pages at the end of a WAL file. PostgreSQL reads none of them after a clean stop, and the archive is half as large. */
function cutZeros(path: string): void {
  if (!statSync(path).isFile()) return;
  const pages = readFileSync(path);
  const end = pages.findLastIndex((byte) => byte !== 0) + 1;
  truncateSync(path, Math.ceil(end / WAL_PAGE_BYTES) * WAL_PAGE_BYTES);
}
