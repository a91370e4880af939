import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RawConnection, statusIn } from '../support/raw-connection.js';
import { type StartedApp, startApp } from '../support/start-app.js';

let app: StartedApp;

beforeAll(async () => {
  app = await startApp({ ADMIN_PORT: '0', PUBLIC_URL: 'https://keys.example' });
});

afterAll(() => app?.stop());

const TARGETS = { client: '/livez', guest: '/', admin: '/livez' } as const;

async function statusOf(side: keyof typeof TARGETS, start: string, headers: string): Promise<number | undefined> {
  const connection = await RawConnection.to(app[side].host);
  connection.send(`${start.replace('/', () => TARGETS[side])}\r\n${headers}\r\nConnection: close\r\n\r\n`);
  return statusIn(await connection.answered);
}

describe.each(['client', 'guest', 'admin'] as const)('the listener of the %s', (side) => {
  it.each([
    ['two Host headers', 'GET / HTTP/1.1', 'Host: localhost\r\nHost: localhost'],
    ['HTTP/2.0', 'GET / HTTP/2.0', 'Host: localhost'],
    ['HTTP/0.9', 'GET / HTTP/0.9', 'Host: localhost'],
    ['no version', 'GET /', 'Host: localhost'],
    ['a coding before chunked', 'POST / HTTP/1.1', 'Host: localhost\r\nTransfer-Encoding: gzip, chunked'],
  ] as const)('refuses %s', async (_, start, headers) => {
    expect(await statusOf(side, start, headers)).toBe(400);
  });
});

describe('a page in a browser', () => {
  const foreign = [
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Host: 'evil.example' },
    { Host: '127.0.0.1.evil.example' },
    { Host: 'localhost.evil.example:8774' },
  ] as const;
  const paths = ['/', '/v2/os-keypairs', '/v2.1/os-keypairs', '/v1/guests', '/identity/v3', '/openapi.json', '/none'];

  it.each(foreign)('of another site is 403 for every route and method: %j', async (headers) => {
    for (const target of paths) {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
        const { status, text } = await app.client.with(headers).send({ method, target });
        expect([method, target, status]).toEqual([method, target, 403]);
        expect(text).toContain('AUTH_MODE');
      }
    }
  });

  it('of this service, or of PUBLIC_URL, is answered', async () => {
    const { host } = app.client;
    for (const headers of [
      { Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' },
      { Host: 'keys.example', Origin: 'https://keys.example', 'Sec-Fetch-Site': 'same-origin' },
      { Host: 'localhost:8774' },
      { Host: '[::1]:8774' },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      expect(
        (await app.client.with(headers as unknown as Record<string, string>).get('/v2.1/os-keypairs')).status,
      ).toBe(200);
    }
    expect((await app.client.with({ 'Sec-Fetch-Site': 'cross-site' }).get('/docs')).status).toBe(200);
  });

  it('is 403 for guests and operators', async () => {
    for (const side of ['guest', 'admin'] as const) {
      for (const headers of [{ Origin: `http://${app[side].host}` }, { 'Sec-Fetch-Site': 'same-origin' }]) {
        expect((await app[side].with(headers as unknown as Record<string, string>).get('/')).status).toBe(403);
      }
    }
  });

  it('of another site cannot use the password that the browser keeps', async () => {
    const file = join(tmpdir(), `latchkey-users-${process.pid}`);
    writeFileSync(file, 'alice:$2y$05$7ZAJGtOMxL5TLl3gvGnpOOIqkrJpi2tjbYQDqkNrPMPrOhFTf2Kwa\n');
    const basic = await startApp({ AUTH_MODE: 'http_basic', HTTP_BASIC_FILE: file });
    try {
      expect((await basic.client.with({ Origin: 'http://evil.example' }).get('/v2.1/os-keypairs')).status).toBe(403);
      expect((await basic.client.with({ Host: 'keys.internal' }).get('/v2.1/')).status).toBe(200);
    } finally {
      await basic.stop();
    }
  });
});

describe("details of Nova's behaviour", () => {
  it('reads limit=1%0A as 1, and a blank behind the media type as no media type', async () => {
    const alice = app.as('alice').at('2.35');
    expect((await alice.get('/v2.1/os-keypairs?limit=1%0A')).status).toBe(200);
    expect((await alice.get('/v2.1/os-keypairs?limit=1%0A%0A')).status).toBe(400);
    const headers = { 'Content-Type': 'application/json ; charset=utf-8' };
    const typed = await alice.send({ method: 'POST', target: '/v2.1/os-keypairs', headers, body: '{}' });
    expect(typed.status).toBe(415);
  });

  it.each(['/', '/v2.1/'])('answers OPTIONS %s with application/json without a charset', async (target) => {
    const { headers } = await app.client.send({ method: 'OPTIONS', target });
    expect(headers['content-type']).toBe('application/json');
  });
});
