import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Browser, BrowserContext, CDPSession, Locator, Page } from 'playwright-core';
import { STEP_TIMEOUT_MS } from './docs-page.js';

const AXE = readFileSync(join('node_modules', 'axe-core', 'axe.min.js'), 'utf8');

interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly forcedColors?: 'active' | 'none';
  readonly locale?: string;
}

/** The console in a browser of its own, as a person uses it. */
export class ConsolePage {
  /** The errors in the browser's console: scripts that fail, violations of policies. */
  readonly complaints: string[] = [];
  /** Requested URLs of other origins. All of them are blocked. */
  readonly outside: string[] = [];
  /** Everything that was sent: URLs, headers and bodies. */
  readonly sent: string[] = [];

  private constructor(
    readonly tab: Page,
    readonly context: BrowserContext,
    readonly origin: string,
  ) {}

  static async open(browser: Browser, origin: string, look: Look = {}, path = '/console'): Promise<ConsolePage> {
    const { width = 1280, locale = 'en-GB', colorScheme = 'light', forcedColors = 'none' } = look;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      locale,
      colorScheme,
      forcedColors,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    const page = await ConsolePage.inContext(context, origin);
    await page.tab.goto(origin + path);
    await page.tab.locator('h1').first().waitFor();
    return page;
  }

  /** Another tab of the same browser. */
  static async inContext(context: BrowserContext, origin: string): Promise<ConsolePage> {
    const page = new ConsolePage(await context.newPage(), context, origin);
    await page.watch();
    return page;
  }

  async logIn(user: string, password: string): Promise<void> {
    await this.tab.getByLabel('User', { exact: true }).fill(user);
    await this.tab.getByLabel('Password', { exact: true }).fill(password);
    await this.tab.getByRole('button', { name: 'Log in' }).click();
  }

  async go(place: string): Promise<void> {
    await this.tab.evaluate(`void (location.hash = '#/${place}')`);
  }

  heading(name: string | RegExp): Locator {
    return this.tab.getByRole('heading', { name, level: 1 });
  }

  /** The text of the element that shows refusals. */
  async problem(): Promise<string> {
    const alert = this.tab.locator('[role=alert] .message, p[role=alert]').first();
    await alert.waitFor();
    return alert.innerText();
  }

  /** Fails on a violation of WCAG 2.2 AA that axe-core finds, and on a page that scrolls sideways. */
  async isAccessible(): Promise<void> {
    // By the DevTools protocol, which the page's policy does not restrict.
    await this.tab.evaluate(AXE);
    const violations = await this.tab.evaluate(`
      axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((n) => n.html.slice(0, 200) + ' | ' + n.failureSummary.slice(0, 300)) })))`);
    expect(violations).toEqual([]);
    expect(await this.tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  }

  /** A file that the page saves when a control is pressed. */
  async saved(press: Locator): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const download = this.tab.waitForEvent('download');
    await press.click();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  }

  close(): Promise<void> {
    return this.context.close();
  }

  private async watch(): Promise<void> {
    this.tab.on('console', (message) => {
      // Refusals are part of the tests; each test checks its own.
      const isRefusal = /the server responded with a status of 4\d\d/.test(message.text());
      // Over plain HTTP this header has no effect.
      const isPlain = message.text().startsWith('The Cross-Origin-Opener-Policy header has been ignored');
      if (['error', 'warning'].includes(message.type()) && !isRefusal && !isPlain) this.complaints.push(message.text());
    });
    this.tab.on('pageerror', (error) => this.complaints.push(error.message));
    await this.tab.route(
      (url) => url.origin !== this.origin && url.protocol !== 'blob:',
      (route, request) => {
        this.outside.push(request.url());
        return route.abort();
      },
    );
    await this.record(await this.context.newCDPSession(this.tab));
  }

  private async record(devTools: CDPSession): Promise<void> {
    await devTools.send('Network.enable', { maxPostDataSize: 1_000_000 });
    devTools.on('Network.requestWillBeSent', ({ request }) => this.sent.push(JSON.stringify(request)));
    devTools.on('Network.requestWillBeSentExtraInfo', ({ headers }) => this.sent.push(JSON.stringify(headers)));
    devTools.on('Network.webSocketFrameSent', ({ response }) => this.sent.push(response.payloadData));
  }
}
