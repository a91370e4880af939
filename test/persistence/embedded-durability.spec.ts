import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** A table of rows and a counter of them, raised in the statement that adds a row, as that of keypairs. */
const TABLES = `CREATE TABLE rows (name text PRIMARY KEY, padding text); CREATE TABLE counter (used bigint); INSERT INTO counter VALUES (0)`;
const ADD = `WITH added AS (INSERT INTO rows VALUES ($1, repeat('x', 500)) RETURNING 1) UPDATE counter SET used = used + 1`;

describe('EMBEDDED_FSYNC', () => {
  it.each([
    ['on', true, 100],
    ['off', false, 0],
  ])('%s waits for the disk as often as it says, for a hundred inserts', async (_, isSynced, expected) => {
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
  ])('%s is told apart, with what to do', async (_, damage) => {
    const directory = join(home, 'database');
    damage(directory);
    const failure: unknown = await open(directory).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnusableDirectory);
    expect((failure as Error).message).toContain(directory);
    expect((failure as Error).message).toContain('Restore the directory from a backup');
  });
});

/**
 * What a disk holds after a power loss at any moment: of each file what was in it when it was last synced, and the names as they were
 * then, since file systems with a journal keep the order of those.
 */
class Disk {
  private readonly contents: string;
  private readonly kept = new Set<number>();
  private names = new Map<string, number>();
  private copies = 0;

  constructor(
    private readonly directory: string,
    private readonly scratch: string,
  ) {
    this.contents = join(scratch, 'contents');
    mkdirSync(this.contents);
    this.names = this.walk();
    for (const [path, inode] of this.names) this.keep(path, inode);
  }

  /** Watches what is synced from now on. */
  watch(): void {
    const { fsyncSync, unlinkSync, renameSync } = fs;
    jest.spyOn(fs, 'fsyncSync').mockImplementation((file) => {
      fsyncSync(file);
      const { ino } = fs.fstatSync(file);
      if (fs.fstatSync(file).isFile()) this.keep(`/proc/self/fd/${file}`, ino);
      this.names = this.walk();
    });
    jest.spyOn(fs, 'unlinkSync').mockImplementation((path) => {
      this.kept.delete(fs.statSync(path).ino);
      unlinkSync(path);
    });
    jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      if (fs.existsSync(to)) this.kept.delete(fs.statSync(to).ino);
      renameSync(from, to);
    });
  }

  /** The directory as it is after a power loss now; of what was not synced `isLost` says whether it is gone. */
  afterPowerLoss(isLost: () => boolean): string {
    this.copies += 1;
    const copy = join(this.scratch, `after-${this.copies}`);
    for (const path of fs.readdirSync(this.directory, { recursive: true, withFileTypes: true })) {
      if (path.isDirectory())
        mkdirSync(join(copy, join(path.parentPath, path.name).slice(this.directory.length)), { recursive: true });
    }
    for (const [path, inode] of this.names) {
      const target = join(copy, path.slice(this.directory.length));
      mkdirSync(dirname(target), { recursive: true });
      if (!isLost() && fs.existsSync(path)) copyFileSync(path, target);
      else if (this.kept.has(inode)) copyFileSync(join(this.contents, String(inode)), target);
      else writeFileSync(target, '');
    }
    return copy;
  }

  private keep(path: string, inode: number): void {
    copyFileSync(path, join(this.contents, String(inode)));
    this.kept.add(inode);
  }

  private walk(): Map<string, number> {
    const files = fs.readdirSync(this.directory, { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return new Map(paths.map((path) => [path, fs.statSync(path).ino]));
  }
}

function everyOther(): () => boolean {
  let isLost = false;
  return () => (isLost = !isLost);
}

describe('a power loss', () => {
  it.each([
    ['loses all that was not synced', () => true],
    ['loses every other file of what was not synced', everyOther()],
  ])('that %s takes no acknowledged row, and the counter is right', async (_, isLost) => {
    const directory = join(home, 'database');
    const disk = new Disk(directory, home);
    disk.watch();
    const client = await open(directory);
    await client.query(TABLES);
    const moments: { acknowledged: number; copy: string }[] = [];
    for (let row = 1; row <= 120; row += 1) {
      await client.query(ADD, [`row ${row}`]);
      if (row === 60) await client.query('CHECKPOINT');
      if (row % 40 === 0) moments.push({ acknowledged: row, copy: disk.afterPowerLoss(isLost) });
    }
    jest.restoreAllMocks();
    await client.end();

    for (const { acknowledged, copy } of moments) {
      const after = await open(copy);
      const { rows } = await after.query<{ stored: string; used: string }>(
        'SELECT count(*) AS stored, (SELECT used FROM counter) FROM rows',
      );
      await after.end();
      expect(rows).toEqual([{ stored: String(acknowledged), used: String(acknowledged) }]);
    }
  });
});
