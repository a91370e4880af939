import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { storedFiles } from '../support/stored-files.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { startBrowser } from './docs-page.js';

/** WebSSO: users log in at Keystone, whose page posts a token to the console. */

const TOKEN = 'gAAAAABhCarolsToken0123456789==';
const FOREIGN_TOKEN = 'gAAAAABhMallorysToken98765==';
const WEBSSO = '/v3/auth/OS-FEDERATION/websso/openid';

const keystone = new KeystoneStandIn();
let pages: Server;
/** Keystone as browsers reach it, a site other than the console. */
let keystoneOrigin: string;
/** An attacker's site. */
let evilOrigin: string;
/** Whose token Keystone's page posts, and whether immediately. */
let posted = TOKEN;
let isAtOnce = true;
let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

/** The page with which Keystone answers after a log-in elsewhere. */
const callbackPage = (target: string): string => `<!doctype html><title>Keystone</title>
<form method="post" action="${target}"><input type="hidden" name="token" value="${posted}" /><button>Go on</button></form>
${isAtOnce ? '<script>document.forms[0].submit()</script>' : ''}`;

beforeAll(async () => {
  browser = await startBrowser();
  for (const [token, userId] of [
    [TOKEN, 'carol'],
    [FOREIGN_TOKEN, 'mallory'],
  ]) {
    keystone.trusts(token);
    keystone.knows(token, { userId });
  }
  await keystone.start();
  pages = createServer((request, reply) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const target = pathname === WEBSSO ? searchParams.get('origin')! : `${service.origin}/console/websso`;
    reply.writeHead(200, { 'Content-Type': 'text/html' }).end(callbackPage(target));
  });
  await once(pages.listen(0), 'listening');
  const { port } = pages.address() as AddressInfo;
  keystoneOrigin = `http://localhost:${port}`;
  evilOrigin = `http://evil.localhost:${port}`;
  service = await ConsoleService.start({
    AUTH_MODE: 'keystone',
    KEYSTONE_AUTH_URL: keystone.url,
    KEYSTONE_PASSWORD: 'secret',
    CONSOLE_KEYSTONE_URL: keystoneOrigin,
    CONSOLE_SSO: 'openid:Company login',
    LOG_LEVEL: 'trace',
  });
});

afterEach(async () => {
  posted = TOKEN;
  isAtOnce = true;
  expect(page).toMatchObject({ complaints: [], outside: [] });
  await page.close();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await ServiceProcess.killAll();
  pages?.close();
  await keystone.kill();
});

async function open(look: Parameters<typeof ConsolePage.open>[2] = {}): Promise<void> {
  page = await ConsolePage.open(browser, service.origin, look);
  for (const origin of [keystoneOrigin, evilOrigin]) await page.tab.route(`${origin}/**`, (route) => route.continue());
}

const begin = () => page.tab.getByRole('button', { name: 'Company login' }).click();

async function enter(): Promise<void> {
  await open();
  await begin();
  await page.heading('Keypairs').waitFor();
}

const stored = (): Promise<string> =>
  page.tab.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');

async function history(): Promise<string[]> {
  const devTools = await page.context.newCDPSession(page.tab);
  const { entries } = await devTools.send('Page.getNavigationHistory');
  return entries.map(({ url }) => url);
}

const STALE = 'This log-in was not started in this tab within the last ten minutes. Start again.';

