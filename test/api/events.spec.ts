import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { EventsService } from '../../src/events/events.service.js';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

interface Event {
  readonly id: number;
  readonly event_id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}
interface Page {
  readonly events: readonly Event[];
  readonly events_links?: readonly { readonly href: string }[];
}

const [KEY, OTHER_KEY] = [sshKeygen().trim(), sshKeygen().trim()];
const KEYPAIRS = '/v2.1/os-keypairs';
const directory = mkdtempSync(join(tmpdir(), 'latchkey-events-'));

let service: StartedApp;
let admin: Client;
let users = 0;

beforeAll(async () => {
  service = await startApp({ SSH_CA: 'on', SSH_CA_KEY_FILE: join(directory, 'ca.key'), KEYPAIR_QUOTA: '20' });
  admin = service.as('admin', 'admin');
});
afterAll(async () => {
  await service?.stop();
  rmSync(directory, { recursive: true });
});

/** A new user in a project `blue`. */
function newUser(): { readonly name: string; readonly client: Client } {
  users += 1;
  return { name: `user-${users}`, client: service.as(`user-${users}`, 'blue').at('2.92') };
}

const eventsOf = async (client: Client, query = ''): Promise<readonly Event[]> => {
  const reply = await client.get(`/v1/events${query}`);
  expect([reply.status, reply.text]).toEqual([200, expect.anything()]);
  return (reply.body as Page).events;
};
const typesOf = async (client: Client, query = ''): Promise<string[]> =>
  (await eventsOf(client, query)).map(({ type }) => type);
const create = (client: Client, name: string, more: object = {}): Promise<Reply> =>
  client.post(KEYPAIRS, { keypair: { name, public_key: KEY, ...more } });
const patch = (client: Client, target: string, body: object): Promise<Reply> =>
  client.send({ method: 'PATCH', target, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
/** The events that a request adds, in a database with no other activity. */
async function added(act: () => Promise<Reply>, ...statuses: number[]): Promise<readonly Event[]> {
  const after = (await eventsOf(admin, '?all_users=true')).at(-1)?.id ?? 0;
  const reply = await act();
  expect([statuses.includes(reply.status), reply.status, reply.text]).toEqual([true, reply.status, reply.text]);
  return eventsOf(admin, `?all_users=true&marker=${after}`);
}

describe('each change of a keypair is one event', () => {
  it('when its key is imported, by whom and with what fingerprints', async () => {
    const { name, client } = newUser();
    const reply = await create(client, 'laptop');
    const [event, ...others] = await eventsOf(client);
    expect(others).toEqual([]);
    expect(event).toEqual({
      id: expect.any(Number),
      event_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'keypair.imported',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/),
      data: {
        user_id: name,
        project_id: 'blue',
        scope: 'own',
        actor: name,
        request_id: reply.headers['x-openstack-request-id'],
        name: 'laptop',
        type: 'ssh',
        fingerprint: sshFingerprint(KEY),
        fingerprints: { md5: sshFingerprint(KEY), sha256: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) },
        version: 1,
      },
    });
  });

  it('when the service generates it, without the private key', async () => {
    const { client } = newUser();
    const reply = await client.at('2.1').post(KEYPAIRS, { keypair: { name: 'laptop' } });
    const { private_key: privateKey } = (reply.body as { keypair: { private_key: string } }).keypair;
    const { text } = await client.get('/v1/events');
    expect(await typesOf(client)).toEqual(['keypair.created']);
    expect(privateKey).toContain('PRIVATE KEY');
    expect(text).not.toContain(privateKey.split('\n')[1]);
    expect(text).not.toMatch(/PRIVATE KEY|ssh-rsa|AAAA/);
  });

  it('when it is applied, changed, rotated, protected, deleted and pruned', async () => {
    const { client } = newUser();
    await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    await patch(client, '/v1/keypairs/laptop', { keypair: { note: 'of mine' } });
    await client
      .with({ 'If-Match': '"2"' })
      .put('/v1/keypairs/laptop', { keypair: { public_key: OTHER_KEY, note: 'of mine' } });
    await client.delete('/v1/keypairs/laptop');
    for (const name of ['old-1', 'old-2']) await create(client, name);
    await client.post('/v1/keypair-prunes', { prune: { name_prefix: 'old-', dry_run: true } });
    await client.post('/v1/keypair-prunes', { prune: { name_prefix: 'old-', dry_run: false } });
    await create(client, 'laptop');
    await client.delete(`${KEYPAIRS}/laptop`);
    const events = await eventsOf(client);
    expect(events.map(({ type, data }) => `${type} ${String(data.name)} ${String(data.version)}`)).toEqual([
      'keypair.imported laptop 1',
      'keypair.updated laptop 2',
      'keypair.rotated laptop 3',
      'keypair.deleted laptop 3',
      'keypair.imported old-1 1',
      'keypair.imported old-2 1',
      expect.stringMatching(/^keypair.deleted old-[12] 1$/),
      expect.stringMatching(/^keypair.deleted old-[12] 1$/),
      'keypair.imported laptop 1',
      'keypair.deleted laptop 1',
    ]);
    expect(events[2].data.fingerprint).toBe(sshFingerprint(OTHER_KEY));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  });

  it('when it is shared with a project, taken from it and moved to it', async () => {
    const { name, client } = newUser();
    await create(client, name);
    const share = (order: object) => client.post(`/v1/keypairs/${name}/share`, { share: order });
    const [shared, ...others] = await added(() => share({ project_id: 'blue', name: `${name}-shared` }), 201);
    expect([shared.type, others]).toEqual(['keypair.shared', []]);
    expect(shared.data).toMatchObject({ user_id: null, project_id: 'blue', scope: 'project', actor: name });
    expect(await added(() => share({ project_id: 'blue', name: `${name}-shared` }), 200)).toEqual([]);
    const moved = await added(() => share({ project_id: 'blue', name: `${name}-moved`, move: true }), 201);
    expect(moved.map(({ type, data }) => [type, data.name, data.user_id])).toEqual([
      ['keypair.shared', `${name}-moved`, null],
      ['keypair.deleted', name, name],
    ]);
    const project = `/v1/projects/blue/keypairs/${name}-shared`;
    const taken = await added(() => client.post(`${project}/take`, { take: { name: 'taken' } }), 201);
    expect(taken.map(({ type, data }) => [type, data.name])).toEqual([['keypair.imported', 'taken']]);
    const deleted = await added(() => client.delete(project), 204);
    expect(deleted.map(({ type, data }) => [type, data.scope])).toEqual([['keypair.deleted', 'project']]);
  });

  it('when many are created at the same moment, each with its own request', async () => {
    const { client } = newUser();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => create(client, `key-${n}`)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    const events = await eventsOf(client);
    const requests = new Map(events.map(({ data }) => [data.name, data.request_id]));
    expect(events.map(({ type }) => type)).toEqual(replies.map(() => 'keypair.imported'));
    expect(Array.from({ length: 20 }, (_, n) => requests.get(`key-${n}`))).toEqual(
      replies.map(({ headers }) => headers['x-openstack-request-id']),
    );
  });
});

