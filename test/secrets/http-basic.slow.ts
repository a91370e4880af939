import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { startApp } from '../support/start-app.js';
import { emptyDataDir } from '../support/template.js';
import { everyRoute, type Route } from './every-route.js';
import { Journey, targetOf } from './journey.js';
import { privateKeyOfSsh } from './keys.js';
import { Collector } from './places.js';
import { Secrets } from './secrets.js';
import { send } from './wire.js';
import { until } from '../support/until.js';

const { dataDir, remove } = emptyDataDir();
const usersFile = join(dataDir, 'htpasswd');
const journey = new Journey(privateKeyOfSsh(dataDir));
const { secrets, shown } = journey;
/** The control: what is sent along with the secrets, and must be found in its place. */
const visible = new Secrets();
const name = visible.make('user');
const comment = visible.make('comment of a key');
const traced = visible.make('name in traces');

const password = secrets.make('password');
const wrong = secrets.make('wrong password');
const misplaced = secrets.make('password in place of the name');
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const basic = (user: string, secret: string): string => `Basic ${base64(`${user}:${secret}`)}`;

/** Credentials that are sent to all routes, each time for another user; all are invalid. */
const WAYS: readonly [what: string, authorization: (user: string) => string][] = [
  ['a wrong password', (user) => basic(user, wrong)],
  ['a wrong password of 100 bytes', (user) => basic(user, wrong.padEnd(100, 'x'))],
  ['a wrong password of 5000 bytes', (user) => basic(user, wrong.padEnd(5000, 'x'))],
  ['an unknown name, which may be a password', (user) => basic(`${misplaced}${user}`, wrong)],
  ['the password alone', () => `Basic ${base64(wrong)}`],
  ['no user', () => basic('', wrong)],
  ['no base64', (user) => `Basic ${user}:${wrong}`],
  ['base64 that is cut', (user) => `${basic(user, wrong).slice(0, -3)}!`],
  ['bytes that are not text', (user) => `Basic ${base64(Buffer.from(`${user}:\xff\0${wrong}`, 'latin1'))}`],
  ['another scheme', () => `Bearer ${wrong}`],
  ['a digest', (user) => `Digest username="${user}", response="${wrong}"`],
  ['a password that is there twice', (user) => `${basic(user, wrong)}, ${basic(user, wrong)}`],
  ['more than headers may hold', (user) => basic(user, wrong.repeat(600))],
];

let service: ServiceProcess;
let collector: Collector;
let routes: Route[];
let users = 0;

/** The line of a user in the file of users; the hash is a secret too. */
function lineOf(user: string, secret: string): string {
  const hash = bcrypt.hashSync(secret, 4).replace('$2b', '$2y');
  // A setting and a salt come first.
  secrets.add(`hash of ${user}`, hash.slice(29));
  secrets.add(`salt of ${user}`, hash.slice(7, 29));
  return `${user}:${hash}`;
}

/** A user without failed log-ins, since further failures would have to wait. */
function newUser(): string {
  users += 1;
  return `user-${users}`;
}

beforeAll(async () => {
  const app = await startApp({ AUTH_MODE: 'builtin' });
  routes = everyRoute(app);
  await app.stop();
  collector = await Collector.started();
  const others = Array.from({ length: WAYS.length * routes.length }, (_, at) => `user-${at + 1}`);
  // One hash for all of them, since it takes time.
  const [, hash] = lineOf('others', password).split(':');
  writeFileSync(usersFile, [lineOf(name, password), ...others.map((user) => `${user}:${hash}`)].join('\n'));
  service = await ServiceProcess.listening({
    DATA_DIR: dataDir,
    AUTH_MODE: 'http_basic',
    HTTP_BASIC_FILE: usersFile,
    TRUSTED_PROXIES: '127.0.0.1',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'trace',
    OTEL_SERVICE_NAME: traced,
    ...collector.settings,
  });
});

afterAll(async () => {
  await ServiceProcess.killAll();
  collector?.close();
  remove();
});

describe('with user and password in each request', () => {
  it('secrets are sent along every route by a user with the password', async () => {
    const known = { ...journey.headers, Authorization: basic(name, password), 'X-OpenStack-Nova-API-Version': '2.10' };
    const { host } = service.client;
    for (const keypair of [{ name: 'laptop', public_key: sshKeygen('-C', comment) }, { name: 'made' }]) {
      const made = await journey.sent(host, 'POST', '/v2.1/os-keypairs', known, JSON.stringify({ keypair }));
      expect(made.status).toBe(201);
      const { private_key: key } = (JSON.parse(made.body) as { keypair: { private_key?: string } }).keypair;
      if (key !== undefined) secrets.addPrivateKey('generated key', key);
    }
    await journey.everywhere(host, routes, known);
    expect(journey.seen).toContain('GET /v2.1/os-keypairs 200');
  });

  it.each(WAYS)('%s is sent along every route', async (_, authorization) => {
    for (const [at, route] of routes.entries()) {
      const headers = { Authorization: authorization(newUser()), 'X-Forwarded-For': `10.0.${users % 256}.${at}` };
      const { status } = await journey.sent(service.client.host, route.method, targetOf(route), headers);
      expect(status).toBeLessThan(500);
    }
    expect(journey.seen).toContain('GET /v2.1/os-keypairs 401');
  });
});

