import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { EmbeddedConnection } from '../../src/persistence/embedded/embedded-connection.js';
import { UnusableDirectory } from '../../src/persistence/embedded/embedded-engine.js';
import { putEmptyDatabase } from '../support/template.js';

// A busy machine takes its time to start an engine.
jest.setTimeout(240_000);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'latchkey-durability-'));
  putEmptyDatabase(home);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(home, { recursive: true, force: true });
});

/** A session of the embedded database in a directory. */
async function open(directory: string, isSynced = true): Promise<Client> {
  const stream = (): EmbeddedConnection => new EmbeddedConnection(directory, isSynced);
  const client = new Client({ user: 'postgres', database: 'postgres', stream });
  await client.connect();
  return client;
}

/** A table of rows and a counter of them, raised in the statement that adds a row, like that of keypairs. */
const TABLES = `CREATE TABLE rows (name text PRIMARY KEY, padding text); CREATE TABLE counter (used bigint); INSERT INTO counter VALUES (0)`;
const ADD = `WITH added AS (INSERT INTO rows VALUES ($1, repeat('x', 500)) RETURNING 1) UPDATE counter SET used = used + 1`;

describe('EMBEDDED_FSYNC', () => {
  it.each([
    ['on', true, 100],
    ['off', false, 0],
  ])('%s waits for the disk the documented number of times in a hundred inserts', async (_, isSynced, expected) => {
    const client = await open(join(home, 'database'), isSynced);
    await client.query(TABLES);
    const synced = jest.spyOn(fs, 'fsyncSync');
    for (let row = 0; row < 100; row += 1) await client.query(ADD, [`row ${row}`]);
    const calls = synced.mock.calls.length;
    synced.mockRestore();
    await client.end();
    expect(calls).toBe(expected);
  });
});

describe('a directory that cannot be opened', () => {
  it.each([
    ['without its control file', (directory: string) => rmSync(join(directory, 'global/pg_control'))],
    ['with an empty control file', (directory: string) => writeFileSync(join(directory, 'global/pg_control'), '')],
    ['without its log', (directory: string) => rmSync(join(directory, 'pg_wal'), { recursive: true })],
    ['of another version', (directory: string) => writeFileSync(join(directory, 'PG_VERSION'), '9.6\n')],
    ['without PG_VERSION', (directory: string) => rmSync(join(directory, 'PG_VERSION'))],
  ])('%s is recognised, with what to do', async (_, damage) => {
    const directory = join(home, 'database');
    damage(directory);
    const failure: unknown = await open(directory).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnusableDirectory);
    expect((failure as Error).message).toContain(directory);
    expect((failure as Error).message).toContain('Restore the directory from a backup');
  });
});
