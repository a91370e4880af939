import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type StartedApp, startApp } from '../support/start-app.js';

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
  it('answers 429 to who asks too often, and to nobody else', async () => {
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
    await new Promise((closed) => setTimeout(closed, 100));
    expect((await app.client.get('/')).status).toBe(200);
  });
});

describe('TLS', () => {
  const makeCertificate = (name: string): void => {
    const [key, cert] = ['key', 'crt'].map((end) => join(directory, `${name}.${end}`));
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat([
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ]),
      { stdio: 'pipe' },
    );
  };
  const use = (name: string): void => {
    for (const end of ['key', 'crt']) copyFileSync(join(directory, `${name}.${end}`), join(directory, `used.${end}`));
  };
  /** The name in the certificate that the API shows, and the first link of its answer. */
  const shown = (): Promise<{ name: string; answer: string }> =>
    new Promise((resolve, reject) => {
      const [host, port] = app!.client.host.split(':');
      request({ host, port, path: '/', rejectUnauthorized: false, agent: false }, (answer) => {
        const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ name: String(subject.CN), answer: text }));
      })
        .on('error', reject)
        .end();
    });

  it('is spoken with TLS_CERT, also after that has changed', async () => {
    makeCertificate('first');
    makeCertificate('second');
    use('first');
    app = await startApp({ TLS_CERT: join(directory, 'used.crt'), TLS_KEY: join(directory, 'used.key') });
    const { name, answer } = await shown();
    expect(name).toBe('first');
    expect(answer).toContain(`https://${app.client.host}/v2.1/`);
    use('second');
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline && (await shown()).name !== 'second')
      await new Promise((again) => setTimeout(again, 200));
    expect((await shown()).name).toBe('second');
  }, 30_000);

  it('needs both files', async () => {
    makeCertificate('first');
    await expect(startApp({ TLS_CERT: join(directory, 'first.crt') })).rejects.toThrow(
      'TLS_CERT and TLS_KEY must be set both or neither.',
    );
  });
});

describe('a URL with an escape that is no UTF-8', () => {
  it('is 400 under an id, as every other answer', async () => {
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
  it('finds no guests, and is no failure', async () => {
    app = await startApp();
    expect((await app.client.get('/v1/guests?user_id=%00')).status).toBe(200);
  });
});
