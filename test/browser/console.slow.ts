import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import type { Browser } from 'playwright-core';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { storedFiles } from '../support/stored-files.js';
import { putEmptyDatabase } from '../support/template.js';
import { readOpenSsh } from '../../src/key-formats/openssh.js';
import type { WebCrypto } from '../../src/key-formats/web-crypto.js';
import { ConsolePage } from './console-page.js';
import { startBrowser } from './docs-page.js';

/** The console of the built service, with the built-in identity. */

const directory = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
/** Screenshots for people to look at: set a directory to keep them. */
const pictures = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), 'latchkey-pictures-'));

let browser: Browser;
let otherBrowser: Browser | undefined;
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
  await otherBrowser?.close();
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

/** Every way in which a run of twelve bytes may be encoded. */
function runsOf(secret: Buffer): string[] {
  return Array.from({ length: secret.length - 12 }, (_, at) => secret.subarray(at, at + 12)).flatMap((bytes) => {
    const base64 = bytes.toString('base64');
    const hex = bytes.toString('hex');
    return [bytes.toString('latin1'), hex, hex.toUpperCase(), base64, bytes.toString('base64url')];
  });
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
    await page.tab.getByText('Check the user, the password').waitFor();
    await page.isAccessible();
    await page.tab.getByLabel('User', { exact: true }).fill('demo');
    await page.tab.keyboard.press('Tab');
    await page.tab.keyboard.type(password);
    await page.tab.keyboard.press('Enter');
    await page.tab.locator('h1:focus', { hasText: 'Keypairs' }).waitFor();
  });
});

describe('a user without keypairs', () => {
  it('sees what to do first', async () => {
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
    const secret = await readOpenSsh(globalThis.crypto as unknown as WebCrypto, saved.bytes.toString());
    expect(page.sent.length).toBeGreaterThan(10);
    const stored = storedFiles(join(directory, 'data'));
    // The control: the public key is found in the stored files.
    expect(stored.some((text) => text.includes(derived.split(' ')[1]))).toBe(true);
    const places = [...page.sent, service.printedText, ...stored];
    for (const written of runsOf(Buffer.from(secret!.key.d, 'base64url')))
      expect(places.findIndex((text) => text.includes(written))).toBe(-1);
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
    expect(await page.tab.evaluate('navigator.clipboard.readText()')).toContain('home@example.org');
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
    expect(await page.tab.evaluate('document.documentElement.lang')).toBe('de');
  });
});

