import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as PgClient } from 'pg';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';

const run = promisify(execFile);
const server = process.env.DATABASE_URL!;
const directory = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
const made: string[] = [];

/** The URL of a new, empty database. */
async function emptyDatabase(): Promise<string> {
  const name = `latchkey_backup_${randomBytes(6).toString('hex')}`;
  await asAdministrator(`CREATE DATABASE ${name}`);
  made.push(name);
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new PgClient({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}

afterEach(() => ServiceProcess.killAll());

afterAll(async () => {
  for (const name of made) await asAdministrator(`DROP DATABASE ${name} WITH (FORCE)`);
  rmSync(directory, { recursive: true, force: true });
});

const create = async (client: Client, name: string, publicKey: string, type = 'ssh'): Promise<number> =>
  (await client.post('/v2.1/os-keypairs', { keypair: { name, type, public_key: publicKey } })).status;

/** Everything that clients can read. */
async function everything(client: Client): Promise<unknown[]> {
  const list = await client.get('/v2.1/os-keypairs');
  const { keypairs } = list.body as { keypairs: { keypair: { name: string } }[] };
  const shown = await Promise.all(keypairs.map(({ keypair }) => client.get(`/v2.1/os-keypairs/${keypair.name}`)));
  return [list.body, ...shown.map(({ body }) => body)];
}

let key: string;
let certificate: string;

beforeAll(() => {
  key = sshKeygen();
  certificate = opensslCertificate();
});

async function filled(client: Client): Promise<void> {
  expect(await create(client, 'laptop', key)).toBe(201);
  expect(await create(client, 'windows', certificate, 'x509')).toBe(201);
  expect(await create(client, 'gone', key)).toBe(201);
  await client.delete('/v2.1/os-keypairs/gone');
}

describe('a backup', () => {
  it('by pg_dump of a running service is restored to the same keypairs and quotas', async () => {
    const [url, restored, file] = [await emptyDatabase(), await emptyDatabase(), join(directory, 'latchkey.dump')];
    const settings = { DATA_DIR: directory, KEYPAIR_QUOTA: '3' };
    const service = await ServiceProcess.listening({ ...settings, DATABASE_URL: url, MIGRATE_ON_START: 'true' });
    const client = service.client.at('2.10');
    await filled(client);
    await run('pg_dump', ['--format=custom', `--file=${file}`, url]);
    const then = await everything(client);
    expect(await create(client, 'later', key)).toBe(201);
    await service.stop();

    await run('pg_restore', ['--exit-on-error', '--single-transaction', '--no-owner', `--dbname=${restored}`, file]);
    // Without MIGRATE_ON_START: the dump records which migrations were run.
    const again = await ServiceProcess.listening({ ...settings, DATABASE_URL: restored });
    const after = again.client.at('2.10');
    expect(await everything(after)).toEqual(then);
    expect(await create(after, 'third', key)).toBe(201);
    expect(await create(after, 'fourth', key)).toBe(403);
    await again.stop();
  });

  it('by a copy of DATA_DIR, with the service stopped, is restored to the same keypairs', async () => {
    const [dataDir, copy] = [join(directory, 'data'), join(directory, 'copy')];
    putEmptyDatabase(dataDir);
    const service = await ServiceProcess.listening({ DATA_DIR: dataDir });
    await filled(service.client.at('2.10'));
    const then = await everything(service.client.at('2.10'));
    await service.stop();
    cpSync(dataDir, copy, { recursive: true });
    const again = await ServiceProcess.listening({ DATA_DIR: copy });
    expect(await everything(again.client.at('2.10'))).toEqual(then);
    await again.stop();
  });
});
