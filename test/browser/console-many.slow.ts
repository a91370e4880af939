import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ServiceProcess } from '../support/service-process.js';
import { ConsolePage } from './console-page.js';
import { ConsoleService } from './console-service.js';
import { startBrowser } from './docs-page.js';

/** A user with a thousand keypairs. The figures are printed, and no test depends on the machine. */

const COUNT = 1000;

let browser: Browser;
let service: ConsoleService;
let page: ConsolePage;

beforeAll(async () => {
  browser = await startBrowser();
  service = await ConsoleService.start({ KEYPAIR_QUOTA: '2000' });
  const api = await service.api();
  for (let n = 0; n < COUNT; n += 1) {
    const { status } = await api.put(`/v1/keypairs/key-${n}`, { keypair: { public_key: publicKey(n) } });
    expect(status).toBe(201);
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

/** An Ed25519 key of its own; ssh-keygen would take minutes for so many. */
function publicKey(n: number): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(x!, 'base64url')].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `ssh-ed25519 ${Buffer.concat(parts).toString('base64')} user-${n}@example.org`;
}

/** Milliseconds from an action until the browser has drawn what follows. */
const timed = (action: string): Promise<number> =>
  page.tab.evaluate(`(async () => {
    const begun = performance.now();
    ${action};
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return Math.round(performance.now() - begun);
  })()`);

/** Rows are drawn in portions, one each frame; the first row holds the headers. */
const allRows = (): Promise<void> => page.tab.getByRole('row').nth(COUNT).waitFor();

const typed = (text: string): string =>
  `const field = document.getElementById('search'); field.value = '${text}'; field.dispatchEvent(new Event('input'))`;

describe('the page', () => {
  it('lists all of its scripts up front, so that they load in parallel', async () => {
    page = await ConsolePage.open(browser, service.origin);
    const [named, loaded] = await page.tab.evaluate<[string[], string[]]>(`[
      [...document.querySelectorAll('link[rel=modulepreload], script')].map((each) => each.href ?? each.src),
      performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js')),
    ]`);
    expect(named.toSorted()).toEqual([...new Set(loaded)].toSorted());
  });
});

describe('a thousand keypairs', () => {
  it('are listed, searched, sorted and scrolled', async () => {
    page = await service.enter(browser);
    await page.tab.getByText(`${COUNT} of ${COUNT} keypairs`).waitFor();
    await allRows();
    const figures: Record<string, number> = {
      'to sort them': await timed(`document.querySelector('th button').click()`),
      'to find one': await timed(typed('key-777')),
    };
    await page.tab.getByText(`1 of ${COUNT} keypairs`).waitFor();
    figures['to find ten by a letter more'] = await timed(typed('key-77'));
    await page.tab.getByText(`11 of ${COUNT} keypairs`).waitFor();
    figures['to show all again'] = await timed(typed(''));
    await allRows();
    figures['to scroll to the end'] = await timed('scrollTo(0, document.body.scrollHeight)');
    console.info('Milliseconds:', figures);
    expect(await page.tab.getByRole('row').last().innerText()).toContain('key-0');
    await page.isAccessible();
  });

  it('do not delay the page', async () => {
    page = await service.enter(browser);
    await page.tab.reload();
    await page.tab.getByText(`${COUNT} of ${COUNT} keypairs`).waitFor();
    const [shown] = await page.tab.evaluate<number[]>(
      `performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime)`,
    );
    const begun = performance.now();
    const empty = await ConsolePage.open(browser, service.origin);
    const usable = await empty.tab.evaluate<number>('performance.now()');
    console.info(
      `First paint after ${Math.round(shown)} ms; the log-in is usable after ${Math.round(usable)} ms, and with a new browser context after ${Math.round(performance.now() - begun)} ms.`,
    );
    expect(await empty.tab.getByLabel('User', { exact: true }).isEditable()).toBe(true);
    await empty.close();
  });
});
