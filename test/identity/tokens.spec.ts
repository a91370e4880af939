import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createApp } from '../../src/app.js';
import { type Config, InvalidConfig, readConfig } from '../../src/config/config.js';
import { IdentityEditor } from '../../src/identity/builtin/administration/identity-editor.js';
import { FileStore } from '../../src/identity/builtin/store/file-store.js';
import { openIdentityFile, openTokenKey } from '../../src/identity/builtin/open-identity.js';
import { Tokens } from '../../src/identity/builtin/log-in/tokens.js';
import { ApplicationCredentialRepository } from '../../src/persistence/repositories/application-credential.repository.js';
import { ChangeFeed } from '../../src/persistence/change-feed.js';
import { RevokedTokenRepository } from '../../src/persistence/repositories/revoked-token.repository.js';
import { Client, type Reply } from '../support/client.js';
import { logIn, passwordBody, tokenBody, tokenOf } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { emptyDataDir } from '../support/template.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';
import { until } from '../support/until.js';

const PASSWORD = 'a password';
const TOKENS = '/identity/v3/auth/tokens';
const USERS: readonly TestUser[] = [
  { name: 'admin', roles: { admin: ['admin'] }, system_roles: ['admin'], domain_roles: ['admin'] },
  { name: 'alice', roles: { demo: ['member'], other: ['reader'] } },
  { name: 'bob', roles: { demo: ['member'] } },
  { name: 'gone', roles: { demo: ['member'] }, enabled: false },
  { name: 'watcher', roles: { demo: ['service'] } },
];

interface Token {
  readonly token: {
    readonly methods: string[];
    readonly expires_at: string;
    readonly issued_at: string;
    readonly audit_ids: string[];
    readonly roles?: { name: string }[];
    readonly catalog?: { type: string; endpoints: { interface: string; region: string; url: string }[] }[];
  };
}