describe('a key that is made in the page', () => {
  const make = async (name: string, kind: string, format: string | undefined, passphrase: string): Promise<Buffer> => {
    await page.go('new');
    await page.heading('New key').waitFor();
    await page.tab.getByLabel('Name', { exact: true }).fill(name);
    await page.tab.locator(`input[name=kind][value=${kind}]`).check();
    if (format !== undefined) await page.tab.getByLabel('File of the private key').selectOption(format);
    if (passphrase !== '') {
      await page.tab.getByLabel('Passphrase (optional)').fill(passphrase);
      await page.tab.getByLabel('Passphrase again').fill(passphrase);
    }
    await page.tab.getByRole('button', { name: 'Generate the key' }).click();
    const { bytes } = await page.saved(page.tab.getByRole('button', { name: `Download ${name}` }));
    await page.tab.getByLabel('I have saved the private key').check();
    await page.tab.getByRole('button', { name: 'Register the public key' }).click();
    await page.tab.getByRole('heading', { name: `${name} is registered` }).waitFor();
    await page.go('keypairs');
    await page.heading('Keypairs').waitFor();
    return bytes;
  };
  const registered = async (name: string): Promise<string> =>
    ((await api.get(`/v1/keypairs/${name}`)).body as { keypair: { public_key: string } }).keypair.public_key;
  const blobOf = (line: string): string => line.trim().split(' ')[1];

  it('opens in ssh-keygen, PuTTYgen and OpenSSL, and is the registered one', async () => {
    await enter();
    const locked = file('locked', await make('locked', 'ecdsa-384', 'openssh', 'right horse'));
    expect(run('ssh-keygen', '-y', '-P', 'right horse', '-f', locked)).toBe(await registered('locked'));
    for (const [name, kind] of [
      ['putty-ed', 'ed25519'],
      ['putty-ec', 'ecdsa-521'],
      ['putty-rsa', 'rsa-3072'],
    ] as const) {
      const ppk = file(`${name}.ppk`, await make(name, kind, 'ppk', ''));
      expect(blobOf(run('puttygen', ppk, '-L'))).toBe(blobOf(await registered(name)));
      // PuTTYgen reads the private half only when it converts it.
      const converted = join(directory, `${name}.openssh`);
      run('puttygen', ppk, '-O', 'private-openssh-new', '-o', converted);
      expect(blobOf(run('ssh-keygen', '-y', '-f', converted))).toBe(blobOf(await registered(name)));
    }
    const pem = file('pem', await make('pem', 'ecdsa-256', 'pkcs8', 'right'));
    run('openssl', 'pkey', '-in', pem, '-passin', 'pass:right', '-noout');
    expect(blobOf(run('ssh-keygen', '-y', '-P', 'right', '-f', pem))).toBe(blobOf(await registered('pem')));
    const p12 = file('p12', await make('windows', 'windows', undefined, 'right'));
    const certificate = run('openssl', 'pkcs12', '-in', p12, '-passin', 'pass:right', '-nokeys');
    expect(certificate.replaceAll(/\s/g, '')).toContain((await registered('windows')).replaceAll(/\s/g, ''));
  });

  it('is still there after the session ends before it is registered', async () => {
    await enter();
    await page.go('new');
    await page.tab.getByLabel('Name', { exact: true }).fill('late');
    await page.tab.getByRole('button', { name: 'Generate the key' }).click();
    await page.saved(page.tab.getByRole('button', { name: 'Download late' }));
    await page.tab.getByLabel('I have saved the private key').check();
    // Another tab of this browser logs out.
    const other = await ConsolePage.inContext(page.context, origin);
    await other.tab.goto(`${origin}/console`);
    await other.tab.getByRole('button', { name: 'Log out' }).click();
    await other.heading('Log in').waitFor();
    await page.tab.getByRole('button', { name: 'Register the public key' }).click();
    await page.tab.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await page.isAccessible();
    await picture('expired');
    await page.logIn('demo', password);
    await page.tab.getByRole('button', { name: 'Register the public key' }).click();
    await page.tab.getByRole('heading', { name: 'late is registered' }).waitFor();
    expect((await api.get('/v1/keypairs/late')).status).toBe(200);
  });
});

