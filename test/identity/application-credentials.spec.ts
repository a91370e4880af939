import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { isRightSecret } from '../../src/identity/builtin/credentials/credential-secret.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import type { Client, Reply } from '../support/client.js';
import { logIn, tokenOf } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';

const PASSWORD = 'a password';
const TOKENS = '/identity/v3/auth/tokens';

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
}

describe('an application credential', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;

  /** Rewrites the file of users with these properties of `alice`. */
  async function users(
    alice: Partial<TestUser> = {},
    projects = ['demo', 'other'],
    password = PASSWORD,
  ): Promise<void> {
    const roles = Object.fromEntries(projects.map((name) => [name, ['member']]));
    const all = ['bob', 'fifty', 'racer'].map((name) => ({ name, roles: { [projects[0]]: ['member'] } }));
    directory.file(
      'identity.yaml',
      await identityYaml(projects, [{ name: 'alice', roles, ...alice }, ...all], password),
    );
  }

  beforeAll(async () => {
    await users();
    service = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_FILE: `${directory.path}/identity.yaml`,
      AUDIT_FILE: `${directory.path}/audit.log`,
    });
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const pathOf = (user: string): string => `/identity/v3/users/${testId(`user ${user}`)}/application_credentials`;
  const withToken = (token: string): Client => service.client.with({ 'X-Auth-Token': token });
  const as = async (user: string, project = 'demo', password = PASSWORD): Promise<Client> =>
    withToken(await logIn(service.client, '/identity/v3', { name: user, password }, { project }));
  const create = async (client: Client, user: string, fields: object): Promise<Credential> => {
    const reply = await client.post(pathOf(user), { application_credential: fields });
    expect([reply.status, reply.text]).toEqual([201, expect.anything()]);
    return (reply.body as { application_credential: Credential }).application_credential;
  };
  const logInWith = ({ id, secret }: Pick<Credential, 'id' | 'secret'>): Promise<Reply> =>
    service.client.post(TOKENS, {
      auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
    });
  const statusOf = async (token: string): Promise<number> => (await withToken(token).get('/v2.1/os-keypairs')).status;
  const rows = (): Promise<{ id: string; secret_hash: string }[]> =>
    service.app.get<DataSource>(getDataSourceToken()).query('SELECT * FROM application_credentials');

  it('issues a token for the keypairs of its user', async () => {
    const alice = await as('alice');
    await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: KEY } });
    const credential = await create(alice, 'alice', { name: 'keypairs' });
    const reply = await withToken(tokenOf(await logInWith(credential))).get('/v2.1/os-keypairs');
    expect(reply.body).toMatchObject({ keypairs: [{ keypair: { name: 'laptop' } }] });
  });

  it('grants the roles that it was created with, in its project only', async () => {
    const credential = await create(await as('alice', 'other'), 'alice', {
      name: 'narrow',
      roles: [{ name: 'reader' }],
    });
    const reply = await logInWith(credential);
    expect(reply.body).toMatchObject({
      token: { project: { name: 'other' }, roles: [{ name: 'reader' }], application_credential: { restricted: true } },
    });
    const guest = { guest: { name: 'web' } };
    expect((await withToken(tokenOf(reply)).post('/v1/guests', guest)).status).toBe(403);
  });

  it('is stored as SHA-256 of its random secret, and as scrypt of a chosen one', async () => {
    const alice = await as('alice');
    const [random, chosen] = [
      await create(alice, 'alice', { name: 'random' }),
      await create(alice, 'alice', { name: 'chosen', secret: 'of my own choice' }),
    ];
    expect(Buffer.from(random.secret, 'base64url')).toHaveLength(32);
    const stored = await rows();
    const hashOf = ({ id }: Credential): string => stored.find((row) => row.id === id)!.secret_hash;
    expect([hashOf(random), hashOf(chosen)]).toEqual([
      expect.stringMatching(/^\$sha256\$[\w-]{43}$/),
      expect.stringMatching(/^\$scrypt\$/),
    ]);
    expect(JSON.stringify(stored)).not.toMatch(new RegExp(`${random.secret}|of my own choice`));
    for (const each of [random, { id: chosen.id, secret: 'of my own choice' }]) {
      expect((await logInWith(each)).status).toBe(201);
    }
    expect((await logInWith({ id: chosen.id, secret: random.secret })).status).toBe(401);
  });

  it('issues no token that outlives it, and none after its expiry', async () => {
    const alice = await as('alice');
    // A busy machine needs a while until it has used the credential.
    const expiresAt = new Date(Date.now() + 15_000).toISOString();
    const credential = await create(alice, 'alice', { name: 'brief', expires_at: expiresAt });
    const reply = await logInWith(credential);
    const { token } = reply.body as { token: { expires_at: string } };
    expect(token.expires_at <= expiresAt).toBe(true);
    expect(await statusOf(tokenOf(reply))).toBe(200);
    await until(async () => (await statusOf(tokenOf(reply))) === 401, 'the token has expired');
    await until(async () => (await logInWith(credential)).status === 401, 'the credential has expired');
  });

  it('is invalid once deleted, and its tokens at once', async () => {
    const alice = await as('alice');
    const credential = await create(alice, 'alice', { name: 'deleted' });
    const tokens = [tokenOf(await logInWith(credential)), tokenOf(await logInWith(credential))];
    for (const token of tokens) expect(await statusOf(token)).toBe(200);
    expect((await alice.delete(`${pathOf('alice')}/${credential.id}`)).status).toBe(204);
    for (const token of tokens) expect(await statusOf(token)).toBe(401);
    expect((await logInWith(credential)).status).toBe(401);
  });

  it.each([
    ['loses one of its roles', () => users({ roles: { demo: ['reader'], other: ['member'] } })],
    ['is disabled', () => users({ enabled: false })],
    ['loses its project', () => users({ roles: { other: ['member'] } })],
  ])('issues no token while its user %s', async (what, change) => {
    const credential = await create(await as('alice'), 'alice', { name: what });
    const token = tokenOf(await logInWith(credential));
    expect(await statusOf(token)).toBe(200);
    await change();
    await until(async () => (await statusOf(token)) === 401, 'the token is refused');
    expect((await logInWith(credential)).status).toBe(401);
    await users();
    await until(async () => (await logInWith(credential)).status === 201, 'the user is as before');
  });

  it('survives a new password of its user, and its tokens do not', async () => {
    const credential = await create(await as('alice'), 'alice', { name: 'passwords' });
    const token = tokenOf(await logInWith(credential));
    await users({}, undefined, 'a new password');
    await until(async () => (await statusOf(token)) === 401, 'the token is refused');
    expect((await logInWith(credential)).status).toBe(201);
    await users();
    await until(async () => (await as('alice').catch(() => undefined)) !== undefined, 'the old password is back');
  });

  it('is one of at most fifty, however many are requested at once', async () => {
    const racer = await as('racer');
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        racer.post(pathOf('racer'), { application_credential: { name: `ci-${n}` } }),
      ),
    );
    const statuses = replies.map(({ status }) => status);
    expect([201, 403].map((status) => statuses.filter((each) => each === status).length)).toEqual([50, 10]);
    const { application_credentials: list } = (await racer.get(pathOf('racer'))).body as {
      application_credentials: Credential[];
    };
    expect(list).toHaveLength(50);
    // A deletion makes room for exactly one.
    await racer.delete(`${pathOf('racer')}/${list[0].id}`);
    await create(racer, 'racer', { name: 'one more' });
    const full = await racer.post(pathOf('racer'), { application_credential: { name: 'too many' } });
    expect(full.status).toBe(403);
  });

  it('is throttled separately: failures with it do not slow down the password of its user', async () => {
    const { id } = await create(await as('bob'), 'bob', { name: 'guessed' });
    const throttle = service.app.get(LoginThrottle);
    const tries = Array.from({ length: 30 }, () =>
      throttle.attempt(`credential ${id}`, '192.0.2.1', () => Promise.resolve(false)),
    );
    for (const each of tries) each.catch(() => undefined);
    expect((await logInWith({ id, secret: 'wrong' })).status).toBe(429);
    await as('bob');
  });

  it('is audited, without its secret', async () => {
    const alice = await as('alice');
    const credential = await create(alice, 'alice', { name: 'audited' });
    await logInWith(credential);
    await logInWith({ ...credential, secret: 'wrong' });
    await alice.delete(`${pathOf('alice')}/${credential.id}`);
    const text = readFileSync(`${directory.path}/audit.log`, 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { audit: object }).audit);
    const owner = testId('user alice');
    expect(lines.slice(-4)).toMatchObject([
      { action: 'application_credential.create', owner, name: credential.id, user: owner },
      { action: 'login', owner, kind: 'application_credential' },
      { action: 'login.refuse', owner, reason: 'application_credential' },
      { action: 'application_credential.delete', owner, name: credential.id, user: owner },
    ]);
    expect(text).not.toContain(credential.secret);
  });

  it.each(['%00', '..%2F', 'x'.repeat(90)])('is 404 for the id %s', async (id) => {
    expect((await (await as('alice')).get(`${pathOf('alice')}/${id}`)).status).toBe(404);
    expect((await logInWith({ id: decodeURIComponent(id), secret: 'x' })).status).toBe(401);
  });
});

describe('a secret', () => {
  it('that is wrong takes as long without a credential as with either kind of hash', async () => {
    const once = async (stored: string | undefined): Promise<number> => {
      const before = process.cpuUsage();
      expect(await isRightSecret('wrong', stored)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    /** The least of several: what the process does besides, and a cache that others use, only add to it. */
    const costOf = async (stored: string | undefined): Promise<number> => {
      const costs: number[] = [];
      for (let round = 0; round < 5; round += 1) costs.push(await once(stored));
      return Math.min(...costs);
    };
    const scrypt = `$scrypt$ln=15,r=8,p=3$${'B'.repeat(22)}$${'B'.repeat(43)}`;
    const costs = [await costOf(undefined), await costOf(`$sha256$${'B'.repeat(43)}`), await costOf(scrypt)];
    expect(Math.max(...costs) / Math.min(...costs)).toBeLessThan(2);
  });
});

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob tour';
