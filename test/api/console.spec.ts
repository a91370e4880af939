import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_TYPES } from '../../src/domain/event-type.js';
import { codeOfStep, newCodeSecret, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import type { Client, Reply } from '../support/client.js';
import { identityYaml, temporaryDirectory, testId, type TestUser } from '../identity/identity-yaml.js';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const PASSWORD = 'a password';
const SECRET = newCodeSecret();
const SESSION = '/console/session';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html";

const directory = temporaryDirectory();
const started: StartedApp[] = [];

async function start(settings: Record<string, string>): Promise<StartedApp> {
  const service = await startApp(settings);
  started.push(service);
  return service;
}

let service: StartedApp;
/** The requests of the console's own page. */
let page: Client;

beforeAll(async () => {
  const users: TestUser[] = [
    { name: 'alice', roles: { demo: ['member'], other: ['reader'] } },
    { name: 'coded', roles: { demo: ['member'] }, totp: SECRET },
    { name: 'nowhere' },
  ];
  const file = directory.file('identity.yaml', await identityYaml(['demo', 'other'], users, PASSWORD));
  service = await start({ AUTH_MODE: 'builtin', IDENTITY_FILE: file });
  page = service.client.with({ 'Sec-Fetch-Site': 'same-origin' });
});

afterAll(async () => {
  for (const each of started) await each.stop();
  directory.remove();
});

const logIn = (user: string, password = PASSWORD, client = page): Promise<Reply> =>
  client.post(SESSION, { method: 'password', user, password });

/** The name and value of the cookie that an answer sets. */
const cookieOf = ({ headers }: Reply): string => headers['set-cookie'].split(';')[0];

interface Session {
  readonly token: string;
  readonly user: { readonly name: string };
  readonly project: { readonly name: string } | null;
  readonly projects: readonly { readonly id: string; readonly name: string }[];
}

const sessionOf = ({ body }: Reply): Session => body;

describe('a browser', () => {
  it.each(['/console', '/console/page.css', '/console/messages/de.json', '/console/settings.json'])(
    'gets %s, with a policy for what the page may do',
    async (target) => {
      const reply = await service.client.get(target);
      expect(reply.status).toBe(200);
      expect(reply.headers).toMatchObject({
        'content-security-policy': POLICY,
        'permissions-policy': expect.stringContaining('camera=()'),
        'cross-origin-opener-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-cache',
      });
    },
  );

  it.each(['en', 'de'])('gets a name in %s for each type of event', async (language) => {
    const { body } = await service.client.get(`/console/messages/${language}.json`);
    const names = Object.keys(EVENT_TYPES).map((type) => (body as Record<string, unknown>)[`event.${type}`]);
    expect(names.filter((name) => typeof name !== 'string')).toEqual([]);
  });

  it.each(['/console/nothing', '/console/src/console/page/main.ts', '/console/..%2fapp.js', '/console/src/../app.js'])(
    'gets 404 for %s',
    async (target) => {
      const reply = await service.client.get(target);
      expect(reply.status).toBe(404);
      expect(reply.headers['content-security-policy']).toBe(POLICY);
    },
  );

  it('is redirected from /console/ to /console', async () => {
    const { status, headers } = await service.client.get('/console/');
    expect({ status, location: headers.location }).toEqual({ status: 308, location: '../console' });
  });

  it('gets Nova’s 300 where the operator has switched the console off', async () => {
    const plain = await start({ CONSOLE: 'false' });
    for (const target of ['/console', '/console/session', '/console/settings.json']) {
      const { status, body } = await plain.client.get(target);
      expect({ status, choices: Object.keys(body) }).toEqual({ status: 300, choices: ['choices'] });
    }
  });
});

describe('a user of the console', () => {
  it('logs in, with a token for the APIs and a cookie for the console alone', async () => {
    const reply = await logIn('alice');
    expect(reply.status).toBe(201);
    expect(reply.headers['cache-control']).toBe('no-store');
    const { token, ...session } = sessionOf(reply);
    expect(session).toMatchObject({ user: { name: 'alice' }, roles: expect.any(Array) });
    expect(session.projects.map(({ name }) => name).toSorted()).toEqual(['demo', 'other']);
    expect(session.project).not.toBeNull();
    expect(reply.headers['set-cookie']).toMatch(
      /^latchkey=[\w-]+; Max-Age=\d+; Path=\/console; HttpOnly; SameSite=Strict$/,
    );
    expect(reply.headers['set-cookie']).not.toContain(token);
    expect((await service.client.with({ 'X-Auth-Token': token }).get('/v1/keypairs')).status).toBe(200);
  });

  it('keeps the session over a reload, changes the project and logs out', async () => {
    const first = await logIn('alice');
    const withCookie = page.with({ Cookie: `other=1; ${cookieOf(first)}` });
    expect(sessionOf(await withCookie.get(SESSION))).toEqual(sessionOf(first));
    const other = sessionOf(first).projects.find(({ name }) => name !== sessionOf(first).project!.name)!;
    const changed = await withCookie.put(SESSION, { project: other.id });
    expect(sessionOf(changed).project).toEqual(other);
    const { token } = sessionOf(changed);
    const changedCookie = page.with({ Cookie: cookieOf(changed), 'X-Auth-Token': sessionOf(first).token });
    const out = await changedCookie.delete(SESSION);
    expect(out.status).toBe(204);
    expect(out.headers).toMatchObject({
      'set-cookie': 'latchkey=; Max-Age=0; Path=/console; HttpOnly; SameSite=Strict',
      'clear-site-data': '"cookies", "storage"',
    });
    expect((await changedCookie.get(SESSION)).status).toBe(204);
    for (const each of [token, sessionOf(first).token])
      expect((await service.client.with({ 'X-Auth-Token': each }).get('/v1/keypairs')).status).toBe(401);
  });

  it('has no session without a cookie, or with one that was changed', async () => {
    const cookie = cookieOf(await logIn('alice'));
    const flipped = cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const each of ['', flipped.slice(0, 40), flipped.replace(/=.{6}/, '=AAAAAA'), 'latchkey=%00', 'latchkey=é'])
      expect((await page.with({ Cookie: encodeURI(each) }).get(SESSION)).status).toBe(204);
  });

  it('needs the one-time code as well where there is one', async () => {
    const first = await logIn('coded');
    expect(first.status).toBe(401);
    const { receipt, methods } = first.body as { receipt: string; methods: string[] };
    expect(methods).toContain('totp');
    expect(first.headers).not.toHaveProperty('set-cookie');
    const code = { method: 'totp', user: 'coded', receipt };
    expect((await page.post(SESSION, { ...code, passcode: '000000x' })).status).toBe(401);
    const passcode = codeOfStep(SECRET, stepAt(Date.now()));
    const reply = await page.post(SESSION, { ...code, passcode });
    expect(sessionOf(reply)).toMatchObject({ user: { name: 'coded' }, project: { name: 'demo' } });
  });

  it('logs in with an application credential', async () => {
    const { token } = sessionOf(await logIn('alice'));
    const path = `/identity/v3/users/${testId('user alice')}/application_credentials`;
    const made = await service.client
      .with({ 'X-Auth-Token': token })
      .post(path, { application_credential: { name: 'console' } });
    const { id, secret } = (made.body as { application_credential: { id: string; secret: string } })
      .application_credential;
    const reply = await page.post(SESSION, { method: 'application_credential', id, secret });
    expect(reply.status).toBe(201);
    expect((await page.post(SESSION, { method: 'application_credential', id, secret: 'no' })).status).toBe(401);
  });

  it('may have no project at all', async () => {
    expect(sessionOf(await logIn('nowhere'))).toMatchObject({ project: null, projects: [], roles: [] });
  });

  it('is slowed down after wrong passwords like any other client', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => logIn('guessed', 'wrong')));
    const throttled = replies.find(({ status }) => status === 429)!;
    expect(throttled.headers['retry-after']).toMatch(/^\d+$/);
  });

  it('gets a cookie for the path that a proxy gave the console, and a Secure one if PUBLIC_URL is https', async () => {
    const secure = await start({ AUTH_MODE: 'builtin', PUBLIC_URL: 'https://keys.example.org/a' });
    const client = secure.client.with({ 'Sec-Fetch-Site': 'same-origin' });
    const reply = await client.with({ 'X-Console-Path': '/a/console' }).delete(SESSION);
    expect(reply.headers['set-cookie']).toBe(
      '__Secure-latchkey=; Max-Age=0; Path=/a/console; HttpOnly; SameSite=Strict; Secure',
    );
    for (const path of ['/', '/a/console; Domain=example.org', '/../console', `/${'a'.repeat(99)}/console`])
      expect((await client.with({ 'X-Console-Path': path }).delete(SESSION)).headers['set-cookie']).toContain(
        'Path=/console;',
      );
  });
});

