import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MigrationExecutor } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { dataSourceOptions, withoutPooler } from './data-source.js';

/** The schema of the database is older than this version of the service. */
export class MigrationsMissing extends Error {
  constructor(names: readonly string[]) {
    super(
      `The database lacks ${names.length} migrations: ${names.join(', ')}. ` +
        'Run "npm run migration:run" with the same DATABASE_URL, or start with MIGRATE_ON_START=true.',
    );
    this.name = 'MigrationsMissing';
  }
}

/** An arbitrary number that every replica uses. */
const MIGRATION_LOCK = 8_774_092;
/** SQLSTATE undefined_table. */
const UNDEFINED_TABLE = '42P01';

const APPLIED = { name: 'migrations-applied', text: 'SELECT name FROM migrations ORDER BY id' };

/** Migrates the embedded database at start, and an external one with MIGRATE_ON_START; without it checks that it is migrated. */
@Injectable()
export class MigrationCheck implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    if (this.config.databaseUrl === undefined) {
      await this.dataSource.runMigrations();
    } else if (this.config.migrateOnStart) {
      await this.migrateAlone();
    } else {
      const missing = await this.missing();
      if (missing.length > 0) throw new MigrationsMissing(missing);
    }
  }

  /** Several replicas may start at once: one migrates, the others wait and find nothing left to do. */
  private async migrateAlone(): Promise<void> {
    // In transaction mode a pooler grants the lock twice, and passes the changed timeout on to the next client.
    const direct = withoutPooler(this.config);
    const source =
      direct === this.config ? this.dataSource : await new DataSource(dataSourceOptions(direct)).initialize();
    const guard = source.createQueryRunner();
    try {
      await guard.query('SET statement_timeout = 0');
      await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      const executor = new MigrationExecutor(source, guard);
      executor.transaction = 'each';
      await executor.executePendingMigrations();
      await guard.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await guard.query('RESET statement_timeout');
    } finally {
      await guard.release();
      if (source !== this.dataSource) await source.destroy();
    }
  }

  /** The names of the migrations that the database lacks; `query` replaces the way the statement is run. */
  async missing(query?: QueryNames): Promise<string[]> {
    const names = new Set(await appliedMigrations(this.dataSource, query));
    return this.dataSource.migrations
      .map((migration) => migration.name ?? migration.constructor.name)
      .filter((name) => !names.has(name));
  }
}

type QueryNames = (statement: typeof APPLIED) => Promise<readonly { readonly name: string }[]>;

/** The names of the applied migrations, oldest first. TypeORM's own check would create its table where there is none. */
export async function appliedMigrations(
  database: DataSource,
  query: QueryNames = ({ text }) => database.query(text),
): Promise<string[]> {
  try {
    return (await query(APPLIED)).map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}
