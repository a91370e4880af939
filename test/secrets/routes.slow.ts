import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { passwordBody } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { startApp } from '../support/start-app.js';
import { everyRoute, type Route } from './every-route.js';
import { Journey } from './journey.js';
import { privateKeyOfSsh } from './keys.js';
import { Collector } from './places.js';
import { Secrets } from './secrets.js';
import { type Answered, send } from './wire.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
const dataDir = join(directory, 'data');
/** What is stored for guests, in the database and nowhere else. */
const stored = new Secrets();
const pasted = privateKeyOfSsh(directory);
const journey = new Journey(pasted);
const { secrets, shown, headers: HEADERS, refusals, seen } = journey;

const metadataSecret = secrets.make('METADATA_SECRET');
let service: ServiceProcess;
let collector: Collector;
let routes: Route[];
let guests: string;
let operators: string;
let cloudsFile: string;

beforeAll(async () => {
  const app = await startApp({ AUTH_MODE: 'builtin' });
  routes = everyRoute(app);
  await app.stop();
  collector = await Collector.started();
  service = await ServiceProcess.listening({
    DATA_DIR: dataDir,
    AUTH_MODE: 'builtin',
    METADATA_MODE: 'neutron',
    METADATA_SECRET: metadataSecret,
    ADMIN_PORT: '0',
    RATE_LIMIT: '100000/60',
    LOG_LEVEL: 'trace',
    ...collector.settings,
  });
  await service.printed(/keypair list/);
  const printed = service.printedText;
  [, guests] = /their metadata at http:\/\/([^/]+)\//.exec(printed)!;
  [, operators] = /metrics at http:\/\/([^/]+)\//.exec(printed)!;
  [, cloudsFile] = /Users and passwords are in (\S+)\./.exec(printed)!;
});

