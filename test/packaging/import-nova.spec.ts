import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client as PgClient } from 'pg';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir, putEmptyDatabase } from '../support/template.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';
import { endOf, Shell } from '../cli/shell.js';

const key = sshKeygen('-C', 'alice');
const other = sshKeygen('-C', 'bob');
const weak = sshKeygen('-t', 'rsa', '-b', '1024', '-C', 'weak');
const certificate = opensslCertificate();

let database: TestDatabase;
let rows: PgClient;
let service: ServiceProcess;
let here: Client;
let shell: Shell;

// What is imported is checked through a service that runs all the time.
beforeAll(async () => {
  database = await testDatabase();
  service = await ServiceProcess.listening({ ...database.environment, KEYPAIR_QUOTA: '2' });
  here = service.client.at('2.10');
  rows = new PgClient({ connectionString: database.environment.DATABASE_URL });
  await rows.connect();
});

beforeEach(() => {
  shell = new Shell(database.environment);
});

afterEach(async () => {
  const wrong = await rows.query(`
    SELECT user_id, used, count(name)::int FROM keypair_usage NATURAL FULL JOIN key_pairs
    GROUP BY user_id, used HAVING coalesce(used, -1) <> count(name)`);
  expect(wrong.rows).toEqual([]);
  await rows.query('TRUNCATE key_pairs, keypair_usage CASCADE');
  shell.remove();
});

afterAll(async () => {
  await rows.end();
  await service.stop();
  await database.remove();
  await ServiceProcess.killAll();
});

interface Shown {
  readonly keypair: Readonly<Record<string, unknown>>;
}

/** A keypair as it is shown, without its id, which differs here. */
async function shown(client: Client, userId: string, name: string): Promise<unknown> {
  const reply = await client.get(`/v2.1/os-keypairs/${name}?user_id=${userId}`);
  const { keypair } = reply.body as Shown;
  return { ...keypair, id: undefined };
}

async function listed(client: Client, userId: string): Promise<string[]> {
  const reply = await client.get(`/v2.1/os-keypairs?user_id=${userId}`);
  return (reply.body as { keypairs: Shown[] }).keypairs.map(({ keypair }) => String(keypair.name));
}

describe('keypairs of a running Nova', () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-nova-'));
  let nova: ServiceProcess;
  let admin: Client;
  let users: Record<string, string>;
  let cloud: Record<string, string>;

  // A Latchkey that offers what Nova 26 does and accepts every key that Nova accepts.
  beforeAll(async () => {
    const settings = { DATA_DIR: directory, AUTH_MODE: 'builtin', MAX_MICROVERSION: '2.93', KEY_POLICY: 'nova' };
    putEmptyDatabase(directory);
    nova = await ServiceProcess.listening(settings);
    const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, { auth: { password: string } }>;
    };
    const { password } = clouds['latchkey-admin'].auth;
    const token = await logIn(nova.client, '/identity/v3', { name: 'admin', password }, { project: 'admin' });
    admin = nova.client.with({ 'X-Auth-Token': token }).at('2.92');
    const accounts = (await admin.get('/identity/v3/users')).body as { users: { id: string; name: string }[] };
    users = Object.fromEntries(accounts.users.map(({ id, name }) => [name, id]));
    cloud = {
      OS_AUTH_URL: `http://${nova.client.host}/identity/v3`,
      OS_USERNAME: 'admin',
      OS_PASSWORD: password,
      OS_PROJECT_NAME: 'admin',
    };
    await make('admin', 'windows', certificate, 'x509');
    await make('demo', 'laptop', key);
    await make('demo', 'me@work', other);
    await make('demo', '..', other);
    await make('demo', 'short', weak);
  });

  beforeEach(() => shell.export(cloud));

  afterAll(async () => {
    await nova.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function make(user: string, name: string, publicKey: string, type = 'ssh'): Promise<void> {
    const keypair = { name, type, public_key: publicKey, user_id: users[user] };
    expect((await admin.post('/v2.1/os-keypairs', { keypair })).status).toBe(201);
  }

  it('are here afterwards, as they were in Nova', async () => {
    const imported = await shell.run('latchkey import-nova');
    expect(imported).toMatchObject({ status: 0, err: 'Imported: 5. There already: 0. Left out: 0.\n' });
    for (const user of Object.values(users)) {
      expect(await listed(here, user)).toEqual(await listed(admin.at('2.10'), user));
    }
    for (const name of ['laptop', 'me@work', 'short']) {
      expect(await shown(here, users.demo, name)).toEqual(await shown(admin.at('2.10'), users.demo, name));
    }
    expect(await shown(here, users.admin, 'windows')).toEqual(await shown(admin.at('2.10'), users.admin, 'windows'));
  });

  it('are reported if the strict policy refuses them', async () => {
    const { out } = await shell.run('latchkey import-nova -f json');
    expect(JSON.parse(out)).toEqual([
      {
        User: users.demo,
        Name: 'short',
        Result: 'imported',
        Reason: expect.stringMatching(/^the strict policy refuses it: RSA keys of 1024 bits can be broken/),
      },
    ]);
  });

  it('are left out with --strict if the strict policy refuses them', async () => {
    const { out, err, status } = await shell.run('latchkey import-nova --strict -f value -c Name -c Result');
    expect({ out, err, status }).toEqual({
      out: 'short left out\n',
      err: 'Imported: 4. There already: 0. Left out: 1.\n',
      status: 0,
    });
    expect(await listed(here, users.demo)).toEqual(['..', 'laptop', 'me@work']);
  });

  it('are only counted in a dry run', async () => {
    const { err } = await shell.run('latchkey import-nova --dry-run');
    expect(err).toBe('Would be imported: 5. There already: 0. Left out: 0.\n');
    expect((await shell.run('latchkey import-nova')).err).toMatch(/^Imported: 5\. /);
  });

  it('are skipped by a second run, which imports the new ones', async () => {
    await shell.run('latchkey import-nova');
    expect((await shell.run('latchkey import-nova')).err).toBe('Imported: 0. There already: 5. Left out: 0.\n');
    await make('demo', 'newer', key);
    expect((await shell.run('latchkey import-nova')).err).toBe('Imported: 1. There already: 5. Left out: 0.\n');
    await admin.delete(`/v2.1/os-keypairs/newer?user_id=${users.demo}`);
  });

  it('are those of one user, if one is named', async () => {
    const { err } = await shell.run(`latchkey import-nova --user ${users.admin}`);
    expect(err).toBe('Imported: 1. There already: 0. Left out: 0.\n');
  });

  it('are not read without a log-in', async () => {
    shell.export({ OS_PASSWORD: 'wrong' });
    const { err, status } = await shell.run('latchkey import-nova');
    expect({ err, status }).toEqual({ err: expect.stringMatching(/^latchkey: Signing in at /), status: 3 });
  });
});

