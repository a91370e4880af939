import 'reflect-metadata';
import { DataSource } from 'typeorm';
import type { Config } from '../../config/config.js';
import { dataSourceOptions } from '../../persistence/data-source.js';
import { DirectoryInUse } from '../../persistence/embedded/directory-lock.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/** Lets `use` work with the database of the service. Throws CliError where it cannot be used. */
export async function withDatabase<T>(config: Config, use: (database: DataSource) => Promise<T>): Promise<T> {
  const database = new DataSource(dataSourceOptions(config));
  try {
    await database.initialize();
    return await use(database);
  } catch (error) {
    if (error instanceof DirectoryInUse) throw new CliError(error.message, EXIT.failed, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !/^(E[A-Z]+|08\w{3}|28\w{3}|3D000|57P03)$/.test(code)) throw error;
    throw new CliError(`The database cannot be used (${code}); see that DATABASE_URL is right.`, EXIT.unreachable, {
      cause: error,
    });
  } finally {
    if (database.isInitialized) await database.destroy();
  }
}
