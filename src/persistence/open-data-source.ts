import { DataSource, type DataSourceOptions } from 'typeorm';
import { describeDatabaseError } from './describe-database-error.js';

/** No PostgreSQL can be used as DATABASE_URL has it. */
export class DatabaseUnusable extends Error {
  constructor(cause: unknown) {
    super(`The database cannot be used: ${describeDatabaseError(cause)}. See that DATABASE_URL is right.`, { cause });
    this.name = 'DatabaseUnusable';
  }
}

/** Connects. Throws {@link DatabaseUnusable}, and of the embedded database whatever is the matter. */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const isEmbedded = !('url' in options);
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    throw isEmbedded || error instanceof TypeError ? error : new DatabaseUnusable(error);
  }
}