describe('a user who has keys already', () => {
  it('imports several at once, and sees which cannot be imported', async () => {
    await enter();
    await page.go('import');
    const keys = [1, 2].map((n) => sshKeygen('-t', 'ed25519', '-C', `import-${n}`).trim());
    await page.tab.getByLabel('Public keys').fill([...keys, 'ssh-rsa AAAA broken'].join('\n'));
    await page.tab.getByRole('button', { name: 'Check the keys' }).click();
    await page.tab.getByRole('button', { name: 'Import 2 keys' }).waitFor();
    await page.isAccessible();
    await picture('import');
    await page.tab.getByRole('button', { name: 'Import 2 keys' }).click();
    await page.tab.getByText('2 keys are imported.').waitFor();
    expect((await api.get('/v1/keypairs/import-2')).body).toMatchObject({ keypair: { public_key: keys[1] } });
  });

  it('sees which command imports the keys that a site publishes, and no request goes to the site', async () => {
    await enter();
    await page.go('import');
    const key = sshKeygen('-t', 'ed25519', '-C', 'gh:nobody').trim();
    await page.tab.getByLabel('Public keys').fill(`gh:alice\n${key}\ngl:bob-2 \ngh:-x\n`);
    await page.tab.getByText('latchkey keypair import gh:alice gl:bob-2', { exact: true }).waitFor();
    await page.isAccessible();
    await picture('import-site');
    await page.tab.getByRole('button', { name: 'Check the keys' }).click();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).waitFor();
    expect(await page.tab.getByLabel('Public keys').inputValue()).toBe('gh:alice\ngl:bob-2');
    expect(await page.tab.getByRole('row').count()).toBe(3);
  });

  it('may drop a private key: it is not sent, and its public half is derived in the page', async () => {
    await enter();
    await page.go('import');
    run(
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      'secret',
      '-a',
      '1',
      '-C',
      'dropped',
      '-f',
      join(directory, 'dropped'),
    );
    const text = readFileSync(join(directory, 'dropped'), 'utf8');
    await page.tab.getByLabel('Choose files').setInputFiles(join(directory, 'dropped'));
    await page.tab.getByRole('heading', { name: 'This is a private key' }).waitFor();
    await page.isAccessible();
    const derive = page.tab.getByRole('button', { name: 'Derive the public key here' });
    await derive.click();
    await page.tab.getByLabel('Passphrase (optional)').fill('wrong');
    await derive.click();
    await page.tab.getByText('The passphrase is wrong.').waitFor();
    await page.tab.getByLabel('Passphrase (optional)').fill('secret');
    await derive.click();
    await page.tab.getByRole('button', { name: 'Import 1 key' }).click();
    await page.tab.getByText('1 key is imported.').waitFor();
    const { body } = await api.get('/v1/keypairs/dropped');
    const line = readFileSync(join(directory, 'dropped.pub'), 'utf8').trim();
    expect((body as { keypair: { public_key: string } }).keypair.public_key).toBe(line);
    for (const part of text.split('\n').slice(1, -2)) for (const sent of page.sent) expect(sent).not.toContain(part);
  });

  it('sees one with its versions and changes its note', async () => {
    await enter();
    await page.go('keypairs/own/work');
    await page.heading('work').waitFor();
    const { body } = await api.get('/v1/keypairs/work');
    const line = (body as { keypair: { public_key: string } }).keypair.public_key;
    const [, ...art] = run('ssh-keygen', '-lv', '-f', file('work.pub', line)).trim().split('\n');
    expect(await page.tab.getByRole('img', { name: 'Randomart' }).innerText()).toBe(art.join('\n'));
    const happened = page.tab.getByRole('table', { name: 'Events' }).getByRole('rowheader');
    // They come after the rest.
    await happened.first().waitFor();
    expect(await happened.allInnerTexts()).toEqual(['Keypair imported']);
    await page.isAccessible();
    await picture('keypair');
    await page.tab.getByLabel('Note').fill('at the office');
    await page.tab.getByLabel('Protect from deletion').check();
    await page.tab.getByRole('button', { name: 'Save' }).click();
    await page.tab.getByText('The changes are saved.').waitFor();
    await happened.nth(1).waitFor();
    expect(await happened.allInnerTexts()).toEqual(['Keypair changed', 'Keypair imported']);
    await page.isAccessible();
    expect((await api.get('/v1/keypairs/work')).body).toMatchObject({
      keypair: { note: 'at the office', delete_protected: true },
    });
  });
});

describe('a user of guests', () => {
  it('registers one, downloads its config drive and deletes it', async () => {
    await enter();
    await page.go('guests');
    await page.heading('Guests').waitFor();
    await page.tab.getByRole('button', { name: 'Register a guest' }).click();
    await page.tab.getByLabel('Name', { exact: true }).fill('web');
    await page.tab.getByLabel('work', { exact: true }).check();
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'Register', exact: true }).click();
    await page.tab.getByText('web is registered.').waitFor();
    await page.isAccessible();
    await picture('guests');
    await page.tab.getByRole('button', { name: 'Password of web' }).click();
    await page.tab.getByLabel('File of the private key').setInputFiles(file('none', 'no key'));
    await page.tab.getByRole('button', { name: 'Show the password' }).click();
    expect(await page.problem()).toContain('has not sent a password yet');
    await page.isAccessible();
    await page.tab.getByRole('button', { name: 'Delete web' }).click();
    await page.tab.getByLabel('Type web to confirm').fill('web');
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText('web is deleted.').waitFor();
  });
});

