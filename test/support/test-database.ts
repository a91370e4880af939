import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { emptyDataDir } from './template.js';

/** Where a suite keeps its rows: an embedded database of its own, or a new one on the PostgreSQL of DATABASE_URL. */
export interface TestDatabase {
  /** The settings for it. */
  readonly environment: {
    readonly DATA_DIR: string;
    readonly DATABASE_URL?: string;
    readonly MIGRATE_ON_START?: string;
    /** A busy machine may pause a test longer than operators let requests wait. */
    readonly DB_TIMEOUT_MS?: string;
    readonly EMBEDDED_FSYNC?: string;
  };
  remove(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.DATABASE_URL;
  if (!server) {
    const { dataDir, remove } = emptyDataDir();
    // No test cuts the power, and a busy disk takes its time.
    return { environment: { DATA_DIR: dataDir, EMBEDDED_FSYNC: 'off' }, remove: async () => remove() };
  }

  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  const name = `latchkey_test_${randomBytes(6).toString('hex')}`;
  await asAdministrator(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return {
    environment: { DATA_DIR: dataDir, DATABASE_URL: url.href, MIGRATE_ON_START: 'true', DB_TIMEOUT_MS: '60000' },
    remove: async () => {
      rmSync(dataDir, { recursive: true, force: true });
      await asAdministrator(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function asAdministrator(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