afterAll(async () => {
  await ServiceProcess.killAll();
  collector?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('secrets on every route', () => {
  it('are sent by an unknown client', async () => {
    expect(routes.length).toBeGreaterThan(40);
    await journey.everywhere(service.client.host, routes, HEADERS);
    expect(refusals.some(({ answered }) => answered.status === 401)).toBe(true);
  });

  it('are sent by, and were issued to, an authenticated caller', async () => {
    const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as Record<
      string,
      Record<string, { auth: Record<string, string> }>
    >;
    const { password, project_name: project } = clouds['latchkey-admin'].auth;
    secrets.add('password of admin', password);
    secrets.add('password of demo', clouds.latchkey.auth.password);
    secrets.add('key that tokens are signed with', readFileSync(join(dataDir, 'token.key'), 'utf8').trim());
    const body = JSON.stringify(passwordBody({ name: 'admin', password }, { project }));
    const logIn = await journey.sent(service.client.host, 'POST', '/identity/v3/auth/tokens', {}, body);
    expect(logIn.status).toBe(201);
    const token = String(logIn.headers['x-subject-token']);
    secrets.add('token', token);
    // A token has three parts; no single one belongs in a log either.
    secrets.add('signature of the token', token.split('.').at(-1)!);

    const known = { ...HEADERS, 'X-Auth-Token': token, 'X-OpenStack-Nova-API-Version': '2.10' };
    for (const type of ['ssh', 'x509']) {
      const requested = JSON.stringify({ keypair: { name: `made-${type}`, type } });
      const made = await journey.sent(service.client.host, 'POST', '/v2.1/os-keypairs', known, requested);
      expect(made.status).toBe(201);
      const { private_key: key } = (JSON.parse(made.body) as { keypair: { private_key: string } }).keypair;
      secrets.addPrivateKey(`generated ${type} key`, type === 'ssh' ? key : key.match(/.{1,64}/g)!.join('\n'));
      // The name is taken: the key that was generated for it is discarded.
      expect((await journey.sent(service.client.host, 'POST', '/v2.1/os-keypairs', known, requested)).status).toBe(409);
    }
    const { token: described } = JSON.parse(logIn.body) as { token: { user: { id: string } } };
    for (const chosen of [undefined, secrets.make('chosen secret of an application credential')]) {
      const path = `/identity/v3/users/${described.user.id}/application_credentials`;
      const requested = JSON.stringify({
        application_credential: { name: `ci ${chosen === undefined}`, secret: chosen },
      });
      const made = await journey.sent(service.client.host, 'POST', path, known, requested);
      const { id, secret } = (JSON.parse(made.body) as { application_credential: Record<string, string> })
        .application_credential;
      if (chosen === undefined) secrets.add('secret of an application credential', secret);
      const identity = { methods: ['application_credential'], application_credential: { id, secret } };
      const used = JSON.stringify({ auth: { identity } });
      expect((await journey.sent(service.client.host, 'POST', '/identity/v3/auth/tokens', {}, used)).status).toBe(201);
    }
    await journey.everywhere(service.client.host, routes, known);
    expect((await journey.sent(service.client.host, 'GET', '/v2.1/os-keypairs/made-ssh', known)).status).toBe(200);
  });

  it('are sent to the metadata service, with valid and invalid signatures', async () => {
    const id = randomUUID();
    const key = stored.make('user data');
    const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as Record<
      string,
      Record<string, { auth: Record<string, string> }>
    >;
    const { password, project_name: project } = clouds['latchkey-admin'].auth;
    const body = JSON.stringify(passwordBody({ name: 'admin', password }, { project }));
    const logIn = await journey.sent(service.client.host, 'POST', '/identity/v3/auth/tokens', {}, body);
    const guest = {
      id,
      name: 'guest',
      project_id: 'p',
      key_names: ['made-ssh', 'made-x509'],
      user_data: Buffer.from(key).toString('base64'),
      vendor_data: { password: key },
      metadata: { password: key },
    };
    const headers = { 'X-Auth-Token': String(logIn.headers['x-subject-token']) };
    const registered = await journey.sent(
      service.client.host,
      'POST',
      '/v1/guests',
      headers,
      JSON.stringify({ guest }),
    );
    expect(registered.status).toBe(201);
    expect((await journey.sent(service.client.host, 'GET', `/v1/guests/${id}/config-drive`, headers)).status).toBe(200);

    const signature = createHmac('sha256', metadataSecret).update(id).digest('hex');
    secrets.add('signature of the guest', signature);
    const signed = { ...HEADERS, 'X-Instance-ID': id, 'X-Tenant-ID': 'p', 'X-Instance-ID-Signature': signature };
    const badly = { ...signed, 'X-Instance-ID-Signature': secrets.make('bad signature') };
    const others = { ...signed, 'X-Tenant-ID': 'q' };
    const left = Buffer.from(stored.make('password of the guest')).toString('base64');
    for (const each of [signed, badly, others, HEADERS]) {
      for (const path of ['meta_data.json', 'user_data', 'vendor_data.json', 'password', 'none']) {
        await journey.sent(guests, 'GET', `/openstack/latest/${path}`, each);
      }
      for (const content of [left, left, left.repeat(100)]) {
        await journey.sent(guests, 'POST', '/openstack/2013-04-04/password', each, content);
      }
      await journey.sent(guests, 'GET', '/latest/meta-data/public-keys/0/openssh-key', each);
    }
    expect(seen).toContain('GET /openstack/latest/user_data 200');
    expect(seen).toContain('GET /openstack/latest/user_data 403');
    expect(seen).toContain('POST /openstack/2013-04-04/password 409');
    for (const path of ['/metrics', '/healthcheck', '/readyz', '/livez', '/none']) {
      await journey.sent(operators, 'GET', path, HEADERS);
      await journey.sent(operators, 'POST', path, HEADERS, left);
    }
  });

  it('are sent as invalid HTTP, and too long', async () => {
    const long = secrets.make('long header');
    await journey.sent(service.client.host, 'GET', '/v2.1/os-keypairs', { 'X-Auth-Token': long.repeat(2000) });
    await journey.sent(service.client.host, 'GET', `/v2.1/os-keypairs/%ff${long}`, HEADERS);
    expect(refusals.map(({ answered }) => answered.status)).toContain(431);
  });

  it('are sent again and again', async () => {
    const tried = (times: number): Promise<Answered[]> =>
      Promise.all(
        Array.from({ length: times }, () => {
          const wrong = { name: 'demo', password: secrets.make('wrong password') };
          const body = JSON.stringify(passwordBody(wrong, undefined));
          return journey.sent(service.client.host, 'POST', '/identity/v3/auth/tokens', HEADERS, body);
        }),
      );
    // After these, each further one has to wait longer, until the wait would be too long.
    const statuses = [...(await tried(10)), ...(await tried(5))].map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  it('were refused in every way', () => {
    const statuses = new Set(refusals.map(({ answered }) => answered.status));
    expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 403, 404, 405, 406, 409, 413, 415, 431]));
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  });

  it('are in no refusal', () => {
    expect(journey.inRefusals(secrets, stored)).toEqual([]);
  });

  it('are in no log, no line of audit, no metric and no trace', async () => {
    const metrics = (await send(operators, { method: 'GET', target: '/metrics' })).all;
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(service.printedText).toContain('"audit"');
    expect(metrics).toContain('latchkey_changes_total');
    for (const which of [secrets, stored, shown]) {
      expect(which.in(service.printedText)).toEqual([]);
      expect(which.in(metrics)).toEqual([]);
      expect(which.in(Buffer.concat(collector.received))).toEqual([]);
    }
  });

  it('are in no file, except for the two that keep them for the operator', () => {
    expect(secrets.inFiles(directory, /clouds\.yaml$|token\.key$/)).toEqual([]);
  });
});

describe('the search', () => {
  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in base64, wherever it begins', (secret) => Buffer.from(`x${secret}yz`).toString('base64')],
    ['in base64url', (secret) => Buffer.from(`xx${secret}`).toString('base64url')],
    ['in hexadecimal digits', (secret) => Buffer.from(secret).toString('hex')],
    ['in a URL, JSON and HTML', (secret) => encodeURIComponent(JSON.stringify({ '<a>': `"${secret}"` }))],
  ])('finds a secret %s', (_, write) => {
    const planted = new Secrets();
    expect(planted.in(`before ${write(planted.make('planted'))} after`)).toEqual(['planted 0']);
    expect(planted.in(`before ${write('Zqsomethingelse')} after`)).toEqual([]);
  });

  it('finds the bytes of a private key', () => {
    const planted = new Secrets();
    planted.addPrivateKey('planted', pasted);
    const bytes = Buffer.from(pasted.replaceAll(/-----.*-----|\n/g, ''), 'base64');
    expect(planted.in(bytes)).toHaveLength(1);
    expect(planted.in(pasted).length).toBeGreaterThan(1);
  });
});
