import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { picturesDirectory, startBrowser } from './docs-page.js';

/** What administrators manage in the console. */

const pictures = picturesDirectory();

let browser: Browser;
let service: ConsoleService;
let demo: Client;
let demoId: string;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start();
  demo = await service.api();
  const soon = new Date(Date.now() + 7 * 86_400_000).toISOString();
  await put('modern', key('modern', 'ed25519', '256'));
  await put('short', key('short', 'rsa', '2048'));
  await put('ending', key('ending', 'ecdsa', '384'), { expires_at: soon });
  const { body } = await demo.get('/v1/keypairs/modern');
  demoId = (body as { keypair: { user_id: string } }).keypair.user_id;
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

function key(name: string, type: string, bits: string): string {
  const path = join(service.directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-C', name, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

async function put(name: string, publicKey: string, more: object = {}): Promise<void> {
  const { status } = await demo.put(`/v1/keypairs/${name}`, { keypair: { public_key: publicKey, ...more } });
  expect(status).toBe(201);
}

async function open(): Promise<void> {
  page = await service.enter(browser, 'admin');
  await page.go('admin');
  await page.heading('Administration').waitFor();
}

const found = (): Promise<string[]> => page.tab.getByRole('rowheader').allInnerTexts();

describe('an administrator', () => {
  it('sees what happened, and with a checkbox what other users did', async () => {
    page = await service.enter(browser, 'admin');
    await page.go('events');
    await page.heading('Events').waitFor();
    await page.tab.getByText('0 events', { exact: true }).waitFor();
    await page.tab.getByLabel('All users and projects').check();
    await page.tab.getByText('3 events', { exact: true }).waitFor();
    const rows = await page.tab.getByRole('row').allInnerTexts();
    // The newest first, each with what happened, its time, the name, the user and the owner.
    expect(rows.slice(1).map((row) => row.split(/\s*\t\s*/).filter((_, column) => column !== 1))).toEqual(
      ['ending', 'short', 'modern'].map((name) => ['Keypair imported', name, demoId, demoId]),
    );
    await page.isAccessible();
    await page.tab.getByLabel('Days to show').selectOption('30');
    await page.tab.getByText('3 events', { exact: true }).waitFor();
  });

  it('makes a webhook, tests it, rotates its secret and deletes it', async () => {
    page = await service.enter(browser, 'admin');
    await page.go('events');
    const url = 'https://webhooks.invalid/hook';
    await page.tab.getByRole('button', { name: 'Create the webhook' }).click();
    await page.tab.getByText('Enter a URL and choose a type.').waitFor();
    await page.tab.getByLabel('URL').fill(url);
    await page.tab.getByLabel('guest.*').check();
    await page.tab.getByRole('button', { name: 'Create the webhook' }).click();
    const secret = page.tab.getByText(/^whsec_/);
    const first = await secret.innerText();
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'I have saved it' }).click();
    await page.tab.getByRole('button', { name: `Test ${url}` }).click();
    await page.tab.getByRole('rowheader', { name: 'webhook.test' }).waitFor();
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'Send again' }).click();
    await page.tab.getByRole('button', { name: `New secret ${url}` }).click();
    expect(await secret.innerText()).not.toBe(first);
    await page.tab.getByRole('button', { name: `Delete ${url}` }).click();
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText(`${url} is deleted`).waitFor();
  });

  it.each([
    ['all', ['ending', 'modern', 'short']],
    ['weak', ['short']],
    ['expiring', ['ending']],
    ['unused', []],
  ])('finds the keypairs of all users that are %s', async (report, names) => {
    await open();
    await page.tab.getByLabel('Report').selectOption(report);
    await page.tab.getByRole('button', { name: 'Find' }).click();
    await page.tab.getByText(new RegExp(`^${names.length} keypairs?$`)).waitFor();
    expect((await found()).map((text) => text.split('\n')[0]).toSorted()).toEqual(names);
    await page.isAccessible();
    await page.tab.screenshot({ path: join(pictures, `admin-${report}.png`), fullPage: true });
  });

  it('sees the quota of a user, changes it and resets it', async () => {
    await open();
    await page.tab.getByLabel('Project ID').fill('a-project');
    await page.tab.getByRole('button', { name: 'Show', exact: true }).click();
    await page.tab.getByText('The quota is 100.').waitFor();
    await page.tab.getByLabel('Keypairs of a user').fill('7');
    await page.tab.getByRole('button', { name: 'Set the quota' }).click();
    await page.tab.getByText('The quota is 7.').waitFor();
    await page.tab.getByRole('button', { name: 'Reset' }).click();
    await page.tab.getByText('The quota is 100.').waitFor();
    await page.tab.getByLabel('Keypairs of a user').fill('-2');
    await page.tab.getByRole('button', { name: 'Set the quota' }).click();
    expect(await page.problem()).toContain('-2');
  });

  it('cleans up the keypairs of a user after a preview, by typing their number', async () => {
    await open();
    await page.tab.getByLabel('User ID (your own if empty)').fill(demoId);
    await page.tab.getByLabel('Name begins with').fill('sh');
    await page.tab.getByRole('button', { name: 'Preview' }).click();
    await page.tab.getByText('1 keypair would be deleted').waitFor();
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'Delete 1 keypair' }).click();
    await page.tab.getByText(`They belong to the user ${demoId}.`).waitFor();
    await page.isAccessible();
    expect((await demo.get('/v1/keypairs/short')).status).toBe(200);
    await page.tab.getByLabel('Type 1 to confirm').fill('1');
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText('1 keypair is deleted.').waitFor();
    expect((await demo.get('/v1/keypairs/short')).status).toBe(404);
    expect((await demo.get('/v1/keypairs/modern')).status).toBe(200);
  });
});

describe('a user without the role', () => {
  it('has no such screen, even at its URL', async () => {
    page = await service.enter(browser);
    expect(await page.tab.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    await page.go('admin');
    await page.heading('Keypairs').waitFor();
  });
});