const fingerprints = new Map([
  [certificate, opensslFingerprint(certificate)],
  ...[key, other, weak].map((each) => [each, sshFingerprint(each)] as const),
]);

/** A line of CSV in the order of `nova_api.key_pairs`. */
function csv(userId: string, name: string, publicKey: string, type = 'ssh', created = '2020-01-02 03:04:05'): string {
  const values = [created, '', '7', name, userId, fingerprints.get(publicKey)!, publicKey, type];
  return values.map((value) => (/[\n",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
}

const HEADER = 'created_at,updated_at,id,name,user_id,fingerprint,public_key,type';

describe('keypairs of a dump', () => {
  it('can be imported into the embedded database too, unless a service uses it', async () => {
    const { dataDir, remove } = emptyDataDir();
    const embedded = new Shell({ DATA_DIR: dataDir });
    writeFileSync(embedded.path('keys.csv'), csv('u1', 'laptop', key));
    const command = 'latchkey import-nova --dump keys.csv';
    expect((await embedded.run(command)).err).toBe('Imported: 1. There already: 0. Left out: 0.\n');
    const started = await ServiceProcess.listening({ DATA_DIR: dataDir });
    expect(await listed(started.client.at('2.10'), 'u1')).toEqual(['laptop']);
    expect(await embedded.run(command)).toMatchObject({ status: 1, err: expect.stringMatching(/in use by another/) });
    await started.stop();
    embedded.remove();
    remove();
  });

  it('keep their times, keys and fingerprints', async () => {
    const lines = [HEADER, csv('u1', 'windows', certificate, 'x509', '2020-01-02 03:04:05.123456')];
    writeFileSync(shell.path('keys.csv'), `${lines.join('\n')}\n`);
    await shell.plays(`
      $ latchkey import-nova --dump keys.csv
      Imported: 1. There already: 0. Left out: 0.
    `);
    expect(await shown(here, 'u1', 'windows')).toMatchObject({
      created_at: '2020-01-02T03:04:05.123456',
      updated_at: null,
      fingerprint: opensslFingerprint(certificate),
      public_key: certificate,
      type: 'x509',
      user_id: 'u1',
    });
  });

  it.each([
    ['CSV without the names of the columns', (...lines: string[]) => lines.join('\r\n')],
    ['text of COPY', (...lines: string[]) => lines.map(copied).join('\n')],
    [
      'a script of pg_dump',
      (...lines: string[]) =>
        `--\n-- PostgreSQL database dump\n--\n\nCOPY public.key_pairs (${HEADER.replaceAll(',', ', ')}) FROM stdin;\n` +
        `${lines.map(copied).join('\n')}\n\\.\n\nSELECT 1;\n`,
    ],
    [
      'what mysql --batch prints',
      (...lines: string[]) => [HEADER, ...lines].map((line) => copied(line).replaceAll('\\N', 'NULL')).join('\n'),
    ],
  ])('are read from %s', async (_form, dump) => {
    writeFileSync(shell.path('dump'), dump(csv('u1', 'NULL', key), csv('u1', 'lap top', other)));
    expect((await shell.run('latchkey import-nova --dump dump')).err).toBe(
      'Imported: 2. There already: 0. Left out: 0.\n',
    );
    expect(await shown(here, 'u1', 'NULL')).toMatchObject({ public_key: key, updated_at: null });
  });

  it('are imported although other rows are invalid, which are reported', async () => {
    const lines = [
      HEADER,
      csv('u1', 'laptop', key),
      csv('u1', 'laptop', key),
      csv('u1', 'laptop', other),
      csv('', 'nobody', key),
      csv('u1', 'x'.repeat(256), key),
      csv('u1', 'february', key, 'ssh', '2020-02-30 00:00:00'),
      csv('u1', 'odd', key).replace(/ssh$/, 'pgp'),
      'u1,cut',
      ',,8,junk,u2,00:11,nonsense,ssh',
      ',,9,qu"ote,u2,00:11,nonsense,ssh',
      csv('u2', 'last', other),
    ];
    writeFileSync(shell.path('keys.csv'), `${lines.join('\n')}\n`);
    const { out, err, status } = await shell.run('latchkey import-nova --dump keys.csv -f json');
    expect(JSON.parse(out)).toEqual(
      expect.arrayContaining([
        finding('u1', 'laptop', 'another keypair has its name'),
        finding('', 'nobody', expect.stringMatching(/: it has no user_id$/)),
        finding('u1', 'x'.repeat(256), expect.stringMatching(/: its name has more than 255 characters$/)),
        finding('u1', 'february', expect.stringMatching(/: its created_at is no time such as /)),
        finding('u1', 'odd', expect.stringMatching(/: its type is none of ssh, x509$/)),
        finding(null, null, expect.stringMatching(/: it has 2 values, and the table has 8 columns$/)),
        finding('u2', 'junk', expect.stringMatching(/^its key cannot be read: /)),
        finding(null, null, expect.stringMatching(/: its quotes do not match, /)),
      ]),
    );
    expect(err).toBe(
      'Imported: 2. There already: 1. Left out: 8.\nlatchkey: 8 keypairs could not be imported; see the report.\n',
    );
    expect(status).toBe(1);
    expect([await listed(here, 'u1'), await listed(here, 'u2')]).toEqual([['laptop'], ['last']]);
  });

  it('are never stored for the user NULL, and every row is accounted for', async () => {
    const tsv = (name: string, user: string, fingerprint: string, deleted: string) =>
      ['NULL', 'NULL', 'NULL', '7', name, user, fingerprint, key.replace('\n', '\\n'), deleted, 'ssh'].join('\t');
    const header = 'created_at updated_at deleted_at id name user_id fingerprint public_key deleted type';
    const lines = [
      header.replaceAll(' ', '\t'),
      tsv('computed', 'u1', 'NULL', '0'),
      tsv('nouser', 'NULL', '00:11', '0'),
      tsv('unclear', 'u1', '00:11', 'NULL'),
      tsv('gone', 'u1', '00:11', '7'),
    ];
    writeFileSync(shell.path('dump'), lines.join('\n'));
    const { out, err } = await shell.run('latchkey import-nova --dump dump -f json');
    expect(JSON.parse(out)).toEqual([
      finding('NULL', 'nouser', 'line 3: it has no user_id'),
      finding('u1', 'unclear', 'line 4: its deleted is NULL, and Nova shows only keypairs where it is 0'),
    ]);
    expect(err).toMatch(/^Imported: 1\. There already: 0\. Left out: 2\. Deleted in Nova: 1\.\n/);
    expect(await shown(here, 'u1', 'computed')).toMatchObject({ fingerprint: sshFingerprint(key), public_key: key });
  });

  it('are left out if a row has more than 1 MB or invalid UTF-8, with their line numbers', async () => {
    const long = csv('u1', 'long', key).replace(key.trim(), 'x'.repeat(2e6));
    const latin = Buffer.from(csv('u1', 'caf\u00e9', key), 'latin1');
    const lines = [
      Buffer.from(`${csv('u1', 'first', key)}\n${long}\n`),
      latin,
      Buffer.from(`\n${csv('u1', 'last', key)}`),
    ];
    writeFileSync(shell.path('dump'), Buffer.concat(lines));
    const { out, err } = await shell.run('latchkey import-nova --dump dump -f value -c Reason');
    expect(out).toMatch(/^line \d+: it is longer than 1 MB\nline \d+: its name is not written in UTF-8; take /);
    expect(err).toMatch(/^Imported: 2\. There already: 0\. Left out: 2\.\n/);
  });

  it('count against the quota, which does not stop them', async () => {
    writeFileSync(shell.path('keys.csv'), [HEADER, csv('u1', 'one', key), csv('u1', 'two', other)].join('\n'));
    await shell.run('KEYPAIR_QUOTA=1 latchkey import-nova --dump keys.csv');
    const alice = here.with({ 'X-Auth-Token': 'u1:p' });
    const create = () => alice.post('/v2.1/os-keypairs', { keypair: { name: 'three', public_key: key } });
    expect((await create()).status).toBe(403);
    await alice.delete('/v2.1/os-keypairs/one');
    expect((await create()).status).toBe(201);
  });

  it('are complete when an interrupted run is repeated', async () => {
    const lines = Array.from({ length: 2000 }, (_, at) => csv(`u${at % 50}`, `key-${at}`, key));
    writeFileSync(shell.path('keys.csv'), lines.join('\n'));
    const first = shell.start('import-nova', '--dump', '-');
    const output = text(first.stderr!);
    // The rest never comes. A pipe holds less than this, so much of it has been read once the write has finished.
    await new Promise((taken) => first.stdin!.write(`${lines.slice(0, 1600).join('\n')}\n`, taken));
    first.kill('SIGINT');
    expect(await endOf(first)).toBe(130);
    const done = Number(/^Imported: (\d+)\. /.exec(await output)![1]);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(1601);
    expect((await shell.run('latchkey import-nova --dump keys.csv')).err).toBe(
      `Imported: ${2000 - done}. There already: ${done}. Left out: 0.\n`,
    );
    expect(await listed(here, 'u7')).toHaveLength(40);
  });

  it('are complete when a killed run is repeated', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => csv(`u${at % 50}`, `key-${at}`, key));
    writeFileSync(shell.path('keys.csv'), lines.join('\n'));
    const first = shell.start('import-nova', '--dump', 'keys.csv');
    await Promise.race([once(first, 'exit'), sleep(1200)]);
    first.kill('SIGKILL');
    await endOf(first);
    const { err } = await shell.run('latchkey import-nova --dump keys.csv');
    const [, imported, present] = /^Imported: (\d+)\. There already: (\d+)\. Left out: 0\.\n$/.exec(err)!;
    expect(Number(imported) + Number(present)).toBe(20_000);
  });

  it.each([
    ['that is not there', 'latchkey import-nova --dump nowhere', /^latchkey: The file nowhere cannot be read/],
    [
      'without the table',
      'echo "-- MySQL dump" | latchkey import-nova --dump -',
      /^latchkey: The dump has no table key_pairs; take one with: mysqldump /m,
    ],
    ...['csv', 'json'].map((format): [string, string, RegExp] => [
      `of "openstack keypair list -f ${format}"`,
      format === 'csv'
        ? `printf '"Name","Fingerprint","Type"\n"k","00:11","ssh"\n' | latchkey import-nova --dump -`
        : `printf '[{"Name": "k", "Fingerprint": "00:11", "Type": "ssh"}]' | latchkey import-nova --dump -`,
      /^latchkey: This looks like the output of "openstack keypair list", .* run "latchkey --os-cloud NAME import-nova"/m,
    ]),
    [
      'of the custom format of pg_dump',
      'printf PGDMP | latchkey import-nova --dump -',
      /^latchkey: .* convert it with: pg_restore /m,
    ],
    ...['gzip', 'xz', 'zstd'].map((tool): [string, string, RegExp] => [
      `of ${tool} that was cut off`,
      `head -c 100000 /dev/urandom | base64 | ${tool} | head -c 50000 | latchkey import-nova --dump -`,
      /^latchkey: The dump is damaged or cannot be read \(/m,
    ]),
  ])('are not read from a file %s', async (_what, line, expected) => {
    expect(await shell.run(line)).toMatchObject({ status: 2, err: expect.stringMatching(expected) });
  });
});

function finding(user: string | null, name: string | null, reason: unknown): object {
  return { User: user, Name: name, Result: 'left out', Reason: reason };
}

/** A line of CSV from above as COPY writes it. */
function copied(line: string): string {
  const values = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );
  const written = values.map((value) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t'));
  return written.map((value) => (value === '' ? '\\N' : value)).join('\t');
}
