import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { outputOf } from '../clients/run-command.js';
import { codeOfStep, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { picturesDirectory, startBrowser } from './docs-page.js';

/** How users and their programs log in, set up in the console. */

const pictures = picturesDirectory();

let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start({ IDENTITY_STORE: 'database', PORT: String(await freePort()) });
});

afterEach(async () => {
  expect(page).toMatchObject({ complaints: [], outside: [] });
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await ServiceProcess.killAll();
});

describe('a user', () => {
  it('downloads a clouds.yaml with which the openstack command logs in', async () => {
    page = await service.enter(browser);
    await page.go('access');
    await page.tab.getByLabel('Name', { exact: true }).fill('laptop');
    await page.tab.getByRole('button', { name: 'Create' }).click();
    const { name, bytes } = await page.saved(page.tab.getByRole('button', { name: 'Download clouds.yaml' }));
    expect(name).toBe('clouds.yaml');
    const environment = { OS_CLIENT_CONFIG_FILE: service.write('laptop.yaml', bytes), HOME: service.directory };
    const listed = await outputOf(
      'openstack',
      ['--os-cloud', 'latchkey', 'keypair', 'list', '-f', 'json'],
      environment,
    );
    expect(JSON.parse(listed)).toEqual([]);
  });

  it('sets up one-time codes with an authenticator, logs in with one, and ends them', async () => {
    page = await service.enter(browser);
    await page.go('access');
    await page.tab.getByRole('button', { name: 'Set up' }).click();
    const picture = page.tab.getByRole('img', { name: 'QR code of the secret' });
    await picture.waitFor();
    await page.isAccessible();
    await page.tab.screenshot({ path: join(pictures, 'codes.png'), fullPage: true });
    const path = join(service.directory, 'qr.png');
    await picture.screenshot({ path });
    const url = execFileSync('zbarimg', ['-q', '--raw', path], { encoding: 'utf8' }).trim();
    const secret = await page.tab.locator('#codes-secret').innerText();
    expect(url).toBe(`otpauth://totp/Latchkey:demo?secret=${secret}&issuer=Latchkey`);

    // Each code counts once. That of the next period is accepted already, and each for longer than a period.
    let used = 0;
    const nextCode = async (): Promise<string> => {
      await until(() => stepAt(Date.now()) >= used, 'the next code is accepted');
      used = Math.max(stepAt(Date.now()), used + 1);
      return codeOfStep(secret, used);
    };
    const card = page.tab.locator('form', { has: page.tab.getByRole('heading', { name: 'One-time codes' }) });
    await card.getByLabel('Password', { exact: true }).fill(service.passwordOf('demo'));
    await card.getByLabel('One-time code', { exact: true }).fill('12345');
    await card.getByRole('button', { name: 'Require codes' }).click();
    expect(await page.problem()).toContain('The one-time code is wrong');
    await card.getByLabel('One-time code', { exact: true }).fill(await nextCode());
    await card.getByRole('button', { name: 'Require codes' }).click();
    await page.tab.getByText('From now on your log-in requires a one-time code.').waitFor();
    await page.isAccessible();

    await page.tab.getByRole('button', { name: 'Log out' }).click();
    await page.heading('Log in').waitFor();
    await page.logIn('demo', service.passwordOf('demo'));
    await page.tab.getByText('Enter the six digits').waitFor();
    await page.isAccessible();
    await page.tab.getByLabel('One-time code').fill(await nextCode());
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    await page.heading('Keypairs').waitFor();
    await page.go('access');
    await page.tab.getByLabel('One-time code', { exact: true }).fill(await nextCode());
    await page.tab.getByRole('button', { name: 'Log in without codes' }).click();
    await page.tab.getByText('Your log-in no longer requires one-time codes.').waitFor();
    await page.tab.getByRole('button', { name: 'Set up' }).waitFor();
  });
});