describe('a client other than the page of the console', () => {
  it.each<[string, Record<string, string>]>([
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['a page of a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
    ['a link', { 'Sec-Fetch-Site': 'none' }],
    ['a page of an old browser', { Origin: 'https://evil.example' }],
    ['a page without an origin', { Origin: 'null' }],
    ['a program', {}],
  ])('is refused: %s', async (_, headers) => {
    const cookie = cookieOf(await logIn('alice'));
    const client = service.client.with({ ...headers, Cookie: cookie });
    for (const reply of [
      await logIn('alice', PASSWORD, client),
      await client.get(SESSION),
      await client.put(SESSION, { project: 'x' }),
      await client.delete(SESSION),
    ]) {
      expect({ status: reply.status, cookie: reply.headers['set-cookie'] }).toEqual({ status: 403, cookie: undefined });
      expect(reply.text).toContain('Only the page at /console may send requests here');
    }
  });

  it('may be an old browser on the page itself', async () => {
    const client = service.client.with({ Origin: `http://${service.client.host}` });
    expect((await logIn('alice', PASSWORD, client)).status).toBe(201);
  });

  it('cannot log in with a form', async () => {
    const body = JSON.stringify({ method: 'password', user: 'alice', password: PASSWORD });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      const headers = { 'Sec-Fetch-Site': 'same-origin', ...(type && { 'Content-Type': type }) };
      const reply = await service.client.send({ method: 'POST', target: SESSION, headers, body });
      expect(reply.status).toBe(415);
    }
  });

  it('gains nothing by the cookie: the APIs do not read it', async () => {
    const client = page.with({ Cookie: cookieOf(await logIn('alice')) });
    for (const target of ['/v2.1/os-keypairs', '/v1/keypairs', '/v1/guests', '/identity/v3/auth/projects'])
      expect((await client.get(target)).status).toBe(401);
  });
});

