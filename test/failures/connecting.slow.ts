import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Authority, type Certificate, contentOf } from './authority.js';
import { Cluster } from './cluster.js';
import { recovery, serviceWith } from './service.js';

const PASSWORD = 'kept to itself';

let cluster: Cluster;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-connecting-'));
  cluster = await Cluster.started();
  await cluster.query(`CREATE ROLE latch LOGIN PASSWORD '${PASSWORD}'`);
  await cluster.query('CREATE DATABASE latch OWNER latch');
});

afterEach(() => ServiceProcess.killAll());

afterAll(async () => {
  await cluster.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** The URL of the service's database; `options` is its query. */
const urlAt = (host: string, options = '', password = `:${encodeURIComponent(PASSWORD)}`): string =>
  `postgres://latch${password}@${host}:${cluster.port}/latch${options}`;

const asAlice = (service: ServiceProcess): Client => service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');

/** A start that fails: the exit code, and the lines that it printed, which have no stack. */
async function refusal(settings: Record<string, string>): Promise<[number | null, string]> {
  const service = ServiceProcess.start({ DATA_DIR: directory, MIGRATE_ON_START: 'true', ...settings });
  const code = await service.ended();
  expect(service.printedText).not.toContain(PASSWORD);
  expect(service.printedText).not.toMatch(/^ +at /m);
  return [code, service.printedText];
}

/** What a health probe of an operator reports of the database. */
async function details(service: ServiceProcess): Promise<string> {
  const { body } = await service.client.with({ Accept: 'application/json' }).get('/healthcheck');
  const { reasons } = body as { reasons: { class: string; details: string }[] };
  return reasons.find((each) => each.class === 'Database')!.details;
}

/** Waits until a probe reports these details; '' for none. */
async function expectDetails(service: ServiceProcess, expected: string): Promise<void> {
  await until(async () => (await details(service)) === expected, `the probe reports "${expected}"`);
}

describe('TLS to PostgreSQL', () => {
  let trusted: Authority;
  let stranger: Authority;
  let forLocalhost: Certificate;

  beforeAll(async () => {
    trusted = await Authority.named('Trusted');
    stranger = await Authority.named('Stranger');
    forLocalhost = await trusted.certify('localhost');
  });

  afterAll(() => {
    trusted.remove();
    stranger.remove();
  });

  beforeEach(() => encrypt(forLocalhost));

  /** Makes the server present a certificate, and admit the service over TLS only. */
  async function encrypt({ cert, key }: Certificate, more = 'scram-sha-256'): Promise<void> {
    cluster.admit([`hostssl latch latch all ${more}`]);
    const files = [
      ['ssl_cert_file', await cluster.file('server.pem', contentOf(cert))],
      ['ssl_key_file', await cluster.file('server.key', contentOf(key))],
      ['ssl_ca_file', await cluster.file('ca.pem', contentOf(trusted.cert))],
    ];
    cluster.configure(['ssl = on', ...files.map(([name, path]) => `${name} = '${path}'`)]);
    await cluster.reload();
  }

  const verified = (): string => `?sslmode=verify-full&sslrootcert=${trusted.cert}`;

  /** How the connections of the service are encrypted, as the server reports it. */
  const encrypted = (): Promise<object[]> =>
    cluster.query(
      `SELECT DISTINCT ssl, client_dn FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'latchkey'`,
    );

  it('is used for every connection, with the right authority and host name', async () => {
    const service = await serviceWith({ DATABASE_URL: urlAt('localhost', verified()) });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);
    expect(await encrypted()).toEqual([{ ssl: true, client_dn: null }]);
  });

  it('is refused if another authority signed the certificate', async () => {
    const options = `?sslmode=verify-full&sslrootcert=${stranger.cert}`;
    expect(await refusal({ DATABASE_URL: urlAt('localhost', options) })).toEqual([
      1,
      expect.stringContaining('its certificate is not signed by a trusted authority ('),
    ]);
  });

  it('is refused if no authority is configured and no well-known one signed it', async () => {
    const [code, output] = await refusal({ DATABASE_URL: urlAt('localhost', '?sslmode=verify-full') });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('its certificate is not signed by a trusted authority'),
    ]);
  });

  it('is refused if the certificate is for another host name, unless names are not verified', async () => {
    expect(await refusal({ DATABASE_URL: urlAt('127.0.0.1', verified()) })).toEqual([
      1,
      expect.stringContaining('its certificate is for another host name (ERR_TLS_CERT_ALTNAME_INVALID)'),
    ]);
    const byAuthority = `?sslmode=verify-ca&sslrootcert=${trusted.cert}`;
    const service = await serviceWith({ DATABASE_URL: urlAt('127.0.0.1', byAuthority) });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);
  });

  it('is verified against the name of the second of several hosts', async () => {
    const two = (first: string, second: string): string =>
      urlAt(first, verified()).replace('/latch?', `,${second}:${cluster.port}/latch?`);
    const service = await serviceWith({ DATABASE_URL: two('127.0.0.1', 'localhost') });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);
    expect((await refusal({ DATABASE_URL: two('127.0.0.1', '127.0.0.1') }))[1]).toContain('for another host name');
  });

  it('never falls back to plain text', async () => {
    cluster.admit(['host latch latch all scram-sha-256']);
    cluster.configure(['ssl = off']);
    await cluster.reload();
    for (const mode of ['require', 'verify-full']) {
      const [code, output] = await refusal({ DATABASE_URL: urlAt('localhost', `?sslmode=${mode}`) });
      expect([code, output]).toEqual([1, expect.stringContaining('The database cannot be used: it offers no TLS.')]);
    }
  });

  it('without verification must be requested explicitly', async () => {
    const service = await serviceWith({ DATABASE_URL: urlAt('127.0.0.1', '?sslmode=require') });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);
    expect(await encrypted()).toEqual([{ ssl: true, client_dn: null }]);
  });

  it('presents a client certificate if the server requires one', async () => {
    await encrypt(forLocalhost, 'cert');
    const { cert, key } = await trusted.certify('latch');
    const url = urlAt('localhost', `${verified()}&sslcert=${cert}&sslkey=${key}`, '');
    const service = await serviceWith({ DATABASE_URL: url });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);
    expect(await encrypted()).toEqual([{ ssl: true, client_dn: '/CN=latch' }]);
    const [code, output] = await refusal({ DATABASE_URL: urlAt('localhost', verified(), '') });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('user, password or client certificate refused (28000)'),
    ]);
  });

  it('that becomes invalid while the service runs is a 503 with the reason, until it is valid again', async () => {
    const service = await serviceWith({ DATABASE_URL: urlAt('localhost', verified()) });
    await encrypt(await stranger.certify('localhost'));
    await cluster.cutService();
    const { status, headers } = await asAlice(service).get('/v2.1/os-keypairs');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    const trouble = 'its certificate is not signed by a trusted authority (UNABLE_TO_VERIFY_LEAF_SIGNATURE)';
    await expectDetails(service, trouble);
    for (const line of [`"Not ready: The database cannot be used: ${trouble}."`, `"reason":"${trouble}"`])
      await until(() => service.printedText.includes(line), 'the log line is read');
    await encrypt(forLocalhost);
    await recovery(asAlice(service), 'after the certificate was good again');
    await expectDetails(service, '');
    await until(() => service.printedText.includes('"Ready again."'), 'the log line is read');
  });
});

