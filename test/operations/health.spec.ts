import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedApp, startApp } from '../support/start-app.js';

let app: StartedApp;

beforeAll(async () => {
  app = await startApp({ ADMIN_PORT: '0' });
});

afterAll(() => app.stop());

describe.each(['client', 'admin'] as const)('a probe from the side of the %s', (side) => {
  it.each(['/healthcheck', '/readyz', '/livez'])('%s answers OK as oslo.middleware does', async (path) => {
    const { status, headers, text } = await app[side].get(path);
    expect([status, headers['content-type'], text]).toEqual([200, 'text/plain; charset=UTF-8', 'OK']);
  });

  it('reports each check in JSON', async () => {
    const { status, body } = await app[side].with({ Accept: 'application/json' }).get('/healthcheck');
    expect(status).toBe(200);
    expect(body).toEqual({
      detailed: true,
      reasons: ['Database', 'Migrations', 'Identity'].map((name) => ({
        class: name,
        healthy: true,
        reason: 'OK',
        details: '',
      })),
    });
  });

  it('that is a HEAD is answered 204', async () => {
    expect((await app[side].send({ method: 'HEAD', target: '/healthcheck' })).status).toBe(204);
  });
});

it('leaves other paths to the list of versions', async () => {
  expect((await app.client.get('/healthcheck/more')).status).toBe(300);
});

describe('a service whose Keystone is unavailable', () => {
  let lonely: StartedApp;

  beforeAll(async () => {
    lonely = await startApp({
      AUTH_MODE: 'keystone',
      KEYSTONE_AUTH_URL: 'http://127.0.0.1:1/v3',
      KEYSTONE_PASSWORD: 'secret-of-nova',
    });
  });

  afterAll(() => lonely.stop());

  it('is alive and not ready, and reports why', async () => {
    expect((await lonely.client.get('/livez')).status).toBe(200);
    const { status, text } = await lonely.client.get('/readyz');
    expect([status, text]).toEqual([503, 'Keystone is unavailable: no answer (ECONNREFUSED)']);
    expect((await lonely.client.send({ method: 'HEAD', target: '/healthcheck' })).status).toBe(503);
    const { body } = await lonely.client.with({ Accept: 'application/json' }).get('/healthcheck');
    expect((body as { reasons: object[] }).reasons.at(-1)).toEqual({
      class: 'Identity',
      healthy: false,
      reason: 'Keystone is unavailable',
      details: 'no answer (ECONNREFUSED)',
    });
  });
});
