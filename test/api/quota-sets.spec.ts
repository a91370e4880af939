import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const publicKey = sshKeygen();

let service: StartedApp;
let admin: Client;

beforeAll(async () => {
  service = await startApp({ KEYPAIR_QUOTA: '100' });
  admin = service.as('admin', 'admin');
});

afterAll(async () => service?.stop());

const change = (target: string, limits: object, version = '2.1'): Promise<Reply> =>
  admin.at(version).put(`/v2.1/os-quota-sets/${target}`, { quota_set: limits });

const create = (caller: Client, name: string, userId?: string): Promise<Reply> =>
  caller
    .at('2.10')
    .post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey, ...(userId && { user_id: userId }) } });

const keypairsOf = (reply: Reply): number => (reply.body as { quota_set: { key_pairs: number } }).quota_set.key_pairs;

const message = (reply: Reply): string => (reply.body as { badRequest: { message: string } }).badRequest.message;

describe('who may do what with quota sets', () => {
  const QUOTAS = '/v2.1/os-quota-sets/red';
  const MEMBER = { userId: 'alice', projectId: 'red' };
  const STRANGER = { userId: 'mallory', projectId: 'green' };
  const ADMIN = { userId: 'admin', projectId: 'admin' };

  it.each([
    ['show', 'GET', QUOTAS, [200, 403, 200]],
    ['detail', 'GET', `${QUOTAS}/detail`, [200, 403, 200]],
    ['defaults', 'GET', `${QUOTAS}/defaults`, [200, 200, 200]],
    ['update', 'PUT', QUOTAS, [403, 403, 200]],
    ['delete', 'DELETE', QUOTAS, [403, 403, 202]],
  ])('%s', async (action, method, target, statuses) => {
    const body = method === 'PUT' ? { body: JSON.stringify({ quota_set: {} }) } : {};
    const replies = await Promise.all(
      [MEMBER, STRANGER, ADMIN].map((who) => service.as(who.userId, who.projectId).send({ method, target, ...body })),
    );
    expect(replies.map(({ status }) => status)).toEqual(statuses);
    const expected = `Policy doesn't allow os_compute_api:os-quota-sets:${action} to be performed.`;
    const refusals = replies.filter(({ status }) => status === 403);
    expect(refusals.map((reply) => reply.body)).toEqual(
      refusals.map(() => ({ forbidden: { code: 403, message: expected } })),
    );
  });
});

describe('a changed limit', () => {
  it('is shown to the project, with and without a user, and in no other project', async () => {
    expect(keypairsOf(await change('p1', { key_pairs: 30 }))).toBe(30);
    expect(keypairsOf(await change('p1?user_id=alice', { key_pairs: 5 }))).toBe(5);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p1'))).toBe(30);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p1?user_id=alice'))).toBe(5);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p1?user_id=bob'))).toBe(30);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p1?user_id='))).toBe(30);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/other?user_id=alice'))).toBe(100);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p1/defaults'))).toBe(100);
  });

  it('leaves the other limits alone, and keeps those of resources that this service lacks', async () => {
    await change('p2', { cores: 4, key_pairs: 9 });
    await change('p2', { cores: 6 });
    expect((await admin.get('/v2.1/os-quota-sets/p2')).body).toMatchObject({
      quota_set: { id: 'p2', cores: 6, key_pairs: 9, ram: 51_200 },
    });
  });

  it('is returned with what is used, which Nova never counts for keypairs', async () => {
    await change('p3', { key_pairs: 9 });
    const alice = service.as('alice-p3', 'p3');
    await create(alice, 'laptop');
    const { body } = await alice.get('/v2.1/os-quota-sets/p3/detail?user_id=alice-p3');
    expect(body).toMatchObject({
      quota_set: {
        id: 'p3',
        key_pairs: { in_use: 0, limit: 9, reserved: 0 },
        cores: { in_use: 0, limit: 20, reserved: 0 },
      },
    });
  });

  it('is reset for one user, or for a project and all of its users', async () => {
    await change('p4', { key_pairs: 50 });
    await change('p4?user_id=alice', { key_pairs: 5 });
    await change('p4?user_id=bob', { key_pairs: 6 });
    expect((await admin.delete('/v2.1/os-quota-sets/p4?user_id=alice')).status).toBe(202);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p4?user_id=alice'))).toBe(50);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p4?user_id=bob'))).toBe(6);
    expect((await admin.delete('/v2.1/os-quota-sets/p4')).status).toBe(202);
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/p4?user_id=bob'))).toBe(100);
    expect((await admin.delete('/v2.1/os-quota-sets/p4')).status).toBe(202);
  });

  it('may be sent as text, in either API', async () => {
    expect(keypairsOf(await change('p5', { key_pairs: '12' }))).toBe(12);
    const legacy = await admin.put('/v2/os-quota-sets/p5', { quota_set: { key_pairs: '-1', unheard_of: 1 }, more: 2 });
    expect(legacy.status).toBe(200);
    expect(keypairsOf(legacy)).toBe(-1);
  });
});

