import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Client, type Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { Cluster } from './cluster.js';
import { CuttingProxy } from './cutting-proxy.js';
import { KEY, serviceOn } from './service.js';
import { until } from '../support/until.js';

const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const SEALED = Buffer.from('sealed by the guest').toString('base64');

let cluster: Cluster;
let proxy: CuttingProxy;
let service: ServiceProcess;
let carol: Client;

beforeAll(async () => {
  cluster = await Cluster.started();
  proxy = await CuttingProxy.before(cluster.port);
  service = await serviceOn(throughProxy(), { KEYPAIR_QUOTA: '2', DB_TIMEOUT_MS: '30000' });
  carol = service.client.with({ 'X-Auth-Token': 'carol:ca401' }).at('2.92');
});

beforeEach(() =>
  cluster.query('TRUNCATE key_pairs, keypair_usage, guests, guest_addresses, quotas, revoked_tokens CASCADE'),
);

afterEach(() => {
  // Each test has met the statement that it waited for.
  const { lose, loseAnswerTo } = proxy;
  Object.assign(proxy, { lose: undefined, loseAnswerTo: undefined });
  expect([lose, loseAnswerTo]).toEqual([undefined, undefined]);
});

afterAll(async () => {
  await ServiceProcess.killAll();
  proxy.close();
  await cluster.remove();
});

const throughProxy = (): string => `postgres://latchkey@127.0.0.1:${proxy.port}/postgres`;
const rowsOf = (table: string, columns = '*'): Promise<object[]> => cluster.query(`SELECT ${columns} FROM ${table}`);

const create = (name: string): Promise<Reply> =>
  carol.post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } });
const counted = (): Promise<object[]> => rowsOf('keypair_usage', 'used');

describe('a keypair whose answer from the database is lost with the connection', () => {
  it('is found to have been created, once', async () => {
    proxy.loseAnswerTo = 'keypair-add';
    expect((await create('first')).status).toBe(201);
    expect(await counted()).toEqual([{ used: 1 }]);
  });

  it('is found to be the last one of the quota', async () => {
    expect((await create('first')).status).toBe(201);
    proxy.loseAnswerTo = 'keypair-add';
    expect((await create('second')).status).toBe(201);
    expect((await create('third')).status).toBe(403);
    expect(await counted()).toEqual([{ used: 2 }]);
  });

  it('is found not to have been created if the name was taken before', async () => {
    expect((await create('first')).status).toBe(201);
    proxy.loseAnswerTo = 'keypair-add';
    expect((await create('first')).status).toBe(409);
    expect(await counted()).toEqual([{ used: 1 }]);
  });

  it.each([
    ['all of which are new', ['third', 'fourth'], [201, 201], 4],
    ['one of which is taken', ['third', 'first'], [201, 409], 3],
  ])('is resolved for each request that shared a statement, %s', async (_, names, statuses, used) => {
    const admin = carol.with({ 'X-Auth-Token': 'admin:ops' });
    await admin.put('/v2.1/os-quota-sets/ca401', { quota_set: { key_pairs: 10 } });
    expect((await create('first')).status).toBe(201);
    const session = await cluster.session();
    await session.query('BEGIN');
    await session.query('SELECT FROM keypair_usage FOR UPDATE');
    proxy.loseAnswerTo = 'keypair-add-several';
    const second = create('second');
    await until(
      async () => (await cluster.query(`SELECT FROM pg_locks WHERE NOT granted`)).length > 0,
      'a statement waits for a lock',
    );
    // These share a statement, once the one before them has ended.
    const others = names.map(create);
    // Once the service has answered many later requests, it has come as far as it can with these.
    for (let later = 0; later < 50; later += 1) expect((await carol.get('/v2.1/os-keypairs')).status).toBe(200);
    await session.query('COMMIT');
    await session.end();
    expect((await second).status).toBe(201);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(statuses);
    expect(await counted()).toEqual([{ used }]);
  });

  it('is found to have been deleted', async () => {
    expect((await create('first')).status).toBe(201);
    proxy.loseAnswerTo = 'keypair-remove';
    expect((await carol.delete('/v2.1/os-keypairs/first')).status).toBe(204);
    expect((await carol.delete('/v2.1/os-keypairs/first')).status).toBe(404);
    expect(await counted()).toEqual([{ used: 0 }]);
  });
});

/** The two ways of losing a statement with its connection. */
const LOSSES = [
  ['before the server sees it', 'lose'],
  ['after the server has done it', 'loseAnswerTo'],
] as const;

