import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { Audit } from '../../src/audit/audit.js';
import type { Change } from '../../src/audit/audit-line.js';
import { CONFIG, type Config } from '../../src/config/config.js';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import { readIdentity } from '../../src/identity/builtin/store/identity-file.js';
import { IdentityRepository } from '../../src/persistence/repositories/identity.repository.js';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';

// Hashing passwords takes long on a busy machine.
jest.setTimeout(180_000);

const PASSWORD = 'correct horse';
const IDENTITY = '/identity/v3';
const USERS: readonly TestUser[] = [
  { name: 'admin', roles: { admin: ['admin'], demo: ['admin'] }, system_roles: ['admin'] },
  { name: 'alice', roles: { demo: ['member'] } },
  { name: 'mona', roles: { demo: ['manager'] } },
  { name: 'rita', roles: { demo: ['reader'] } },
];
const ALICE = testId('user alice');
const DEMO = testId('project demo');
const grant = (place: string, user: string, role: string): string =>
  `${IDENTITY}/${place}/users/${user}/roles/${idOf('role', role)}`;

const directory = temporaryDirectory();
let service: StartedApp;
let admin: Client;
let text: string;

async function as(name: string, password = PASSWORD, project = 'demo'): Promise<Client> {
  const token = await logIn(service.client, IDENTITY, { name, password }, { project });
  return service.client.with({ 'X-Auth-Token': token, 'Content-Type': 'application/json' });
}
const patch = (client: Client, target: string, body: object) =>
  client.send({ method: 'PATCH', target, body: JSON.stringify(body) });
const put = (client: Client, target: string) => client.send({ method: 'PUT', target });

/** Creates a user; returns the id. */
async function made(fields: object): Promise<string> {
  const { status, body } = await admin.post(`${IDENTITY}/users`, { user: fields });
  expect(status).toBe(201);
  return (body as { user: { id: string } }).user.id;
}

beforeAll(async () => {
  text = await identityYaml(['admin', 'demo', 'other'], USERS, PASSWORD);
  service = await startApp({
    AUTH_MODE: 'builtin',
    IDENTITY_STORE: 'database',
    IDENTITY_FILE: directory.file('identity.yaml', text),
  });
  admin = await as('admin');
});

afterAll(async () => {
  await service?.stop();
  directory.remove();
});

describe('the first start with the users in the database', () => {
  it('makes admin and demo, whose passwords are in clouds.yaml and in no identity file', async () => {
    const fresh = await startApp({ AUTH_MODE: 'builtin', IDENTITY_STORE: 'database' });
    try {
      const { dataDir } = fresh.app.get<Config>(CONFIG);
      const { clouds } = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')) as {
        clouds: Record<string, { auth: { username: string; password: string; project_name: string } }>;
      };
      for (const { auth } of Object.values(clouds)) {
        const login = { name: auth.username, password: auth.password };
        await expect(logIn(fresh.client, IDENTITY, login, { project: auth.project_name })).resolves.toMatch(/\w/);
      }
      expect(existsSync(join(dataDir, 'identity.yaml'))).toBe(false);
    } finally {
      await fresh.stop();
    }
  });

  it('creates nothing if another replica was first', async () => {
    const identities = service.app.get(IdentityRepository, { strict: false });
    const other = readIdentity(text.replaceAll(testId('user alice'), testId('another alice'))).toStored();
    let filled = 0;
    await identities.fill(other, () => (filled += 1));
    expect(filled).toBe(0);
    expect((await admin.get(`${IDENTITY}/users/${testId('another alice')}`)).status).toBe(404);
  });

  it('an import of the same file again changes nothing, and one with a name in use imports nothing', async () => {
    const identities = service.app.get(IdentityRepository, { strict: false });
    const before = (await identities.load())!.identity;
    expect(await identities.import(readIdentity(text).toStored())).toMatchObject({ users: 0, projects: 0 });
    const renamed = text.replaceAll(testId('user alice'), testId('another alice'));
    expect(await identities.import(readIdentity(renamed).toStored())).toBe('taken');
    expect((await identities.load())!.identity).toEqual(before);
  });
});