describe('a refused request is no event', () => {
  it('of keypairs: a name in use, a full quota, an unknown or protected one, a stale condition, nothing to change', async () => {
    const { client } = newUser();
    await create(client, 'laptop');
    await client.put('/v1/keypairs/kept', { keypair: { public_key: KEY, delete_protected: true } });
    const before = await eventsOf(client);
    const twenty = await Promise.all(Array.from({ length: 30 }, (_, n) => create(client, `key-${n % 25}`)));
    const made = twenty.filter(({ status }) => status === 201).length;
    expect(made).toBe(18);
    const refused = [
      await create(client, 'laptop'),
      await create(client, 'one-more'),
      await client.at('2.1').post(KEYPAIRS, { keypair: { name: 'one-more' } }),
      await create(client, 'broken', { public_key: 'ssh-rsa AAAA' }),
      await client.delete(`${KEYPAIRS}/nothing`),
      await client.delete(`${KEYPAIRS}/kept`),
      await client.delete('/v1/keypairs/kept'),
      await client.with({ 'If-Match': '"9"' }).delete('/v1/keypairs/laptop'),
      await client.put('/v1/keypairs/laptop', { keypair: { public_key: OTHER_KEY } }),
      await client.put('/v1/keypairs/one-more', { keypair: { public_key: KEY } }),
    ];
    expect(refused.filter(({ status }) => status < 400)).toEqual([]);
    expect((await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } })).status).toBe(200);
    expect(await eventsOf(client)).toHaveLength(before.length + made);
  });

  it('of guests, quotas and certificates', async () => {
    const { client } = newUser();
    await create(client, 'laptop');
    const unknown = '/v1/guests/0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7b';
    const limits = { quota_set: { key_pairs: 7, user_id: 'x' } };
    const certificate = { certificate: { keypair: 'laptop', principals: ['root'] } };
    for (const act of [
      () => client.delete(unknown),
      () => patch(client, unknown, { guest: { name: 'x' } }),
      () => client.put('/v2.1/os-quota-sets/blue', limits),
      () => client.delete('/v2.1/os-quota-sets/blue'),
      () => client.post('/v1/ssh-certificates', certificate),
      () => client.delete('/v1/ssh-certificates/999999'),
    ])
      expect(await added(act, 400, 403, 404)).toEqual([]);
  });
});

