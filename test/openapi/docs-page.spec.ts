import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListedDocument, listedDocuments } from '../../src/openapi/document-list.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const GUARDED = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-cache',
};

const started: StartedApp[] = [];

async function start(settings: Record<string, string> = {}): Promise<StartedApp> {
  const service = await startApp(settings);
  started.push(service);
  return service;
}

let service: StartedApp;
/** A service where every client has to authenticate. */
let strict: StartedApp;

beforeAll(async () => {
  service = await start();
  strict = await start({ AUTH_MODE: 'builtin' });
});

afterAll(async () => {
  for (const each of started) await each.stop();
});

describe('a browser without a token', () => {
  it.each([
    ['/docs', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/docs/page.js', 'text/javascript; charset=utf-8', '// The script of /docs'],
    ['/docs/page.css', 'text/css; charset=utf-8', ':root'],
    ['/docs/icon.svg', 'image/svg+xml', '<svg'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', '/*! For license information'],
    ['/docs/swagger-ui.css', 'text/css; charset=utf-8', '.swagger-ui'],
    ['/docs/settings.json', 'application/json', '{"documents":[{'],
  ])('gets %s as %s, with a policy for what the page may do', async (target, type, beginning) => {
    const reply = await strict.client.get(target);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ ...GUARDED, 'content-type': type });
    expect(reply.text.slice(0, 2000)).toContain(beginning);
  });

  it('finds no inline script or style in the page, and nothing of other origins', async () => {
    const { text } = await service.client.get('/docs');
    expect(text).not.toMatch(/<style|style=|\bon\w+=|<script(?![^>]*\bsrc=)/i);
    expect([...text.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, address]) => address)).toEqual(
      expect.arrayContaining(['docs/page.js', 'docs/swagger-ui-bundle.js']),
    );
    expect(text).not.toMatch(/\b(?:href|src)="(?!docs\/)[^"]+"/);
  });

  it('need not fetch again what it has cached', async () => {
    const { headers } = await service.client.get('/docs/swagger-ui-bundle.js');
    const again = await service.client.with({ 'If-None-Match': headers.etag }).get('/docs/swagger-ui-bundle.js');
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
    expect(again.headers).toMatchObject({ etag: headers.etag, 'content-security-policy': POLICY });
    expect((await service.client.with({ 'If-None-Match': '"other"' }).get('/docs')).status).toBe(200);
  });

  it('may request the headers only', async () => {
    const page = await service.client.get('/docs');
    const headers = await service.client.send({ method: 'HEAD', target: '/docs' });
    expect({ status: headers.status, text: headers.text }).toEqual({ status: 200, text: '' });
    expect(headers.headers).toMatchObject({ ...GUARDED, etag: page.headers.etag });
    expect(headers.headers['content-length']).toBe(String(Buffer.byteLength(page.text)));
  });

  it('is redirected from /docs/ to /docs, whatever the path under which a proxy serves it', async () => {
    const reply = await service.client.get('/docs/');
    expect(reply.status).toBe(308);
    expect(reply.headers.location).toBe('../docs');
    const { headers } = await service.client.get('/docs/?document=v2');
    expect(headers.location).toBe('../docs?document=v2');
  });

  it.each([
    ['GET', '/docs/nothing'],
    ['GET', '/docs/page.js.map'],
    ['GET', '/docs/..%2f..%2fpackage.json'],
    ['GET', '/docs/../docs/../package.json'],
    ['GET', '/docs/swagger-ui/page.js'],
    ['POST', '/docs'],
    ['DELETE', '/docs/page.js'],
  ])('%s %s gets a 404 page with the same policy', async (method, target) => {
    const reply = await service.client.with({ Accept: 'text/html' }).send({ method, target });
    expect(reply.status).toBe(404);
    expect(reply.headers).toMatchObject({ ...GUARDED, 'content-type': 'text/html; charset=UTF-8' });
    expect(reply.text).toContain('404 Not Found');
  });
});

describe('the page', () => {
  it('offers every document, the newest first', async () => {
    const { documents } = (await strict.client.get('/docs/settings.json')).body as { documents: ListedDocument[] };
    expect(documents).toEqual(listedDocuments().filter(({ name }) => name !== 'v2-plain'));
    expect(documents).toContainEqual({ name: 'identity', title: 'Identity (built in)' });
    for (const { name } of documents) {
      expect((await strict.client.get(`/openapi/${name}.json`)).status).toBe(200);
    }
  });

  it('offers no document of a disabled version or API', async () => {
    const old = await start({ MAX_MICROVERSION: '2.40', EXTENDED_KEYPAIRS: 'false' });
    const { documents } = (await old.client.get('/docs/settings.json')).body as { documents: { name: string }[] };
    const names = documents.map(({ name }) => name);
    expect(names.filter((name) => /^\d/.test(name))).toEqual(['2.39', '2.36', '2.35', '2.10', '2.2', '2.1']);
    expect(names).toContain('v2-plain');
    expect(names).not.toContain('v2');
    expect(names).not.toContain('identity');
  });

  it.each(['builtin', 'none'])('knows that AUTH_MODE is %s', async (authMode) => {
    const served = authMode === 'none' ? service : strict;
    expect((await served.client.get('/docs/settings.json')).body).toMatchObject({
      authMode,
      base: `http://${served.client.host}`,
    });
  });
});

describe('an operator', () => {
  it('may switch the page off: its paths are then answered like unknown ones', async () => {
    const plain = await start({ DOCS: 'false' });
    for (const target of ['/docs', '/docs/page.js', '/docs/settings.json']) {
      const reply = await plain.client.get(target);
      expect({ status: reply.status, choices: Object.keys(reply.body) }).toEqual({ status: 300, choices: ['choices'] });
      expect(reply.headers).not.toHaveProperty('content-security-policy');
    }
    expect((await plain.client.get('/openapi.json')).status).toBe(200);
  });
});

describe('a client of Nova’s API', () => {
  it.each(['/', '/v2.1', '/v2.1/os-keypairs', '/v2/os-keypairs', '/v2.1/nothing', '/elsewhere'])(
    'gets no additional header on %s',
    async (target) => {
      const { headers } = await service.client.with({ Accept: 'text/html' }).get(target);
      for (const name of Object.keys(GUARDED)) expect(headers).not.toHaveProperty(name);
    },
  );
});