describe('a password of the database', () => {
  const file = (): string => join(directory, 'secret');
  const NEXT = 'another one';

  beforeEach(async () => {
    await cluster.query(`ALTER ROLE latch PASSWORD '${PASSWORD}'`);
    cluster.admit(['host latch latch all scram-sha-256']);
    await cluster.reload();
  });

  it.each([
    ['DATABASE_PASSWORD_FILE', (password: string) => `${password}\n`],
    ['DATABASE_URL_FILE', (password: string) => `${urlAt('127.0.0.1', '', `:${encodeURIComponent(password)}`)}\n`],
  ])('in %s may change while the service runs', async (variable, content) => {
    writeFileSync(file(), content(PASSWORD));
    const url = variable === 'DATABASE_URL_FILE' ? '' : urlAt('127.0.0.1', '', '');
    const service = await serviceWith({ DATABASE_URL: url, [variable]: file() });
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(200);

    await cluster.query(`ALTER ROLE latch PASSWORD '${NEXT}'`);
    await cluster.cutService();
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(503);
    await expectDetails(service, 'user, password or client certificate refused (28P01)');
    rmSync(file());
    expect((await asAlice(service).get('/v2.1/os-keypairs')).status).toBe(503);
    await expectDetails(service, 'a file with its password or certificates cannot be read (ENOENT)');
    writeFileSync(file(), content(NEXT));
    await recovery(asAlice(service), 'after a change of the password');
    for (const secret of [PASSWORD, NEXT]) expect(service.printedText).not.toContain(secret);
  });

  it('that is missing is reported', async () => {
    const [code, output] = await refusal({ DATABASE_URL: urlAt('127.0.0.1', '', '') });
    expect([code, output]).toEqual([1, expect.stringContaining('it requires a password, and none is set')]);
  });

  it('that is wrong is reported', async () => {
    const [code, output] = await refusal({ DATABASE_URL: urlAt('127.0.0.1', '', ':wrong') });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('user, password or client certificate refused (28P01)'),
    ]);
  });
});

describe('of several hosts', () => {
  it('the one that accepts writes is found, wherever it is in the list', async () => {
    const standby = await Cluster.following(cluster);
    try {
      const list = `postgres://latchkey@127.0.0.1:1,${standby.address},${cluster.address}/postgres`;
      const service = await serviceWith({ DATABASE_URL: `${list}?target_session_attrs=read-write` });
      await recovery(asAlice(service), 'at the third host');
      const sessions = `SELECT count(*)::int AS ours FROM pg_stat_activity WHERE application_name = 'latchkey'`;
      expect(await standby.query(sessions)).toEqual([{ ours: 0 }]);
      expect(await cluster.query(sessions)).not.toEqual([{ ours: 0 }]);
    } finally {
      await standby.remove();
    }
  });

  it('the lack of one that accepts writes is reported', async () => {
    const standby = await Cluster.following(cluster);
    try {
      const url = `postgres://latchkey@${standby.address}/postgres?target_session_attrs=read-write`;
      const [code, output] = await refusal({ DATABASE_URL: url });
      expect([code, output]).toEqual([1, expect.stringContaining('The database cannot be used: it takes no writes.')]);
    } finally {
      await standby.remove();
    }
  });
});
