import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { readConfig } from '../../src/config/config.js';
import { dataSourceOptions } from '../../src/persistence/data-source.js';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

const TABLE_BEFORE_TYPES = 'CreateKeypairs1767225600000';

let database: TestDatabase;
let source: DataSource;

beforeEach(async () => {
  database = await testDatabase();
  source = await new DataSource(dataSourceOptions(readConfig(database.environment))).initialize();
});

afterEach(async () => {
  await source.destroy();
  await database.remove();
});

/** Migrates up to and including one migration. */
async function migrateTo(name: string): Promise<void> {
  const all = source.migrations;
  const last = all.findIndex((migration) => (migration.name ?? migration.constructor.name) === name);
  (source as { migrations: typeof all }).migrations = all.slice(0, last + 1);
  await source.runMigrations();
  (source as { migrations: typeof all }).migrations = all;
}

describe('keypairs from before key types existed', () => {
  it('become ssh, and nothing else about them changes', async () => {
    await migrateTo(TABLE_BEFORE_TYPES);
    await source.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key, created_at)
       VALUES ('alice', 'laptop', '5e:b8', E'ssh-ed25519 AAAA alice\\n', '2014-12-03T01:02:03.456789'), ('bob', 'Büro', 'a1:b2', 'x', now())`,
    );
    const before = await source.query('SELECT * FROM key_pairs ORDER BY user_id');
    await source.runMigrations();
    const after = await source.query('SELECT * FROM key_pairs ORDER BY user_id');
    const added = {
      create_id: null,
      sha256: null,
      version: null,
      expires_at: null,
      delete_protected: null,
      created_by: null,
    };
    expect(after).toEqual(before.map((row: object) => ({ ...row, type: 'ssh', ...added })));
  });

  it('stay in place on disk: a large table is not rewritten', async () => {
    await migrateTo(TABLE_BEFORE_TYPES);
    await source.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
       SELECT 'user-' || i / 10, 'key-' || i, 'f', repeat('k', 300) FROM generate_series(1, 50000) AS i`,
    );
    const file = `SELECT pg_relation_filenode('key_pairs') AS file, (SELECT xmin FROM key_pairs LIMIT 1) AS written`;
    const before = await source.query(file);
    await source.runMigrations();
    expect(await source.query(file)).toEqual(before);
    expect(await source.query(`SELECT count(*)::int AS ssh FROM key_pairs WHERE type = 'ssh'`)).toEqual([
      { ssh: 50_000 },
    ]);
  });
});

describe('reverting to before key types existed', () => {
  /** Reverts migrations until the type column is gone. */
  async function revertTypes(): Promise<void> {
    const types = `SELECT FROM pg_attribute WHERE attrelid = 'key_pairs'::regclass AND attname = 'type'`;
    while ((await source.query<object[]>(types)).length > 0) await source.undoLastMigration();
  }

  it('works while all keypairs are SSH keypairs', async () => {
    await source.runMigrations();
    await source.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key) VALUES ('alice', 'a', 'f', 'k')`,
    );
    await revertTypes();
    expect(await source.query(`SELECT name FROM key_pairs`)).toEqual([{ name: 'a' }]);
    await expect(source.query(`SELECT type FROM key_pairs`)).rejects.toThrow('column "type" does not exist');
  });

  it('is refused with a reason while there is a certificate, and loses nothing', async () => {
    await source.runMigrations();
    await source.query(
      `INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key) VALUES ('alice', 'win', 'x509', 'f', 'k')`,
    );
    await expect(revertTypes()).rejects.toThrow('1 keypairs are x509 and cannot be kept without the type column');
    expect(await source.query(`SELECT name, type FROM key_pairs`)).toEqual([{ name: 'win', type: 'x509' }]);
  });
});

describe('the migrations', () => {
  it('make the tables that the entities describe', async () => {
    await source.runMigrations();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('can be reverted to an empty database and run again', async () => {
    const done = await source.runMigrations();
    for (const _ of done) await source.undoLastMigration();
    expect(
      await source.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`),
    ).toEqual([]);
    await source.runMigrations();
    expect(await source.query('SELECT count(*)::int AS migrations FROM migrations')).toEqual([
      { migrations: done.length },
    ]);
  });

  it('order names by their bytes, whatever the collation of the database', async () => {
    await source.runMigrations();
    await source.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
       SELECT 'alice', name, 'f', 'k' FROM unnest(ARRAY['b', 'a', 'B', 'ä', '-', '_', '日']) AS name`,
    );
    const rows = await source.query<{ name: string }[]>('SELECT name FROM key_pairs ORDER BY name');
    expect(rows.map(({ name }) => name)).toEqual(['-', 'B', '_', 'a', 'b', 'ä', '日']);
  });
});