describe('what a change of a user invalidates', () => {
  it('a token of a disabled user, of a deleted one, and of one with a new password is refused by the next request', async () => {
    for (const [name, change] of [
      ['ends 1', (id: string) => patch(admin, `${IDENTITY}/users/${id}`, { user: { enabled: false } })],
      ['ends 2', (id: string) => admin.delete(`${IDENTITY}/users/${id}`)],
      ['ends 3', (id: string) => patch(admin, `${IDENTITY}/users/${id}`, { user: { password: 'another one' } })],
      ['ends 4', (id: string) => admin.delete(grant(`projects/${DEMO}`, id, 'member'))],
      [
        'ends 5',
        (id: string) =>
          service.client.post(`${IDENTITY}/users/${id}/password`, {
            user: { original_password: 'a password', password: 'another one' },
          }),
      ],
    ] as const) {
      const id = await made({ name, password: 'a password' });
      await put(admin, grant(`projects/${DEMO}`, id, 'member'));
      const holder = await as(name, 'a password');
      expect((await holder.get('/v2.1/os-keypairs')).status).toBe(200);
      expect((await change(id)).status).toBeLessThan(300);
      expect([name, (await holder.get('/v2.1/os-keypairs')).status]).toEqual([name, 401]);
    }
  });

  it('a token from before a user was disabled stays invalid once the user is enabled again', async () => {
    const id = await made({ name: 'back again', password: 'a password' });
    await put(admin, grant(`projects/${DEMO}`, id, 'member'));
    const holder = await as('back again', 'a password');
    for (const enabled of [false, false, true, true]) {
      expect((await patch(admin, `${IDENTITY}/users/${id}`, { user: { enabled } })).status).toBe(200);
      expect((await holder.get('/v2.1/os-keypairs')).status).toBe(401);
    }
    const again = await as('back again', 'a password');
    await patch(admin, `${IDENTITY}/users/${id}`, { user: { enabled: true, description: 'back' } });
    expect((await again.get('/v2.1/os-keypairs')).status).toBe(200);
  });

  it('a token for a project is refused while the project is disabled', async () => {
    const { body } = await admin.post(`${IDENTITY}/projects`, { project: { name: 'closed for a while' } });
    const { project } = body as { project: { id: string; name: string } };
    const user = { name: 'in a closed project', password: 'a password' };
    await put(admin, grant(`projects/${project.id}`, await made(user), 'member'));
    const token = await logIn(service.client, IDENTITY, user, { project: project.name });
    const statuses: number[] = [];
    for (const enabled of [false, true]) {
      await patch(admin, `${IDENTITY}/projects/${project.id}`, { project: { enabled } });
      statuses.push((await service.client.with({ 'X-Auth-Token': token }).get('/v2.1/os-keypairs')).status);
    }
    expect(statuses).toEqual([401, 200]);
  });

  it('a deleted user leaves no application credential behind', async () => {
    const id = await made({ name: 'with a credential', password: 'a password' });
    await put(admin, grant(`projects/${DEMO}`, id, 'member'));
    const holder = await as('with a credential', 'a password');
    const { body } = await holder.post(`${IDENTITY}/users/${id}/application_credentials`, {
      application_credential: { name: 'ci' },
    });
    const { application_credential: credential } = body as { application_credential: object };
    const identity = { methods: ['application_credential'], application_credential: credential };
    const login = () => service.client.post(`${IDENTITY}/auth/tokens`, { auth: { identity } });
    expect((await login()).status).toBe(201);
    await admin.delete(`${IDENTITY}/users/${id}`);
    expect((await login()).status).toBe(401);
  });
});

it('lists the assignments on the system for scope.system=all, and all of them without a value', async () => {
  const scopes = async (query: string): Promise<string[]> => {
    const list = `${IDENTITY}/role_assignments?user.id=${testId('user admin')}&${query}`;
    const { role_assignments: found } = (await admin.get(list)).body as { role_assignments: { scope: object }[] };
    return [...new Set(found.flatMap(({ scope }) => Object.keys(scope)))].toSorted();
  };
  expect(await scopes('scope.system=all')).toEqual(['system']);
  expect(await scopes('scope.system')).toEqual(['project', 'system']);
  expect(await scopes('scope.system=other')).toEqual([]);
});

