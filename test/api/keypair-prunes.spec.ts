import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, opensslFingerprint, sshFingerprint, sshKeygen, sshSha256 } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

jest.setTimeout(120_000);

interface Pruned {
  readonly dry_run: boolean;
  readonly deleted: { readonly name: string }[];
  readonly kept: object[];
}
const prunedOf = (reply: Reply): Pruned => (reply.body as { prune: Pruned }).prune;
const checkOf = (reply: Reply): Record<string, unknown> => (reply.body as { check: Record<string, unknown> }).check;

let service: StartedApp;
let database: DataSource;
let users = 0;
const key = sshKeygen('-C', 'alice@laptop');

const someone = (): Client => service.as(`user-${(users += 1)}`, 'blue');
const put = (client: Client, name: string, keypair: object = {}): Promise<Reply> =>
  client.put(`/v1/keypairs/${name}`, { keypair: { public_key: key, ...keypair } });
const prune = (client: Client, order: object, query = ''): Promise<Reply> =>
  client.post(`/v1/keypair-prunes${query}`, { prune: order });
const names = (reply: Reply): string[] => prunedOf(reply).deleted.map(({ name }) => name);

beforeAll(async () => {
  service = await startApp({ KEYPAIR_QUOTA: '-1' });
  database = service.app.get<DataSource>(getDataSourceToken());
});
afterAll(async () => service?.stop());

describe('a prune', () => {
  it('is a dry run by default, and deletes what matches with dry_run false', async () => {
    const user = someone();
    for (const name of ['tmp-1', 'tmp-2', 'keep']) await put(user, name);
    const dry = await prune(user, { name_prefix: 'tmp-' });
    expect([prunedOf(dry).dry_run, names(dry)]).toEqual([true, ['tmp-1', 'tmp-2']]);
    expect((await user.get('/v1/keypairs/tmp-1')).status).toBe(200);
    const real = await prune(user, { name_prefix: 'tmp-', dry_run: false });
    expect([prunedOf(real).dry_run, names(real).toSorted()]).toEqual([false, ['tmp-1', 'tmp-2']]);
    expect((await user.get('/v1/keypairs/tmp-1')).status).toBe(404);
    expect((await user.get('/v1/keypairs/keep')).status).toBe(200);
    const { limits } = (await user.get('/v2.1/limits')).body as { limits: object };
    expect(limits).toBeDefined();
    const [{ used }] = await database.query<{ used: number }[]>(
      `SELECT used FROM keypair_usage WHERE user_id = 'user-${users}'`,
    );
    expect(used).toBe(1);
  });

  it.each([
    [{}],
    [{ dry_run: true }],
    [{ expired: false }],
    [{ name_prefix: '' }],
    [{ older_than: 'long' }],
    [{ x: 1 }],
  ])('of %j is refused', async (order) => expect((await prune(someone(), order)).status).toBe(400));

  it('never deletes what is protected or held by a guest, and reports why', async () => {
    const user = someone();
    await put(user, 'tmp-free', { expires_at: '2001-01-01' });
    await put(user, 'tmp-held');
    await put(user, 'tmp-kept', { delete_protected: true });
    await user.post('/v1/guests', { guest: { name: 'web', key_names: ['tmp-held'] } });
    const reply = await prune(user, { name_prefix: 'tmp-', dry_run: false });
    expect(names(reply)).toEqual(['tmp-free']);
    expect(prunedOf(reply).kept).toEqual([
      { name: 'tmp-held', reason: 'attached' },
      { name: 'tmp-kept', reason: 'protected' },
    ]);
  });

  it('finds keypairs by age, use and expiry, which must all match', async () => {
    const user = someone();
    await put(user, 'new', { expires_at: '2001-01-01' });
    await put(user, 'old');
    await database.query(
      `UPDATE key_pairs SET created_at = created_at - interval '10 days' WHERE user_id = 'user-${users}' AND name = 'old'`,
    );
    expect(names(await prune(user, { older_than: '9d' }))).toEqual(['old']);
    expect(names(await prune(user, { unused_for: 'P9D' }))).toEqual(['old']);
    expect(names(await prune(user, { expired: true }))).toEqual(['new']);
    expect(names(await prune(user, { expired: true, older_than: '9d' }))).toEqual([]);
  });

  it("is of the caller's own keypairs; administrators may name another user", async () => {
    const user = someone();
    await put(user, 'tmp-1');
    const query = `?user_id=user-${users}`;
    expect((await prune(someone(), { name_prefix: 'tmp' }, query)).status).toBe(403);
    expect(names(await prune(service.as('admin'), { name_prefix: 'tmp', dry_run: false }, query))).toEqual(['tmp-1']);
  });

  it('deletes ten thousand keypairs, a thousand a request, beside a client that lists', async () => {
    const user = someone();
    await database.query(`INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
      SELECT 'user-${users}', 'tmp-' || lpad(i::text, 5, '0'), 'aa:bb', 'x' FROM generate_series(1, 10000) i`);
    await database.query(`INSERT INTO keypair_usage (user_id, used) VALUES ('user-${users}', 10000)`);
    const counts: number[] = [];
    for (let count = 1000; count > 0; counts.push(count)) {
      const [reply, listed] = await Promise.all([
        prune(user, { name_prefix: 'tmp-', dry_run: false }),
        user.get('/v2.1/os-keypairs'),
      ]);
      expect(listed.status).toBe(200);
      count = names(reply).length;
    }
    expect(counts).toEqual([...Array<number>(10).fill(1000), 0]);
    expect(await database.query(`SELECT used FROM keypair_usage WHERE user_id = 'user-${users}'`)).toEqual([
      { used: 0 },
    ]);
  });
});