describe('a body that is no log-in', () => {
  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['without a method', '{}'],
    ['of another method', '{"method":"token","id":"x"}'],
    ['without a password', '{"method":"password","user":"alice"}'],
    ['with a number for a name', '{"method":"password","user":1,"password":"x"}'],
    ['with an object for a code', '{"method":"totp","user":"a","receipt":"b","passcode":{}}'],
    ['with a domain that is not text', '{"method":"password","user":"a","password":"b","domain":[]}'],
  ])('is 400: %s', async (_, body) => {
    const headers = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' };
    const reply = await service.client.send({ method: 'POST', target: SESSION, headers, body });
    expect(reply.status).toBe(400);
  });

  it.each(['http_basic', 'none'])('is refused to every user with AUTH_MODE= %s', async (authMode) => {
    const file = directory.file('htpasswd', '');
    const other = await start({ AUTH_MODE: authMode, HTTP_BASIC_FILE: file });
    const reply = await logIn('alice', PASSWORD, other.client.with({ 'Sec-Fetch-Site': 'same-origin' }));
    expect(reply.status).toBe(404);
    expect((await other.client.get('/console/settings.json')).body).toMatchObject({ authMode });
  });
});

describe('a user of a Keystone', () => {
  it('logs in through the service, which forwards to Keystone', async () => {
    const keystone = new KeystoneStandIn();
    await keystone.start();
    const settings = { AUTH_MODE: 'keystone', KEYSTONE_AUTH_URL: keystone.url, KEYSTONE_PASSWORD: 'secret' };
    const browser = (await start(settings)).client.with({ 'Sec-Fetch-Site': 'same-origin' });
    const reply = await browser.post(SESSION, { method: 'password', user: 'alice', password: 'hers', domain: 'Users' });
    expect(reply.status).toBe(201);
    expect(keystone.lastLogIn).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'alice', domain: { name: 'Users' }, password: 'hers' } },
        },
      },
    });
    expect(sessionOf(reply).token).toBe('service-1');
    keystone.misbehaves = (_, answer) => answer.writeHead(401, { 'Content-Type': 'application/json' }).end('{}');
    expect((await logIn('alice', 'wrong', browser)).status).toBe(401);
    keystone.misbehaves = (_, answer) => answer.destroy();
    const away = await logIn('alice', 'hers', browser);
    expect(away.status).toBe(503);
    await keystone.kill();
  });
});
