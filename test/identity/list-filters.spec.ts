import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, temporaryDirectory, type TestUser } from './identity-yaml.js';

const directory = temporaryDirectory();
let service: StartedApp;
let admin: Client;

beforeAll(async () => {
  const users: readonly TestUser[] = [
    { name: 'admin', roles: { admin: ['admin'] } },
    { name: 'alice', roles: { demo: ['member'] } },
    { name: 'Alina', roles: { demo: ['member'] } },
    { name: 'bob', enabled: false },
  ];
  service = await startApp({
    AUTH_MODE: 'builtin',
    IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['admin', 'demo'], users, 'a password')),
    TOKEN_KEY_FILE: join(directory.path, 'token.key'),
  });
  const user = { name: 'admin', password: 'a password' };
  admin = service.client.with({
    'X-Auth-Token': await logIn(service.client, '/identity/v3', user, { project: 'admin' }),
  });
});

afterAll(async () => {
  await service?.stop();
  directory.remove();
});

const names = async (query: string): Promise<string[]> => {
  const { body } = await admin.get(`/identity/v3/users?${query}`);
  return (body as { users: { name: string }[] }).users.map(({ name }) => name).toSorted();
};

describe('A list of users', () => {
  it.each([
    ['name=alice', ['alice']],
    ['enabled=false', ['bob']],
    ['enabled=true', ['Alina', 'admin', 'alice']],
    ['name__contains=li', ['Alina', 'alice']],
    ['name__startswith=ali', ['alice']],
    ['name__istartswith=ali', ['Alina', 'alice']],
    ['name__endswith=b', ['bob']],
    ['name__iequals=BOB', ['bob']],
    ['name__contains=.*', []],
    ['domain_id=default&enabled=true&name__contains=dm', ['admin']],
    ['domain_id=other', []],
    ['__proto__=x', ['Alina', 'admin', 'alice', 'bob']],
    ['constructor__contains=x', ['Alina', 'admin', 'alice', 'bob']],
  ])('is filtered by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each(['name__constructor=x', 'name__matches=x', 'name__=x', 'enabled__x=1', 'enabled____proto__=1'])(
    'refuses %s rather than ignore it',
    async (query) => {
      expect((await admin.get(`/identity/v3/users?${query}`)).status).toBe(400);
    },
  );
});

describe('A list of projects', () => {
  it.each([
    ['is_domain=true', 1],
    ['is_domain=false', 2],
    ['parent_id=default', 2],
    ['parent_id=other', 0],
  ])('is filtered by %s', async (query, count) => {
    const { body } = await admin.get(`/identity/v3/projects?${query}`);
    expect((body as { projects: object[] }).projects).toHaveLength(count);
  });
});
