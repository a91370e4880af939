import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type Config, readConfig } from '../../src/config/config.js';
import { dataSourceOptions } from '../../src/persistence/data-source.js';
import { MigrationCheck, MigrationsMissing } from '../../src/persistence/migration-check.js';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

let database: TestDatabase;
let config: Config;
let source: DataSource;

beforeEach(async () => {
  database = await testDatabase();
  config = readConfig({ AUTH_MODE: 'none', ...database.environment });
  source = await new DataSource(dataSourceOptions(config)).initialize();
});

afterEach(async () => {
  await source.destroy();
  await database.remove();
});

const started = (settings: Partial<Config>): Promise<void> =>
  new MigrationCheck(source, { ...config, ...settings }).onModuleInit();

const tables = (): Promise<object[]> => source.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`);

describe('a start on an external database', () => {
  const databaseUrl = 'postgres://somewhere/nova';

  it('that lacks migrations fails, names them and what to do, and changes nothing', async () => {
    const start = started({ databaseUrl, migrateOnStart: false });
    await expect(start).rejects.toThrow(MigrationsMissing);
    await expect(start).rejects.toThrow(
      /CreateKeypairs1767225600000, AddKeypairType1767225660000.*npm run migration:run/s,
    );
    expect(await tables()).toEqual([]);
  });

  it('that lacks the newest migration fails and names it', async () => {
    await source.runMigrations();
    await source.undoLastMigration();
    await expect(started({ databaseUrl, migrateOnStart: false })).rejects.toThrow('The database lacks 1 migrations');
  });

  it('that is migrated succeeds', async () => {
    await source.runMigrations();
    await expect(started({ databaseUrl, migrateOnStart: false })).resolves.toBeUndefined();
  });
});

describe('a start on the embedded database', () => {
  it('migrates it', async () => {
    await started({ databaseUrl: undefined });
    expect(await source.query('SELECT name FROM key_pairs')).toEqual([]);
  });
});
