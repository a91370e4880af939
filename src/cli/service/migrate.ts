import type { DataSource } from 'typeorm';
import { Database } from '../../persistence/database.js';
import { KeypairRecordRepository } from '../../persistence/repositories/keypair-record.repository.js';
import { appliedMigrations } from '../../persistence/migration-check.js';
import type { GlobalOptions } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { withProgress } from '../output/progress.js';
import { showList } from '../output/show.js';
import { commandLineAudit } from './command-line-audit.js';
import { serviceConfig } from './service-config.js';
import { withDatabase } from './with-database.js';

/** Brings the database of the environment up to date. */
export async function runMigrations(options: GlobalOptions): Promise<void> {
  const config = serviceConfig();
  const audit = commandLineAudit(config);
  const done = await working(options, async (database) => {
    const migrations = await database.runMigrations();
    await new KeypairRecordRepository(new Database(database, config, undefined)).fillDigests();
    return migrations;
  });
  audit(done.map(({ name }) => ({ action: 'database.migrate', owner: undefined, name })));
  if (options.quiet) return;
  for (const { name } of done) printMessage(`Migrated: ${name}.`);
  if (done.length === 0) printMessage('The database is up to date.');
}

/** Takes the last migration back. */
export async function revertMigration(options: GlobalOptions): Promise<void> {
  const audit = commandLineAudit(serviceConfig());
  const last = await working(options, async (database) => {
    const name = (await appliedMigrations(database)).at(-1);
    if (name === undefined) return undefined;
    await database.undoLastMigration();
    audit([{ action: 'database.revert', owner: undefined, name }]);
    return name;
  });
  if (!options.quiet) printMessage(last === undefined ? 'There is no migration to take back.' : `Taken back: ${last}.`);
}

/** Shows which migrations the database has. */
export async function showMigrations(options: GlobalOptions): Promise<void> {
  const rows = await working(options, async (database) => {
    const done = new Set(await appliedMigrations(database));
    return database.migrations
      .map((migration) => migration.name ?? migration.constructor.name)
      .map((name) => ({ Migration: name, Applied: done.has(name) ? 'yes' : 'no' }));
  });
  await showList(['Migration', 'Applied'], rows, options);
}

/** Shows on a terminal that the work goes on. */
function working<T>({ quiet }: GlobalOptions, use: (database: DataSource) => Promise<T>): Promise<T> {
  return withProgress('Working on the database', () => withDatabase(serviceConfig(), use), quiet);
}
