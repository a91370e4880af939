import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import type { Config } from '../../config/config.js';
import { dataSourceOptions } from '../../persistence/data-source.js';
import { describeDatabaseError } from '../../persistence/describe-database-error.js';
import { DirectoryInUse } from '../../persistence/embedded/directory-lock.js';
import { UnusableDirectory } from '../../persistence/embedded/embedded-engine.js';
import { MigrationCheck, MigrationsMissing } from '../../persistence/migration-check.js';
import { DatabaseUnusable, openDataSource } from '../../persistence/open-data-source.js';
import { CliError, EXIT } from '../cli-error.js';

/** Calls `use` with the database of the service. Throws CliError if it cannot be used. */
export async function withDatabase<T>(config: Config, use: (database: DataSource) => Promise<T>): Promise<T> {
  let database: DataSource | undefined;
  try {
    database = await openDataSource(dataSourceOptions(config));
    return await use(database);
  } catch (error) {
    if (error instanceof DirectoryInUse || error instanceof UnusableDirectory)
      throw new CliError(error.message, EXIT.failed, { cause: error });
    if (error instanceof DatabaseUnusable) throw new CliError(error.message, EXIT.unreachable, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !/^(E[A-Z]+|08\w{3}|57P\w{2})$/.test(code)) throw error;
    throw new CliError(`The database went away: ${describeDatabaseError(error)}.`, EXIT.unreachable, { cause: error });
  } finally {
    await database?.destroy();
  }
}

/** Migrates as the start of the service does: an external database only with MIGRATE_ON_START. */
export async function requireMigrated(database: DataSource, config: Config): Promise<void> {
  try {
    await new MigrationCheck(database, config).onModuleInit();
  } catch (cause) {
    if (!(cause instanceof MigrationsMissing)) throw cause;
    throw new CliError('The database is not up to date; run "latchkey migrate run" first.', EXIT.failed, { cause });
  }
}