describe('the built-in identity', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'identity.yaml');
  let service: StartedApp;

  beforeAll(async () => {
    directory.file('identity.yaml', await identityYaml(['admin', 'demo', 'other'], USERS, PASSWORD));
    service = await startApp(settings());
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const settings = (): Record<string, string> => ({
    AUTH_MODE: 'builtin',
    IDENTITY_FILE: file,
    TOKEN_KEY_FILE: join(directory.path, 'token.key'),
  });
  const others = (key: Buffer): [ApplicationCredentialRepository, Buffer, number, ChangeFeed] => [
    service.app.get(ApplicationCredentialRepository, { strict: false }),
    key,
    60,
    service.app.get(ChangeFeed, { strict: false }),
  ];
  const login = (name: string, scope?: Parameters<typeof logIn>[3]): Promise<string> =>
    logIn(service.client, '/identity/v3', { name, password: PASSWORD }, scope);
  const withToken = (token: string): Client => service.client.with({ 'X-Auth-Token': token });
  const about = (caller: string, subject: string): Client => withToken(caller).with({ 'X-Subject-Token': subject });
  const tokenIn = (reply: Reply): Token['token'] => (reply.body as Token).token;

  it('returns the user and scope of a token, and the service catalog', async () => {
    const body = passwordBody({ name: 'alice', password: PASSWORD }, { project: 'demo' });
    const reply = await service.client.post(TOKENS, body);
    expect(reply.status).toBe(201);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(tokenIn(reply)).toMatchObject({
      methods: ['password'],
      user: { id: testId('user alice'), name: 'alice', domain: { id: 'default', name: 'Default' } },
      project: { id: testId('project demo'), name: 'demo', domain: { id: 'default', name: 'Default' } },
      is_domain: false,
      roles: [{ name: 'member' }, { name: 'reader' }],
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/),
    });
    expect(Date.parse(tokenIn(reply).expires_at) - Date.parse(tokenIn(reply).issued_at)).toBe(3_600_000);
    const endpoints = tokenIn(reply).catalog!.flatMap(({ type, endpoints: all }) =>
      all.map((each) => `${type} ${each.interface} ${each.region} ${each.url}`),
    );
    const base = `http://${service.client.host}`;
    expect(endpoints).toEqual(
      [`compute`, `identity`].flatMap((type) =>
        ['public', 'internal', 'admin'].map(
          (face) => `${type} ${face} RegionOne ${base}/${type === 'compute' ? 'v2.1' : 'identity'}`,
        ),
      ),
    );
  });

  it('issues an unscoped token, and one for the system', async () => {
    const of = (scope?: 'system'): object => passwordBody({ name: 'admin', password: PASSWORD }, scope);
    const unscoped = tokenIn(await service.client.post(TOKENS, of()));
    expect(Object.keys(unscoped).toSorted()).toEqual(['audit_ids', 'expires_at', 'issued_at', 'methods', 'user']);
    const system = tokenIn(await service.client.post(TOKENS, of('system')));
    expect(system).toMatchObject({ system: { all: true }, roles: [{ name: 'admin' }, {}, {}] });
    expect(system).not.toHaveProperty('project');
  });

  it('issues a token for the domain, and one without a catalog', async () => {
    const identity = { methods: ['password'], password: { user: { id: testId('user admin'), password: PASSWORD } } };
    const reply = await service.client.post(`${TOKENS}?nocatalog`, {
      auth: { identity, scope: { domain: { name: 'Default' } } },
    });
    expect(tokenIn(reply)).toMatchObject({ domain: { id: 'default' }, roles: [{ name: 'admin' }, {}, {}] });
    expect(tokenIn(reply)).not.toHaveProperty('catalog');

    // Keypairs belong to users, quotas to users in projects: the answers are those of Nova to a token without a project.
    const client = withToken(tokenOf(reply));
    expect((await client.get('/v2.1/os-keypairs')).status).toBe(200);
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';
    const made = await client.post('/v2.1/os-keypairs', { keypair: { name: 'a', public_key: key } });
    expect([made.status, made.body]).toEqual([403, { forbidden: { code: 403, message: 'Forbidden' } }]);
  });

  it.each([
    ['a wrong password', passwordBody({ name: 'alice', password: 'wrong' }, { project: 'demo' })],
    ['an unknown user', passwordBody({ name: 'nobody', password: PASSWORD }, { project: 'demo' })],
    ['a disabled user', passwordBody({ name: 'gone', password: PASSWORD }, { project: 'demo' })],
    ['a project without a role', passwordBody({ name: 'bob', password: PASSWORD }, { project: 'other' })],
    ['an unknown project', passwordBody({ name: 'bob', password: PASSWORD }, { project: 'nowhere' })],
    ['the system without a role', passwordBody({ name: 'bob', password: PASSWORD }, 'system')],
    ['an invalid token', tokenBody('nonsense', { project: 'demo' })],
  ])('refuses %s, without giving the reason', async (_, body) => {
    const reply = await service.client.post(TOKENS, body);
    expect([reply.status, reply.body]).toEqual([
      401,
      {
        error: {
          code: 401,
          title: 'Unauthorized',
          message: 'The request you have made requires authentication.',
        },
      },
    ]);
    expect(reply.headers['www-authenticate']).toBe(`Keystone uri="http://${service.client.host}/identity/v3"`);
  });

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['no auth', {}],
    ['no identity', { auth: {} }],
    ['no methods', { auth: { identity: { methods: [] } } }],
    ['no user', { auth: { identity: { methods: ['password'] } } }],
    ['no domain', { auth: { identity: { methods: ['password'], password: { user: { name: 'a', password: 'b' } } } } }],
    [
      'a password that is no text',
      { auth: { identity: { methods: ['password'], password: { user: { id: 'a', password: 7 } } } } },
    ],
    [
      'a scope of two targets',
      {
        auth: {
          identity: { methods: ['token'], token: { id: 'x' } },
          scope: { system: { all: true }, project: { id: 'a' } },
        },
      },
    ],
    ['a scope of nothing', { auth: { identity: { methods: ['token'], token: { id: 'x' } }, scope: {} } }],
  ])('answers 400 to %s', async (_, body) => {
    const reply = await service.client.post(TOKENS, body ?? '');
    expect([reply.status, (reply.body as { error: object }).error]).toMatchObject([
      400,
      { code: 400, title: 'Bad Request', message: expect.stringMatching(/^Expecting to find /) },
    ]);
  });

  it('answers 401 to an unknown method', async () => {
    const reply = await service.client.post(TOKENS, { auth: { identity: { methods: ['openid'], openid: {} } } });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Keystone uri=/);
  });

  it('issues a token of another scope for a token, with the same expiry', async () => {
    const first = await login('alice');
    const {
      expires_at: expiresAt,
      audit_ids: [parent],
    } = tokenIn(await about(first, first).get(TOKENS));
    const begun = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > begun, 'the next second has begun');
    const reply = await service.client.post(TOKENS, tokenBody(first, { project: 'other' }));
    expect(tokenIn(reply)).toMatchObject({ methods: ['token', 'password'], expires_at: expiresAt });
    expect(tokenIn(reply).roles!.map(({ name }) => name)).toEqual(['reader']);
    expect(tokenIn(reply).audit_ids).toEqual([expect.any(String), parent]);
    const again = await service.client.post(TOKENS, tokenBody(tokenOf(reply), { project: 'demo' }));
    expect(tokenIn(again)).toMatchObject({ expires_at: expiresAt, audit_ids: [expect.any(String), parent] });
  });

  it('describes a token to its user, to administrators and to services only', async () => {
    const [alice, bob, admin, watcher] = await Promise.all([
      login('alice', { project: 'demo' }),
      login('bob', { project: 'demo' }),
      login('admin', { project: 'admin' }),
      login('watcher', { project: 'demo' }),
    ]);
    for (const caller of [alice, admin, watcher]) {
      expect((await about(caller, alice).get(TOKENS)).status).toBe(200);
      const head = await about(caller, alice).send({ method: 'HEAD', target: TOKENS });
      expect([head.status, head.text]).toEqual([200, '']);
    }
    expect((await about(bob, alice).get(TOKENS)).status).toBe(403);
    expect((await about(bob, 'nonsense').get(TOKENS)).status).toBe(403);
    expect((await about(admin, 'nonsense').get(TOKENS)).status).toBe(404);
    expect((await service.client.with({ 'X-Subject-Token': alice }).get(TOKENS)).status).toBe(401);
    expect((await about(watcher, alice).delete(TOKENS)).status).toBe(403);
  });

  it('revokes a token at once, and within seconds on another replica', async () => {
    const key = Buffer.from(readFileSync(join(directory.path, 'token.key'), 'utf8'), 'base64');
    const store = new FileStore(file);
    const revocations = service.app.get(RevokedTokenRepository, { strict: false });
    const replica = new Tokens(store, revocations, ...others(key));
    try {
      const [kept, revoked] = [await login('alice', { project: 'demo' }), await login('alice', { project: 'demo' })];
      for (const token of [kept, revoked]) {
        expect(await replica.read(token)).toMatchObject({ user: { name: 'alice' } });
        expect(await statusAt(service.client, token)).toBe(200);
      }
      expect((await about(revoked, revoked).delete(TOKENS)).status).toBe(204);
      expect(await statusAt(service.client, revoked)).toBe(401);
      expect((await service.client.post(TOKENS, tokenBody(revoked, { project: 'other' }))).status).toBe(401);
      expect(await statusAt(service.client, kept)).toBe(200);
      await expectSoon(async () => ((await replica.read(revoked)) ? 200 : 401), 401);
      expect(await replica.read(kept)).toBeDefined();
    } finally {
      store.onModuleDestroy();
    }
  });

  it('accepts a token in its one spelling only, and revokes it with all that look like it', async () => {
    const token = await login('alice', { project: 'demo' });
    const [head, signature] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.') + 1)];
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sameBits = alphabet[alphabet.indexOf(signature.at(-1)!) + 1];
    const spellings = [
      `${token}=`,
      `${head}. ${signature}`,
      `${head}.${' '.repeat(2000)}${signature}`,
      `${head}.\t${signature}`,
      `${head}.${signature.slice(0, -1)}${sameBits}`,
      `${head}.${signature.slice(0, -1)}+`,
      `${head}.${signature}, ${token}`,
      `${token}.`,
      `${'A'.repeat(2048)}.${token}`,
    ];
    expect(await statusAt(service.client, token)).toBe(200);
    for (const each of spellings) expect([each, await statusAt(service.client, each)]).toEqual([each, 401]);
    expect((await about(token, token).delete(TOKENS)).status).toBe(204);
    for (const each of [token, ...spellings]) expect([each, await statusAt(service.client, each)]).toEqual([each, 401]);
  });

  it('accepts no token that is revoked during its validation', async () => {
    const key = Buffer.from(readFileSync(join(directory.path, 'token.key'), 'utf8'), 'base64');
    const store = new FileStore(file);
    let answer: (isRevoked: boolean) => void = () => undefined;
    const revocations = {
      has: () => new Promise<boolean>((resolve) => (answer = resolve)),
      add: () => Promise.resolve(),
    } as unknown as RevokedTokenRepository;
    const tokens = new Tokens(store, revocations, ...others(key));
    try {
      const [token, grant] = (await tokens.issue(store.current().userNamed('alice')!, { kind: 'unscoped' }, [
        'password',
      ]))!;
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      revocations.has = () => {
        begin();
        return new Promise<boolean>((resolve) => (answer = resolve));
      };
      const reading = tokens.read(token);
      await begun;
      await tokens.revoke(grant);
      answer(false);
      expect(await reading).toBeUndefined();
      expect(tokens.recent(token)).toBeUndefined();
    } finally {
      store.onModuleDestroy();
    }
  });

  it('admits users that are added while it runs, and refuses tokens once a password or role has changed', async () => {
    const before = readFileSync(file, 'utf8');
    const token = await login('bob', { project: 'demo' });
    expect(await statusAt(service.client, token)).toBe(200);
    const hash = (parse(before) as { users: { password: string }[] }).users[0].password;
    const editor = IdentityEditor.open(file);
    editor.add({ name: 'carol', passwordHash: hash, projectRoles: { fresh: ['member'] }, systemRoles: [] });
    editor.setPassword('bob', '$2b$04$0CnL71MuZ.784n/HYtafGOua3jJCmvypaitEs3Br7GFwbMVHIZwdm');
    editor.save();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expectSoon(() => statusAt(service.client, token), 401);
    const reply = await service.client.post(
      TOKENS,
      passwordBody({ name: 'carol', password: PASSWORD }, { project: 'fresh' }),
    );
    expect(reply.status).toBe(201);
    expect(await statusAt(service.client, tokenOf(reply))).toBe(200);

    // An unreadable file changes nothing.
    directory.file('identity.yaml', 'users: [');
    await new Promise((later) => setTimeout(later, 2_500));
    expect(await statusAt(service.client, await login('alice', { project: 'demo' }))).toBe(200);
    directory.file('identity.yaml', before);
    await expectSoon(() => statusAt(service.client, tokenOf(reply)), 401);
  });

  it('answers unknown paths like Keystone, and not like Nova', async () => {
    for (const path of ['/identity/v3/nothing', '/identity/v2.0', '/identity/v3/users/a/b/c']) {
      const reply = await service.client.get(path);
      expect([reply.status, reply.body]).toEqual([
        404,
        { error: { code: 404, title: 'Not Found', message: 'The resource could not be found.' } },
      ]);
    }
    expect((await service.client.get('/identity')).status).toBe(300);
    expect((await service.client.get('/identity/')).status).toBe(300);
    expect((await service.client.get('/identity/v3/')).status).toBe(200);
  });
});

