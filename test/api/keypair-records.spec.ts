import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen, sshSha256 } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

interface Row {
  readonly name: string;
  readonly user_id: string;
  readonly [member: string]: unknown;
}
const rowsOf = (reply: Reply): Row[] => (reply.body as { keypairs: Row[] }).keypairs;
const names = (reply: Reply): string[] => rowsOf(reply).map(({ name }) => name);

let service: StartedApp;
let alice: Client;
let bob: Client;
let admin: Client;
let database: DataSource;
const ed25519 = sshKeygen('-C', 'alice@laptop');
const rsa = sshKeygen('-t', 'rsa', '-b', '2048', '-C', 'two words');
const certificate = opensslCertificate();

beforeAll(async () => {
  service = await startApp();
  database = service.app.get<DataSource>(getDataSourceToken());
  [alice, bob] = [service.as('alice', 'blue'), service.as('bob', 'blue')];
  admin = service.as('admin', 'ops');
  const create = (client: Client, keypair: object): Promise<Reply> =>
    client.at('2.92').post('/v2.1/os-keypairs', { keypair });
  await create(alice, { name: 'laptop', public_key: ed25519 });
  await create(alice, { name: 'server', public_key: rsa });
  await create(alice, { name: 'winrm', type: 'x509', public_key: certificate });
  await create(bob, { name: 'laptop', public_key: ed25519 });
  await alice.post('/v1/guests', { guest: { name: 'web-1', key_names: ['laptop', 'winrm'] } });
  await alice.post('/v1/guests', { guest: { name: 'web-2', key_names: ['laptop'] } });
});
afterAll(async () => service?.stop());

describe('a keypair of os-keypairs', () => {
  it('is shown with what ssh-keygen reports of its key, and how many guests hold it', async () => {
    const reply = await alice.get('/v1/keypairs/laptop');
    expect([reply.status, reply.headers.etag]).toEqual([200, '"1"']);
    expect((reply.body as { keypair: Row }).keypair).toEqual({
      name: 'laptop',
      type: 'ssh',
      algorithm: 'ssh-ed25519',
      bits: 256,
      comment: 'alice@laptop',
      fingerprint: sshFingerprint(ed25519),
      fingerprints: { sha256: sshSha256(ed25519), md5: sshFingerprint(ed25519) },
      user_id: 'alice',
      project_id: null,
      scope: 'own',
      version: 1,
      created_at: expect.stringMatching(/^\d{4}-/),
      updated_at: null,
      expires_at: null,
      expired: false,
      tags: {},
      note: null,
      delete_protected: false,
      guests: 2,
      last_delivered_at: null,
      public_key: ed25519,
    });
  });

  it('that is a certificate is shown with what OpenSSL reports of it', async () => {
    const { keypair } = (await alice.get('/v1/keypairs/winrm')).body as { keypair: Row };
    expect(keypair).toMatchObject({
      type: 'x509',
      algorithm: 'rsa',
      bits: 2048,
      fingerprints: { sha1: opensslFingerprint(certificate), sha256: expect.stringMatching(/^([0-9a-f]{2}:){31}/) },
      certificate: { subject: 'CN=alice', not_after: expect.stringMatching(/^\d{4}-/), upn: null },
      guests: 1,
    });
  });

  it('of another user is 404, and 403 where the user is named', async () => {
    expect((await bob.get('/v1/keypairs/server')).status).toBe(404);
    expect((await bob.get('/v1/keypairs/server?user_id=alice')).status).toBe(403);
    expect((await admin.get('/v1/keypairs/server?user_id=alice')).status).toBe(200);
  });

  it('is not sent again to a client that has it', async () => {
    const cached = alice.with({ 'If-None-Match': 'W/"7", "1"' });
    expect(await cached.get('/v1/keypairs/laptop')).toMatchObject({ status: 304, text: '' });
    expect((await alice.with({ 'If-None-Match': '"2"' }).get('/v1/keypairs/laptop')).status).toBe(200);
    expect((await alice.with({ 'If-None-Match': '1' }).get('/v1/keypairs/laptop')).status).toBe(400);
  });

  it('that Nova stored and no parser accepts has its fingerprint only', async () => {
    await database.query(
      `INSERT INTO key_pairs (user_id, name, fingerprint, public_key) VALUES ('carol', 'old', 'aa:bb', 'nonsense')`,
    );
    const { keypair } = (await service.as('carol').get('/v1/keypairs/old')).body as { keypair: Row };
    expect(keypair).toMatchObject({
      algorithm: null,
      bits: null,
      fingerprints: { md5: 'aa:bb' },
      public_key: 'nonsense',
    });
  });
});

