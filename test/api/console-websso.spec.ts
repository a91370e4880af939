import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidConfig, readConfig } from '../../src/config/config.js';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import type { Client, Reply } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** WebSSO: a page of Keystone posts the token of a user who logged in elsewhere. */

const PATH = '/console/websso';
const SESSION = '/console/session';
const FORM = 'application/x-www-form-urlencoded';
const BROWSERS_KEYSTONE = 'https://cloud.example:5000';
const TOKEN = 'gAAAAABl-x_Y0123456789==';

const keystone = new KeystoneStandIn();
let service: StartedApp;
/** The requests of the console's own page. */
let page: Client;

beforeAll(async () => {
  await keystone.start();
  service = await startApp({
    AUTH_MODE: 'keystone',
    KEYSTONE_AUTH_URL: keystone.url,
    KEYSTONE_PASSWORD: 'secret',
    CONSOLE_KEYSTONE_URL: `${BROWSERS_KEYSTONE}/`,
    CONSOLE_SSO: 'openid:Company login, acme/saml2:ACME: staff',
  });
  page = service.client.with({ 'Sec-Fetch-Site': 'same-origin' });
});

afterAll(async () => {
  await service.stop();
  await keystone.kill();
});

/** A form of Keystone's page. */
const post = (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  service.client.send({
    method: 'POST',
    target: PATH,
    headers: { 'Content-Type': FORM, Origin: BROWSERS_KEYSTONE, 'Sec-Fetch-Site': 'cross-site', ...headers },
    body,
  });

const form = (token: string): string => new URLSearchParams({ token }).toString();

describe('the log-in screen', () => {
  it('offers the log-ins of Keystone, where browsers reach it', async () => {
    expect((await service.client.get('/console/settings.json')).body).toMatchObject({
      sso: [
        { label: 'Company login', url: `${BROWSERS_KEYSTONE}/v3/auth/OS-FEDERATION/websso/openid` },
        {
          label: 'ACME: staff',
          url: `${BROWSERS_KEYSTONE}/v3/auth/OS-FEDERATION/identity_providers/acme/protocols/saml2/websso`,
        },
      ],
    });
  });

  it.each(['openid', ':Company', 'openid:', '../x:y', 'a/b/c:d', 'open id:x', `openid:${'x'.repeat(81)}`])(
    'cannot be set to offer %s',
    (written) => {
      const environment = { AUTH_MODE: 'keystone', KEYSTONE_AUTH_URL: keystone.url, KEYSTONE_PASSWORD: 'secret' };
      expect(() => readConfig({ ...environment, CONSOLE_SSO: written })).toThrow(/CONSOLE_SSO must be PROTOCOL:LABEL/);
    },
  );

  it('cannot be set to offer any without a Keystone', () => {
    expect(() => readConfig({ CONSOLE_SSO: 'openid:Company' })).toThrow(
      new InvalidConfig(['CONSOLE_SSO needs AUTH_MODE=keystone.']),
    );
  });
});

describe('a token from Keystone’s page', () => {
  it('begins no session: the answer is a page that is not cached and runs only our scripts', async () => {
    const before = keystone.validations.length;
    const reply = await post(form(TOKEN));
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(/script-src 'self';.*require-trusted-types-for 'script'/),
    });
    expect(reply.headers).not.toHaveProperty('set-cookie');
    expect(reply.text).toContain(`<meta name="token" content="${TOKEN}" />`);
    expect(reply.text).not.toMatch(/<script(?! src="src\/console\/page\/web-sso\.js" type="module">)/);
    expect(keystone.validations).toHaveLength(before);
  });

  it.each<[string, string, Record<string, string>]>([
    ['none', '', {}],
    ['an empty one', form(''), {}],
    ['two', 'token=a&token=b', {}],
    ['markup', form('"><script>alert(1)</script>'), {}],
    ['an entity', form('&quot;'), {}],
    ['a line end', form('a\r\nX-Evil: 1'), {}],
    ['letters with accents', form('é'), {}],
    ['one that is too long', form('a'.repeat(4097)), {}],
    ['bytes that are not text', 'token=%ff%00', {}],
    ['JSON', JSON.stringify({ token: TOKEN }), { 'Content-Type': 'application/json' }],
    ['a form in parts', form(TOKEN), { 'Content-Type': 'multipart/form-data; boundary=x' }],
  ])('is 400 where it is %s', async (_, body, headers) => {
    const reply = await post(body, headers);
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toMatch(/json/);
    expect(reply.text).toContain('Expecting to find one token in the form.');
  });

  it('may be as long as the tokens of other Keystones', async () => {
    expect((await post(form('a'.repeat(4096)))).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { Origin: 'https://evil.example' }],
    ['a site that hides its origin', { Origin: 'null' }],
    ['another port of Keystone’s host', { Origin: 'https://cloud.example' }],
    ['Keystone without TLS', { Origin: 'http://cloud.example:5000' }],
  ])('is refused of %s', async (_, headers) => {
    const reply = await post(form(TOKEN), headers);
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('Only the page of Keystone may send log-ins here');
    expect(reply.text).not.toContain(TOKEN);
  });

  it('is 404 where the operator has set none of these log-ins', async () => {
    const plain = await startApp();
    const { client } = plain;
    const headers = { 'Content-Type': FORM, Origin: BROWSERS_KEYSTONE };
    expect((await client.send({ method: 'POST', target: PATH, headers, body: form(TOKEN) })).status).toBe(404);
    await plain.stop();
  });
});

