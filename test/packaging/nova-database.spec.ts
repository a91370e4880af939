import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client as PgClient } from 'pg';
import { Shell } from '../cli/shell.js';
import { ServiceProcess } from '../support/service-process.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

const run = promisify(execFile);
const USERS = 40;
const KEYPAIRS = 4000;

let database: TestDatabase;
let rows: PgClient;
let nova: string;
let service: ServiceProcess;
let shell: Shell;

/** The database of a Nova, as nova-manage creates it, and a service beside it. */
beforeAll(async () => {
  database = await testDatabase();
  service = await ServiceProcess.listening({ ...database.environment, KEYPAIR_QUOTA: '-1' });
  rows = new PgClient({ connectionString: database.environment.DATABASE_URL });
  await rows.connect();
  nova = `nova_api_${randomBytes(6).toString('hex')}`;
  await rows.query(`CREATE DATABASE ${nova}`);
  const tables = new PgClient({ connectionString: urlOfNova() });
  await tables.connect();
  await tables.query(`CREATE TYPE keypair_types AS ENUM ('ssh', 'x509')`);
  await tables.query(`
    CREATE TABLE key_pairs (
      created_at timestamp, updated_at timestamp, id serial PRIMARY KEY, name varchar(255) NOT NULL,
      user_id varchar(255) NOT NULL, fingerprint varchar(255), public_key text, type keypair_types NOT NULL DEFAULT 'ssh',
      CONSTRAINT uniq_key_pairs0user_id0name UNIQUE (user_id, name))`);
  const [key, certificate] = [sshKeygen(), opensslCertificate()];
  await tables.query(
    `INSERT INTO key_pairs (created_at, user_id, name, fingerprint, public_key)
     SELECT timestamp '2020-01-01' + n * interval '1.000001 s', 'user-' || n % ${USERS}, 'key ' || n, $1, $2
     FROM generate_series(1, ${KEYPAIRS - 3}) AS n`,
    [sshFingerprint(key), key],
  );
  const odd = [`back\\slash "quoted", 'and' more`, 'r\u00e9sum\u00e9 \u4e2d\u6587'];
  for (const name of odd) await tables.query(INSERT, [name, sshFingerprint(key), `${key}\r\n`, 'ssh']);
  await tables.query(INSERT, ['windows', opensslFingerprint(certificate), certificate, 'x509']);
  await tables.end();
});

const INSERT = `
  INSERT INTO key_pairs (user_id, name, fingerprint, public_key, type) VALUES ('user-0', $1, $2, $3, $4)`;

function urlOfNova(): string {
  const url = new URL(database.environment.DATABASE_URL!);
  url.pathname = nova;
  return url.href;
}

beforeEach(() => {
  shell = new Shell({ ...database.environment, NOVA: urlOfNova() });
});

afterEach(async () => {
  shell.remove();
  await rows.query('TRUNCATE key_pairs, keypair_usage CASCADE');
});

afterAll(async () => {
  await service.stop();
  await ServiceProcess.killAll();
  await rows.query(`DROP DATABASE ${nova} WITH (FORCE)`);
  await rows.end();
  await database.remove();
});

const COLUMNS = `user_id, name, type, fingerprint, public_key, created_at, updated_at`;

/** All rows, as PostgreSQL writes them; `now` replaces the time of the import, where Nova has none. */
async function contents(url: string): Promise<string[]> {
  const select = `SELECT ${COLUMNS} FROM key_pairs ORDER BY user_id COLLATE "C", name COLLATE "C"`;
  const { stdout } = await run('psql', [url, '--csv', '--tuples-only', '-c', select], { maxBuffer: 1e9 });
  return stdout
    .replaceAll(/,(\d{4}-[\d-]+ [\d:.]+)?,(?=\n)/g, (_, time?: string) =>
      time === undefined || time > '2021' ? ',now,' : `,${time},`,
    )
    .split('\n');
}

async function miscounted(): Promise<number> {
  const { rowCount } = await rows.query(`
    SELECT user_id FROM keypair_usage NATURAL FULL JOIN key_pairs
    GROUP BY user_id, used HAVING coalesce(used, -1) <> count(name)`);
  return rowCount!;
}

describe("a dump of Nova's own table", () => {
  it.each([
    ['psql as CSV', String.raw`psql $NOVA -c "\copy key_pairs TO dump CSV HEADER"`],
    ['psql as CSV without a header', String.raw`psql $NOVA -c "\copy key_pairs TO dump CSV"`],
    ['psql as text', String.raw`psql $NOVA -c "\copy key_pairs TO dump"`],
    ['pg_dump', 'pg_dump $NOVA > dump'],
    ['pg_dump --inserts', 'pg_dump --inserts $NOVA > dump'],
    ['pg_dump --column-inserts and gzip', 'pg_dump --column-inserts --rows-per-insert=50 $NOVA | gzip > dump'],
  ])('made by %s is imported with every keypair unchanged', async (_tool, command) => {
    await shell.run(command);
    expect(await shell.run('latchkey import-nova --dump dump --quiet -f value -c Name')).toMatchObject({
      err: '',
      status: 0,
    });
    expect(await contents(database.environment.DATABASE_URL!)).toEqual(await contents(urlOfNova()));
    expect(await miscounted()).toBe(0);
  });

  it('is imported while users create and delete keypairs, and every count is right', async () => {
    await shell.run(String.raw`psql $NOVA -c "\copy key_pairs TO dump CSV HEADER"`);
    const key = sshKeygen();
    const done = new AbortController();
    const statuses = new Set<number>();
    const busy = Array.from({ length: 8 }, async (_, worker) => {
      for (let at = worker; !done.signal.aborted; at += 8) {
        const user = service.client.with({ 'X-Auth-Token': `user-${at % USERS}:p` });
        // Names that the dump has too, so that both write the same rows.
        const name = `key ${(at * 7) % KEYPAIRS}`;
        const made = await user.post('/v2.1/os-keypairs', { keypair: { name, public_key: key } });
        const gone = await user.delete(`/v2.1/os-keypairs/${encodeURIComponent(name)}`);
        statuses.add(made.status).add(gone.status);
      }
    });
    const { err } = await shell.run('latchkey import-nova --dump dump');
    done.abort();
    await Promise.all(busy);
    expect(err).toMatch(/^Imported: \d+\. /);
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect(await miscounted()).toBe(0);
  });
});