describe('a user whose programs log in', () => {
  it('makes an application credential, logs in with it and deletes it', async () => {
    await enter();
    await page.go('access');
    await page.heading('Access').waitFor();
    await page.tab.getByLabel('Name', { exact: true }).fill('ci');
    await page.tab.getByRole('button', { name: 'Create' }).click();
    await page.tab.getByRole('heading', { name: 'ci is created' }).waitFor();
    await page.isAccessible();
    const { bytes } = await page.saved(page.tab.getByRole('button', { name: 'Download clouds.yaml' }));
    const { auth } = (parse(bytes.toString()) as { clouds: { latchkey: { auth: Record<string, string> } } }).clouds
      .latchkey;
    expect(auth.auth_url).toBe(`${origin}/identity/v3`);
    const credential = { id: auth.application_credential_id, secret: auth.application_credential_secret };
    const identity = { methods: ['application_credential'], application_credential: credential };
    expect((await service.client.post('/identity/v3/auth/tokens', { auth: { identity } })).status).toBe(201);
    await page.tab.getByRole('button', { name: 'I have saved it' }).click();
    await page.isAccessible();
    await picture('access');
    await page.tab.getByRole('button', { name: 'Delete ci' }).click();
    await page.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.tab.getByText('ci is deleted.').waitFor();
  });
});