describe('limits of users and of their project', () => {
  const TOO_MUCH = 'Quota limit 101 for key_pairs must be less than or equal to 100.';

  it('do not let a user have more than the project, or no limit where the project has one', async () => {
    expect(message(await change('q1?user_id=alice', { key_pairs: 101 }))).toBe(TOO_MUCH);
    expect(message(await change('q1?user_id=alice', { key_pairs: -1 }))).toBe(
      'Quota limit -1 for key_pairs must be less than or equal to 100.',
    );
    expect(keypairsOf(await admin.get('/v2.1/os-quota-sets/q1?user_id=alice'))).toBe(100);
  });

  it('do not let users together have more than the project', async () => {
    expect((await change('q2?user_id=alice', { key_pairs: 60 })).status).toBe(200);
    expect(message(await change('q2?user_id=bob', { key_pairs: 41 }))).toBe(
      'Quota limit 41 for key_pairs must be less than or equal to 40.',
    );
    expect((await change('q2?user_id=bob', { key_pairs: 40 })).status).toBe(200);
    expect((await change('q2?user_id=alice', { key_pairs: 60 })).status).toBe(200);
    expect(message(await change('q2', { key_pairs: 99 }))).toBe(
      'Quota limit 99 for key_pairs must be greater than or equal to already used and reserved 100.',
    );
    expect((await change('q2', { key_pairs: -1 })).status).toBe(200);
    expect((await change('q2?user_id=bob', { key_pairs: -1 })).status).toBe(200);
  });

  it.each([true, 'True', 'yes', '1'])('give way to force: %j', async (force) => {
    expect(keypairsOf(await change('q3?user_id=alice', { key_pairs: 101, force }))).toBe(101);
    await admin.delete('/v2.1/os-quota-sets/q3');
  });

  it('change all or nothing', async () => {
    expect((await change('q4?user_id=alice', { cores: 1, key_pairs: 101 })).status).toBe(400);
    expect((await admin.get('/v2.1/os-quota-sets/q4?user_id=alice')).body).toMatchObject({ quota_set: { cores: 20 } });
  });
});