describe('each change of something else is one event', () => {
  it('of a guest', async () => {
    const { name, client } = newUser();
    const made = await client.post('/v1/guests', { guest: { name: 'web' } });
    const { id } = (made.body as { guest: { id: string } }).guest;
    await patch(client, `/v1/guests/${id}`, { guest: { name: 'www' } });
    await client.delete(`/v1/guests/${id}`);
    const events = await eventsOf(client);
    expect(events.map(({ type, data }) => [type, data.name])).toEqual([
      ['guest.created', 'web'],
      ['guest.updated', 'www'],
      ['guest.deleted', 'www'],
    ]);
    const data = { user_id: name, project_id: 'blue', scope: 'own', actor: name, id };
    for (const event of events) expect(event.data).toMatchObject(data);
  });

  it('of a certificate, which is revoked once', async () => {
    const { name, client } = newUser();
    await create(client, 'laptop');
    const order = { certificate: { keypair: 'laptop', project: true } };
    const reply = await client.post('/v1/ssh-certificates', order);
    const { serial, valid_before } = (reply.body as { certificate: { serial: number; valid_before: string } })
      .certificate;
    for (const _ of [1, 2]) expect((await client.delete(`/v1/ssh-certificates/${serial}`)).status).toBe(204);
    const events = await eventsOf(client, '?type=certificate.*');
    expect(events.map(({ type }) => type)).toEqual(['certificate.issued', 'certificate.revoked']);
    const { keypair, fingerprint, principals, ...data } = events[0].data;
    expect([keypair, fingerprint, principals]).toEqual(['laptop', sshFingerprint(KEY), ['latchkey:project:blue']]);
    expect(data).toMatchObject({ user_id: name, project_id: 'blue', serial, valid_before });
  });

  it('of quotas, if a limit changes by it', async () => {
    const { name } = newUser();
    const set = (limit: number, query = '') =>
      admin.put(`/v2.1/os-quota-sets/green${query}`, { quota_set: { key_pairs: limit } });
    const [updated, ...others] = await added(() => set(50), 200);
    expect([updated.type, others]).toEqual(['quota.updated', []]);
    expect(updated.data).toMatchObject({
      user_id: null,
      project_id: 'green',
      scope: 'project',
      actor: 'admin',
      limits: { key_pairs: 50 },
    });
    expect(await added(() => set(50), 200)).toEqual([]);
    const [ofUser] = await added(() => set(5, `?user_id=${name}`), 200);
    expect(ofUser.data).toMatchObject({ user_id: name, project_id: 'green', limits: { key_pairs: 5 } });
    expect((await added(() => admin.delete(`/v2.1/os-quota-sets/green?user_id=${name}`), 202))[0].data).toMatchObject({
      user_id: name,
      limits: { key_pairs: 5 },
    });
    const reset = await added(() => admin.delete('/v2.1/os-quota-sets/green'), 202);
    expect(reset.map(({ type }) => type)).toEqual(['quota.reset']);
    expect(await added(() => admin.delete('/v2.1/os-quota-sets/green'), 202)).toEqual([]);
  });

  it('of an application credential, without its secret', async () => {
    const files = temporaryDirectory();
    const alice = { name: 'alice', roles: { demo: ['member'] } };
    const guarded = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_FILE: files.file('identity.yaml', await identityYaml(['demo'], [alice], 'a password')),
      TOKEN_KEY_FILE: join(files.path, 'token.key'),
    });
    const user = { name: 'alice', password: 'a password' };
    const token = await logIn(guarded.client, '/identity/v3', user, { project: 'demo' });
    const client = guarded.client.with({ 'X-Auth-Token': token });
    const path = `/identity/v3/users/${testId('user alice')}/application_credentials`;
    const make = () => client.post(path, { application_credential: { name: 'ci' } });
    const made = await make();
    const { id, secret } = (made.body as { application_credential: { id: string; secret: string } })
      .application_credential;
    expect((await make()).status).toBe(409);
    for (const status of [204, 404]) expect((await client.delete(`${path}/${id}`)).status).toBe(status);
    const { text } = await client.get('/v1/events');
    expect(text).not.toContain(secret);
    expect((await eventsOf(client)).map(({ type, data }) => [type, data.id, data.name, data.user_id])).toEqual([
      ['credential.created', id, 'ci', testId('user alice')],
      ['credential.deleted', id, 'ci', testId('user alice')],
    ]);
    await guarded.stop();
    files.remove();
  });
});

