import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import type { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { picturesDirectory, startBrowser } from './docs-page.js';

/** Guests, shared keypairs and SSH certificates in the console. */

const pictures = picturesDirectory();

let browser: Browser;
let service: ConsoleService;
let api: Client;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start({ SSH_CA: 'on', GUEST_ADDRESSES: 'owner' });
  api = await service.api();
  for (const name of ['laptop', 'build']) await api.put(`/v1/keypairs/${name}`, { keypair: { public_key: key(name) } });
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

function key(name: string): string {
  const path = join(service.directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@example.org`, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

const guests = async (): Promise<Record<string, unknown>[]> =>
  ((await api.get('/v1/guests')).body as { guests: Record<string, unknown>[] }).guests;

const picture = (name: string): Promise<Buffer> =>
  page.tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

describe('a guest', () => {
  it('is registered, and changed later, and only the changed fields are sent', async () => {
    page = await service.enter(browser);
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Register a guest' }).click();
    await page.tab.getByLabel('Name', { exact: true }).fill('web');
    await page.tab.getByLabel('Addresses').fill('192.0.2.7');
    await page.tab.getByLabel('laptop', { exact: true }).check();
    await page.tab.getByRole('button', { name: 'Register', exact: true }).click();
    await page.tab.getByText('web is registered.').waitFor();
    await page.tab.getByRole('button', { name: 'Change web' }).click();
    await page.tab.getByRole('heading', { name: 'Change web' }).waitFor();
    expect(await page.tab.getByLabel('laptop', { exact: true }).isChecked()).toBe(true);
    await page.isAccessible();
    await picture('guest-change');
    const before = page.sent.length;
    await page.tab.getByLabel('Name', { exact: true }).fill('web1');
    await page.tab.getByLabel('build', { exact: true }).check();
    await page.tab.getByLabel('Accounts').fill('debian');
    await page.tab.getByLabel('SSH certificates').selectOption('sshd');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    await page.tab.getByText('The changes are saved.').waitFor();
    expect(await guests()).toMatchObject([
      {
        name: 'web1',
        addresses: ['192.0.2.7'],
        key_names: ['laptop', 'build'],
        ssh_ca: 'sshd',
        login_users: ['debian'],
      },
    ]);
    const patch = page.sent.slice(before).find((each) => each.includes('"PATCH"'))!;
    expect(patch).not.toContain('addresses');
  });

  it('is not changed if the service refuses, and the form keeps its values', async () => {
    page = await service.enter(browser);
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Change web1' }).click();
    await page.tab.getByLabel('Accounts').fill('Not An Account!');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    expect(await page.problem()).toContain('is not the name of an account');
    expect(await page.tab.getByLabel('Accounts').inputValue()).toBe('Not An Account!');
    await page.tab.getByLabel('Name', { exact: true }).fill('');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    expect(await page.problem()).toBe('Fill in all fields.');
    await page.tab.getByRole('button', { name: 'Cancel' }).click();
    await page.tab.getByRole('button', { name: 'Change web1' }).click();
    expect(await page.tab.getByLabel('Accounts').inputValue()).toBe('debian');
  });
});

describe('an SSH certificate', () => {
  it('is issued for a guest, read by ssh-keygen, listed at its keypair and revoked', async () => {
    page = await service.enter(browser);
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'SSH certificate for web1' }).click();
    await page.tab.getByLabel('Keypair').selectOption('laptop');
    await page.tab.getByLabel('Valid for').fill('2');
    await page.isAccessible();
    await picture('certificate');
    const { name, bytes } = await page.saved(page.tab.getByRole('button', { name: 'Issue and download' }));
    expect(name).toBe('laptop-cert.pub');
    const read = execFileSync('ssh-keygen', ['-L', '-f', service.write(name, bytes)], { encoding: 'utf8' });
    const [{ id }] = await guests();
    expect(read).toContain(`latchkey:guest:${String(id)}`);
    await page.tab.getByText('laptop-cert.pub is saved.').waitFor();

    await page.go('keypairs/own/laptop');
    await page.heading('laptop').waitFor();
    await page.tab.getByRole('cell', { name: 'web1' }).waitFor();
    await page.isAccessible();
    await picture('keypair-certificates');
    await page.tab.getByLabel('web1', { exact: true }).uncheck();
    await page.tab.getByRole('button', { name: 'Issue and download' }).click();
    expect(await page.problem()).toBe('Choose at least one guest.');
    await page.tab.getByRole('button', { name: /^Revoke the certificate/ }).click();
    await page.tab.getByText('is revoked.').waitFor();
    const { body } = await api.get('/v1/ssh-certificates?keypair=laptop');
    expect(body).toMatchObject({ certificates: [{ revoked: true }] });
  });

  it('is not offered if the service signs none', async () => {
    const plain = await ConsoleService.start();
    page = await plain.enter(browser);
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Register a guest' }).click();
    await page.tab.getByLabel('Accounts').waitFor();
    expect(await page.tab.getByText('SSH certificate').count()).toBe(1);
    expect(await page.tab.getByRole('combobox', { name: 'SSH certificates' }).count()).toBe(0);
    await plain.stop();
  });
});

describe('an own keypair', () => {
  it('is shared with the project, and unshared', async () => {
    page = await service.enter(browser);
    await page.go('keypairs/own/build');
    await page.tab.getByRole('button', { name: 'Share with the project' }).click();
    await page.tab.getByText('All members of demo can use build now.').waitFor();
    await page.go('project');
    await page.heading('Shared keypairs').waitFor();
    await page.tab.getByRole('link', { name: 'build' }).click();
    await page.heading('build').waitFor();
    await page.tab.getByRole('button', { name: 'Copy to my keypairs' }).click();
    await page.tab.getByText('You have a copy of build.').waitFor();
    await page.isAccessible();
    await page.go('keypairs/own/build');
    await page.tab.getByRole('button', { name: 'Stop sharing' }).click();
    await page.tab.getByText('All members of the project use this keypair.').waitFor();
    await page.tab.getByLabel('Type build to confirm').fill('build');
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText('build is no longer shared.').waitFor();
    expect((await api.get('/v1/keypairs?scope=project')).body).toMatchObject({ keypairs: [] });
    expect((await api.get('/v1/keypairs/build')).status).toBe(200);
  });

  it('gets tags, by which it is found', async () => {
    page = await service.enter(browser);
    await page.go('keypairs/own/build');
    await page.tab.getByLabel('Tags').fill('team = red=blue\n\nlegacy\n');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    await page.tab.getByText('The changes are saved.').waitFor();
    expect((await api.get('/v1/keypairs/build')).body).toMatchObject({
      keypair: { tags: { team: 'red=blue', legacy: '' } },
    });
    await page.tab.getByLabel('Tags').fill('not a tag');
    await page.tab.getByRole('button', { name: 'Save' }).click();
    expect(await page.problem()).toContain('is not the name of a tag');
    await page.go('keypairs');
    await page.tab.getByLabel('Search').fill('team=red');
    await page.tab.getByText('1 of 2 keypairs').waitFor();
    await page.isAccessible();
  });

  it('has the text that other tools need', async () => {
    page = await service.enter(browser);
    await page.go('keypairs/own/build');
    const titles = ['OpenStack', 'Terraform', 'cloud-init', 'Butane', 'ssh_config'];
    await page.heading('build').waitFor();
    for (const title of titles) await page.tab.getByRole('heading', { name: title, level: 3 }).waitFor();
    await page.tab.getByRole('button', { name: 'Copy the text for cloud-init' }).click();
    await page.tab.getByText('Copied.').waitFor();
    const copied = await page.tab.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toContain('build@example.org');
    expect(await page.tab.getByText('WinRM').count()).toBe(0);
  });
});
