import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { parse } from 'yaml';
import { picturesDirectory, startBrowser } from '../browser/docs-page.js';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { Client } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { Horizon } from './horizon.js';

const pictures = picturesDirectory();

describe('Horizon, with the settings of docs/clients.md,', () => {
  const directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  let service: ServiceProcess;
  let horizon: Horizon;
  let browser: Browser;
  let passwords: Readonly<Record<string, string>>;
  let page: Page;
  /** Answers to the browser that report a problem. */
  let refusals: string[];

  beforeAll(async () => {
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      DATA_DIR: data,
      PORT: String(await freePort()),
    });
    const { clouds } = parse(readFileSync(join(data, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, { auth: { username: string; password: string } }>;
    };
    passwords = Object.fromEntries(Object.values(clouds).map(({ auth }) => [auth.username, auth.password]));
    horizon = await Horizon.start(service.client.host, join(directory.path, 'horizon'));
    browser = await startBrowser();
    console.info(`Pictures of Horizon are in ${pictures}.`);
  });

  beforeEach(async () => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(120_000);
    refusals = [];
    page.on('response', (response) => {
      if (response.status() >= 400) refusals.push(`${response.status()} ${response.url()}\n${horizon.log}`);
    });
  });

  afterEach(() => page.context().close());

  afterAll(async () => {
    await browser?.close();
    await horizon?.stop();
    await service?.stop();
    directory.remove();
  });

  async function signIn(name: string, password = passwords[name]): Promise<void> {
    await page.goto(horizon.origin);
    await page.getByLabel('User Name').fill(name);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign In' }).click();
  }

  /** The keypairs of a user as Nova's API lists them. */
  async function keypairs(name: string): Promise<{ name: string; public_key: string }[]> {
    const login = { name, password: passwords[name] };
    const token = await logIn(service.client, '/identity/v3', login, { project: 'demo' });
    const { body } = await new Client(service.client.host, { 'X-Auth-Token': token }).get('/v2.1/os-keypairs');
    const listed = (body as { keypairs: { keypair: { name: string; public_key: string } }[] }).keypairs;
    return listed.map(({ keypair }) => ({ name: keypair.name, public_key: keypair.public_key }));
  }

  const dialog = (): Locator => page.locator('.modal-content');
  const row = (text: string): Locator => page.locator('tbody tr').filter({ hasText: text });
  const picture = (name: string): Promise<unknown> => page.screenshot({ path: join(pictures, `${name}.png`) });

  it('opens on Key Pairs, where a user imports, creates and deletes keypairs, and logs out', async () => {
    await signIn('demo');
    await page.getByText('No items to display.').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/project\/key_pairs\/?$/);

    const publicKey = sshKeygen('-t', 'ed25519', '-C', 'from Horizon');
    await page.getByRole('button', { name: 'Import Public Key' }).click();
    await dialog().getByLabel('Key Pair Name').fill('laptop');
    await dialog().locator('select').selectOption({ label: 'SSH Key' });
    await dialog().locator('textarea').fill(publicKey);
    await dialog().getByRole('button', { name: 'Import Public Key' }).click();
    await row('laptop').first().waitFor();
    await dialog().waitFor({ state: 'detached' });
    expect(await keypairs('demo')).toEqual([{ name: 'laptop', public_key: publicKey.trim() }]);

    await page.getByRole('button', { name: 'Create Key Pair' }).click();
    await dialog().getByLabel('Key Pair Name').fill('made');
    await dialog().locator('select').selectOption({ label: 'SSH Key' });
    const download = page.waitForEvent('download');
    await dialog().getByRole('button', { name: 'Create Key Pair' }).click();
    const file = join(directory.path, 'made.pem');
    await (await download).saveAs(file);
    await row('made').first().waitFor();
    await dialog().waitFor({ state: 'detached' });
    await picture('key-pairs');
    execFileSync('chmod', ['600', file]);
    const derived = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim().split(' ');
    const [made] = (await keypairs('demo')).filter(({ name }) => name === 'made');
    expect(made.public_key.split(' ').slice(0, 2)).toEqual(derived.slice(0, 2));

    await page.getByRole('link', { name: 'laptop', exact: true }).click();
    await page.getByText(publicKey.trim()).waitFor();
    await picture('details');
    await page.getByRole('link', { name: 'Key Pairs' }).first().click();

    await row('made').first().getByRole('button', { name: 'Delete Key Pair' }).click();
    await dialog().getByRole('button', { name: 'Delete Key Pair' }).click();
    await row('made').first().waitFor({ state: 'detached' });
    await dialog().waitFor({ state: 'detached' });
    await picture('deleted');
    expect((await keypairs('demo')).map(({ name }) => name)).toEqual(['laptop']);

    await page.locator('.user-menu').click();
    await page.getByRole('link', { name: 'Sign Out' }).click();
    await page.getByRole('button', { name: 'Sign In' }).waitFor();
    await page.goto(`${horizon.origin}/project/key_pairs/`);
    await page.getByRole('button', { name: 'Sign In' }).waitFor();
    expect(refusals).toEqual([]);
  });

  it('refuses a wrong password', async () => {
    await signIn('demo', 'wrong');
    const refusal = page.getByText('Invalid credentials.');
    await refusal.waitFor();
    await picture('refused');
    expect(await refusal.isVisible()).toBe(true);
  });

  it('shows an administrator the projects and users, and makes a user who can log in', async () => {
    await signIn('admin');
    await page.getByText('No items to display.').waitFor();
    await page.goto(`${horizon.origin}/identity/`);
    await row('demo').first().waitFor();
    expect(await page.locator('tbody tr').count()).toBe(2);
    await picture('projects');

    await page.goto(`${horizon.origin}/identity/users/`);
    await row('demo').first().waitFor();
    await page.getByRole('link', { name: 'Create User' }).click();
    await dialog().getByLabel('User Name').fill('carol');
    await dialog().getByLabel('Password', { exact: true }).fill('wonderland of carol');
    await dialog().getByLabel('Confirm Password').fill('wonderland of carol');
    // Horizon hides selects behind menus of its own.
    for (const [name, label] of [
      ['project', 'demo'],
      ['role_id', 'member'],
    ]) {
      await dialog().locator(`select[name=${name}]`).selectOption({ label }, { force: true });
    }
    await dialog().getByRole('button', { name: 'Create User' }).click();
    await row('carol').first().waitFor();
    await picture('users');
    const login = { name: 'carol', password: 'wonderland of carol' };
    await logIn(service.client, '/identity/v3', login, { project: 'demo' });
    expect(refusals).toEqual([]);
  });

  it.each(['demo', 'admin'])('opens every page of the menu for %s without an error', async (name) => {
    await signIn(name);
    await page.getByText('Displaying').first().waitFor();
    const links = await page
      .locator('a.openstack-panel')
      .evaluateAll((found) => found.map((link) => link.getAttribute('href')!));
    expect(links).toEqual(expect.arrayContaining(['/project/', '/project/key_pairs/', '/project/server_groups/']));
    for (const link of links) {
      await page.goto(horizon.origin + link, { waitUntil: 'networkidle' });
      await picture(`${name}${link.replaceAll('/', '-')}`);
      expect(await page.locator('.alert-danger').allInnerTexts()).toEqual([]);
    }
    expect(refusals).toEqual([]);
  });
});