describe('callers who may change nothing', () => {
  const REQUESTS: readonly [method: string, target: string, body?: object][] = [
    ['POST', `${IDENTITY}/users`, { user: { name: 'mine' } }],
    ['PATCH', `${IDENTITY}/users/${ALICE}`, { user: { name: 'mine' } }],
    ['PATCH', `${IDENTITY}/users/unknown`, {}],
    ['DELETE', `${IDENTITY}/users/${testId('user admin')}`],
    ['POST', `${IDENTITY}/projects`, { project: { name: 'mine' } }],
    ['PATCH', `${IDENTITY}/projects/${DEMO}`, { project: { name: 'mine' } }],
    ['DELETE', `${IDENTITY}/projects/nowhere`],
    ...[`projects/${DEMO}`, 'domains/default', 'system', 'projects/nowhere'].flatMap((place) =>
      ['PUT', 'GET', 'DELETE'].map((method): [string, string] => [method, grant(place, ALICE, 'admin')]),
    ),
  ];

  it.each(['alice', 'mona', 'rita'])(
    '%s is refused in the same words whether or not the thing exists',
    async (name) => {
      const client = await as(name);
      for (const [method, target, body] of REQUESTS) {
        const wire = { method, target, ...(body && { body: JSON.stringify(body) }) };
        const { status, body: answer } = await client.send(wire);
        const { error } = answer as { error: { message: string } };
        expect([target, status]).toEqual([target, 403]);
        expect(error.message).toMatch(/^You are not authorized to perform the requested action: identity:\w+\.$/);
      }
      expect((await admin.get(`${IDENTITY}/role_assignments?user.id=${ALICE}`)).text).not.toContain(
        idOf('role', 'admin'),
      );
    },
  );

  it('an application credential of the administrator with the role of a reader is refused too', async () => {
    const { body } = await admin.post(`${IDENTITY}/users/${testId('user admin')}/application_credentials`, {
      application_credential: { name: 'narrow', roles: [{ name: 'reader' }] },
    });
    const { application_credential: credential } = body as { application_credential: object };
    const identity = { methods: ['application_credential'], application_credential: credential };
    const { headers } = await service.client.post(`${IDENTITY}/auth/tokens`, { auth: { identity } });
    const narrow = service.client.with({ 'X-Auth-Token': headers['x-subject-token'] });
    expect((await narrow.post(`${IDENTITY}/users`, { user: { name: 'mine' } })).status).toBe(403);
    expect((await put(narrow, grant('system', ALICE, 'admin'))).status).toBe(403);
  });

  it('all callers, where the users are in a file', async () => {
    const readOnly = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: directory.file('other.yaml', text) });
    try {
      const login = { name: 'admin', password: PASSWORD };
      const token = await logIn(readOnly.client, IDENTITY, login, { project: 'admin' });
      const client = readOnly.client.with({ 'X-Auth-Token': token, 'Content-Type': 'application/json' });
      for (const [method, target, body] of REQUESTS.filter(([each]) => each !== 'GET')) {
        const { status, text: answer } = await client.send({
          method,
          target,
          ...(body && { body: JSON.stringify(body) }),
        });
        expect([target, status]).toEqual([target, 403]);
        expect(answer).toContain('IDENTITY_STORE=file');
      }
      expect((await client.get(`${IDENTITY}/projects/${DEMO}/users/${ALICE}/roles`)).status).toBe(200);
    } finally {
      await readOnly.stop();
    }
  });
});

