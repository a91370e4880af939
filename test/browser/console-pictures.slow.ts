import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ServiceProcess } from '../support/service-process.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { picturesDirectory, startBrowser } from './docs-page.js';

/** The pictures of docs/console.md and README.md; `PICTURES=docs/images` takes them anew. */

const COMMITTED = join('docs', 'images');
const MAX_BYTES = 150_000;
const pictures = picturesDirectory();

let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start({ SSH_CA: 'on', GUEST_ADDRESSES: 'owner' });
  const api = await service.api();
  const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString();
  await api.put('/v1/keypairs/laptop', { keypair: { public_key: key('laptop', 'ed25519'), tags: { team: 'web' } } });
  await api.put('/v1/keypairs/build', { keypair: { public_key: key('build', 'ecdsa'), expires_at: inAYear } });
  await api.put('/v1/keypairs/backup', { keypair: { public_key: key('backup', 'rsa'), delete_protected: true } });
  await api.post('/v1/keypairs/build/share', { share: { project_id: await projectId() } });
  for (const [name, address] of [
    ['web1', '192.0.2.11'],
    ['web2', '192.0.2.12'],
  ]) {
    const guest = { name, addresses: [address], key_names: ['laptop', 'build'], ssh_ca: true };
    expect((await api.post('/v1/guests', { guest })).status).toBe(201);
  }
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

function key(name: string, type: string): string {
  const path = join(service.directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', `demo@${name}`, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

async function projectId(): Promise<string> {
  const { body } = await (await service.api()).get('/identity/v3/auth/projects');
  return (body as { projects: { id: string; name: string }[] }).projects.find(({ name }) => name === 'demo')!.id;
}

const LOOKS = [
  ['light', 'en-GB', { keypairs: 'Keypairs', new: 'New key', guests: 'Guests' }],
  ['dark', 'de-DE', { keypairs: 'Schlüsselpaare', new: 'Neuer Schlüssel', guests: 'Gäste' }],
] as const;

describe.each(LOOKS)('the console, %s, in %s', (colorScheme, locale, headings) => {
  it.each([
    ['wide', 1120],
    ['narrow', 320],
  ] as const)('is fit to be shown: %s', async (size, width) => {
    page = await ConsolePage.open(browser, service.origin, { colorScheme, locale, width });
    await page.tab.setViewportSize({ width, height: 600 });
    await page.tab.locator('#log-in-user').fill('demo');
    await page.tab.locator('#log-in-password').fill(service.passwordOf('demo'));
    await page.tab.keyboard.press('Enter');
    for (const [place, heading] of Object.entries(headings)) {
      await page.go(place);
      await page.heading(heading).waitFor();
      await page.tab.locator('tbody tr, form').first().waitFor();
      await page.isAccessible();
      const path = join(pictures, `console-${place}-${size}-${colorScheme}.png`);
      expect((await page.tab.screenshot({ path, fullPage: true })).length).toBeGreaterThan(0);
    }
  });
});

describe('a reader of the documents', () => {
  it.each(['README.md', 'docs/console.md'])('sees the pictures of %s, which are small', (document) => {
    const text = readFileSync(document, 'utf8');
    const named = [...text.matchAll(/!\[[^\]]+\]\((?:docs\/)?images\/([\w-]+\.png)\)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(statSync(join(COMMITTED, name)).size).toBeLessThan(MAX_BYTES);
  });
});