/** Contents that administrators may confuse with a user and a hash. */
const BROKEN: readonly string[] = [
  `alice:${secrets.make('plain password')}`,
  `alice ${secrets.make('plain password after a space')}`,
  secrets.make('plain password alone'),
  `alice:${secrets.make('plain password beside a hash')}:${'$2y$05$'.padEnd(60, 'a')}`,
  `alice:$apr1$salt$${secrets.make('hash by MD5')}`,
  `alice:{SHA}${secrets.make('hash by SHA-1')}`,
  `alice:${'$2y$31$'.concat(secrets.make('hash of a cost of years')).padEnd(60, 'a')}`,
  `alice:$2y$05$${secrets.make('hash that is cut')}`,
  `${misplaced}:${'$2y$05$'.concat(secrets.make('hash of a user'), '.').padEnd(60, 'a')}`,
  `${misplaced}:${'$2y$05$'.concat(secrets.make('hash of the same one'), '.').padEnd(60, 'a')}`,
  `{alice: {password: ${secrets.make('password in YAML')}}}`,
  privateKeyOfSsh(dataDir),
];

describe('a file of users that is broken', () => {
  beforeAll(() => secrets.addPrivateKey('private key in the file', BROKEN.at(-1)!));

  it('discloses no password and no hash when it keeps the service from starting', async () => {
    const file = join(dataDir, 'broken');
    writeFileSync(file, BROKEN.join('\n'));
    const settings = { DATA_DIR: dataDir, AUTH_MODE: 'http_basic', LOG_LEVEL: 'trace' };
    const starts = [
      ServiceProcess.start({ ...settings, HTTP_BASIC_FILE: file }),
      // The content in place of the path.
      ServiceProcess.start({ ...settings, HTTP_BASIC_FILE: BROKEN[0] }),
      ServiceProcess.start({ ...settings, HTTP_BASIC_FILE: BROKEN.at(-1)! }),
    ];
    expect(await Promise.all(starts.map((each) => each.ended()))).toEqual([78, 78, 78]);
    expect(starts.map(({ printedText }) => secrets.in(printedText))).toEqual([[], [], []]);
    expect(starts[0].printedText).toContain('HTTP_BASIC_FILE: line 1 must be USER:HASH');
    expect(starts[0].printedText).toContain('HTTP_BASIC_FILE: line 10 names the user of line 9 again');
    rmSync(file);
  });

  it('discloses none when it is read again, nor does its corrected version', async () => {
    const ask = (secret: string): Promise<number> =>
      send(service.client.host, {
        method: 'GET',
        target: '/v2.1/os-keypairs',
        headers: { Authorization: basic(name, secret), 'X-Forwarded-For': '10.1.1.1' },
      }).then(({ status }) => status);
    writeFileSync(usersFile, BROKEN.join('\n'));
    await service.printed(/the users stay as they were: line 1 /);
    rmSync(usersFile);
    await service.printed(/the users stay as they were: ENOENT/);
    expect(await ask(password)).toBe(200);
    const other = secrets.make('other password');
    writeFileSync(usersFile, lineOf(name, other));
    await until(async () => (await ask(other)) === 200, 'the new password is accepted', { everyMs: 300 });
    expect(await ask(password)).toBe(401);
  });
});

describe('afterwards', () => {
  it('no refusal has a secret', () => {
    const statuses = [...new Set(journey.refusals.map(({ answered }) => answered.status))];
    expect(statuses).toEqual(expect.arrayContaining([400, 401, 403, 404, 409, 413, 415, 431]));
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(journey.inRefusals(secrets)).toEqual([]);
    expect(journey.inRefusals(visible)).not.toEqual([]);
  });

  it('no log, no line of audit, no metric and no trace has one', async () => {
    const metrics = (await send(service.hosts.operators, { method: 'GET', target: '/metrics' })).all;
    expect(await service.stop()).toBe(0);
    expect(service.printedText).toContain('"action":"login.refuse"');
    const places = { log: service.printedText, metrics, traces: Buffer.concat(collector.received) };
    for (const which of [secrets, shown]) expect(which.inEach(places)).toEqual({ log: [], metrics: [], traces: [] });
    expect(metrics).toContain('latchkey_changes_total');
    expect(visible.inEach(places)).toMatchObject({ log: ['user 0'], traces: ['user 0', 'name in traces 2'] });
  });

  it('no file but that of the users has one', () => {
    expect(secrets.inFiles(dataDir, /^htpasswd$/)).toEqual([]);
    expect(secrets.in(readFileSync(usersFile))).not.toEqual([]);
    expect(visible.inFiles(dataDir).map((each) => each.split(': ')[1])).toContain('comment of a key 1');
  });
});
