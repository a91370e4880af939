import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { codeOfStep, newCodeSecret, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import { ConsolePage } from '../browser/console-page.js';
import { startBrowser } from '../browser/docs-page.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';
import { KeystoneServer } from './keystone-server.js';
import { keystoneSettings } from './keystone-settings.js';

/** The console in front of a real Keystone, which the browser itself never reaches. */

const PASSWORD = 'a password';
const SECRET = newCodeSecret();
const directory = mkdtempSync(join(tmpdir(), 'latchkey-console-keystone-'));

let keystone: KeystoneServer;
let service: ServiceProcess;
let browser: Browser;
let page: ConsolePage;

beforeAll(async () => {
  keystone = await KeystoneServer.start();
  const [blue, red] = [await keystone.project('blue'), await keystone.project('red')];
  for (const name of ['alice', 'coded']) {
    const id = await keystone.user(name, PASSWORD);
    for (const project of [blue, red]) await keystone.assign(id, project, 'member');
    if (name === 'coded') await keystone.requireCodes(id, SECRET);
  }
  putEmptyDatabase(directory);
  service = await ServiceProcess.listening({ DATA_DIR: directory, ...keystoneSettings(keystone) });
  browser = await startBrowser();
});

afterEach(async () => {
  expect(page).toMatchObject({ complaints: [], outside: [] });
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await ServiceProcess.killAll();
  await keystone?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const open = async (): Promise<void> => {
  page = await ConsolePage.open(browser, `http://${service.client.host}`);
};

/** The token that the page sends to the APIs. */
const sentToken = (): string => page.sent.map((each) => /"X-Auth-Token":"([^"]+)"/.exec(each)?.[1]).findLast(Boolean)!;

const isValid = async (token: string): Promise<boolean> => {
  const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
  return (await keystone.client.with(headers).get('/v3/auth/tokens')).status === 200;
};

describe('a user of a Keystone', () => {
  it('logs in, changes the project, imports a key and logs out, which ends the token', async () => {
    await open();
    expect(await page.tab.getByLabel('Domain').inputValue()).toBe('Default');
    await page.isAccessible();
    await page.logIn('alice', 'wrong');
    await page.tab.getByText('Check the user, the password').waitFor();
    await page.logIn('alice', PASSWORD);
    await page.heading('Keypairs').waitFor();
    await page.tab.getByLabel('Project').selectOption({ label: 'red' });
    await page.tab.getByText('You now work in the project red.').waitFor();
    await page.go('import');
    await page.tab.getByLabel('Public keys').fill(sshKeygen('-t', 'ed25519', '-C', 'mine'));
    await page.tab.getByRole('button', { name: 'Check the keys' }).click();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).click();
    await page.tab.getByText('1 key is imported.').waitFor();
    expect(await page.tab.getByRole('link', { name: 'Access' }).count()).toBe(0);
    await page.tab.reload();
    await page.heading('Import keys').waitFor();
    expect(await page.tab.getByLabel('Project').locator('option:checked').innerText()).toBe('red');
    const token = sentToken();
    expect(await isValid(token)).toBe(true);
    await page.tab.getByRole('button', { name: 'Log out' }).click();
    await page.heading('Log in').waitFor();
    expect(await isValid(token)).toBe(false);
  });

  it('enters a one-time code where Keystone requires one', async () => {
    await open();
    await page.logIn('coded', PASSWORD);
    await page.tab.getByLabel('One-time code').fill('12345');
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    await page.tab.getByText('Check the user, the password').waitFor();
    await page.tab.getByLabel('One-time code').fill(codeOfStep(SECRET, stepAt(Date.now())));
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    await page.heading('Keypairs').waitFor();
    expect(await isValid(sentToken())).toBe(true);
  });

  it('logs in with an application credential', async () => {
    const token = await logIn(keystone.client, '/v3', { name: 'alice', password: PASSWORD }, { project: 'blue' });
    const id = await keystone.user('alice', PASSWORD);
    const made = await keystone.client
      .with({ 'X-Auth-Token': token })
      .post(`/v3/users/${id}/application_credentials`, { application_credential: { name: 'console' } });
    const { application_credential: credential } = made.body as {
      application_credential: { id: string; secret: string };
    };
    await open();
    await page.tab.getByLabel('Application credential', { exact: true }).check();
    await page.tab.getByLabel('ID of the application credential').fill(credential.id);
    await page.tab.getByLabel('Secret').fill(credential.secret);
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    await page.heading('Keypairs').waitFor();
    await page.tab.getByRole('link', { name: 'mine' }).waitFor();
    expect(await page.tab.getByRole('rowheader').count()).toBe(1);
  });

  it('sees that Keystone is unavailable, and logs in once it is back', async () => {
    await open();
    await keystone.kill();
    await page.logIn('alice', PASSWORD);
    expect(await page.problem()).toContain('Try again later');
    // The browser logs the error, as it should.
    expect(page.complaints.splice(0)).toEqual([expect.stringContaining('503')]);
    await keystone.resume();
    await page.logIn('alice', PASSWORD);
    await page.heading('Keypairs').waitFor();
  });
});
