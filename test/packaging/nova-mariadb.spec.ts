import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Shell } from '../cli/shell.js';
import { Client as PgClient } from 'pg';
import { MariaDb } from '../support/maria-db.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { ServiceProcess } from '../support/service-process.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

const key = sshKeygen('-C', String.raw`it's "a" back\slash, (1);`);
const certificate = opensslCertificate();

/** Names that look like the syntax of a dump. */
const NAMES = [
  'plain',
  'NULL',
  String.raw`\N`,
  `it's`,
  '"quoted", twice',
  String.raw`back\slash \' \n`,
  'tab\tand\nline',
  '),(NULL,',
  '-- no comment; /* none */ # none',
  'résumé 中文 🔑',
  '%_\u001a\b\r',
];

let maria: MariaDb;
let database: TestDatabase;
let rows: PgClient;
let service: ServiceProcess;
let shell: Shell;

const literal = (value: string): string => `X'${Buffer.from(value).toString('hex')}'`;

// The columns of Nova's own tables: nova_api has had them since release 14, the cells had them before, with soft deletion.
const API_TABLE = `
  CREATE TABLE key_pairs (created_at datetime, updated_at datetime, id int NOT NULL AUTO_INCREMENT, name varchar(255) NOT NULL,
    user_id varchar(255) NOT NULL, fingerprint varchar(255), public_key text, type enum('ssh','x509') NOT NULL DEFAULT 'ssh',
    PRIMARY KEY (id), UNIQUE KEY uniq_key_pairs0user_id0name (user_id, name)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;`;
const CELL_TABLE = `
  CREATE TABLE key_pairs (created_at datetime, updated_at datetime, deleted_at datetime, id int NOT NULL AUTO_INCREMENT,
    name varchar(255) NOT NULL, user_id varchar(255), fingerprint varchar(255), public_key mediumtext, deleted int,
    type enum('ssh','x509') NOT NULL DEFAULT 'ssh',
    PRIMARY KEY (id), UNIQUE KEY uniq_key_pairs0user_id0name0deleted (user_id, name, deleted)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;`;

beforeAll(async () => {
  maria = await MariaDb.start();
  database = await testDatabase();
  service = await ServiceProcess.listening({ ...database.environment, KEYPAIR_QUOTA: '-1' });
  rows = new PgClient({ connectionString: database.environment.DATABASE_URL });
  await rows.connect();
  const insert = (columns: string, name: string, values: string, text = key, type = 'ssh') =>
    `INSERT INTO key_pairs (created_at, name, public_key, type, ${columns})
     VALUES ('2020-01-02 03:04:05', ${literal(name)}, ${literal(text)}, '${type}', ${values});`;
  const fingerprint = sshFingerprint(key);
  maria.run(
    [
      `CREATE DATABASE nova_api CHARACTER SET utf8mb4; USE nova_api; ${API_TABLE}`,
      ...NAMES.map((name) => insert('user_id, fingerprint', name, `'u1', '${fingerprint}'`)),
      insert('user_id, fingerprint', 'computed', `'u2', NULL`),
      insert('user_id, fingerprint', 'windows', `'u2', '${opensslFingerprint(certificate)}'`, certificate, 'x509'),
      `CREATE TABLE other (id int, bytes blob, words text); INSERT INTO other VALUES (1, X'00ff27225c0a', ');INSERT INTO key_pairs VALUES (');`,
      `CREATE PROCEDURE noise() INSERT INTO key_pairs (name, user_id) VALUES (';', 'noise');`,
      `CREATE DATABASE nova CHARACTER SET utf8mb4; USE nova; ${CELL_TABLE}`,
      insert('user_id, deleted, deleted_at', 'old', `'u3', 0, NULL`),
      insert('user_id, deleted, deleted_at', 'old', `'u3', 2, '2021-01-01 00:00:00'`),
      insert('user_id, deleted, deleted_at', 'orphan', `NULL, 0, NULL`),
      insert('user_id, deleted, deleted_at', 'unclear', `'u3', NULL, NULL`),
    ].join('\n'),
  );
});

beforeEach(() => {
  shell = new Shell(database.environment);
});

afterEach(async () => {
  shell.remove();
  await rows.query('TRUNCATE key_pairs, keypair_usage CASCADE');
});

afterAll(async () => {
  await rows.end();
  await service.stop();
  await ServiceProcess.killAll();
  await database.remove();
  await maria.stop();
});

async function stored(): Promise<unknown[]> {
  const found = await rows.query<unknown[]>({
    text: `SELECT user_id, name, fingerprint, public_key, type::text, created_at::text FROM key_pairs ORDER BY user_id, name COLLATE "C"`,
    rowMode: 'array',
  });
  return found.rows;
}

const TIME = '2020-01-02 03:04:05';