describe('hostile requests', () => {
  it('names and attributes are data, not code', async () => {
    for (const name of ['$value', '__proto__', 'constructor', "'; DROP TABLE identity_users; --", '{{7*7}}', '%s%n']) {
      const id = await made({ name, email: '__proto__' });
      const found = await admin.get(`${IDENTITY}/users?name=${encodeURIComponent(name)}`);
      expect((found.body as { users: { id: string }[] }).users.map((each) => each.id)).toEqual([id]);
    }
    const raw = `{"user": {"name": "with a prototype", "__proto__": {"enabled": false}, "constructor": 1}}`;
    const sent = await admin.send({ method: 'POST', target: `${IDENTITY}/users`, body: raw });
    expect([sent.status, (sent.body as { user: { enabled: boolean } }).user.enabled]).toEqual([201, true]);
    expect(sent.text).toContain('"__proto__":{"enabled":false}');
    expect(({} as { enabled?: unknown }).enabled).toBeUndefined();
  });

  it.each([
    ['a NUL in a name', { name: 'a\0b' }],
    ['half of a surrogate pair', { name: '\ud800' }],
    ['a NUL in an attribute', { name: 'n', email: 'a\0b' }],
    ['a NUL in the name of an attribute', { name: 'n', 'a\0b': 1 }],
    ['an attribute that nests deeply', { name: 'n', deep: JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown }],
    ['attributes of many bytes', { name: 'n', long: 'x'.repeat(20_000) }],
    ['a password of many bytes', { name: 'n', password: 'x'.repeat(5000) }],
  ])('%s is 400', async (_, user) => {
    const { status, text: answer } = await admin.post(`${IDENTITY}/users`, { user });
    expect(status).toBe(400);
    expect(answer.length).toBeLessThan(600);
  });

  it('an id of odd bytes is 404', async () => {
    for (const id of ['%00', '%F0%9F%94%91', "'%3B--", '__proto__', 'x'.repeat(300)]) {
      expect((await admin.delete(`${IDENTITY}/users/${id}`)).status).toBe(404);
      expect((await put(admin, grant(`projects/${DEMO}`, id, 'member'))).status).toBe(404);
    }
  });
});

describe('options of Keystone', () => {
  it('may state that a password is not locked, as Horizon does', async () => {
    const id = await made({ name: 'unlocked', options: { lock_password: false } });
    const changed = await patch(admin, `${IDENTITY}/users/${id}`, { user: { options: { lock_password: false } } });
    expect([changed.status, changed.body]).toMatchObject([200, { user: { options: {} } }]);
  });

  it.each([
    ['users', { lock_password: true }],
    ['users', { lock_password: 0 }],
    ['users', { lock_password: false, ignore_password_expiry: true }],
    ['users', { constructor: false }],
    ['users', [false]],
    ['users', 'lock_password'],
    ['users', null],
    ['projects', { immutable: true }],
    ['projects', { lock_password: false }],
  ])('of %s that would have no effect are 400: %j', async (kind, options) => {
    const member = kind.slice(0, -1);
    const { status, body } = await admin.post(`${IDENTITY}/${kind}`, { [member]: { name: 'with options', options } });
    expect([status, body]).toMatchObject([
      400,
      { error: { message: "Invalid input for field 'options': there are none; leave it out." } },
    ]);
  });
});

it('audits who changed whom, and never a password', async () => {
  const lines: Change[] = [];
  service.app.get(Audit, { strict: false }).onChange((change) => lines.push(change));
  const id = await made({ name: 'audited', password: 'secret of audited' });
  await patch(admin, `${IDENTITY}/users/${id}`, { user: { password: 'another secret of audited' } });
  await service.client.post(`${IDENTITY}/users/${id}/password`, {
    user: { original_password: 'another secret of audited', password: 'third secret of audited' },
  });
  await put(admin, grant('system', id, 'reader'));
  await admin.delete(grant('system', id, 'reader'));
  await admin.delete(`${IDENTITY}/users/${id}`);
  expect(lines.map(({ action, owner }) => [action, owner])).toEqual(
    ['user.add', 'user.change', 'user.password', 'role.assign', 'role.remove', 'user.remove'].map((each) => [each, id]),
  );
  expect(JSON.stringify(lines)).not.toContain('secret of audited');
});