describe('a list of events', () => {
  it('has what a user did, and what others did to resources of that user, and nothing else', async () => {
    const [alice, bob] = [newUser(), newUser()];
    await create(alice.client, 'mine');
    await create(bob.client, 'other');
    await create(admin.at('2.92'), 'given', { user_id: alice.name });
    const names = async (client: Client, query = '') => (await eventsOf(client, query)).map(({ data }) => data.name);
    expect(await names(alice.client)).toEqual(['mine', 'given']);
    expect(await names(bob.client)).toEqual(['other']);
    expect(await names(admin, `?user_id=${bob.name}`)).toEqual(['other']);
    expect(await names(admin)).toContain('given');
    expect(await names(admin)).not.toContain('mine');
  });

  it.each(['?all_users=true', '?user_id=admin'])('%s is for administrators', async (query) => {
    const reply = await newUser().client.get(`/v1/events${query}`);
    expect([reply.status, reply.text]).toEqual([403, expect.stringContaining('latchkey:events:')]);
  });

  it.each([
    ['type=keypair', 'is not one of'],
    ['type=keypair.%25', 'is not one of'],
    ['type=*', 'is not one of'],
    ['since=yesterday', 'since'],
    ['limit=-1', 'limit'],
    ['marker=x', 'marker'],
    ['scope=all', 'is not one of'],
    ['colour=blue', 'colour'],
    ['scope=project&all_users=true', 'leave out user_id and all_users'],
    ['user_id=bob&all_users=true', 'keep one'],
  ])('?%s is refused', async (query, words) => {
    const reply = await admin.get(`/v1/events?${query}`);
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(words)]);
  });

  it('of the project of the token has its keypairs and limits, for all members', async () => {
    const { name } = newUser();
    const inRed = service.as(name, 'red').at('2.92');
    await create(inRed, 'own');
    await inRed.put('/v1/projects/red/keypairs/shared', { keypair: { public_key: KEY } });
    await admin.put('/v2.1/os-quota-sets/red', { quota_set: { key_pairs: 9 } });
    const events = await eventsOf(service.as('carol', 'red'), '?scope=project');
    expect(events.map(({ type, data }) => [type, data.actor, data.project_id])).toEqual([
      ['keypair.imported', name, 'red'],
      ['quota.updated', 'admin', 'red'],
    ]);
    expect(await eventsOf(service.as('carol', 'green-too'), '?scope=project')).toEqual([]);
  });

  it('comes in pages whose links lead through all of it, once', async () => {
    const { client } = newUser();
    for (let n = 1; n <= 5; n += 1) await create(client, `key-${n}`);
    const names: unknown[] = [];
    let target: string | undefined = '/v1/events?type=keypair.imported&type=guest.*&limit=2';
    while (target !== undefined) {
      const page: Page = (await client.get(target)).body;
      names.push(...page.events.map(({ data }) => data.name));
      target = page.events_links?.[0].href.replace(/^https?:\/\/[^/]+/, '');
    }
    expect(names).toEqual(['key-1', 'key-2', 'key-3', 'key-4', 'key-5']);
    expect(await typesOf(client, '?limit=0')).toEqual([]);
  });

  it('is narrowed by type and by time', async () => {
    const { client } = newUser();
    await create(client, 'laptop');
    await client.post('/v1/guests', { guest: { name: 'web' } });
    await client.delete(`${KEYPAIRS}/laptop`);
    const [first, second] = await eventsOf(client);
    expect(await typesOf(client, '?type=keypair.*')).toEqual(['keypair.imported', 'keypair.deleted']);
    expect(await typesOf(client, '?type=guest.created')).toEqual(['guest.created']);
    expect(await typesOf(client, `?since=${second.timestamp}Z`)).not.toContain(first.type);
    expect(await typesOf(client, `?since=${first.timestamp.slice(0, 19)}Z`)).toHaveLength(3);
    expect(await typesOf(client, '?since=2999-01-01')).toEqual([]);
  });

  it('lacks what is older than EVENTS_KEEP', async () => {
    const { client } = newUser();
    for (const name of ['old', 'new']) await create(client, name);
    const database = service.app.get<DataSource>(getDataSourceToken());
    await database.query(`UPDATE events SET at = at - interval '8 days' WHERE data->>'name' = 'old'`);
    await service.app.get(EventsService).trim();
    expect((await eventsOf(client)).map(({ data }) => data.name)).toEqual(['new']);
  });
});

describe('with EVENTS_KEEP=off', () => {
  it('no event is written, and changes work as before', async () => {
    const silent = await startApp({ EVENTS_KEEP: 'off' });
    const client = silent.as('alice').at('2.92');
    const replies = await Promise.all(Array.from({ length: 5 }, (_, n) => create(client, `key-${n}`)));
    replies.push(await client.put('/v1/keypairs/other', { keypair: { public_key: KEY } }));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    expect((await client.delete(`${KEYPAIRS}/key-1`)).status).toBe(204);
    expect(await eventsOf(client)).toEqual([]);
    await silent.stop();
  });
});
