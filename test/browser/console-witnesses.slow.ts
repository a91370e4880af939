import { execFileSync } from 'node:child_process';
import { constants, publicEncrypt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { outputOf } from '../clients/run-command.js';
import { ACCOUNT, SshHost } from '../guests/ssh-host.js';
import { Client } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import type { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { startBrowser } from './docs-page.js';

/** What is made in the console, given to independent programs. */

let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start({
    // clouds.yaml contains it.
    PORT: String(await freePort()),
    GUEST_ADDRESSES: 'owner',
    METADATA_CACHE_SECONDS: '0',
  });
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

/** Makes a key in the page and registers it. Returns the saved file. */
async function makeKey(name: string, kind = 'ed25519'): Promise<Buffer> {
  await page.go('new');
  await page.heading('New key').waitFor();
  await page.tab.getByLabel('Name', { exact: true }).fill(name);
  await page.tab.locator(`input[name=kind][value=${kind}]`).check();
  await page.tab.getByRole('button', { name: 'Generate the key' }).click();
  const { bytes } = await page.saved(page.tab.getByRole('button', { name: `Download ${name}` }));
  await page.tab.getByLabel('I have saved the private key').check();
  await page.tab.getByRole('button', { name: 'Register the public key' }).click();
  await page.tab.getByRole('heading', { name: `${name} is registered` }).waitFor();
  return bytes;
}

describe('a key that was made in the page', () => {
  it.each(['ed25519', 'ecdsa-521', 'rsa-3072'])('logs in to a real sshd: %s', async (kind) => {
    page = await service.enter(browser);
    const name = `login-${kind}`;
    const host = SshHost.make();
    host.write('key', await makeKey(name, kind), 0o600);
    expect(await host.logIn('key')).toMatchObject({ isIn: false });
    const { body } = await (await service.api()).get(`/v1/keypairs/${name}`);
    host.write(
      'etc-ssh/sshd_config.d/key.conf',
      `AuthorizedKeysCommand /bin/cat /etc/ssh/${name}.pub\nAuthorizedKeysCommandUser root\n`,
    );
    host.write(`etc-ssh/${name}.pub`, (body as { keypair: { public_key: string } }).keypair.public_key);
    const { isIn, log } = await host.logIn('key');
    expect([isIn, log]).toEqual([true, expect.stringContaining(`Accepted publickey for ${ACCOUNT}`)]);
    host.remove();
  });

  it('is seen by the openstack command, with the fingerprint that ssh-keygen computes', async () => {
    page = await service.enter(browser);
    const path = service.write('seen', await makeKey('seen'));
    const environment = { OS_CLIENT_CONFIG_FILE: service.cloudsFile, HOME: service.directory };
    const listed = await outputOf(
      'openstack',
      ['--os-cloud', 'latchkey', 'keypair', 'list', '-f', 'json'],
      environment,
    );
    const fingerprint = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', path], { encoding: 'utf8' });
    const seen = (JSON.parse(listed) as Record<string, string>[]).find(({ Name }) => Name === 'seen')!;
    expect(fingerprint).toContain(`MD5:${seen.Fingerprint}`);
  });
});

describe('a guest of a user of the console', () => {
  it('gets its config drive, and leaves a password that is decrypted in the page and nowhere else', async () => {
    page = await service.enter(browser);
    const key = service.write('windows', await makeKey('windows-rsa', 'rsa-3072'));
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Register a guest' }).click();
    await page.tab.getByLabel('Name', { exact: true }).fill('win');
    await page.tab.getByLabel('Addresses').fill('127.0.0.1');
    await page.tab.getByLabel('windows-rsa', { exact: true }).check();
    await page.tab.getByRole('button', { name: 'Register', exact: true }).click();
    await page.tab.getByText('win is registered.').waitFor();

    const drive = await page.saved(page.tab.getByRole('button', { name: 'Download the config drive of win' }));
    const image = join(service.directory, drive.name);
    writeFileSync(image, drive.bytes);
    const metadata = join(service.directory, 'meta_data.json');
    execFileSync(
      'xorriso',
      ['-osirrox', 'on', '-indev', image, '-extract', '/openstack/latest/meta_data.json', metadata],
      { stdio: 'ignore' },
    );
    const publicLine = execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' }).trim();
    expect(execFileSync('cat', [metadata], { encoding: 'utf8' })).toContain(publicLine.split(' ')[1]);

    const pem = execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', key], { encoding: 'utf8' });
    const sealed = publicEncrypt({ key: pem, padding: constants.RSA_PKCS1_PADDING }, Buffer.from('Pa55 wörd'));
    const guest = new Client(service.process.hosts.guests, {}, false);
    const posted = { method: 'POST', target: '/openstack/2013-04-04/password', body: sealed.toString('base64') };
    expect((await guest.send(posted)).status).toBe(200);

    await page.tab.getByRole('button', { name: 'Password of win' }).click();
    await page.tab.getByLabel('File of the private key').setInputFiles(key);
    await page.tab.getByRole('button', { name: 'Show the password' }).click();
    await page.tab.getByText('Pa55 wörd').waitFor();
    await page.isAccessible();
    expect(page.sent.join()).not.toContain('Pa55');
    expect(page.sent.join()).not.toContain('PRIVATE KEY');
    await page.tab.getByRole('button', { name: 'Close' }).click();
    expect(await page.tab.getByText('Pa55 wörd').count()).toBe(0);
  });

  it('does not reveal its password to the owner of another key', async () => {
    page = await service.enter(browser);
    await page.go('guests');
    await page.tab.getByRole('button', { name: 'Password of win' }).click();
    const other = join(service.directory, 'other');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', other]);
    await page.tab.getByLabel('File of the private key').setInputFiles(other);
    await page.tab.getByRole('button', { name: 'Show the password' }).click();
    expect(await page.problem()).toContain('The password is for another key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${other}-ed`]);
    await page.tab.getByLabel('File of the private key').setInputFiles(`${other}-ed`);
    await page.tab.getByRole('button', { name: 'Show the password' }).click();
    await page.tab.getByText('Choose the file of an RSA private key').waitFor();
  });
});
