import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { RawConnection, statusIn } from '../support/raw-connection.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

let app: StartedApp;

beforeAll(async () => {
  app = await startApp({
    ADMIN_PORT: '0',
    HEADERS_TIMEOUT_SECONDS: '1',
    REQUEST_TIMEOUT_SECONDS: '2',
    IDLE_TIMEOUT_SECONDS: '1',
    STALLED_TIMEOUT_SECONDS: '3',
    KEYSTONE_TIMEOUT_SECONDS: '1',
    DB_TIMEOUT_MS: '900',
    MAX_CONNECTIONS_PER_ADDRESS: '1000',
  });
});

afterAll(() => app.stop());

/** The answers of each listener to a client that is too slow, to a head that is too long, and to a good request. */
const LISTENERS = [
  { of: 'the API', side: 'client', target: '/livez', tooSlow: 408, tooLong: 431, well: 200 },
  { of: 'guests', side: 'guest', target: '/openstack', tooSlow: 400, tooLong: 400, well: 404 },
  { of: 'operators', side: 'admin', target: '/livez', tooSlow: 408, tooLong: 431, well: 200 },
] as const;

const HEADERS = 'GET / HTTP/1.1\r\nHost: localhost\r\n';

describe.each(LISTENERS)('the listener of $of', ({ side, target, tooSlow, tooLong, well }) => {
  const client = (): Client => app[side];
  const open = (): Promise<RawConnection> => RawConnection.to(client().host);
  const serves = async (): Promise<void> => expect((await client().get(target)).status).toBe(well);

  it('closes a connection that sends nothing', async () => {
    expect(statusIn(await (await open()).answered)).toBe(tooSlow);
  });

  it('closes a connection whose headers come a byte at a time, and serves others meanwhile', async () => {
    const slow = (await open()).send(HEADERS).drip('X-Drip: drop\r\n', 50);
    await serves();
    expect(statusIn(await slow.answered)).toBe(tooSlow);
  });

  it('closes a connection whose body comes a byte at a time, and serves others meanwhile', async () => {
    const slow = (await open())
      .send(`POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n`)
      .drip('x', 50);
    await serves();
    const status = statusIn(await slow.answered);
    // Listeners that read no body answer before it has arrived.
    expect([tooSlow, 404, 405]).toContain(status);
  });

  it('closes a connection whose chunks never end', async () => {
    const endless = (await open()).send(
      `POST ${target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    endless.drip('1\r\nx\r\n', 20);
    expect(statusIn(await endless.answered)).toBeGreaterThanOrEqual(400);
  });

  it('serves others while 500 connections are half open, and closes all of these', async () => {
    const halfOpen = await Promise.all(Array.from({ length: 500 }, open));
    for (const each of halfOpen) each.send(HEADERS);
    await serves();
    const answers = await Promise.all(halfOpen.map(({ answered }) => answered));
    expect(new Set(answers.map(statusIn))).toEqual(new Set([tooSlow]));
    await serves();
  });

  it('closes a connection that is idle after its answer', async () => {
    const idle = (await open()).send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(statusIn(await idle.answered)).toBe(well);
  });

  it.each([
    ['headers', `${HEADERS}X-Long: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a URL', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['many headers', `${HEADERS}${'X-Many: x\r\n'.repeat(10_000)}\r\n`],
  ])('refuses %s beyond the limit', async (_what, bytes) => {
    expect(statusIn(await (await open()).send(bytes).answered)).toBe(tooLong);
    await serves();
  });
});

it('the API closes the connection of a body beyond the limit once it has refused it', async () => {
  const connection = await RawConnection.to(app.client.host);
  const length = 1_000_000_000;
  connection.send(`POST /v2.1/os-keypairs HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
  connection.drip('x'.repeat(100), 20);
  expect(statusIn(await connection.answered)).toBe(413);
});

it('the API cuts off a client that does not read its answers, and serves others meanwhile', async () => {
  const accepted = once(app.app.getHttpServer() as Server, 'connection') as Promise<[Socket]>;
  const greedy = (await RawConnection.to(app.client.host)).stopReading();
  const [connection] = await accepted;
  // More than the kernel buffers for a client: an OpenAPI document has some 50 kB.
  greedy.send('GET /openapi/latest.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(400));
  await until(async () => (await app.client.get('/livez')).status === 200, 'another client is served');
  await once(connection, 'close');
  expect(connection.bytesWritten).toBeGreaterThan(100_000);
  greedy.end();
});