describe.each(LOSSES)('a write that is lost %s is done once:', (_, loss) => {
  const register = (guest: object): Promise<Reply> => carol.post('/v1/guests', { guest });
  const whole = {
    name: 'web',
    addresses: ['127.0.0.1', '2001:db8::5'],
    metadata: { role: 'web' },
    user_data: Buffer.from('#!/bin/sh\n').toString('base64'),
    vendor_data: { b: [1, 2.5, null], a: { nested: true } },
  };

  it('a keypair', async () => {
    proxy[loss] = 'keypair-add';
    expect((await create('first')).status).toBe(201);
    expect([await rowsOf('key_pairs', 'name'), await counted()]).toEqual([[{ name: 'first' }], [{ used: 1 }]]);
  });

  it.each([
    ['an id of its own', { ...whole, id: ID }],
    ['an id of ours', whole],
  ])('the registration of a guest with %s', async (_id, guest) => {
    proxy[loss] = 'guest-add';
    const reply = await register(guest);
    expect(reply.status).toBe(201);
    const { guest: created } = reply.body as { guest: { id: string } };
    const shown = await carol.get(`/v1/guests/${created.id}`);
    expect((shown.body as { guest: object }).guest).toEqual(created);
    expect(await rowsOf('guests', 'id, revision')).toEqual([{ id: created.id, revision: 1 }]);
    expect(await rowsOf('guest_addresses', 'address')).toHaveLength(2);
  });

  it('a change of a guest', async () => {
    await register({ ...whole, id: ID });
    proxy[loss] = 'guest-change';
    const body = JSON.stringify({ guest: { name: 'mail', addresses: ['10.0.0.7'] } });
    const reply = await carol.send({ method: 'PATCH', target: `/v1/guests/${ID}`, body });
    expect([reply.status, (reply.body as { guest: object }).guest]).toMatchObject([
      200,
      { name: 'mail', addresses: ['10.0.0.7'], metadata: { role: 'web' } },
    ]);
    expect(await rowsOf('guests', 'name, revision')).toEqual([{ name: 'mail', revision: 2 }]);
    expect(await rowsOf('guest_addresses', 'address')).toEqual([{ address: '10.0.0.7' }]);
  });

  it('the removal of a guest', async () => {
    await register({ ...whole, id: ID });
    proxy[loss] = 'guest-remove';
    expect((await carol.delete(`/v1/guests/${ID}`)).status).toBe(204);
    expect((await carol.delete(`/v1/guests/${ID}`)).status).toBe(404);
    expect(await rowsOf('guest_addresses')).toEqual([]);
  });

  it('the password that a guest posts', async () => {
    await register({ ...whole, id: ID });
    const guest = new Client(/metadata at http:\/\/([^/]+)\//.exec(service.printedText)![1]);
    proxy[loss] = 'guest-set-password';
    const leave = (body: string): Promise<Reply> =>
      guest.send({ method: 'POST', target: '/openstack/latest/password', body });
    expect((await leave(SEALED)).status).toBe(200);
    expect((await leave(SEALED)).status).toBe(409);
    expect(await rowsOf('guests', 'password')).toEqual([{ password: SEALED }]);
  });

  it('a limit', async () => {
    const admin = carol.with({ 'X-Auth-Token': 'admin:ops' });
    const limit = (most: number): Promise<Reply> =>
      admin.put('/v2.1/os-quota-sets/blue', { quota_set: { key_pairs: most } });
    proxy[loss] = 'quota-set';
    expect((await limit(7)).status).toBe(200);
    expect(await rowsOf('quotas', 'hard_limit')).toEqual([{ hard_limit: 7 }]);
    proxy[loss] = 'quota-reset-project';
    expect((await admin.delete('/v2.1/os-quota-sets/blue')).status).toBe(202);
    expect(await rowsOf('quotas')).toEqual([]);
  });

  it('the revocation of a token', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-failures-'));
    const identity = await serviceOn(throughProxy(), { AUTH_MODE: 'builtin', DATA_DIR: directory });
    const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, { auth: { username: string; password: string } }>;
    };
    rmSync(directory, { recursive: true });
    const { username: name, password } = clouds.latchkey.auth;
    const token = await logIn(identity.client, '/identity/v3', { name, password }, { project: name });
    const bearer = identity.client.with({ 'X-Auth-Token': token });
    expect((await bearer.get('/v2.1/os-keypairs')).status).toBe(200);
    proxy[loss] = 'revoked-token-add';
    const revoke = bearer.with({ 'X-Subject-Token': token });
    expect((await revoke.delete('/identity/v3/auth/tokens')).status).toBe(204);
    expect((await bearer.get('/v2.1/os-keypairs')).status).toBe(401);
    expect(await rowsOf('revoked_tokens')).toHaveLength(1);
    await identity.stop();
  });
});

describe('what the lost statement did not write', () => {
  it.each(['web', 'mail'])('is not mistaken for its write: a guest of the same id named %s', async (other) => {
    const register = (name: string): Promise<Reply> => carol.post('/v1/guests', { guest: { id: ID, name } });
    expect((await register('web')).status).toBe(201);
    proxy.loseAnswerTo = 'guest-add';
    expect((await register(other)).status).toBe(409);
    expect(await rowsOf('guests', 'name')).toEqual([{ name: 'web' }]);
  });

  it('is not mistaken for its write: a password that was posted before', async () => {
    await carol.post('/v1/guests', { guest: { id: ID, name: 'web', addresses: ['127.0.0.1'] } });
    await cluster.query(`UPDATE guests SET password = 'earlier'`);
    const guest = new Client(/metadata at http:\/\/([^/]+)\//.exec(service.printedText)![1]);
    proxy.loseAnswerTo = 'guest-set-password';
    const reply = await guest.send({ method: 'POST', target: '/openstack/latest/password', body: SEALED });
    expect(reply.status).toBe(409);
    expect(await rowsOf('guests', 'password')).toEqual([{ password: 'earlier' }]);
  });
});