describe('the page', () => {
  it('begins a session with the token, in the first project of a user without one', async () => {
    keystone.projects = [
      { id: 'de30', name: 'demo' },
      { id: 'be51', name: 'other' },
    ];
    keystone.trusts(TOKEN);
    keystone.knows(TOKEN, { userId: 'carol', projectId: undefined, roles: [] });
    const reply = await page.post(SESSION, { method: 'token', token: TOKEN });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({ token: expect.stringMatching(/^service-/), projects: keystone.projects });
    expect(reply.headers['set-cookie']).toMatch(/^latchkey=[\w-]+; .*HttpOnly; SameSite=Strict$/);
    expect(keystone.lastLogIn).toEqual({
      auth: { identity: { methods: ['token'], token: { id: TOKEN } }, scope: { project: { id: 'de30' } } },
    });
  });

  it('keeps the project of a token that has one', async () => {
    keystone.trusts('scoped');
    keystone.knows('scoped', { userId: 'carol', projectId: 'be51' });
    const { body } = await page.post(SESSION, { method: 'token', token: 'scoped' });
    expect(body).toMatchObject({ token: 'scoped', user: { id: 'carol' }, project: { id: 'be51' }, roles: ['member'] });
  });

  it('is refused with a token that Keystone does not know', async () => {
    const reply = await page.post(SESSION, { method: 'token', token: 'unknown' });
    expect(reply.status).toBe(401);
    expect(reply.headers).not.toHaveProperty('set-cookie');
    expect(reply.text).not.toContain('unknown');
  });

  it.each<[string, unknown]>([
    ['without a token', undefined],
    ['with a number for a token', 1],
    ['with an empty token', ''],
    ['with a space in the token', 'a b'],
    ['with a line end in the token', 'a\r\nX-Auth-Token: b'],
    ['with a token that is too long', 'a'.repeat(4097)],
  ])('is 400 %s', async (_, token) => {
    expect((await page.post(SESSION, { method: 'token', token })).status).toBe(400);
  });

  it('reports that Keystone is unavailable', async () => {
    keystone.misbehaves = (_, answer) => answer.destroy();
    expect((await page.post(SESSION, { method: 'token', token: TOKEN })).status).toBe(503);
    keystone.misbehaves = undefined;
  });
});

describe('a page of another site', () => {
  it('cannot begin a session with a token of its own', async () => {
    const foreign = service.client.with({ 'Sec-Fetch-Site': 'cross-site', Origin: BROWSERS_KEYSTONE });
    const reply = await foreign.post(SESSION, { method: 'token', token: TOKEN });
    expect({ status: reply.status, cookie: reply.headers['set-cookie'] }).toEqual({ status: 403, cookie: undefined });
  });
});
