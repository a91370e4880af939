import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityYaml, type TestUser, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const PASSWORD = 'a password';
const CALLERS = ['owner', 'colleague', 'reader', 'stranger', 'admin'] as const;
const MODES = {
  direct: {
    create: { owner: 201, colleague: 201, reader: 403, stranger: 201, admin: 201 },
    show: { owner: 200, colleague: 404, reader: 404, stranger: 404, admin: 200 },
    change: { owner: 200, colleague: 404, reader: 404, stranger: 404, admin: 200 },
    makeToken: { owner: 201, colleague: 404, reader: 404, stranger: 404, admin: 201 },
    endToken: { owner: 204, colleague: 404, reader: 404, stranger: 404, admin: 204 },
    delete: { owner: 204, colleague: 404, reader: 404, stranger: 404, admin: 204 },
  },
  neutron: {
    create: { owner: 201, colleague: 201, reader: 403, stranger: 201, admin: 201 },
    show: { owner: 200, colleague: 200, reader: 404, stranger: 404, admin: 200 },
    change: { owner: 200, colleague: 200, reader: 404, stranger: 404, admin: 200 },
    makeToken: { owner: 201, colleague: 201, reader: 404, stranger: 404, admin: 201 },
    endToken: { owner: 204, colleague: 204, reader: 404, stranger: 404, admin: 204 },
    delete: { owner: 204, colleague: 204, reader: 404, stranger: 404, admin: 204 },
  },
} as const;

describe.each([
  ['direct', {}],
  ['neutron', { METADATA_MODE: 'neutron', METADATA_SECRET: 'neutron-and-latchkey' }],
] as const)('guests with METADATA_MODE=%s', (mode, settings) => {
  const directory = temporaryDirectory();
  const clients = new Map<string, Client>();
  let service: StartedApp;

  beforeAll(async () => {
    const users: TestUser[] = [
      { name: 'owner', roles: { demo: ['member'] } },
      { name: 'colleague', roles: { demo: ['member'] } },
      { name: 'reader', roles: { demo: ['reader'] } },
      { name: 'stranger', roles: { other: ['member'] } },
      { name: 'admin', roles: { demo: ['admin'] } },
    ];
    const file = directory.file('identity.yaml', await identityYaml(['demo', 'other'], users, PASSWORD));
    service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file, ...settings });
    for (const name of CALLERS) {
      const project = name === 'stranger' ? 'other' : 'demo';
      const token = await logIn(service.client, '/identity/v3', { name, password: PASSWORD }, { project });
      clients.set(name, service.client.with({ 'X-Auth-Token': token }));
    }
  });
  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const as = (name: string): Client => clients.get(name)!;
  const register = (name: string): ReturnType<Client['post']> => as(name).post('/v1/guests', { guest: { name: 'a' } });
  const made = async (): Promise<string> =>
    `/v1/guests/${((await register('owner')).body as { guest: { id: string } }).guest.id}`;

  it.each(CALLERS)('can be registered, shown, changed and deleted by their %s as the policy states', async (name) => {
    const guest = await made();
    const change = { method: 'PATCH', target: guest, body: JSON.stringify({ guest: { name: 'b' } }) };
    const json = as(name).with({ 'Content-Type': 'application/json' });
    const statuses = {
      create: (await register(name)).status,
      show: (await as(name).get(guest)).status,
      change: (await json.send(change)).status,
      makeToken: (await as(name).send({ method: 'POST', target: `${guest}/nocloud-token` })).status,
      endToken: (await as(name).delete(`${guest}/nocloud-token`)).status,
      delete: (await as(name).delete(guest)).status,
    };
    const rules = MODES[mode];
    expect(statuses).toEqual({
      create: rules.create[name],
      show: rules.show[name],
      change: rules.change[name],
      makeToken: rules.makeToken[name],
      endToken: rules.endToken[name],
      delete: rules.delete[name],
    });
  });

  it('can be registered or listed for another user by an administrator only', async () => {
    const body = { guest: { name: 'a', user_id: testId('user owner') } };
    expect((await as('colleague').post('/v1/guests', body)).status).toBe(403);
    expect((await as('admin').post('/v1/guests', body)).status).toBe(201);
    const list = `/v1/guests?user_id=${testId('user owner')}`;
    expect([(await as('colleague').get(list)).status, (await as('admin').get(list)).status]).toEqual([403, 200]);
  });
});

describe('without authentication', () => {
  it('a client without a token, and one that sends the placeholder of keystoneauth, are the same administrator', async () => {
    const service = await startApp();
    try {
      const { guest } = (await service.client.post('/v1/guests', { guest: { name: 'a' } })).body as {
        guest: { id: string; user_id: string };
      };
      expect(guest.user_id).toBe('admin');
      const other = service.client.with({ 'X-Auth-Token': 'notused' });
      expect((await other.get(`/v1/guests/${guest.id}`)).body).toMatchObject({ guest: { user_id: 'admin' } });
      expect((await other.delete(`/v1/guests/${guest.id}`)).status).toBe(204);
    } finally {
      await service.stop();
    }
  });
});
