import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { RawConnection, statusIn } from '../support/raw-connection.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

let service: StartedApp;
let alice: Client;

beforeAll(async () => {
  service = await startApp();
  alice = service.as('alice', 'a11ce');
});

afterAll(async () => service?.stop());

const keypair = (name: string, publicKey: string, others: object = {}) => ({
  keypair: { name, public_key: publicKey, ...others },
});

describe('a key that ssh-keygen made', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519', '-C', 'alice@wonderland']],
    ['rsa', ['-t', 'rsa', '-b', '3072']],
    ['ecdsa', ['-t', 'ecdsa', '-b', '384']],
  ])('%s is stored, echoed byte for byte, and has the fingerprint that ssh-keygen prints', async (name, options) => {
    const publicKey = sshKeygen(...options);
    const created = await alice.at('2.92').post('/v2.1/os-keypairs', keypair(name, publicKey));
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      keypair: { name, type: 'ssh', public_key: publicKey, fingerprint: sshFingerprint(publicKey), user_id: 'alice' },
    });
    const shown = await alice.at('2.92').get(`/v2.1/os-keypairs/${name}`);
    expect(shown.body).toMatchObject({ keypair: { public_key: publicKey } });
  });
});

describe('a certificate that openssl made', () => {
  it('is stored, and has the fingerprint that openssl prints', async () => {
    const certificate = opensslCertificate();
    const created = await alice.at('2.92').post('/v2.1/os-keypairs', keypair('win', certificate, { type: 'x509' }));
    expect(created.body).toEqual({
      keypair: {
        name: 'win',
        type: 'x509',
        public_key: certificate,
        fingerprint: opensslFingerprint(certificate),
        user_id: 'alice',
      },
    });
  });
});

describe('a name outside ASCII, which /v2 takes', () => {
  it('can be shown and deleted', async () => {
    const path = `/v2/os-keypairs/${encodeURIComponent('clé d’Anaïs')}`;
    expect((await alice.post('/v2/os-keypairs', keypair('clé d’Anaïs', sshKeygen()))).status).toBe(200);
    expect((await alice.get(path)).body).toMatchObject({ keypair: { name: 'clé d’Anaïs' } });
    expect((await alice.delete(path)).status).toBe(202);
    expect((await alice.get(path)).status).toBe(404);
  });
});

describe('a private key sent beside the public one', () => {
  it('is refused, and not echoed', async () => {
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n';
    const sent = keypair('mistake', sshKeygen(), { private_key: privateKey });
    const refused = await alice.at('2.92').post('/v2.1/os-keypairs', sent);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("'private_key' was unexpected");
    expect(refused.text).not.toContain('b3BlbnNzaA==');
  });
});

describe('a project in the path that is not a hexadecimal number', () => {
  it('is accepted if it is the caller’s own, and otherwise is no route', async () => {
    const bob = service.as('bob', 'wonderland');
    expect((await bob.get('/v2.1/wonderland/os-keypairs')).status).toBe(200);
    expect((await bob.get('/v2.1/looking-glass/os-keypairs')).status).toBe(404);
    expect((await bob.get('/v2.1/a11ce/os-keypairs')).status).toBe(400);
  });
});