describe('an invalid quota set', () => {
  const aboutKeypairs = (reason: string): string => `Invalid input for field/attribute key_pairs. Value: ${reason}`;

  it.each([
    [-2, '-2. -2 is less than the minimum of -1'],
    ['-2', '-2. -2 is less than the minimum of -1'],
    [2_147_483_648, '2147483648. 2147483648 is greater than the maximum of 2147483647'],
    ['99999999999999999999', '99999999999999999999. 99999999999999999999 is greater than the maximum of 2147483647'],
    ['ten', "ten. 'ten' does not match '^-?[0-9]+$'"],
    ['', ". '' does not match '^-?[0-9]+$'"],
    [1.5, "1.5. 1.5 is not of type 'integer', 'string'"],
    [true, "True. True is not of type 'integer', 'string'"],
    [null, "None. None is not of type 'integer', 'string'"],
    [[1], "[1]. [1] is not of type 'integer', 'string'"],
  ])('a limit of %j', async (limit, reason) => {
    const reply = await change('r1', { key_pairs: limit });
    expect(reply.status).toBe(400);
    expect(message(reply)).toBe(aboutKeypairs(reason));
  });

  it('an integer past what JavaScript holds', async () => {
    const body = '{"quota_set": {"key_pairs": 123456789012345678901}}';
    const reply = await admin.send({ method: 'PUT', target: '/v2.1/os-quota-sets/r1', body });
    expect(message(reply)).toContain('123456789012345678901 is greater than the maximum of 2147483647');
  });

  it.each([
    [{ quota_set: { keypairs: 1 } }, "Additional properties are not allowed ('keypairs' was unexpected)"],
    [{ quota_set: { force: 'maybe' } }, "Value: maybe. 'maybe' is not one of [True, 'True', 'TRUE', 'true', '1'"],
    [{ quota_set: { force: 2 } }, "2 is not of type 'boolean', 'string'"],
    [{ quota_set: { networks: 3 } }, 'The networks quota is disabled'],
    [{ quota_set: {}, id: 'r1' }, "Additional properties are not allowed ('id' was unexpected)"],
    [{}, "'quota_set' is a required property"],
    [[], "[] is not of type 'object'"],
  ])('a body such as %j', async (body, reason) => {
    const reply = await admin.put('/v2.1/os-quota-sets/r1', body);
    expect(reply.status).toBe(400);
    expect(message(reply)).toContain(reason);
  });

  it.each([
    ['2.36', 'floating_ips'],
    ['2.36', 'networks'],
    ['2.57', 'injected_files'],
  ])('from %s, one with %s', async (version, resource) => {
    const reply = await change('r2', { [resource]: 5 }, version);
    expect(reply.status).toBe(400);
    expect(message(reply)).toContain(`Additional properties are not allowed ('${resource}' was unexpected)`);
  });

  it.each([
    ['2.35', 'floating_ips'],
    ['2.56', 'injected_files'],
    ['2.57', 'key_pairs'],
    ['2.104', 'key_pairs'],
  ])('but at %s one with %s is fine', async (version, resource) => {
    expect((await change('r2', { [resource]: 5 }, version)).status).toBe(200);
  });

  it('from 2.75, one with a parameter that is not known', async () => {
    expect((await change('r3?project=x', { key_pairs: 5 }, '2.74')).status).toBe(200);
    const reply = await change('r3?project=x', { key_pairs: 5 }, '2.75');
    expect(message(reply)).toBe("Additional properties are not allowed ('project' was unexpected)");
    for (const path of ['r3?a=b', 'r3/detail?a=b']) {
      expect((await admin.at('2.75').get(`/v2.1/os-quota-sets/${path}`)).status).toBe(400);
    }
    expect((await admin.at('2.75').delete('/v2.1/os-quota-sets/r3?a=b')).status).toBe(400);
    expect((await admin.at('2.75').get('/v2.1/os-quota-sets/r3/defaults?a=b')).status).toBe(200);
  });

  it('for a user or project that no database can store', async () => {
    expect((await change('r4?user_id=%00', { key_pairs: 5 })).status).toBe(400);
    expect((await change(`r4?user_id=${'u'.repeat(256)}`, { key_pairs: 5 })).status).toBe(400);
    expect((await change('p'.repeat(256), { key_pairs: 5 })).status).toBe(400);
    expect((await admin.get('/v2.1/os-quota-sets/r%00')).status).toBe(400);
  });
});

describe('creating keypairs under a changed limit', () => {
  it.each([
    ['a project', 's1', 's1'],
    ['a user', 's2?user_id=alice-s2', 's2'],
  ])('lets exactly as many of 60 concurrent creates pass as %s may have', async (_, target, projectId) => {
    await change(target, { key_pairs: 7 });
    const alice = service.as(`alice-${projectId}`, projectId);
    const replies = await Promise.all(Array.from({ length: 60 }, (__, index) => create(alice, `key-${index}`)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(7);
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(53);
    expect((await alice.get('/v2.1/os-keypairs')).body).toHaveProperty('keypairs.length', 7);
  });

  it("checks the owner's keypairs against the limit of the caller in the caller's project", async () => {
    await change('t1', { key_pairs: 1 });
    const bob = service.as('bob', 't1');
    expect((await create(bob, 'one')).status).toBe(201);
    expect((await create(bob, 'two')).status).toBe(403);
    // The administrator's own project has no such limit, nor has another project of bob's.
    expect((await create(admin, 'by-admin', 'bob')).status).toBe(201);
    expect((await create(service.as('bob', 't2'), 'elsewhere')).status).toBe(201);
    expect((await create(bob, 'two')).status).toBe(403);
  });

  it.each([
    [0, 403],
    [-1, 201],
  ])('applies a limit of %i literally', async (limit, status) => {
    await change('u1?user_id=carol', { key_pairs: limit, force: true });
    expect((await create(service.as('carol', 'u1'), `laptop-${limit}`)).status).toBe(status);
  });

  it('reports over quota before it generates or checks a key', async () => {
    await change('u2', { key_pairs: 0 });
    const dora = service.as('dora', 'u2');
    for (const keypair of [{ name: 'made' }, { name: 'bad', public_key: 'bad' }, { name: 'made', type: 'x509' }]) {
      const reply = await dora.at('2.2').post('/v2.1/os-keypairs', { keypair });
      expect(reply.body).toEqual({ forbidden: { code: 403, message: 'Quota exceeded, too many key pairs.' } });
    }
  });
});
