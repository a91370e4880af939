import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reply } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { temporaryDirectory } from './identity-yaml.js';
import { KeystoneStandIn, type Misbehaviour, send, tokenBody } from './keystone-stand-in.js';
import { until } from '../support/until.js';

const PATH = '/v2.1/os-keypairs';

describe('behind a Keystone', () => {
  const directory = temporaryDirectory();
  const keystone = new KeystoneStandIn();
  let service: StartedApp;
  let number = 0;

  beforeAll(async () => {
    await keystone.start();
    service = await startApp(settings());
  });

  beforeEach(() => {
    keystone.misbehaves = undefined;
  });

  afterEach(async () => {
    keystone.misbehaves = undefined;
    await keystone.kill();
    await keystone.start();
  });

  afterAll(async () => {
    await service?.stop();
    await keystone.kill();
    directory.remove();
  });

  function settings(more: Record<string, string> = {}): Record<string, string> {
    return {
      AUTH_MODE: 'keystone',
      KEYSTONE_AUTH_URL: keystone.url,
      KEYSTONE_PASSWORD_FILE: directory.file('password', 'service password\n'),
      KEYSTONE_TIMEOUT_SECONDS: '1',
      ...more,
    };
  }

  /** A token that no test has used before. */
  const fresh = (): string => `token-${(number += 1)}`;
  const ask = (token: string, path = PATH): Promise<Reply> => service.client.with({ 'X-Auth-Token': token }).get(path);
  const validationsOf = (token: string): number => keystone.validations.filter((each) => each === token).length;

  it('a token that Keystone confirms admits its user, in its project', async () => {
    const token = fresh();
    keystone.knows(token, { userId: 'alice', projectId: 'abc' });
    expect((await ask(token, `/v2.1/abc/os-keypairs`)).status).toBe(200);
    expect((await ask(token, `/v2.1/def/os-keypairs`)).status).toBe(400);
    expect(keystone.lastLogIn).toMatchObject({
      auth: {
        identity: { password: { user: { name: 'nova', domain: { name: 'Default' }, password: 'service password' } } },
        scope: { project: { name: 'service', domain: { name: 'Default' } } },
      },
    });
  });

  it('a token that Keystone does not know is 401, and the answer names where to get one', async () => {
    const reply = await ask(fresh());
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(`Keystone uri="${keystone.url}"`);
  });

  it('a token is validated once, however often and concurrently it is used; an invalid one too', async () => {
    const [good, bad] = [fresh(), fresh()];
    keystone.knows(good);
    const replies = await Promise.all([good, bad].flatMap((token) => Array.from({ length: 20 }, () => ask(token))));
    expect(replies.map(({ status }) => status)).toEqual([...Array(20).fill(200), ...Array(20).fill(401)]);
    await ask(good);
    await ask(bad);
    expect([validationsOf(good), validationsOf(bad)]).toEqual([1, 1]);
  });

  it('a client that sends no token is 401 without a request to Keystone', async () => {
    const before = keystone.validations.length;
    expect((await service.client.get(PATH)).status).toBe(401);
    expect(keystone.validations.length).toBe(before);
  });

  it('headers that a middleware would set are ignored when a client sends them', async () => {
    const token = fresh();
    keystone.knows(token);
    const claims = { 'X-Auth-Token': token, 'X-User-Id': 'victim', 'X-Roles': 'admin', 'X-Project-Id': 'other' };
    const reply = await service.client.with(claims).at('2.10').get(`${PATH}?user_id=victim`);
    expect(reply.status).toBe(403);
    const { 'X-Auth-Token': _, ...alone } = claims;
    expect((await service.client.with(alone).get(PATH)).status).toBe(401);
  });

  it("the service's own token is renewed when Keystone no longer knows it", async () => {
    const token = fresh();
    keystone.knows(token);
    await ask(fresh());
    keystone.forgetServiceTokens();
    const before = keystone.logIns;
    expect((await ask(token)).status).toBe(200);
    expect(keystone.logIns).toBe(before + 1);
  });

  it("the service's own token is renewed before it expires", async () => {
    const other = await startApp(settings());
    try {
      keystone.serviceLifetime = 30_000;
      const before = keystone.logIns;
      for (const token of [fresh(), fresh()]) {
        keystone.knows(token);
        expect((await other.client.with({ 'X-Auth-Token': token }).get(PATH)).status).toBe(200);
      }
      expect(keystone.logIns).toBe(before + 2);
    } finally {
      keystone.serviceLifetime = 3_600_000;
      await other.stop();
    }
  });

  it('a revoked token is 401 after TOKEN_CACHE_SECONDS, and an expiring one at its time', async () => {
    // Not before a busy machine has accepted both tokens, and the revoked one once more.
    const other = await startApp(settings({ TOKEN_CACHE_SECONDS: '10' }));
    const [revoked, expiring] = [fresh(), fresh()];
    const statusOf = async (from: StartedApp, token: string): Promise<number> =>
      (await from.client.with({ 'X-Auth-Token': token }).get(PATH)).status;
    try {
      keystone.knows(revoked);
      keystone.knows(expiring, { expiresAt: Date.now() + 10_000 });
      expect([await statusOf(other, revoked), await statusOf(service, expiring)]).toEqual([200, 200]);
      keystone.tokens.delete(revoked);
      keystone.tokens.delete(expiring);
      expect(await statusOf(other, revoked)).toBe(200);
      const areRefused = async (): Promise<boolean> =>
        (await statusOf(other, revoked)) === 401 && (await statusOf(service, expiring)) === 401;
      expect(await until(areRefused, 'both tokens are refused')).toBe(true);
    } finally {
      await other.stop();
    }
  });

  const broken: readonly (readonly [string, Misbehaviour])[] = [
    ['is slow (10 s)', (_, reply) => void setTimeout(() => send(reply, 200, confirmed()), 10_000).unref()],
    ['sends its answer byte by byte', (_, reply) => drip(reply)],
    ['answers 500', (_, reply) => send(reply, 500, { error: { code: 500 } })],
    ['answers 503', (_, reply) => send(reply, 503, {})],
    ['answers 403', (_, reply) => send(reply, 403, {})],
    ['hangs up', (request) => request.socket.destroy()],
    ['hangs up within its answer', (request, reply) => hangUpWithin(request.socket, reply)],
    ['answers with HTML', (_, reply) => void reply.writeHead(200).end('<html>Welcome</html>')],
    ['answers nothing', (_, reply) => void reply.writeHead(200).end()],
    ['answers with bytes', (_, reply) => void reply.writeHead(200).end(Buffer.alloc(1000, 0xff))],
    ['speaks no HTTP', (request) => void request.socket.end('220 smtp ready\r\n')],
    ['redirects', (_, reply) => void reply.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
    ['answers with a list', (_, reply) => send(reply, 200, [])],
    ['answers with an empty token', (_, reply) => send(reply, 200, { token: {} })],
    ['names no user', (_, reply) => send(reply, 200, { token: { ...inside(), user: {} } })],
    ['names a user that is not text', (_, reply) => send(reply, 200, { token: { ...inside(), user: { id: 1 } } })],
    ['has an invalid expiry', (_, reply) => send(reply, 200, { token: { ...inside(), expires_at: 'soon' } })],
    ['names a project without an id', (_, reply) => send(reply, 200, { token: { ...inside(), project: {} } })],
    ['answers without an end', (_, reply) => endless(reply)],
  ];

  describe.each(broken)('that %s', (_, misbehaviour) => {
    it.each([
      ['at the question', 'GET'],
      ['at our log-in too', undefined],
    ])('%s, new tokens are 503, known ones keep working, and all work afterwards', async (__, method) => {
      const [known, token] = [fresh(), fresh()];
      for (const each of [known, token]) keystone.knows(each);
      expect((await ask(known)).status).toBe(200);

      if (method === undefined) keystone.forgetServiceTokens();
      keystone.misbehaves = (request, reply) => {
        if (method === undefined || request.method === method) misbehaviour(request, reply);
        else send(reply, 201, confirmed(), { 'X-Subject-Token': 'service-1' });
      };
      const replies = await Promise.all([ask(token), ask(token), ask(fresh())]);
      for (const { status, body } of replies) {
        expect([status, body]).toEqual([
          503,
          {
            serviceUnavailable: {
              code: 503,
              message: 'The identity service (Keystone) is not available at the moment. Try again later.',
            },
          },
        ]);
      }
      expect((await ask(known)).status).toBe(200);

      keystone.misbehaves = undefined;
      expect((await ask(token)).status).toBe(200);
    });
  });

  it('that was killed makes new tokens 503, and the service recovers by itself', async () => {
    const [known, token] = [fresh(), fresh()];
    for (const each of [known, token]) keystone.knows(each);
    await ask(known);
    await keystone.kill();
    expect((await ask(token)).status).toBe(503);
    expect((await ask(known)).status).toBe(200);
    await keystone.start();
    expect((await ask(token)).status).toBe(200);
  });

  it.each<[string, Misbehaviour]>([
    ['500', (_, reply) => send(reply, 500, {})],
    ['hanging up', (request) => request.socket.destroy()],
  ])('that fails once, by %s, is requested a second time', async (_, misbehaviour) => {
    const token = fresh();
    keystone.knows(token);
    keystone.misbehaves = (request, reply) => {
      keystone.misbehaves = undefined;
      misbehaviour(request, reply);
    };
    expect((await ask(token)).status).toBe(200);
  });

  it('is reached at the endpoint in its catalog, in KEYSTONE_REGION at KEYSTONE_INTERFACE', async () => {
    const elsewhere = new KeystoneStandIn();
    await elsewhere.start();
    const endpoint = (url: string, face: string, region: string): object => ({
      url,
      interface: face,
      region_id: region,
    });
    keystone.catalog = [
      { type: 'compute', endpoints: [endpoint('http://127.0.0.1:1', 'internal', 'two')] },
      {
        type: 'identity',
        endpoints: [
          endpoint('http://127.0.0.1:1/v3', 'public', 'two'),
          endpoint('http://127.0.0.1:1/v3', 'internal', 'one'),
          endpoint(elsewhere.url.replace('/v3', '/'), 'internal', 'two'),
        ],
      },
    ];
    const other = await startApp(settings({ KEYSTONE_REGION: 'two' }));
    try {
      elsewhere.trusts(`service-${keystone.logIns + 1}`);
      const token = fresh();
      elsewhere.knows(token);
      expect((await other.client.with({ 'X-Auth-Token': token }).get(PATH)).status).toBe(200);
      expect([elsewhere.validations, validationsOf(token)]).toEqual([[token], 0]);
    } finally {
      keystone.catalog = [];
      await other.stop();
      await elsewhere.kill();
    }
  });

  it('over TLS is verified by the authorities in KEYSTONE_CAFILE, and by no others', async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory.path, name));
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const secure = new KeystoneStandIn({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
    await secure.start();
    const token = fresh();
    secure.knows(token);
    try {
      for (const [more, expected] of [
        [{ KEYSTONE_CAFILE: cert }, 200],
        [{}, 503],
      ] as const) {
        const other = await startApp(settings({ KEYSTONE_AUTH_URL: secure.url, ...more }));
        expect((await other.client.with({ 'X-Auth-Token': token }).get(PATH)).status).toBe(expected);
        await other.stop();
      }
    } finally {
      await secure.kill();
    }
  });

  it('a token whose own expiry has passed is refused', async () => {
    const token = fresh();
    keystone.knows(token, { expiresAt: Date.now() - 1_000 });
    expect((await ask(token)).status).toBe(401);
  });
});

function confirmed(): { token: object } {
  return tokenBody({ userId: 'mallory', projectId: 'de30', roles: ['admin'], expiresAt: Date.now() + 60_000 });
}

function inside(): object {
  return confirmed().token;
}

function hangUpWithin(socket: { destroy(): void }, reply: Parameters<Misbehaviour>[1]): void {
  reply.writeHead(200, { 'Content-Length': '1000' });
  reply.write('{"token": {"user"');
  setTimeout(() => socket.destroy(), 50);
}

function drip(reply: Parameters<Misbehaviour>[1]): void {
  reply.writeHead(200);
  const timer = setInterval(() => reply.write(' '), 100);
  reply.on('close', () => clearInterval(timer));
}

function endless(reply: Parameters<Misbehaviour>[1]): void {
  reply.writeHead(200);
  const more = (): void => {
    while (!reply.destroyed && reply.write(Buffer.alloc(65_536, 0x20)));
  };
  reply.on('drain', more);
  more();
}