describe('what a real Nova answers with a plain 500', () => {
  it.each([
    ['a path that is no UTF-8', { method: 'GET', target: '/v2.1/os-keypairs/%FF' }],
    ['a path with a broken escape', { method: 'GET', target: '/v2.1/os-keypairs/%zz' }],
    ['a body that is no UTF-8', { method: 'POST', target: '/v2.1/os-keypairs', body: Buffer.from([0x7b, 0xff, 0x7d]) }],
    [
      'a NUL in a public key',
      {
        method: 'POST',
        target: '/v2.1/os-keypairs',
        body: '{"keypair":{"name":"a","public_key":"ssh-ed25519 \\u0000"}}',
      },
    ],
    [
      'half a surrogate pair in a public key',
      { method: 'POST', target: '/v2.1/os-keypairs', body: '{"keypair":{"name":"a","public_key":"ssh-rsa \\ud800"}}' },
    ],
    ['a body of a thousand brackets', { method: 'POST', target: '/v2.1/os-keypairs', body: '['.repeat(50_000) }],
  ])('%s is a 400 with a fault', async (_, request) => {
    const reply = await alice.send(request);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ badRequest: { code: 400, message: expect.any(String) } });
  });

  it('a Content-Type with a blank before its parameters is 415, and a trailing one is ignored', async () => {
    const statusFor = async (type: string): Promise<number | undefined> => {
      const head = `POST /v2.1/os-keypairs HTTP/1.1\r\nHost: ${service.client.host}\r\nConnection: close\r\n`;
      const connection = await RawConnection.to(service.client.host);
      connection.send(`${head}Content-Type: ${type}\r\nContent-Length: 2\r\n\r\n{}`);
      return statusIn(await connection.answered);
    };
    for (const type of ['application/json ;charset=UTF-8', 'application/json\t; a=b', 'application/json x']) {
      expect([type, await statusFor(type)]).toEqual([type, 415]);
    }
    for (const type of ['application/json', 'application/json ', 'application/json\t', 'application/json; a=b ']) {
      expect([type, await statusFor(type)]).toEqual([type, 400]);
    }
  });

  it.each([
    ['a NUL', '%00'],
    ['three hundred characters', 'n'.repeat(300)],
    ['eight thousand characters', 'n'.repeat(8000)],
  ])('a keypair named with %s is not found', async (_, name) => {
    expect((await alice.get(`/v2.1/os-keypairs/${name}`)).status).toBe(404);
    expect((await alice.delete(`/v2.1/os-keypairs/${name}`)).status).toBe(404);
  });

  it.each(['%00', 'u'.repeat(256), '%FF'])(
    'an administrator who names the user %s is answered 200 or 400',
    async (user) => {
      const admin = service.as('admin').at('2.92');
      const listed = await admin.get(`/v2.1/os-keypairs?user_id=${user}`);
      expect([200, 400]).toContain(listed.status);
      const userId = decodeURIComponent(user.replace('%FF', '%EF%BF%BD'));
      const made = await admin.post('/v2.1/os-keypairs', keypair('a', sshKeygen(), { user_id: userId }));
      expect([201, 400]).toContain(made.status);
    },
  );

  it.each(['%00', '%FF', 'n'.repeat(300)])('a marker %s could not be found', async (marker) => {
    expect((await alice.at('2.35').get(`/v2.1/os-keypairs?marker=${marker}`)).status).toBe(400);
  });
});

describe('links', () => {
  it('lead to PUBLIC_URL if it is set', async () => {
    const other = await startApp({ PUBLIC_URL: 'https://keys.example.org/compute/' });
    try {
      const bob = other.as('bob', 'b0b').at('2.35');
      await bob.post('/v2.1/os-keypairs', keypair('one', sshKeygen()));
      expect((await bob.get('/v2.1/b0b/os-keypairs?limit=1')).body).toMatchObject({
        keypairs_links: [
          { href: 'https://keys.example.org/compute/v2.1/b0b/os-keypairs?limit=1&marker=one', rel: 'next' },
        ],
      });
      expect((await other.client.get('/v2.1')).body).toMatchObject({
        version: { links: [{ href: 'https://keys.example.org/compute/v2.1/' }, {}] },
      });
    } finally {
      await other.stop();
    }
  });

  const forwarded = { 'X-Forwarded-Host': 'keys.example.org', 'X-Forwarded-Proto': 'https' };

  it('lead to the host that a trusted proxy names', async () => {
    const other = await startApp({ TRUSTED_PROXIES: '127.0.0.1' });
    try {
      const root = await other.client.with(forwarded).get('/');
      expect(root.body).toMatchObject({ versions: [{}, { links: [{ href: 'https://keys.example.org/v2.1/' }] }] });
    } finally {
      await other.stop();
    }
  });

  it('do not lead to the host that any other client names', async () => {
    const root = await service.client.with(forwarded).get('/');
    expect(root.text).not.toContain('keys.example.org');
  });
});
