import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import type { Browser, Page } from 'playwright-core';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { startBrowser, STEP_TIMEOUT_MS } from './docs-page.js';

/** Foreign pages in a browser on the service's machine: what they can send, and what they can read. */

const directory = mkdtempSync(join(tmpdir(), 'latchkey-foreign-'));
const GUEST = JSON.stringify({ guest: { name: 'foreign' } });

let browser: Browser;
/** A web server of an attacker; every name that ends in `.example` resolves to this machine. */
let stranger: Server;
let strangersPort: number;

beforeAll(async () => {
  browser = await startBrowser('--host-resolver-rules=MAP *.example 127.0.0.1');
  stranger = createServer(({ url }, response) => {
    const target = new URL(url!, 'http://stranger').searchParams.get('target') ?? '';
    const field = `<input type="hidden" name='{"guest":{"name":"form' value='"}}'>`;
    response.setHeader('Content-Type', 'text/html');
    response.end(
      `<!doctype html><form action="${target}" method="post" enctype="text/plain">${field}<button>Win</button></form>`,
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => stranger.once('listening', resolve));
  strangersPort = (stranger.address() as AddressInfo).port;
});

afterAll(async () => {
  await browser?.close();
  stranger?.close();
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

async function newPage(): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  return page;
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly mode?: 'no-cors';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends a request from the page, and returns its status; 0 if the page may not see it. */
const send = (page: Page, url: string, init: Request): Promise<number> =>
  page.evaluate(async ([target, options]) => (await fetch(target, options).catch(() => undefined))?.status ?? 0, [
    url,
    init,
  ] as const);

/** Submits a form of the foreign page and returns the status that the browser navigated to. */
async function submit(page: Page, target: string): Promise<number> {
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/?target=${encodeURIComponent(target)}`);
  const [response] = await Promise.all([page.waitForResponse(target), page.getByRole('button').click()]);
  return response.status();
}

describe('A foreign page, with AUTH_MODE=none,', () => {
  let service: ServiceProcess;
  let port: string;

  beforeAll(async () => {
    putEmptyDatabase(join(directory, 'none'));
    service = await ServiceProcess.listening({ AUTH_MODE: 'none', DATA_DIR: join(directory, 'none') });
    port = service.client.host.split(':')[1];
  });

  const guests = async (): Promise<unknown> => (await service.client.get('/v1/guests')).body;

  it.each(['http://evil.example', 'http://127.0.0.1'])('changes nothing from %s, by fetch or by form', async (site) => {
    const before = await guests();
    const page = await newPage();
    await page.goto(`${site}:${strangersPort}/`);
    const target = `http://127.0.0.1:${port}/v1/guests`;
    const simple = { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: GUEST } as const;
    expect(await send(page, target, simple)).toBe(0);
    expect(await send(page, target, { method: 'GET' })).toBe(0);
    expect(await submit(page, target)).toBe(403);
    expect(await guests()).toEqual(before);
    await page.close();
  });

  it('reads and changes nothing under a name of its own that now resolves to the service', async () => {
    const page = await newPage();
    const response = await page.goto(`http://rebound.example:${port}/v2.1/os-keypairs`);
    expect(response?.status()).toBe(403);
    for (const path of ['/v2.1/os-keypairs', '/v1/guests', '/', '/v2.1/', '/identity/v3']) {
      expect(await send(page, `http://rebound.example:${port}${path}`, { method: 'GET' })).toBe(403);
    }
    expect(
      await send(page, `http://rebound.example:${port}/v1/guests`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: GUEST,
      }),
    ).toBe(403);
    await page.close();
  });

  it("does not keep the service's own page from working", async () => {
    const page = await newPage();
    await page.goto(`http://127.0.0.1:${port}/docs`);
    expect(await send(page, `http://127.0.0.1:${port}/v2.1/os-keypairs`, { method: 'GET' })).toBe(200);
    const created = await send(page, `http://127.0.0.1:${port}/v1/guests`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: GUEST,
    });
    expect(created).toBe(201);
    await page.close();
  });
});

describe('A foreign page, with AUTH_MODE=http_basic,', () => {
  it('cannot use the password that the browser remembers', async () => {
    putEmptyDatabase(join(directory, 'basic'));
    const users = join(directory, 'users');
    writeFileSync(users, `alice:${await bcrypt.hash('alices-password', 4)}\n`, { mode: 0o600 });
    const service = await ServiceProcess.listening({
      AUTH_MODE: 'http_basic',
      HTTP_BASIC_FILE: users,
      DATA_DIR: join(directory, 'basic'),
    });
    const context = await browser.newContext({
      httpCredentials: { username: 'alice', password: 'alices-password', send: 'always' },
    });
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    const page = await context.newPage();
    const guests = `http://${service.client.host}/v1/guests`;
    expect((await page.goto(guests))?.status()).toBe(200);
    await page.goto(`http://evil.example:${strangersPort}/`);
    expect(await submit(page, guests)).toBe(403);
    await page.goto(guests);
    expect(await page.locator('body').innerText()).toContain('"guests":[]');
    await context.close();
  });
});