describe('a check', () => {
  const check = (keyToCheck: object): Promise<Reply> => someone().post('/v1/keypair-checks', { check: keyToCheck });
  const codes = (reply: Reply): string[] => (checkOf(reply).warnings as { code: string }[]).map(({ code }) => code);

  it('reports what ssh-keygen reports of a good key, and which guests will not accept it', async () => {
    const reply = await check({ public_key: key });
    expect(checkOf(reply)).toMatchObject({
      acceptable: true,
      reasons: [],
      type: 'ssh',
      algorithm: 'ssh-ed25519',
      bits: 256,
      comment: 'alice@laptop',
      fingerprints: { sha256: sshSha256(key), md5: sshFingerprint(key) },
    });
    expect(codes(reply)).toEqual(['fips-ed25519', 'windows-password']);
    expect(codes(await check({ public_key: sshKeygen('-t', 'rsa', '-b', '2048') }))).toEqual([]);
    expect(codes(await check({ public_key: sshKeygen('-t', 'ecdsa') }))).toEqual(['windows-password']);
  });

  it('reports what OpenSSL reports of a certificate', async () => {
    const certificate = opensslCertificate();
    const reply = await check({ public_key: certificate });
    expect(checkOf(reply)).toMatchObject({
      acceptable: true,
      type: 'x509',
      algorithm: 'rsa',
      bits: 2048,
      fingerprints: { sha1: opensslFingerprint(certificate) },
      warnings: [],
    });
  });

  it('reports why a key is refused, and stores nothing', async () => {
    const weak = checkOf(await check({ public_key: sshKeygen('-t', 'rsa', '-b', '1024') }));
    expect(weak).toMatchObject({ acceptable: false, reasons: [{ code: 'rsa-too-small' }], bits: 1024 });
    const nonsense = checkOf(await check({ public_key: 'nonsense' }));
    expect(nonsense).toMatchObject({ acceptable: false, algorithm: null, fingerprints: {}, warnings: [] });
    expect(checkOf(await check({ public_key: key, type: 'x509' }))).toMatchObject({ acceptable: false, type: 'x509' });
    expect((await check({})).status).toBe(400);
    expect((await service.client.post('/v1/keypair-checks', { check: { public_key: key } })).status).toBe(200);
  });

  it('warns of CirrOS for a key on a security key', async () => {
    const blob = Buffer.from(key.split(' ')[1], 'base64');
    const name = Buffer.from('sk-ssh-ed25519@openssh.com');
    const string = (bytes: Buffer): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const sk = Buffer.concat([string(name), blob.subarray(15), string(Buffer.from('ssh:'))]).toString('base64');
    expect(codes(await check({ public_key: `${name.toString()} ${sk}` }))).toContain('cirros-sk');
  });
});