describe('a search', () => {
  it.each([
    ['', ['laptop', 'server', 'winrm']],
    ['name_prefix=s', ['server']],
    ['type=x509', ['winrm']],
    ['algorithm=ssh-rsa', ['server']],
    ['algorithm=rsa', ['winrm']],
    ['expired=false', ['laptop', 'server', 'winrm']],
    ['expired=true', []],
    ['older_than=1d', []],
    ['older_than=0m', ['laptop', 'server', 'winrm']],
    ['unused_for=PT1H', []],
    ['expires_before=2100-01-01', []],
    ['name_prefix=x&type=ssh', []],
    ['limit=0', []],
  ])('for %j finds %j', async (query, expected) => {
    expect(names(await alice.get(`/v1/keypairs?${query}`))).toEqual(expected);
  });

  it('finds a key by every form of its fingerprint', async () => {
    const [md5, sha256] = [sshFingerprint(ed25519), sshSha256(ed25519)];
    const hex = Buffer.from(sha256.replace('SHA256:', ''), 'base64').toString('hex');
    const sha1 = opensslFingerprint(certificate);
    const forms = [
      md5,
      `MD5:${md5}`,
      md5.replaceAll(':', '').toUpperCase(),
      sha256,
      `${sha256}=`,
      hex,
      `SHA256:${hex}`,
    ];
    for (const form of forms) {
      const query = new URLSearchParams({ fingerprint: form }).toString();
      expect([form, names(await alice.get(`/v1/keypairs?${query}`))]).toEqual([form, ['laptop']]);
    }
    for (const form of [sha1, sha1.replaceAll(':', '').toUpperCase()])
      expect(names(await alice.get(`/v1/keypairs?fingerprint=${form}`))).toEqual(['winrm']);
    const unknown = await alice.get(`/v1/keypairs?fingerprint=${'0'.repeat(64)}`);
    expect(names(unknown)).toEqual([]);
  });

  it.each([
    'fingerprint=abc',
    'fingerprint=SHA256:abc',
    'type=pgp',
    'older_than=yesterday',
    'expires_before=soon',
    'limit=-1',
    'limit=',
    'all_users=yes',
    'expired=1',
    'unknown=1',
  ])('for %s is refused', async (query) => expect((await alice.get(`/v1/keypairs?${query}`)).status).toBe(400));

  it('in the keypairs of all users is for administrators, and finds the owners of a key', async () => {
    const query = new URLSearchParams({ all_users: 'true', fingerprint: sshSha256(ed25519) }).toString();
    expect((await alice.get(`/v1/keypairs?${query}`)).status).toBe(403);
    expect((await alice.get('/v1/keypairs?user_id=bob')).status).toBe(403);
    const found = rowsOf(await admin.get(`/v1/keypairs?${query}`));
    expect(found.map(({ user_id, name, guests }) => [user_id, name, guests])).toEqual([
      ['alice', 'laptop', 2],
      ['bob', 'laptop', 0],
    ]);
    expect(names(await admin.get('/v1/keypairs?user_id=bob'))).toEqual(['laptop']);
  });

  it.each(['', '&name_prefix=l'])(
    'comes in pages that link to each other, one keypair of all users each%s',
    async (filter) => {
      const seen: string[][] = [];
      let target: string | undefined = `/v1/keypairs?all_users=true&limit=1${filter}`;
      while (target !== undefined) {
        const reply: Reply = await admin.get(target);
        seen.push(...rowsOf(reply).map(({ user_id, name }) => [user_id, name]));
        const [link] = (reply.body as { keypairs_links?: { href: string }[] }).keypairs_links ?? [];
        target = link?.href.replace(/^http:\/\/[^/]+/, '');
      }
      const everything = rowsOf(await admin.get(`/v1/keypairs?all_users=true${filter}`));
      expect(seen).toEqual(everything.map(({ user_id, name }) => [user_id, name]));
      expect(seen.length).toBeGreaterThan(1);
    },
  );

  it('that matches few of very many examines 10,000, and links to the rest', async () => {
    await database.query(`INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
      SELECT 'zoe', 'key-' || lpad(i::text, 6, '0'), 'aa:bb', 'x' FROM generate_series(1, 10500) i`);
    const zoe = service.as('zoe');
    const first = await zoe.get('/v1/keypairs?name_prefix=key-0105');
    expect(names(first)).toEqual([]);
    const [{ href }] = (first.body as { keypairs_links: { href: string }[] }).keypairs_links;
    const second = await zoe.get(href.replace(/^http:\/\/[^/]+/, ''));
    expect(names(second)).toEqual(['key-010500']);
    expect(second.body).not.toHaveProperty('keypairs_links');
  });
});
