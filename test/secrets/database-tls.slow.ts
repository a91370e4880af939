import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Authority, type Certificate } from '../failures/authority.js';
import { Cluster } from '../failures/cluster.js';
import { ServiceProcess } from '../support/service-process.js';
import { keepPrivateKey } from './keys.js';
import { Secrets } from './secrets.js';
import { type Answered, send } from './wire.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
const secrets = new Secrets();
const passphrase = secrets.make('passphrase');
const read = (path: string): string => readFileSync(path, 'utf8');

let cluster: Cluster;
let authority: Authority;
let own: Certificate;
let other: Certificate;

beforeAll(async () => {
  cluster = await Cluster.started();
  authority = await Authority.named('Authority of the database');
  own = await authority.certify('latch');
  other = await authority.certify('latch');
  keepPrivateKey(secrets, 'key of the service', read(own.key));
  keepPrivateKey(secrets, 'another key', read(other.key));
  const server = await authority.certify('localhost');
  const files = [
    ['ssl_cert_file', await cluster.file('server.pem', read(server.cert))],
    ['ssl_key_file', await cluster.file('server.key', read(server.key))],
    ['ssl_ca_file', await cluster.file('ca.pem', read(authority.cert))],
  ];
  cluster.configure(['ssl = on', ...files.map(([name, path]) => `${name} = '${path}'`)]);
  cluster.admit(['hostssl latch latch all cert']);
  await cluster.query('CREATE ROLE latch LOGIN');
  await cluster.query('CREATE DATABASE latch OWNER latch');
  await cluster.reload();
});

afterAll(async () => {
  await ServiceProcess.killAll();
  await cluster?.remove();
  authority?.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** A file with that content; its path. */
function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const holed = (path: string): string => read(path).split('\n').toSpliced(2, 1).join('\n');

function urlWith(cert: string, key: string, root = authority.cert): string {
  const files = new URLSearchParams({ sslrootcert: root, sslcert: cert, sslkey: key });
  return `postgres://latch@localhost:${cluster.port}/latch?${files.toString()}`;
}

const settings = (url: string): Record<string, string> => ({
  DATA_DIR: directory,
  DATABASE_URL: url,
  MIGRATE_ON_START: 'true',
  DB_TIMEOUT_MS: '2000',
  METADATA_MODE: 'off',
  ADMIN_PORT: '0',
  LOG_LEVEL: 'trace',
});

describe('the client key for PostgreSQL', () => {
  it('is not disclosed by a service that cannot start with it', async () => {
    const encrypted = execFileSync('openssl', ['pkcs8', '-topk8', '-in', own.key, '-passout', `pass:${passphrase}`]);
    const attempts: [what: string, status: number, url: string][] = [
      ['a key that does not fit', 1, urlWith(own.cert, other.key)],
      ['the one in place of the other', 1, urlWith(own.key, own.cert)],
      ['a key that lacks a line', 1, urlWith(own.cert, file('holed.key', holed(own.key)))],
      ['a key that is encrypted', 1, urlWith(own.cert, file('encrypted.key', encrypted))],
      ['a key in place of the authority', 1, urlWith(own.cert, own.key, own.key)],
      ['a key in place of a path', 78, urlWith(own.cert, read(own.key))],
      ['a passphrase', 78, `${urlWith(own.cert, own.key)}&sslpassword=${passphrase}`],
    ];
    const starts = attempts.map(([what, status, url]) => ({
      what,
      status,
      service: ServiceProcess.start(settings(url)),
    }));
    for (const { what, status, service } of starts) {
      expect([what, await service.ended()]).toEqual([what, status]);
      expect(service.printedText).toMatch(/cannot start/);
      expect([what, secrets.in(service.printedText)]).toEqual([what, []]);
    }
  });

  it('is not disclosed by a running service when its files become invalid', async () => {
    const [cert, key] = [file('own.pem', read(own.cert)), file('own.key', read(own.key))];
    const service = await ServiceProcess.listening(settings(urlWith(cert, key)));
    const responses: Answered[] = [];
    const ask = async (target: string, host = service.hosts.api): Promise<number> => {
      responses.push(await send(host, { method: 'GET', target, headers: { Accept: 'application/json' } }));
      return responses.at(-1)!.status;
    };
    expect(await ask('/v2.1/os-keypairs')).toBe(200);
    const shown = await cluster.query<{ dn: string }>(
      'SELECT DISTINCT client_dn AS dn FROM pg_stat_ssl WHERE client_dn IS NOT NULL',
    );
    expect(shown).toEqual([{ dn: '/CN=latch' }]);
    for (const [newCert, newKey] of [
      [read(own.cert), read(other.key)],
      [read(own.key), read(own.cert)],
      [read(own.cert), holed(own.key)],
    ]) {
      writeFileSync(cert, newCert);
      writeFileSync(key, newKey);
      await cluster.cutService();
      expect(await ask('/v2.1/os-keypairs')).toBe(503);
      expect(await ask('/healthcheck')).toBe(503);
    }
    await ask('/metrics', service.hosts.operators);
    expect(await service.stop()).toBe(0);
    const places = { log: service.printedText, responses: responses.map(({ all }) => all).join('\n') };
    expect(places.responses).toContain('a PEM file cannot be used');
    expect(places.responses).toContain('latchkey_database_connections');
    expect(secrets.inEach(places)).toEqual({ log: [], responses: [] });
    // The control: the keys are in files, and nowhere else.
    expect(secrets.inFiles(directory, /\.key$|own\.pem$/)).toEqual([]);
    expect(secrets.inFiles(directory)).not.toEqual([]);
  });
});
