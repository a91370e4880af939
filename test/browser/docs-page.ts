import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

/** Options that keep Chromium from contacting its vendor, and let root start it. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long a step in a page may take: a busy machine needs more than the 30 seconds of Playwright. */
export const STEP_TIMEOUT_MS = 120_000;

/** Debian's Chromium, with a profile that is made for it and removed afterwards. */
export function startBrowser(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...ARGUMENTS, ...more],
    timeout: STEP_TIMEOUT_MS,
  });
}

/** A directory for screenshots: PICTURES of the environment, which stays, or a temporary one. */
export function picturesDirectory(): string {
  const { PICTURES: named } = process.env;
  if (named === undefined) return mkdtempSync(join(tmpdir(), 'latchkey-pictures-'));
  mkdirSync(named, { recursive: true });
  return named;
}

/** What "Try it out" sent, and what the page shows of the answer. */
export interface Tried {
  readonly url: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  /** The body as the page shows it. */
  readonly body: string;
}

/** The page at /docs in a tab of its own, as a reader uses it. */
export class DocsPage {
  /** The errors in the browser's console: scripts that fail, violations of policies, refused requests. */
  readonly complaints: string[] = [];
  /** Requested URLs of other origins. All of them are blocked. */
  readonly outside: string[] = [];

  private constructor(
    readonly tab: Page,
    private readonly origin: string,
  ) {}

  /** Opens the page; `target` is all that comes after the host. */
  static async open(browser: Browser, origin: string, target = '/docs', width = 1200): Promise<DocsPage> {
    const tab = await browser.newPage({ viewport: { width, height: 900 } });
    const page = new DocsPage(tab, origin);
    await page.watch();
    await tab.goto(origin + target);
    await page.shown();
    return page;
  }

  /** A watched tab that shows nothing yet. */
  static async blank(browser: Browser, origin: string): Promise<DocsPage> {
    const page = new DocsPage(await browser.newPage(), origin);
    await page.watch();
    return page;
  }

  /** The log-in form of the built-in identity. */
  get form(): Locator {
    return this.tab.locator('#log-in');
  }

  /** The list of documents. */
  get picker(): Locator {
    return this.tab.locator('header').getByLabel('Document');
  }

  async logIn(user: string, password: string, project: string): Promise<void> {
    await this.form.getByLabel('User').fill(user);
    await this.form.getByLabel('Password').fill(password);
    await this.form.getByLabel('Project').fill(project);
    await this.form.getByRole('button', { name: 'Log in' }).click();
  }

  /** Fills in the dialog that Swagger UI opens for Authorize. */
  async authorize(...values: readonly string[]): Promise<void> {
    await this.tab.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = this.tab.locator('.modal-ux');
    const inputs = dialog.locator('input');
    for (const [at, value] of values.entries()) await inputs.nth(at).fill(value);
    await dialog.getByRole('button', { name: 'Apply credentials' }).click();
    await dialog.getByRole('button', { name: 'Close' }).first().click();
  }

  /** Picks a document by its name, `2.35`. */
  async pick(name: string): Promise<void> {
    await this.picker.selectOption(name);
    await this.tab.locator(`#source[href="openapi/${name}.json"]`).waitFor();
    await this.shown();
  }

  operation(id: string): Locator {
    return this.tab.locator(`.opblock[id$="-${id}"]`);
  }

  /** Opens an operation, before anything is filled in. */
  async opened(id: string): Promise<Locator> {
    const operation = this.operation(id);
    if (!/is-open/.test((await operation.getAttribute('class'))!)) {
      await operation.locator('.opblock-summary-control').click();
    }
    return operation;
  }

  /** The properties that the schema of its body requires. */
  async required(id: string): Promise<string[]> {
    const body = (await this.opened(id)).locator('.opblock-section-request-body');
    await body.getByRole('tab', { name: 'Schema' }).click();
    const names = body.locator('.property-row.required > td:first-child');
    await names.first().waitFor();
    return names.allInnerTexts();
  }

  /** Presses "Try it out" and "Execute", with the body in place of the example if one is given. */
  async tryOut(id: string, body?: object): Promise<Tried> {
    const operation = await this.opened(id);
    await operation.getByRole('button', { name: 'Try it out' }).click();
    if (body) await operation.locator('textarea.body-param__text').fill(JSON.stringify(body));
    const sent = this.tab.waitForRequest(() => true);
    await operation.getByRole('button', { name: 'Execute' }).click();
    const request = await sent;
    const answer = operation.locator('.live-responses-table .response');
    const status = Number(await answer.locator('.response-col_status').innerText());
    const shown = answer.locator('.highlight-code').first();
    return {
      url: request.url(),
      method: request.method(),
      headers: await request.allHeaders(),
      status,
      body: (await shown.count()) === 0 ? '' : await shown.locator('code').innerText(),
    };
  }

  /** The text of an element, once it is visible. */
  async textOf(selector: string): Promise<string> {
    const part = this.tab.locator(selector);
    await part.waitFor({ state: 'visible' });
    return part.innerText();
  }

  close(): Promise<void> {
    return this.tab.close();
  }

  private async shown(): Promise<void> {
    await this.tab.locator('.opblock').first().waitFor();
  }

  private async watch(): Promise<void> {
    this.tab.setDefaultTimeout(STEP_TIMEOUT_MS);
    this.tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    this.tab.on('pageerror', (error) => this.complaints.push(error.message));
    await this.tab.context().route('**/*', (route, request) => {
      if (new URL(request.url()).origin === this.origin) return route.continue();
      this.outside.push(request.url());
      return route.abort();
    });
  }
}
