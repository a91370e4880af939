import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import type { Browser } from 'playwright-core';
import { parse } from 'yaml';
import { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';
import { DocsPage, picturesDirectory, startBrowser } from './docs-page.js';
import { PathProxy } from './path-proxy.js';

/** The page at /docs of the built service, in a browser. */

const directory = mkdtempSync(join(tmpdir(), 'latchkey-browser-'));
const pictures = picturesDirectory();

let browser: Browser;
/** The tab of the test that runs. */
let page: DocsPage;

beforeAll(async () => {
  browser = await startBrowser();
  console.info(`Pictures of the page are in ${pictures}.`);
});

afterEach(async () => page?.close());

afterAll(async () => {
  await browser?.close();
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const originOf = ({ client }: ServiceProcess): string => `http://${client.host}`;

/** What Chromium logs for every refused request. */
const refused = (status: number): unknown => expect.stringContaining(`status of ${status}`);

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];

describe('a reader, with AUTH_MODE=builtin,', () => {
  let service: ServiceProcess;
  let password: string;
  /** The API as another client uses it, with a token of its own. */
  let api: Client;

  beforeAll(async () => {
    putEmptyDatabase(join(directory, 'data'));
    service = await ServiceProcess.listening({ AUTH_MODE: 'builtin', DATA_DIR: join(directory, 'data') });
    const clouds = parse(readFileSync(join(directory, 'data', 'clouds.yaml'), 'utf8')) as {
      clouds: { latchkey: { auth: { password: string } } };
    };
    ({ password } = clouds.clouds.latchkey.auth);
    const token = await logIn(service.client, '/identity/v3', { name: 'demo', password }, { project: 'demo' });
    api = service.client.with({ 'X-Auth-Token': token });
  });

  const open = async (target?: string, width?: number): Promise<DocsPage> => {
    page = await DocsPage.open(browser, originOf(service), target, width);
    return page;
  };

  const loggedIn = async (target?: string): Promise<DocsPage> => {
    await open(target);
    await page.logIn('demo', password, 'demo');
    expect(await page.textOf('#logged-in')).toMatch(/^Logged in as demo, project demo, until \d/);
    return page;
  };

  it('finds every document, and nothing comes from elsewhere', async () => {
    await open();
    const offered = await page.picker.locator('option').allInnerTexts();
    const { body } = await service.client.get('/docs/settings.json');
    expect(offered).toEqual((body as { documents: { title: string }[] }).documents.map(({ title }) => title));
    expect(offered[0]).toContain('2.92');
    await page.tab.screenshot({ path: join(pictures, 'page.png'), fullPage: true });
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('reads every document without an error', async () => {
    await open();
    const names = await page.picker
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value')!));
    for (const name of names.toReversed()) {
      await page.pick(name);
      const { body } = await service.client.get(`/openapi/${name}.json`);
      const items = Object.values((body as { paths: Record<string, object> }).paths);
      const operations = items.flatMap((item) => Object.keys(item).filter((key) => METHODS.includes(key)));
      await page.tab
        .locator('.opblock')
        .nth(operations.length - 1)
        .waitFor();
      expect(await page.tab.locator('.opblock').count()).toBe(operations.length);
    }
    expect(names.length).toBeGreaterThan(9);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('logs in, creates a keypair and sees it in the list', async () => {
    await loggedIn();
    const publicKey = sshKeygen('-t', 'ed25519', '-C', 'from the page');
    const created = await page.tryOut('createKeypair', { keypair: { name: 'tried', public_key: publicKey } });
    expect(created).toMatchObject({
      method: 'POST',
      url: `${originOf(service)}/v2.1/os-keypairs`,
      headers: expect.objectContaining({ 'x-openstack-nova-api-version': '2.92', 'content-type': 'application/json' }),
      status: 201,
    });
    expect(JSON.parse(created.body)).toMatchObject({ keypair: { name: 'tried', public_key: publicKey } });
    await page.operation('createKeypair').screenshot({ path: join(pictures, 'created.png') });

    const listed = await page.tryOut('listKeypairs');
    expect(listed).toMatchObject({ method: 'GET', url: `${originOf(service)}/v2.1/os-keypairs`, status: 200 });
    expect(JSON.parse(listed.body)).toMatchObject({ keypairs: [{ keypair: { name: 'tried' } }] });

    const shown = await api.at('2.92').get('/v2.1/os-keypairs/tried');
    expect(shown.body).toMatchObject({ keypair: { name: 'tried', public_key: publicKey, type: 'ssh' } });
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('may create the keypair of the example', async () => {
    await loggedIn();
    const created = await page.tryOut('createKeypair');
    expect(created.status).toBe(201);
    const { keypair } = JSON.parse(created.body) as { keypair: { name: string } };
    expect((await api.at('2.92').delete(`/v2.1/os-keypairs/${keypair.name}`)).status).toBe(204);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('sees that public_key is required at 2.92, and sees the refusal without it', async () => {
    await loggedIn();
    expect(await page.required('createKeypair')).toEqual(['keypair*', 'name*', 'public_key*']);
    const refusal = await page.tryOut('createKeypair', { keypair: { name: 'nothing' } });
    expect(refusal.status).toBe(400);
    expect(JSON.parse(refusal.body)).toMatchObject({
      badRequest: { message: expect.stringContaining("'public_key' is a required property") },
    });
    expect(page.complaints).toEqual([refused(400)]);
  });

  it('picks another version: its document is shown and its microversion sent, with the same token', async () => {
    await loggedIn();
    expect((await page.tryOut('listKeypairs')).headers['x-openstack-nova-api-version']).toBe('2.92');
    await page.pick('2.2');
    expect(page.tab.url()).toBe(`${originOf(service)}/docs?document=2.2`);
    expect(await page.required('createKeypair')).toEqual(['keypair*', 'name*']);
    const made = await page.tryOut('createKeypair', { keypair: { name: 'made' } });
    expect(made).toMatchObject({
      headers: expect.objectContaining({ 'x-openstack-nova-api-version': '2.2' }),
      status: 201,
    });
    const { keypair } = JSON.parse(made.body) as { keypair: { public_key: string; private_key: string } };
    expect(derived(keypair.private_key)).toBe(keypair.public_key.split(' ').slice(0, 2).join(' '));
    await page.pick('2.92');
    expect((await page.tryOut('listKeypairs')).headers['x-openstack-nova-api-version']).toBe('2.92');
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('gets directly to /v2, which has no microversion to send', async () => {
    await loggedIn('/docs?document=v2');
    const listed = await page.tryOut('listKeypairs');
    expect(listed).toMatchObject({ url: `${originOf(service)}/v2/os-keypairs`, status: 200 });
    expect(Object.keys(listed.headers).filter((name) => name.includes('openstack'))).toEqual([]);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it.each([
    ['guests', 'listGuests', '/v1/guests'],
    ['identity', 'listOwnProjects', '/identity/v3/auth/projects'],
    ['versions', 'listVersions', '/'],
    ['probes', 'showLiveness', '/livez'],
  ])('tries out the other APIs: %s', async (name, operation, path) => {
    await loggedIn(`/docs?document=${name}`);
    expect(await page.tryOut(operation)).toMatchObject({ url: originOf(service) + path, status: 200 });
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('pastes a token instead', async () => {
    await open();
    expect((await page.tryOut('listKeypairs')).status).toBe(401);
    await page.close();
    await open();
    const login = { name: 'demo', password };
    const token = await logIn(service.client, '/identity/v3', login, { project: 'demo' });
    await page.authorize(token);
    const listed = await page.tryOut('listKeypairs');
    expect(listed).toMatchObject({ headers: expect.objectContaining({ 'x-auth-token': token }), status: 200 });
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('logs out, and the token is no longer valid', async () => {
    await loggedIn();
    const { headers } = await page.tryOut('listKeypairs');
    const revoked = page.tab.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.tab.getByRole('button', { name: 'Log out' }).click();
    expect((await revoked).status()).toBe(204);
    await page.form.getByLabel('Password').waitFor();
    const client = service.client.with({ 'X-Auth-Token': headers['x-auth-token'] });
    expect((await client.get('/v2.1/os-keypairs')).status).toBe(401);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('leaves no token and no password behind in the browser', async () => {
    await loggedIn();
    await page.tryOut('listKeypairs');
    const kept = await page.tab.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(kept).toBe('[{},{},""]');
    expect(await page.tab.context().cookies()).toEqual([]);
    await page.tab.reload();
    await page.tab.locator('.opblock').first().waitFor();
    expect(await page.form.getByLabel('Password').inputValue()).toBe('');
    expect((await page.tryOut('listKeypairs')).status).toBe(401);
  });

  it('sees the message of the service if a password is wrong', async () => {
    await open();
    await page.logIn('demo', 'wrong', 'demo');
    expect(await page.textOf('#problem')).toBe('The request you have made requires authentication.');
    await page.tab.screenshot({ path: join(pictures, 'refused.png') });
    expect(page.complaints).toEqual([refused(401)]);
    await page.logIn('demo', password, 'demo');
    await page.textOf('#logged-in');
    expect(await page.tab.locator('#problem').isVisible()).toBe(false);
  });

  it('sees a 404 where there is no page', async () => {
    page = await DocsPage.blank(browser, originOf(service));
    const answer = await page.tab.goto(`${originOf(service)}/docs/nothing`);
    expect(answer?.status()).toBe(404);
    expect(await page.textOf('body')).toContain('404 Not Found');
    expect(page.outside).toEqual([]);
  });

  it('reaches the page by /docs/ too', async () => {
    await open('/docs/');
    expect(page.tab.url()).toBe(`${originOf(service)}/docs`);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('reads it on a telephone without scrolling sideways', async () => {
    await open('/docs', 390);
    await page.logIn('demo', password, 'demo');
    await page.textOf('#logged-in');
    await page.tryOut('listKeypairs');
    await page.tab.screenshot({ path: join(pictures, 'narrow.png'), fullPage: true });
    expect(await page.tab.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});

describe('a reader, with AUTH_MODE=', () => {
  const htpasswd = join(directory, 'htpasswd');
  beforeAll(() => writeFileSync(htpasswd, `alice:${bcrypt.hashSync('wonderland', 4)}\n`));

  const open = async (settings: Record<string, string>): Promise<void> => {
    const dataDir = mkdtempSync(join(directory, 'data-'));
    putEmptyDatabase(dataDir);
    const service = await ServiceProcess.listening({ DATA_DIR: dataDir, ...settings });
    page = await DocsPage.open(browser, originOf(service));
    expect(await page.form.isVisible()).toBe(false);
  };

  it('http_basic, gives user and password', async () => {
    await open({ AUTH_MODE: 'http_basic', HTTP_BASIC_FILE: htpasswd });
    expect(await page.textOf('[data-auth-mode=http_basic]')).toContain('user and password');
    await page.authorize('alice', 'wonderland');
    const listed = await page.tryOut('listKeypairs');
    expect(listed).toMatchObject({
      headers: expect.objectContaining({ authorization: `Basic ${btoa('alice:wonderland')}` }),
      status: 200,
    });
    expect(listed.headers).not.toHaveProperty('x-auth-token');
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('http_basic, sees on the page that the password is wrong', async () => {
    await open({ AUTH_MODE: 'http_basic', HTTP_BASIC_FILE: htpasswd });
    await page.authorize('alice', 'wrong');
    expect((await page.tryOut('listKeypairs')).status).toBe(401);
    expect(page.complaints).toEqual([refused(401)]);
  });

  it('keystone, is prompted for a token', async () => {
    await open({ AUTH_MODE: 'keystone', KEYSTONE_AUTH_URL: 'http://127.0.0.1:9/v3', KEYSTONE_PASSWORD: 'secret' });
    expect(await page.textOf('[data-auth-mode=keystone]')).toContain('openstack token issue');
    const names = await page.picker.locator('option').allInnerTexts();
    expect(names.filter((name) => /identity/i.test(name))).toEqual([]);
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });

  it('none, may act as any user and has no token', async () => {
    await open({ AUTH_MODE: 'none' });
    expect(await page.textOf('[data-auth-mode=none]')).toContain('USER_ID:PROJECT_ID');
    expect((await page.tryOut('listKeypairs')).status).toBe(200);
    await page.authorize('alice:wonderland');
    const publicKey = sshKeygen('-t', 'ed25519');
    const created = await page.tryOut('createKeypair', { keypair: { name: 'hers', public_key: publicKey } });
    expect(JSON.parse(created.body)).toMatchObject({ keypair: { user_id: 'alice' } });
    expect(page).toMatchObject({ complaints: [], outside: [] });
  });
});

describe('a reader behind a proxy that serves the service under a path', () => {
  it('sends requests to where the page came from, whatever base URL the service assumes', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: 'memory://', PUBLIC_URL: 'https://keys.example.org/a' });
    const proxy = await PathProxy.of(service.client.host, '/compute');
    page = await DocsPage.open(browser, proxy.origin, '/compute/docs/');
    expect(page.tab.url()).toBe(`${proxy.origin}/compute/docs`);
    const listed = await page.tryOut('listKeypairs');
    expect(listed).toMatchObject({ url: `${proxy.origin}/compute/v2.1/os-keypairs`, status: 200 });
    expect(page).toMatchObject({ complaints: [], outside: [] });
    await page.close();
    proxy.close();
  });
});

/** The public half of a private key, as ssh-keygen derives it, without its comment. */
function derived(privateKey: string): string {
  const file = join(directory, 'private');
  writeFileSync(file, privateKey, { mode: 0o600 });
  return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim().split(' ').slice(0, 2).join(' ');
}