describe('the first start', () => {
  it('creates users with random passwords that only clouds.yaml contains, and does not change them later', async () => {
    const { dataDir, remove } = emptyDataDir();
    try {
      const config = configIn(dataDir);
      const first = await createApp(config);
      await first.close();
      const files = ['clouds.yaml', 'identity.yaml', 'token.key'].map((name) => join(dataDir, name));
      expect(files.map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
      const [clouds, identity] = files.map((each) => readFileSync(each, 'utf8'));
      const passwords = [...clouds.matchAll(/password: (\S+)/g)].map(([, password]) => password);
      expect(new Set(passwords).size).toBe(2);
      for (const password of passwords) {
        expect(password).toMatch(/^\w{24}$/);
        expect(identity).not.toContain(password);
      }
      const second = await createApp(config);
      await second.close();
      expect(files.slice(0, 2).map((each) => readFileSync(each, 'utf8'))).toEqual([clouds, identity]);
    } finally {
      remove();
    }
  });

  it('issues tokens that survive a restart, and so does their revocation', async () => {
    const { dataDir, remove } = emptyDataDir();
    writeFileSync(
      join(dataDir, 'identity.yaml'),
      await identityYaml(['demo'], [{ name: 'alice', roles: { demo: ['member'] } }], PASSWORD),
    );
    try {
      const alice = { name: 'alice', password: PASSWORD };
      const [kept, revoked] = await whileRunning(dataDir, async (client) => {
        const tokens = [1, 2].map(() => logIn(client, '/identity/v3', alice, { project: 'demo' }));
        const [first, second] = await Promise.all(tokens);
        await client.with({ 'X-Auth-Token': second, 'X-Subject-Token': second }).delete(TOKENS);
        return [first, second];
      });
      const statuses = await whileRunning(dataDir, async (client) => [
        await statusAt(client, kept),
        await statusAt(client, revoked),
      ]);
      expect(statuses).toEqual([200, 401]);
    } finally {
      remove();
    }
  });

  it.each([
    [
      'identity.yaml',
      'users: [{ name: a, id: 7, password: plain, rolls: {} }]',
      [
        /identity.yaml: users\[0\] has rolls, which is not known/,
        /identity.yaml: users\[0\].id must be 32 hexadecimal digits/,
        /identity.yaml: users\[0\].password must be a hash/,
      ],
    ],
    ['identity.yaml', '{', [/identity.yaml: is no YAML/]],
    ['token.key', 'short\n', [/token.key must hold 32 random bytes in base64/]],
  ])(
    'with a bad %s reports every problem, and never a secret',
    async (name, text, problems) => {
      const directory = temporaryDirectory();
      try {
        if (name !== 'identity.yaml') directory.file('identity.yaml', 'users: []\n');
        directory.file(name, text);
        const config = configIn(directory.path);
        const failure = await openIdentityFile(config).then(
          (store) =>
            thrownBy(
              () => store.onModuleDestroy(),
              () => openTokenKey(config),
            ),
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(InvalidConfig);
        const reported = (failure as InvalidConfig).problems;
        for (const problem of problems) expect(reported).toContainEqual(expect.stringMatching(problem));
        expect(reported.join('\n')).not.toContain('plain,');
        expect(existsSync(join(directory.path, 'clouds.yaml'))).toBe(false);
      } finally {
        directory.remove();
      }
    },
    60_000,
  );
});

function configIn(path: string): Config {
  return readConfig({ DATA_DIR: path, LOG_LEVEL: 'silent', PORT: '0', METADATA_MODE: 'off' });
}

/** What the last of several steps throws. */
function thrownBy(...steps: (() => unknown)[]): unknown {
  try {
    for (const step of steps) step();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Runs a function with the service on a directory, from its start to its end. */
async function whileRunning<T>(path: string, use: (client: Client) => Promise<T>): Promise<T> {
  const app = await createApp(configIn(path));
  try {
    await app.listen(0, '127.0.0.1');
    return await use(new Client(`127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`));
  } finally {
    await app.close();
  }
}

async function statusAt(client: Client, token: string): Promise<number> {
  return (await client.with({ 'X-Auth-Token': token }).get('/v2.1/os-keypairs')).status;
}

async function expectSoon(status: () => Promise<number>, expected: number): Promise<void> {
  expect(await until(async () => (await status()) === expected, `the status is ${expected}`)).toBe(true);
}
