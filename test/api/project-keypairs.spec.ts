import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { assert, asyncProperty, integer, stringMatching, uniqueArray } from 'fast-check';
import { Deliveries } from '../../src/metadata/delivery/deliveries.js';
import { GuestClient } from '../guests/guest-client.js';
import type { Client, Reply } from '../support/client.js';
import { sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

jest.setTimeout(120_000);

const [KEY, OTHER_KEY] = [sshKeygen('-C', 'of all'), sshKeygen('-C', 'of one')];

let service: StartedApp;
let projects = 0;

/** Two members of a new project, at the newest microversion, and the path of the project's keypairs. */
function newProject(): { alice: Client; bob: Client; stranger: Client; project: string; keypairs: string } {
  projects += 1;
  const project = `blue-${projects}`;
  const as = (user: string, where = project): Client => service.as(`${user}-${projects}`, where).at('2.92');
  const keypairs = `/v1/projects/${project}/keypairs`;
  return { alice: as('alice'), bob: as('bob'), stranger: as('mallory', `red-${projects}`), project, keypairs };
}

const own = (client: Client, name: string, key = KEY): Promise<Reply> =>
  client.post('/v2.1/os-keypairs', { keypair: { name, public_key: key } });
const put = (client: Client, path: string, key = KEY, others: object = {}): Promise<Reply> =>
  client.put(path, { keypair: { public_key: key, ...others } });
const names = (reply: Reply): string[] =>
  (reply.body as { keypairs: { name?: string; keypair?: { name: string } }[] }).keypairs.map(
    (each) => each.name ?? each.keypair!.name,
  );
const list = async (client: Client, query = ''): Promise<string[]> =>
  names(await client.get(`/v2.1/os-keypairs${query}`));
const message = (reply: Reply): string => Object.values<{ message: string }>(reply.body)[0].message;

beforeAll(async () => {
  service = await startApp({ METADATA_CACHE_SECONDS: '300', GUEST_ADDRESSES: 'owner' });
});
afterAll(async () => service?.stop());

describe('a keypair of a project', () => {
  it('is listed and shown to every member by os-keypairs, as owned by its maker', async () => {
    const { alice, bob, stranger, keypairs } = newProject();
    await own(bob, 'bobs');
    expect(await list(bob)).toEqual(['bobs']);
    expect((await put(alice, `${keypairs}/deploy`)).status).toBe(201);

    expect(await list(bob)).toEqual(['bobs', 'deploy']);
    const shown = await bob.get('/v2.1/os-keypairs/deploy');
    expect(shown.body).toEqual({
      keypair: {
        name: 'deploy',
        type: 'ssh',
        public_key: KEY,
        fingerprint: sshFingerprint(KEY),
        user_id: expect.stringMatching(/^alice-/),
        created_at: expect.any(String),
        deleted: false,
        deleted_at: null,
        id: expect.any(Number),
        updated_at: null,
      },
    });
    expect(await list(stranger)).toEqual([]);
    expect((await stranger.get('/v2.1/os-keypairs/deploy')).status).toBe(404);
  });

  it('is not found by a request that names a user, even the caller', async () => {
    const { alice, bob, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const bobId = `bob-${projects}`;
    expect(await list(bob, `?user_id=${bobId}`)).toEqual([]);
    expect((await bob.get(`/v2.1/os-keypairs/deploy?user_id=${bobId}`)).status).toBe(404);
  });

  it("is hidden by the caller's own keypair of that name, which the audit records", async () => {
    const { alice, bob, project, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const lines: object[] = [];
    const { Audit } = await import('../../src/audit/audit.js');
    service.app.get(Audit).onChange((change) => lines.push(change));
    expect((await own(bob, 'deploy', OTHER_KEY)).status).toBe(201);
    expect(lines).toEqual([expect.objectContaining({ action: 'keypair.create', hides: project })]);
    expect((await bob.get('/v2.1/os-keypairs/deploy')).body).toMatchObject({ keypair: { public_key: OTHER_KEY } });
    expect(await list(bob)).toEqual(['deploy']);
    expect((await bob.delete('/v2.1/os-keypairs/deploy')).status).toBe(204);
    expect((await bob.get('/v2.1/os-keypairs/deploy')).body).toMatchObject({ keypair: { public_key: KEY } });
    await put(bob, '/v1/keypairs/deploy', OTHER_KEY);
    expect(lines.at(-1)).toMatchObject({ action: 'keypair.create', hides: project });
  });

  it('cannot be deleted through os-keypairs, even by its maker: the 403 names the right route', async () => {
    const { alice, bob, project, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    for (const client of [alice, bob]) {
      const reply = await client.delete('/v2.1/os-keypairs/deploy');
      expect([reply.status, message(reply)]).toEqual([
        403,
        expect.stringContaining(`/v1/projects/${project}/keypairs`),
      ]);
    }
    expect((await bob.delete('/v2.1/os-keypairs/nothing')).status).toBe(404);
    expect((await alice.delete(`${keypairs}/deploy`)).status).toBe(204);
    expect(await list(bob)).toEqual([]);
  });

  it('does not count against the quota of its maker, but against that of the project', async () => {
    const strict = await startApp({ KEYPAIR_QUOTA: '1', SHARED_KEYPAIR_QUOTA: '2' });
    const alice = strict.as('alice', 'blue').at('2.92');
    for (const name of ['a', 'b']) expect((await put(alice, `/v1/projects/blue/keypairs/${name}`)).status).toBe(201);
    const third = await put(alice, '/v1/projects/blue/keypairs/c');
    expect([third.status, message(third)]).toEqual([403, 'Quota exceeded, too many key pairs.']);
    expect((await own(alice, 'mine')).status).toBe(201);
    expect((await own(alice, 'mine-too')).status).toBe(403);
    await strict.stop();
  });

  it('may not have a name that differs from another in case only', async () => {
    const { alice, bob, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const reply = await put(bob, `${keypairs}/Deploy`);
    expect([reply.status, message(reply)]).toEqual([400, expect.stringContaining('differs')]);
    expect((await own(alice, 'laptop')).status).toBe(201);
    expect((await own(alice, 'Laptop')).status).toBe(201);
  });

  it('is created once when two members send each of 20 names at the same time', async () => {
    const { alice, bob, keypairs } = newProject();
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, at) => put(at % 2 ? alice : bob, `${keypairs}/key-${at >> 1}`)),
    );
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(made.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(names(await alice.get(keypairs))).toHaveLength(20);
  });
});

describe('a list of own keypairs and those of the project', () => {
  it('is one ordered list, whatever the limit', async () => {
    const name = stringMatching(/^[A-Za-z0-9._-]{1,4}$/).map((text) => `k${text.toLowerCase()}`);
    const set = uniqueArray(name, { maxLength: 8 });
    await assert(
      asyncProperty(set, set, integer({ min: 1, max: 5 }), async (mine, shared, limit) => {
        const { alice, bob, keypairs } = newProject();
        for (const each of mine) await own(alice, each, OTHER_KEY);
        for (const each of shared) await put(bob, `${keypairs}/${each}`);
        const expected = [...new Set([...mine, ...shared])].toSorted();
        expect(await list(alice)).toEqual(expected);

        const pages: string[] = [];
        let next: string | undefined = `/v2.1/os-keypairs?limit=${limit}`;
        while (next) {
          const reply: Reply = await alice.get(next);
          const body = reply.body as { keypairs: object[]; keypairs_links?: { href: string }[] };
          expect(body.keypairs.length).toBeLessThanOrEqual(limit);
          pages.push(...names(reply));
          const href: string | undefined = body.keypairs_links?.[0].href;
          next = href?.slice(href.indexOf('/v2.1'));
        }
        expect(pages).toEqual(expected);
        const both = names(await alice.get('/v1/keypairs?scope=all'));
        expect(both).toEqual([...mine, ...shared].toSorted());
      }),
      { numRuns: 12 },
    );
  });

  it('continues after a keypair of either, and after no other', async () => {
    const { alice, bob, keypairs } = newProject();
    await own(alice, 'a');
    await put(bob, `${keypairs}/b`);
    await own(bob, 'c');
    expect(await list(alice, '?marker=a')).toEqual(['b']);
    expect(await list(alice, '?marker=b')).toEqual([]);
    expect((await alice.get('/v2.1/os-keypairs?marker=c')).status).toBe(400);
  });

  it('has only what a client of an old microversion may see', async () => {
    const { alice, bob, keypairs } = newProject();
    await put(bob, `${keypairs}/deploy`);
    const old = await alice.at('2.1').get('/v2.1/os-keypairs');
    expect(old.body).toEqual({
      keypairs: [{ keypair: { name: 'deploy', public_key: KEY, fingerprint: sshFingerprint(KEY) } }],
    });
  });
});

describe('SHARED_KEYPAIRS', () => {
  it('hidden shows keypairs of the project by name and does not list them', async () => {
    const hidden = await startApp({ SHARED_KEYPAIRS: 'hidden' });
    const bob = hidden.as('bob', 'blue').at('2.92');
    await put(hidden.as('alice', 'blue'), '/v1/projects/blue/keypairs/deploy');
    expect(await list(bob)).toEqual([]);
    expect((await bob.get('/v2.1/os-keypairs/deploy')).status).toBe(200);
    await hidden.stop();
  });

  it('off gives projects none', async () => {
    const off = await startApp({ SHARED_KEYPAIRS: 'off' });
    const bob = off.as('bob', 'blue').at('2.92');
    const refused = await put(bob, '/v1/projects/blue/keypairs/deploy');
    expect([refused.status, message(refused)]).toEqual([403, expect.stringContaining('SHARED_KEYPAIRS')]);
    expect((await bob.get('/v1/keypairs?scope=all')).status).toBe(403);
    expect(await list(bob)).toEqual([]);
    await off.stop();
  });
});

describe('an own keypair', () => {
  it('is shared as a copy with its tags, once, however often it is requested', async () => {
    const { alice, project, keypairs } = newProject();
    await put(alice, '/v1/keypairs/ci', KEY, { tags: { team: 'blue' }, expires_at: '2100-01-01' });
    const share = (): Promise<Reply> => alice.post('/v1/keypairs/ci/share', { share: { project_id: project } });
    expect((await share()).status).toBe(201);
    expect((await share()).status).toBe(200);
    expect((await alice.get(`${keypairs}/ci`)).body).toMatchObject({
      keypair: {
        scope: 'project',
        project_id: project,
        tags: { team: 'blue' },
        expires_at: '2100-01-01T00:00:00.000000',
      },
    });
    expect((await alice.get('/v1/keypairs/ci')).status).toBe(200);
    await put(alice.with({ 'If-Match': '*' }), '/v1/keypairs/ci', OTHER_KEY);
    expect((await share()).status).toBe(409);
  });

  it('is moved, which frees the quota of its owner, unless it is protected', async () => {
    const { alice, project } = newProject();
    await put(alice, '/v1/keypairs/ci', KEY, { delete_protected: true });
    const move = (): Promise<Reply> =>
      alice.post('/v1/keypairs/ci/share', { share: { project_id: project, move: true } });
    expect((await move()).status).toBe(409);
    await alice.send({ method: 'PATCH', target: '/v1/keypairs/ci', body: '{"keypair":{"delete_protected":false}}' });
    expect((await move()).status).toBe(201);
    expect(names(await alice.get('/v1/keypairs'))).toEqual([]);
    expect(await list(alice)).toEqual(['ci']);
    expect((await move()).status).toBe(404);
  });

  it('is taken from the project as a copy', async () => {
    const { alice, bob, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const take = (body: object): Promise<Reply> => bob.post(`${keypairs}/deploy/take`, { take: body });
    expect((await take({})).body).toMatchObject({ keypair: { name: 'deploy', scope: 'own', project_id: null } });
    expect((await take({ name: 'mine' })).status).toBe(201);
    expect((await take({ name: 'mine' })).status).toBe(200);
    expect(names(await bob.get('/v1/keypairs'))).toEqual(['deploy', 'mine']);
  });

  it('is not shared with a project other than that of the token', async () => {
    const { alice, stranger, project } = newProject();
    await own(stranger, 'worm');
    const reply = await stranger.post('/v1/keypairs/worm/share', { share: { project_id: project } });
    expect(reply.status).toBe(403);
    expect(await list(alice)).toEqual([]);
  });
});

describe('a guest', () => {
  const guestOf = (reply: Reply) =>
    (reply.body as { guest: { id: string; keys: { name: string; fingerprint: string; scope: string }[] } }).guest;

  it("gets the owner's keypair of a name, or else the project's, and is counted by it", async () => {
    const { alice, bob, project, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    await put(alice, `${keypairs}/ops`);
    await own(bob, 'ops', OTHER_KEY);
    const guest = guestOf(await bob.post('/v1/guests', { guest: { name: 'web', key_names: ['deploy', 'ops'] } }));
    expect(guest.keys).toMatchObject([
      { name: 'deploy', fingerprint: sshFingerprint(KEY), scope: 'project' },
      { name: 'ops', fingerprint: sshFingerprint(OTHER_KEY), scope: 'own' },
    ]);
    const count = async (client: Client, path: string): Promise<number> =>
      ((await client.get(path)).body as { keypair: { guests: number } }).keypair.guests;
    expect(await count(bob, `${keypairs}/deploy`)).toBe(1);
    expect(await count(bob, `${keypairs}/ops`)).toBe(0);
    expect(await count(bob, '/v1/keypairs/ops')).toBe(1);
    const stranger = service.as(`carol-${projects}`, `${project}-other`);
    expect((await stranger.post('/v1/guests', { guest: { name: 'x', key_names: ['deploy'] } })).status).toBe(400);
  });

  it("that an administrator registers never gets the owner's key in place of the project's", async () => {
    const { alice, bob, project, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    await own(bob, 'deploy', OTHER_KEY);
    await own(bob, 'laptop', OTHER_KEY);
    const admin = service.as('admin', 'admin');
    const guest = guestOf(
      await admin.post('/v1/guests', {
        guest: { name: 'web', user_id: `bob-${projects}`, project_id: project, key_names: ['deploy', 'laptop'] },
      }),
    );
    expect(guest.keys).toMatchObject([
      { name: 'deploy', fingerprint: sshFingerprint(KEY), scope: 'project' },
      { name: 'laptop', scope: 'own' },
    ]);
  });

  it('reads keys of the project until they expire, and the time is recorded', async () => {
    const { alice, bob, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const address = `127.0.2.${projects}`;
    const guest = { name: 'web', key_names: ['deploy'], addresses: [address] };
    expect((await bob.post('/v1/guests', { guest })).status).toBe(201);
    const client = new GuestClient(service.guest.host, address);
    const keys = async () => (await client.read('/openstack/latest/meta_data.json')).public_keys ?? {};
    expect(await keys()).toHaveProperty('deploy');
    await service.app.get(Deliveries).flush();
    const shown = (await bob.get(`${keypairs}/deploy`)).body as { keypair: { last_delivered_at: string | null } };
    expect(shown.keypair.last_delivered_at).not.toBeNull();
    const expired = { method: 'PATCH', target: `${keypairs}/deploy`, body: '{"keypair":{"expires_at":"2001-01-01"}}' };
    expect((await alice.send(expired)).status).toBe(200);
    expect(await keys()).toEqual({});
  });
});

describe('a request for the keypairs of all', () => {
  it('lists those of projects among those of users, for administrators', async () => {
    const { alice, bob, project, keypairs } = newProject();
    await own(alice, 'mine', OTHER_KEY);
    await put(bob, `${keypairs}/deploy`);
    const admin = service.as('admin', 'admin');
    const found: { name: string; project_id: string | null }[] = [];
    let next: string | undefined = '/v1/keypairs?all_users=true&limit=3';
    while (next) {
      const body = (await admin.get(next)).body as { keypairs: typeof found; keypairs_links?: { href: string }[] };
      found.push(...body.keypairs);
      const href: string | undefined = body.keypairs_links?.[0].href;
      next = href?.slice(href.indexOf('/v1/'));
    }
    expect(found).toContainEqual(expect.objectContaining({ name: 'deploy', project_id: project }));
    expect((await alice.get('/v1/keypairs?all_users=true')).status).toBe(403);
  });

  it.each(['%00', 'a%00b'])('matches no user and no project by the id %s', async (id) => {
    const admin = service.as('admin', 'admin');
    await own(admin, 'deploy');
    const projectId = decodeURIComponent(id);
    const requests = [
      put(admin, `/v1/keypairs/deploy?user_id=${id}`),
      put(admin, `/v1/projects/${id}/keypairs/deploy`),
      admin.get(`/v1/projects/${id}/keypairs/deploy`),
      admin.post('/v1/keypairs/deploy/share', { share: { project_id: projectId } }),
      admin.post(`/v1/projects/${id}/keypair-prunes`, { prune: { name_prefix: 'a' } }),
      admin.post(`/v1/keypair-prunes?user_id=${id}`, { prune: { name_prefix: 'a' } }),
    ];
    for (const reply of await Promise.all(requests))
      expect(message(reply)).toMatch(/^The ids of projects and users have 1 to/);
  });

  it("reaches a project's keypairs through no user's name", async () => {
    const { alice, project, keypairs } = newProject();
    await put(alice, `${keypairs}/deploy`);
    const admin = service.as('admin', 'admin').at('2.92');
    for (const path of ['/v2.1/os-keypairs', '/v1/keypairs'])
      expect((await admin.get(`${path}/deploy?user_id=project:${project}`)).status).toBe(403);
  });
});