function expected(): unknown[] {
  const print = sshFingerprint(key);
  const bytes = (name: string) => Buffer.from(name);
  return [
    ...NAMES.toSorted((a, b) => bytes(a).compare(bytes(b))).map((name) => ['u1', name, print, key, 'ssh', TIME]),
    ['u2', 'computed', print, key, 'ssh', TIME],
    ['u2', 'windows', opensslFingerprint(certificate), certificate, 'x509', TIME],
  ];
}

describe('A dump of MariaDB', () => {
  it.each([
    ['mysqldump', 'mysqldump $C nova_api'],
    ['mariadb-dump', 'mariadb-dump $C nova_api'],
    ['mysqldump --compact', 'mysqldump $C --compact nova_api'],
    ['mysqldump --compact without the table', 'mysqldump $C --compact --no-create-info nova_api key_pairs'],
    ['mysqldump --skip-extended-insert', 'mysqldump $C --skip-extended-insert nova_api'],
    ['mysqldump --complete-insert', 'mysqldump $C --complete-insert --no-create-info --replace nova_api'],
    ['mysqldump --hex-blob --routines', 'mysqldump $C --hex-blob --routines nova_api'],
    ['mysqldump --insert-ignore without quotes', 'mysqldump $C --insert-ignore --skip-quote-names nova_api'],
    ['mysqldump --compatible=ansi', 'mysqldump $C --compatible=ansi nova_api'],
    ['mysqldump --all-databases', 'mysqldump $C --all-databases'],
    ['gzip', 'mysqldump $C nova_api | gzip'],
    ['xz', 'mysqldump $C nova_api | xz'],
    ['zstd', 'mysqldump $C nova_api | zstd'],
    ['mysql --batch', 'mysql $C --batch nova_api -e "SELECT * FROM key_pairs"'],
    ['mysql --batch without the columns', 'mysql $C --batch -N nova_api -e "SELECT * FROM key_pairs"'],
    ['INTO OUTFILE', `mysql $C nova_api -e "SELECT * FROM key_pairs INTO OUTFILE '$OUT'" && cat $OUT`],
    [
      'INTO OUTFILE as CSV',
      String.raw`mysql $C nova_api -e "SELECT * FROM key_pairs INTO OUTFILE '$OUT' FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'" && cat $OUT`,
    ],
  ])('made by %s is imported with every keypair unchanged', async (_tool, command) => {
    const out = join(maria.directory, `out-${String(Math.random()).slice(2)}`);
    shell.export({ C: maria.client, OUT: out });
    expect(await shell.run(`${command} > dump`)).toMatchObject({ status: 0 });
    const { err, out: report } = await shell.run('latchkey import-nova --dump dump');
    expect(report).toBe('');
    expect(err).toMatch(/^Imported: 13\. There already: 0\. Left out: 0\.\n/);
    expect(await stored()).toEqual(expected());
  });

  it('made by mysql --batch --raw is imported with the line ends of keys', async () => {
    shell.export({ C: maria.client });
    await shell.run(`mysql $C --batch --raw nova_api -e "SELECT * FROM key_pairs WHERE user_id = 'u2'" > dump`);
    expect((await shell.run('latchkey import-nova --dump dump')).err).toMatch(/^Imported: 2\. /);
    expect(await stored()).toEqual(expected().slice(-2));
  });

  it.each([
    ['mysqldump', 'mysqldump $C nova key_pairs', ''],
    ['mysqldump --databases', 'mysqldump $C --databases nova nova_api', '--database nova'],
    ['mysql --batch', 'mysql $C --batch nova -e "SELECT * FROM key_pairs"', ''],
  ])('of the old table by %s has every row in its summary', async (_tool, command, option) => {
    shell.export({ C: maria.client });
    await shell.run(`${command} > dump`);
    const { err, out } = await shell.run(`latchkey import-nova --dump dump ${option} -f value -c Name -c Reason`);
    expect(err).toMatch(/^Imported: 1\. There already: 0\. Left out: 2\. Deleted in Nova: 1\.\n/);
    expect(out).toMatch(/^orphan line \d+: it has no user_id\nunclear line \d+: its deleted is NULL, /);
  });

  it('of another database is read if the database is named', async () => {
    shell.export({ C: maria.client });
    await shell.run('mysqldump $C --databases nova > dump');
    expect(await shell.run('latchkey import-nova --dump dump')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/The keypairs of the dump are in nova; choose a database with --database\./),
    });
    expect(await stored()).toEqual([]);
  });

  it('that ends within a row has that row reported', async () => {
    writeFileSync(shell.path('dump'), "INSERT INTO key_pairs VALUES (NULL,NULL,1,'cut','u1',NULL,'ssh-ed2551");
    expect((await shell.run('latchkey import-nova --dump dump')).out).toMatch(/line 1: the dump ends within it/);
  });
});
