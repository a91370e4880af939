import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';
import { ConsolePage } from './console-page.js';
import { startBrowser } from './docs-page.js';

/** The console of the built service, with the built-in identity. */

const directory = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
/** Pictures to look at: name a directory to keep them. */
const pictures = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), 'latchkey-pictures-'));

let browser: Browser;
let service: ServiceProcess;
let origin: string;
let password: string;
let api: Client;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  console.info(`Pictures of the console are in ${pictures}.`);
  putEmptyDatabase(join(directory, 'data'));
  service = await ServiceProcess.listening({ AUTH_MODE: 'builtin', DATA_DIR: join(directory, 'data') });
  origin = `http://${service.client.host}`;
  const { clouds } = parse(readFileSync(join(directory, 'data', 'clouds.yaml'), 'utf8')) as {
    clouds: { latchkey: { auth: { password: string } } };
  };
  ({ password } = clouds.latchkey.auth);
  const token = await logIn(service.client, '/identity/v3', { name: 'demo', password }, { project: 'demo' });
  api = service.client.with({ 'X-Auth-Token': token });
});

afterEach(async () => {
  expect(page).toMatchObject({ complaints: [], outside: [] });
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const run = (program: string, ...options: readonly string[]): string =>
  execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

async function enter(look: Parameters<typeof ConsolePage.open>[2] = {}): Promise<ConsolePage> {
  page = await ConsolePage.open(browser, origin, look);
  await page.logIn('demo', password);
  await page.heading('Keypairs').waitFor();
  return page;
}

const picture = (name: string): Promise<Buffer> =>
  page.tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

describe('a visitor', () => {
  it('sees why a log-in is refused, and then logs in by keyboard alone', async () => {
    page = await ConsolePage.open(browser, origin);
    await page.isAccessible();
    await picture('login');
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    expect(await page.problem()).toBe('Fill in all fields.');
    await page.logIn('demo', 'wrong');
    await page.tab.getByText('something of what you entered is wrong').waitFor();
    await page.isAccessible();
    await page.tab.getByLabel('User', { exact: true }).fill('demo');
    await page.tab.keyboard.press('Tab');
    await page.tab.keyboard.type(password);
    await page.tab.keyboard.press('Enter');
    await page.heading('Keypairs').waitFor();
    expect(await page.tab.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });
});

describe('a user without keypairs', () => {
  it('is told what to do', async () => {
    await enter();
    expect(await page.tab.getByText('No keypairs yet').textContent()).toBeTruthy();
    await page.isAccessible();
    await picture('empty');
  });

  it('makes a key, saves it and registers it, and the private key is sent nowhere', async () => {
    await enter();
    await page.tab.getByRole('main').getByRole('link', { name: 'New key' }).click();
    await page.heading('New key').waitFor();
    await page.tab.getByLabel('Name', { exact: true }).fill('laptop');
    await page.isAccessible();
    await picture('new');
    await page.tab.getByRole('button', { name: 'Generate the key' }).click();
    await page.tab.getByRole('heading', { name: 'Save the private key now' }).waitFor();
    await page.isAccessible();
    await picture('save');
    const register = page.tab.getByRole('button', { name: 'Register the public key' });
    expect(await register.isDisabled()).toBe(true);
    const saved = await page.saved(page.tab.getByRole('button', { name: 'Download laptop' }));
    await page.tab.getByLabel('I have saved the private key').check();
    expect((await api.get('/v1/keypairs/laptop')).status).toBe(404);
    await register.click();
    await page.tab.getByRole('heading', { name: 'laptop is registered' }).waitFor();
    await page.isAccessible();
    await picture('done');
    const derived = run('ssh-keygen', '-y', '-f', file('laptop', saved.bytes));
    const { body } = await api.get('/v1/keypairs/laptop');
    expect((body as { keypair: { public_key: string } }).keypair.public_key).toBe(derived);
  });
});

describe('a user with keypairs', () => {
  beforeAll(async () => {
    for (const name of ['build', 'home', 'work']) {
      const body = { keypair: { public_key: sshKeygen('-t', 'ed25519', '-C', `${name}@example.org`) } };
      await api.put(`/v1/keypairs/${name}`, body);
    }
  });

  it('finds, copies, downloads and deletes them', async () => {
    await enter();
    await page.tab.getByRole('row').nth(4).waitFor();
    await page.isAccessible();
    await picture('keypairs');
    await page.tab.getByLabel('Search').fill('home@');
    await page.tab.getByText('1 of 4 keypairs').waitFor();
    const saved = await page.saved(page.tab.getByRole('button', { name: 'Download the public key of home' }));
    expect(saved.name).toBe('home.pub');
    expect(run('ssh-keygen', '-l', '-f', file('home.pub', saved.bytes))).toContain('home@example.org');
    await page.tab.getByRole('button', { name: 'Copy the public key of home' }).click();
    await page.tab.getByText('The public key of home is copied.').waitFor();
    expect(await page.tab.evaluate(() => navigator.clipboard.readText())).toContain('home@example.org');
    await page.tab.getByRole('button', { name: 'Delete home' }).click();
    await page.tab.getByRole('dialog').waitFor();
    await page.isAccessible();
    await picture('delete');
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText('home is deleted.').waitFor();
    expect((await api.get('/v1/keypairs/home')).status).toBe(404);
  });

  it.each(['light', 'dark'] as const)('reads them on a telephone, %s, in German', async (colorScheme) => {
    page = await ConsolePage.open(browser, origin, { width: 320, colorScheme, locale: 'de-DE' });
    await page.tab.getByLabel('Benutzer', { exact: true }).fill('demo');
    await page.tab.getByLabel('Passwort', { exact: true }).fill(password);
    await page.tab.getByRole('button', { name: 'Anmelden' }).click();
    await page.heading('Schlüsselpaare').waitFor();
    await page.isAccessible();
    await picture(`narrow-${colorScheme}`);
    await page.go('new');
    await page.heading('Neuer Schlüssel').waitFor();
    await page.isAccessible();
    await picture(`narrow-new-${colorScheme}`);
    await page.go('import');
    await page.heading('Schlüssel importieren').waitFor();
    await page.isAccessible();
    await picture(`narrow-import-${colorScheme}`);
    expect(await page.tab.evaluate(() => document.documentElement.lang)).toBe('de');
  });
});
