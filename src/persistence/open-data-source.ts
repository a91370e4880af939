import { once } from 'node:events';
import type { Pool } from 'pg';
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
    return await new (isEmbedded ? EmbeddedDataSource : DataSource)(options).initialize();
  } catch (error) {
    throw isEmbedded || error instanceof TypeError ? error : new DatabaseUnusable(error);
  }
}

/**
 * Waits until the embedded engine has shut down. A pool of pg ends before its connections do, and an engine that the end of the
 * process cuts off recovers at its next start, which syncs each of its thousand files twice.
 */
class EmbeddedDataSource extends DataSource {
  override async destroy(): Promise<void> {
    const pool = (this.driver as unknown as { readonly master: Pool }).master;
    const closed = pool.totalCount > 0 ? once(pool, 'remove') : undefined;
    await super.destroy();
    await closed;
  }
}
