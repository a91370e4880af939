import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { until } from '../support/until.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { startBrowser } from './docs-page.js';

/** The end of sessions, and several tabs with one session. */

const PASSWORD = 'a password';
const directory = temporaryDirectory();

let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  const users = [{ name: 'alice', roles: { blue: ['member'], red: ['member'] } }];
  const file = directory.file('identity.yaml', await identityYaml(['blue', 'red'], users, PASSWORD));
  service = await ConsoleService.start({ IDENTITY_FILE: file });
});

afterEach(async () => {
  expect(page).toMatchObject({ complaints: [], outside: [] });
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await ServiceProcess.killAll();
  directory.remove();
});

async function enter(look: Parameters<typeof ConsolePage.open>[2] = {}): Promise<void> {
  page = await ConsolePage.open(browser, service.origin, look);
  await page.logIn('alice', PASSWORD);
  await page.heading('Keypairs').waitFor();
}

const dialog = () => page.tab.getByRole('dialog');

async function logInAgain(): Promise<void> {
  await dialog().getByLabel('User', { exact: true }).fill('alice');
  await dialog().getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog().getByRole('button', { name: 'Log in' }).click();
  await dialog().waitFor({ state: 'detached' });
}

/** Revokes the page's token, as an administrator or another device would. */
async function revoke(): Promise<void> {
  const sent = page.sent.map((each) => /"X-Auth-Token":"([^"]+)"/.exec(each)?.[1]).findLast((each) => each)!;
  const headers = { 'X-Auth-Token': sent, 'X-Subject-Token': sent };
  expect((await service.process.client.with(headers).delete('/identity/v3/auth/tokens')).status).toBe(204);
}

describe('a session', () => {
  it('warns two minutes before its end, and goes on after another log-in', async () => {
    page = await ConsolePage.open(browser, service.origin);
    await page.tab.clock.install({ time: Date.now() });
    await page.tab.reload();
    await page.logIn('alice', PASSWORD);
    await page.heading('Keypairs').waitFor();
    await page.tab.clock.fastForward('57:00');
    expect(await page.tab.getByText('Your session ends').count()).toBe(0);
    await page.tab.clock.fastForward('01:05');
    await page.tab.getByText('Your session ends in less than two minutes.').waitFor();
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'Stay logged in' }).click();
    await page.tab.getByRole('dialog', { name: 'Log in again to stay' }).waitFor();
    await page.isAccessible();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await page.tab.getByText('Your session ends').waitFor();
    await page.tab.getByRole('button', { name: 'Stay logged in' }).click();
    await page.tab.clock.fastForward('02:00');
    await page.tab.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await page.tab.keyboard.press('Escape');
    await page.tab.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await page.tab.clock.setFixedTime(Date.now());
    await logInAgain();
    expect(await page.tab.getByText('Your session ends').count()).toBe(0);
  });

  it('that ends in the middle of a form keeps the input, and continues in its project', async () => {
    await enter();
    await page.tab.getByLabel('Project').selectOption({ label: 'red' });
    await page.tab.getByText('You now work in the project red.').waitFor();
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Register a guest' }).click();
    await page.tab.getByLabel('Name', { exact: true }).fill('db');
    await page.tab.getByLabel('UUID').fill('11111111-2222-4333-8444-555555555555');
    await revoke();
    await page.tab.getByRole('button', { name: 'Register', exact: true }).click();
    await page.tab.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await dialog().getByLabel('User', { exact: true }).fill('alice');
    await dialog().getByLabel('Password', { exact: true }).fill('wrong');
    await dialog().getByRole('button', { name: 'Log in' }).click();
    await dialog().getByText('Check the user, the password').waitFor();
    await logInAgain();
    expect(await page.tab.getByLabel('Name', { exact: true }).inputValue()).toBe('db');
    await until(
      async () => (await page.tab.getByLabel('Project').locator('option:checked').innerText()) === 'red',
      'the project is the one of before',
    );
    await page.tab.getByRole('button', { name: 'Register', exact: true }).click();
    await page.tab.getByText('db is registered.').waitFor();
    const login = { name: 'alice', password: PASSWORD };
    const token = await logIn(service.process.client, '/identity/v3', login, { project: 'red' });
    const { body } = await service.process.client.with({ 'X-Auth-Token': token }).get('/v1/guests');
    expect(body).toMatchObject({ guests: [{ name: 'db', project_id: testId('project red') }] });
  });

  it('that ends during an import keeps the keys that are left', async () => {
    await enter();
    await page.go('import');
    await page.tab.getByLabel('Public keys').fill(sshKeygen('-t', 'ed25519', '-C', 'late'));
    await page.tab.getByRole('button', { name: 'Check the keys' }).click();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).waitFor();
    await revoke();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).click();
    await dialog().waitFor();
    await logInAgain();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).click();
    await page.tab.getByText('1 key is imported.').waitFor();
    await page.go('keypairs');
    await page.heading('Keypairs').waitFor();
    await page.tab.getByRole('link', { name: 'late' }).waitFor();
    expect(await page.tab.getByRole('rowheader').allInnerTexts()).toHaveLength(1);
  });
});

describe('two tabs', () => {
  it('share one log-in, and neither overwrites what the other changed', async () => {
    await enter();
    await page.go('keypairs/own/late');
    await page.heading('late').waitFor();
    const other = await ConsolePage.inContext(page.context, service.origin);
    await other.tab.goto(`${service.origin}/console#/keypairs/own/late`);
    await other.heading('late').waitFor();
    await other.tab.getByLabel('Note').fill('of the second tab');
    await other.tab.getByRole('button', { name: 'Save' }).click();
    await other.tab.getByText('The changes are saved.').waitFor();
    await page.tab.getByLabel('Note').fill('of the first tab');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    expect(await page.problem()).toContain('Another user or tab has changed late');
    expect(await page.tab.getByLabel('Note').inputValue()).toBe('of the first tab');
    await page.tab.reload();
    await page.heading('late').waitFor();
    expect(await page.tab.getByLabel('Note').inputValue()).toBe('of the second tab');
    expect(other).toMatchObject({ complaints: [], outside: [] });
  });

  it('are both logged out by either, and stay logged out after Back', async () => {
    await enter();
    const other = await ConsolePage.inContext(page.context, service.origin);
    await other.tab.goto(`${service.origin}/console`);
    await other.heading('Keypairs').waitFor();
    await page.go('import');
    await page.heading('Import keys').waitFor();
    await page.tab.getByRole('button', { name: 'Log out' }).click();
    await page.heading('Log in').waitFor();
    await page.tab.goBack();
    await page.heading('Log in').waitFor();
    await other.tab.getByRole('button', { name: 'Copy the public key of late' }).click();
    await other.tab.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await other.tab.reload();
    await other.heading('Log in').waitFor();
    expect(await page.context.cookies()).toEqual([]);
  });
});