describe('an administrator', () => {
  it('finds keypairs of all users, sets a quota and cleans up with a preview', async () => {
    const { clouds } = parse(readFileSync(join(directory, 'data', 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, { auth: { username: string; password: string } }>;
    };
    const { auth } = Object.values(clouds).find((cloud) => cloud.auth.username === 'admin')!;
    page = await ConsolePage.open(browser, origin);
    await page.logIn('admin', auth.password);
    await page.heading('Keypairs').waitFor();
    await page.go('admin');
    await page.heading('Administration').waitFor();
    await page.tab.getByRole('button', { name: 'Find' }).click();
    await page.tab.getByRole('rowheader', { name: /^work/ }).waitFor();
    await page.tab.getByRole('button', { name: 'Set the quota' }).click();
    expect(await page.problem()).toBe('Enter a project and a number.');
    await page.tab.getByLabel('Project ID').fill('demo');
    await page.tab.getByLabel('Keypairs of a user').fill('50');
    await page.tab.getByRole('button', { name: 'Set the quota' }).click();
    await page.tab.getByText('The quota is 50.').waitFor();
    await page.tab.getByLabel('Older than (days)').fill('1');
    await page.tab.getByRole('button', { name: 'Preview' }).click();
    await page.tab.getByText('0 keypairs would be deleted').waitFor();
    await page.isAccessible();
    await picture('admin');
    expect((await api.get('/v1/keypairs/work')).status).toBe(200);
  });
});

describe('the page', () => {
  it('has all of its text in its messages, which may be half as long again', async () => {
    page = await ConsolePage.open(browser, origin, { width: 320 });
    await page.tab.route('**/messages/en.json', async (route) => {
      const messages = await (await route.fetch()).text();
      const longer = (text: string): string => `⟦${text}${' ~~~~~'.repeat(Math.ceil(text.length / 12))}⟧`;
      const json = JSON.parse(messages, (key, value: unknown) =>
        typeof value === 'string' && key !== '' ? longer(value) : value,
      ) as object;
      await route.fulfill({ json });
    });
    await page.tab.reload();
    await page.tab.locator('#log-in-user').fill('demo');
    await page.tab.locator('#log-in-password').fill(password);
    await page.tab.keyboard.press('Enter');
    await page.tab.locator('.places').waitFor();
    for (const place of ['keypairs', 'new', 'import', 'project', 'guests', 'events', 'access']) {
      await page.go(place);
      await page.tab.locator(`.places a[href="#/${place}"][aria-current=page]`).waitFor();
      await page.isAccessible();
      const texts = await page.tab
        .locator('h1, h2, th[scope=col], label:not(:has(select)), button, .hint')
        .allInnerTexts();
      const plain = texts.filter((text) => text.trim() !== '' && !text.includes('⟦'));
      // The radio buttons and boxes of keypairs have their names.
      expect(plain.filter((text) => !['English'].includes(text.trim()))).toEqual([]);
    }
    await picture('pseudo');
  });

  it('takes at most 60 KB, compressed, with everything', async () => {
    page = await ConsolePage.open(browser, origin);
    const loaded = await page.tab.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name)`,
    );
    const paths = new Set(['/console', '/console/messages/de.json', ...loaded.map((name) => new URL(name).pathname)]);
    paths.delete('/console/session');
    const client = service.client.with({ 'Accept-Encoding': 'gzip' });
    let bytes = 0;
    for (const path of paths) bytes += Number((await client.get(path)).headers['content-length']);
    console.info(`The console has ${paths.size} files and ${bytes} bytes, compressed.`);
    expect(paths.size).toBeGreaterThan(20);
    expect(bytes).toBeLessThan(60_000);
  });

  it('returns to its state by reload, back and forward, repeatedly', async () => {
    await enter();
    for (let round = 0; round < 20; round += 1) {
      await page.go('import');
      await page.heading('Import keys').waitFor();
      await page.tab.goBack();
      await page.heading('Keypairs').waitFor();
      await page.tab.goForward();
      await page.heading('Import keys').waitFor();
      await page.tab.reload();
      await page.heading('Import keys').waitFor();
      await page.tab.goBack();
      await page.heading('Keypairs').waitFor();
    }
    const stored = await page.tab.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');
    expect(stored).toBe('[{},{},""]');
    const [cookie] = await page.context.cookies();
    expect(cookie).toMatchObject({ name: 'latchkey', path: '/console', httpOnly: true, sameSite: 'Strict' });
  });

  it('keeps its colours distinct in forced-colours mode', async () => {
    page = await ConsolePage.open(browser, origin, { forcedColors: 'active', colorScheme: 'dark' });
    await page.logIn('demo', password);
    await page.heading('Keypairs').waitFor();
    await page.isAccessible();
    await picture('forced');
    expect(await page.tab.evaluate(`matchMedia('(forced-colors: active)').matches`)).toBe(true);
  });
});

describe('a user, with AUTH_MODE=', () => {
  const open = async (settings: Record<string, string>): Promise<void> => {
    const dataDir = mkdtempSync(join(directory, 'data-'));
    putEmptyDatabase(dataDir);
    const other = await ServiceProcess.listening({ DATA_DIR: dataDir, ...settings });
    page = await ConsolePage.open(browser, `http://${other.client.host}`);
  };

  it('http_basic, logs in with user and password, and again after a reload', async () => {
    await open({
      AUTH_MODE: 'http_basic',
      HTTP_BASIC_FILE: file('htpasswd', `alice:${bcrypt.hashSync('wonderland', 4)}\n`),
    });
    await page.logIn('alice', 'wrong');
    expect(await page.problem()).toContain('Check the user, the password');
    await page.logIn('alice', 'wonderland');
    await page.heading('Keypairs').waitFor();
    expect(await page.context.cookies()).toEqual([]);
    await page.tab.reload();
    await page.heading('Log in').waitFor();
  });

  it('none, is warned of it', async () => {
    await open({ AUTH_MODE: 'none' });
    await page.tab.getByText('This service does not authenticate its users').waitFor();
    await page.isAccessible();
    await picture('none');
    await page.tab.getByRole('button', { name: 'Log in' }).click();
    await page.heading('Keypairs').waitFor();
    expect(await page.tab.getByRole('link', { name: 'Administration' }).count()).toBe(1);
  });
});

describe('a user who comes over plain HTTP', () => {
  it('sees why no key can be made there, and may import one', async () => {
    otherBrowser = await startBrowser('--host-resolver-rules=MAP latchkey.test 127.0.0.1');
    const named = `http://latchkey.test:${service.client.host.split(':')[1]}`;
    page = await ConsolePage.open(otherBrowser, named);
    await page.logIn('demo', password);
    await page.heading('Keypairs').waitFor();
    await page.go('new');
    await page.tab.getByText('Browsers generate keys only on HTTPS pages').waitFor();
    await page.isAccessible();
    await page.tab.getByRole('main').getByRole('link', { name: 'Import keys' }).click();
    await page.heading('Import keys').waitFor();
    expect(await page.tab.evaluate('isSecureContext')).toBe(false);
  });
});
