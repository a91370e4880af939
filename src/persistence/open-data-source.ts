import { DataSource, type DataSourceOptions } from 'typeorm';
import { describeDatabaseError } from './describe-database-error.js';

/** The database of DATABASE_URL cannot be used. */
export class DatabaseUnusable extends Error {
  constructor(cause: unknown) {
    super(`The database cannot be used: ${describeDatabaseError(cause)}. See that DATABASE_URL is right.`, { cause });
    this.name = 'DatabaseUnusable';
  }
}

/** Connects. Throws {@link DatabaseUnusable}; errors of the embedded database are thrown as they are. */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const isEmbedded = !('url' in options);
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    throw isEmbedded || error instanceof TypeError ? error : new DatabaseUnusable(error);
  }
}
