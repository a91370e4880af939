import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCertificate } from '../support/certificate.js';
import { RawConnection, statusIn } from '../support/raw-connection.js';
import { secureGet } from '../support/secure-get.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

const ED25519 = sshKeygen('-C', 'laptop').trim();

let directory: string;
let app: StartedApp | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-edge-'));
});

afterEach(async () => {
  await app?.stop();
  app = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe('RATE_LIMIT', () => {
  it('answers 429 to a client that sends too many requests, and to no other', async () => {
    app = await startApp({ RATE_LIMIT: '3/60' });
    for (let i = 0; i < 3; i += 1) expect((await app.as('alice').get('/v2.1/os-keypairs')).status).toBe(200);
    const refused = await app.as('alice', 'another-project').get('/v2.1/os-keypairs');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      overLimit: { code: 429, message: expect.stringContaining('rate-limited') },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect((await app.as('bob').get('/v2.1/os-keypairs')).status).toBe(200);
  });
});

describe('MAX_CONNECTIONS', () => {
  it('closes connections that are too many', async () => {
    app = await startApp({ MAX_CONNECTIONS: '2' });
    const [hostname, port] = app.client.host.split(':');
    const sockets = [0, 1].map(() => connect(Number(port), hostname));
    await Promise.all(sockets.map((socket) => new Promise((open) => socket.once('connect', open))));
    await expect(app.client.get('/')).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
    const answered = () => app!.client.get('/').catch(() => undefined);
    expect((await until(answered, 'there is room for a connection')).status).toBe(200);
  });
});

describe('MAX_CONNECTIONS_PER_ADDRESS', () => {
  it.each(['client', 'guest', 'admin'] as const)('closes those of one address that are too many (%s)', async (side) => {
    app = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '3', ADMIN_PORT: '0' });
    const { host } = app[side];
    const held = await Promise.all([0, 1, 2].map(() => RawConnection.to(host)));
    expect(await (await RawConnection.to(host)).answered).toBe('');
    // Another address has a limit of its own.
    const [, port] = host.split(':');
    const elsewhere = await RawConnection.to(host, '127.0.0.2');
    elsewhere.send(`GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    expect(statusIn(await elsewhere.answered)).toBe(side === 'guest' ? 404 : 200);
    for (const each of held) each.end();
  });

  it('is 64 for guests that are identified by their address', async () => {
    app = await startApp();
    const held = await Promise.all(Array.from({ length: 64 }, () => RawConnection.to(app!.guest.host)));
    expect(await (await RawConnection.to(app.guest.host)).answered).toBe('');
    for (const each of held) each.end();
  });
});

describe('requests that one connection sends without waiting for answers', () => {
  const request = (line: string, body = '', headers = ''): string =>
    `${line} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: alice:blue\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
  const create = (name: string): string =>
    request('POST /v2.1/os-keypairs', JSON.stringify({ keypair: { name, public_key: ED25519 } }));
  const statusesIn = (received: string): number[] =>
    [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

  it('are handled one after another', async () => {
    app = await startApp();
    const named = '/v2.1/os-keypairs/laptop';
    const requests = [create('laptop'), request(`GET ${named}`), create('laptop'), request(`DELETE ${named}`)];
    const last = request(`GET ${named}`, '', 'Connection: close\r\n');
    const connection = (await RawConnection.to(app.client.host)).send([...requests, last].join(''));
    expect(statusesIn(await connection.answered)).toEqual([200, 200, 409, 202, 404]);
  });

  it('are not handled after one for which the connection is closed', async () => {
    app = await startApp();
    const refused = request('GET /v2.1/os-keypairs', '', 'Origin: https://elsewhere.example\r\n');
    const connection = (await RawConnection.to(app.client.host)).send(`${refused}${create('late')}`);
    expect(statusesIn(await connection.answered)).toEqual([403]);
    expect((await app.as('alice', 'blue').get('/v2.1/os-keypairs')).body).toEqual({ keypairs: [] });
  });
});

describe('TLS', () => {
  const use = (...names: [cert: string, key: string]): void => {
    copyFileSync(join(directory, `${names[0]}.crt`), join(directory, 'used.crt'));
    copyFileSync(join(directory, `${names[1]}.key`), join(directory, 'used.key'));
  };
  const settings = (): Record<string, string> => ({
    TLS_CERT: join(directory, 'used.crt'),
    TLS_KEY: join(directory, 'used.key'),
  });

  it('is served with TLS_CERT, also after that has changed', async () => {
    makeCertificate(directory, 'first');
    makeCertificate(directory, 'second');
    use('first', 'first');
    app = await startApp(settings());
    const { shown, text } = await secureGet(app.client.host, '/');
    expect(shown).toBe('first');
    expect(text).toContain(`https://${app.client.host}/v2.1/`);
    use('second', 'second');
    const current = async (): Promise<string> => (await secureGet(app!.client.host, '/')).shown;
    expect(await until(async () => (await current()) === 'second', 'the second certificate is shown')).toBe(true);
  });

  it('is not started with the key of another certificate, or with a file that is no certificate', async () => {
    makeCertificate(directory, 'first');
    makeCertificate(directory, 'second');
    use('first', 'second');
    const prefix = 'TLS_CERT and TLS_KEY cannot be used';
    await expect(startApp(settings())).rejects.toThrow(`${prefix}: the key is not that of the certificate.`);
    writeFileSync(join(directory, 'used.crt'), 'no certificate');
    await expect(startApp(settings())).rejects.toThrow(`${prefix}: one of them is not PEM.`);
  });

  it('needs both files', async () => {
    const { cert } = makeCertificate(directory, 'first');
    await expect(startApp({ TLS_CERT: cert })).rejects.toThrow('TLS_CERT and TLS_KEY must be set both or neither.');
  });
});

describe('a URL with an escape that is no UTF-8', () => {
  it('is 400 with a request id, like every other answer', async () => {
    app = await startApp();
    for (const target of ['/v2.1/os-keypairs/%FF', '/v2/os-keypairs/%FF', '/v1/guests/%FF']) {
      const { status, headers, body } = await app.client.get(target);
      expect([status, body]).toEqual([400, { badRequest: { code: 400, message: expect.stringMatching(/no UTF-8/) } }]);
      expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
      expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id']);
    }
  });
});

describe('a NUL in the query', () => {
  it('finds no guests, and is no error', async () => {
    app = await startApp();
    expect((await app.client.get('/v1/guests?user_id=%00')).status).toBe(200);
  });
});