describe('a user of the company', () => {
  it('logs in at Keystone, and the token is in no address, no storage, no log and no file', async () => {
    const urls: string[] = [];
    await open();
    await page.isAccessible();
    page.tab.on('request', (request) => urls.push(request.url()));
    await begin();
    await page.heading('Keypairs').waitFor();
    await page.tab.getByText('carol').waitFor();
    expect(page.tab.url()).toBe(`${service.origin}/console`);
    expect(urls).toContain(
      `${keystoneOrigin}${WEBSSO}?origin=${encodeURIComponent(`${service.origin}/console/websso`)}`,
    );
    expect(await stored()).toBe('[{},{},""]');
    const visited = await history();
    expect(visited).not.toContain(`${service.origin}/console/websso`);
    const files = storedFiles(join(service.directory, 'data'));
    expect(files.length).toBeGreaterThan(10);
    const kept = [...urls, ...visited, ...files, service.process.printedText];
    expect(kept.filter((text) => text.includes(TOKEN.slice(0, -2)))).toEqual([]);
    expect(await page.tab.content()).not.toContain(TOKEN);
    await page.tab.reload();
    await page.heading('Keypairs').waitFor();
    await page.tab.getByText('carol').waitFor();
  });

  it('logs in at Keystone again when the session has ended', async () => {
    await open();
    await page.tab.clock.install({ time: Date.now() });
    await page.tab.reload();
    await begin();
    await page.heading('Keypairs').waitFor();
    await page.tab.clock.fastForward('59:00');
    await page.tab.clock.fastForward('02:00');
    const dialog = page.tab.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByText('unsaved input is lost').waitFor();
    await page.isAccessible();
    await page.tab.clock.setFixedTime(Date.now());
    await dialog.getByRole('button', { name: 'Company login' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.tab.getByText('carol').waitFor();
    expect(await page.heading('Keypairs').isVisible()).toBe(true);
  });

  it('is refused if Keystone no longer knows the token', async () => {
    posted = 'forgotten';
    await open();
    await begin();
    expect(await page.problem()).toBe('Keystone no longer accepts this log-in. Start again.');
    await page.isAccessible();
    await page.tab.getByRole('link', { name: 'Back' }).click();
    await page.tab.getByRole('button', { name: 'Company login' }).waitFor();
  });

  it('is refused after more than ten minutes', async () => {
    isAtOnce = false;
    await open();
    await page.tab.clock.setFixedTime(Date.now() - 601_000);
    await begin();
    await page.tab.getByRole('button', { name: 'Go on' }).waitFor();
    await page.tab.clock.setFixedTime(Date.now());
    await page.tab.getByRole('button', { name: 'Go on' }).click();
    expect(await page.problem()).toBe(STALE);
  });
});

describe('a log-in that the tab did not begin', () => {
  it('is refused with a sentence, also when it is posted again', async () => {
    await enter();
    isAtOnce = false;
    posted = FOREIGN_TOKEN;
    for (let round = 0; round < 2; round += 1) {
      await page.tab.goto(keystoneOrigin);
      await page.tab.getByRole('button', { name: 'Go on' }).click();
      expect(await page.problem()).toBe(STALE);
      expect(page.tab.url()).toBe(`${service.origin}/console`);
      expect(await page.tab.content()).not.toContain(FOREIGN_TOKEN);
    }
    await page.isAccessible();
    await page.tab.getByRole('link', { name: 'Back' }).click();
    await page.heading('Keypairs').waitFor();
    await page.tab.getByText('carol').waitFor();
    expect(keystone.validations).not.toContain(FOREIGN_TOKEN);
  });

  it('is refused in German', async () => {
    await open({ locale: 'de-DE' });
    await page.tab.goto(keystoneOrigin);
    expect(await page.problem()).toBe(
      'Diese Anmeldung wurde nicht in den letzten zehn Minuten in diesem Tab begonnen. Beginnen Sie sie neu.',
    );
    await page.isAccessible();
  });

  it('is refused from another site, even while the tab waits for Keystone', async () => {
    isAtOnce = false;
    await open();
    await begin();
    await page.tab.getByRole('button', { name: 'Go on' }).waitFor();
    posted = FOREIGN_TOKEN;
    await page.tab.goto(evilOrigin);
    await page.tab.getByRole('button', { name: 'Go on' }).click();
    await page.tab.getByText('Only the page of Keystone may send log-ins here').waitFor();
    expect(keystone.validations).not.toContain(FOREIGN_TOKEN);
    expect(await page.context.cookies()).toEqual([]);
  });

  it('cannot replace a log-in with a password in the same tab', async () => {
    await open();
    await page.tab.evaluate(`sessionStorage.setItem('latchkey-sso', String(Date.now()))`);
    await page.logIn('dave', 'his');
    await page.tab.getByText('nova').first().waitFor();
    expect(await stored()).toBe('[{},{},""]');
  });
});
