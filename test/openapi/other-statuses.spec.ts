import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BODY_LIMIT } from '../../src/http/faults/http-errors.js';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { SshCertificateRepository } from '../../src/persistence/repositories/ssh-certificate.repository.js';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply, WireRequest } from '../support/client.js';
import { passwordBody, tokenBody } from '../support/log-in.js';
import { startApp } from '../support/start-app.js';
import { type Services, startServices } from './services.js';

/** Like `statuses.spec.ts`, for the APIs without microversions. */

const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const OTHER = '7d0c1f0a-59c6-4d0b-8e5f-5b1f7f6c2f11';
const UNKNOWN_GUEST = '00000000-0000-4000-8000-000000000000';

/** How long half a dozen applications take to start on a busy machine, in milliseconds. */
const START_TIMEOUT_MS = 180_000;

let services: Services;

beforeAll(async () => {
  services = await startServices();
}, START_TIMEOUT_MS);

afterAll(async () => services?.stop());

const json = (method: string, target: string, body: unknown): WireRequest => ({
  method,
  target,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
const get = (target: string): WireRequest => ({ method: 'GET', target });

/** The documented statuses of an operation that are not among these answers. */
function missing(document: string, id: string, replies: readonly Reply[]): number[] {
  const { paths } = writtenDocuments().get(document)!;
  const operations = Object.values(paths).flatMap((item) => Object.values(item as object)) as {
    operationId: string;
    responses: object;
  }[];
  const { responses } = operations.find(({ operationId }) => operationId === id)!;
  const answered = new Set(replies.map(({ status }) => status));
  return Object.keys(responses)
    .map(Number)
    .filter((status) => !answered.has(status));
}

/** The ids of the operations of a document. */
function idsOf(document: string): string[] {
  const { paths } = writtenDocuments().get(document)!;
  return Object.values(paths).flatMap((item) =>
    Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
  );
}

describe('every status that the document of guests names', () => {
  const guest = `/v1/guests/${ID}`;
  const about = `/v1/guests/${UNKNOWN_GUEST}`;
  const create = (content: object): WireRequest => json('POST', '/v1/guests', { guest: { name: 'a', ...content } });
  const change = (target: string, content: object): WireRequest => json('PATCH', target, { guest: content });

  /** Requests that fail for reasons of their own route. They are sent by alice, one after another. */
  const ROUTES: Readonly<Record<string, readonly WireRequest[]>> = {
    createGuest: [create({ id: ID }), create({ id: ID }), create({ id: 7 }), create({ user_id: 'bob' })],
    listGuests: [get('/v1/guests'), get('/v1/guests?limit=x'), get('/v1/guests?user_id=bob')],
    showGuest: [get(guest), get(about)],
    changeGuest: [
      change(guest, { name: 'b' }),
      change(guest, { name: 7 }),
      change(guest, { addresses: ['10.0.0.1'] }),
      change(about, {}),
    ],
    deleteGuest: [
      { method: 'DELETE', target: guest },
      { method: 'DELETE', target: guest },
    ],
    showGuestPassword: [get(`${guest}/password`), get(`${about}/password`)],
    listKnownHosts: [get('/v1/guests/known-hosts'), get('/v1/guests/known-hosts?limit=x')],
    forgetHostKeys: [
      { method: 'DELETE', target: `${guest}/host-keys` },
      { method: 'DELETE', target: `${about}/host-keys` },
    ],
    createNoCloudToken: [
      { method: 'POST', target: `${guest}/nocloud-token` },
      { method: 'POST', target: `${about}/nocloud-token` },
      json('POST', `${guest}/nocloud-token`, '{'),
    ],
    revokeNoCloudToken: [
      { method: 'DELETE', target: `${guest}/nocloud-token` },
      { method: 'DELETE', target: `${about}/nocloud-token` },
    ],
    downloadConfigDrive: [
      { ...get(`${guest}/config-drive`), headers: { Accept: 'application/x-tar' } },
      get(`${about}/config-drive`),
      get(`${guest}/config-drive?format=floppy`),
    ],
  };

  it.each(idsOf('guests'))('%s does answer', async (id) => {
    const { guarded, limited, broken, offline } = services;
    const alice = services.asAlice(guarded);
    await alice.send({ method: 'DELETE', target: guest });
    if (id !== 'createGuest') await alice.send(create({ id: ID }));
    const [first] = ROUTES[id];
    const isChange = first.method === 'POST' || first.method === 'PATCH';

    const replies: Reply[] = [];
    for (const each of ROUTES[id]) replies.push(await alice.send(each));
    replies.push(
      await guarded.client.send(first),
      await limited.client.send(first),
      await limited.client.send(first),
      await services.asAlice(broken).send(first),
      await services.asAlice(offline).send(first),
    );
    if (isChange) {
      replies.push(await alice.send({ ...first, body: 'x'.repeat(BODY_LIMIT + 1) }));
      replies.push(await alice.send({ ...first, headers: { 'Content-Type': 'text/html' } }));
    }
    if (id === 'changeGuest') replies.push(...(await clash()));
    if (first.method === 'DELETE' || id === 'listKnownHosts' || id === 'createNoCloudToken') {
      const { forbidding } = services;
      await forbidding.as('alice', 'demo').send(create({ id: ID }));
      replies.push(await forbidding.as('alice', 'demo').send(first));
    }
    if (id === 'downloadConfigDrive') replies.push(await withoutPrograms(() => alice.send(get(first.target))));
    expect(missing('guests', id, replies)).toEqual([]);
  });

  /** Gives a guest the address of another one. */
  async function clash(): Promise<Reply[]> {
    const admin = services.asAdmin(services.guarded);
    await admin.send(create({ id: OTHER, addresses: ['10.0.0.9'] }));
    return [await admin.send(change(guest, { addresses: ['10.0.0.9'] }))];
  }

  async function withoutPrograms(ask: () => Promise<Reply>): Promise<Reply> {
    const { PATH } = process.env;
    process.env.PATH = '';
    try {
      return await ask();
    } finally {
      process.env.PATH = PATH;
    }
  }
});

describe('every status that the document of events names', () => {
  it.each(idsOf('events'))('%s does answer', async (id) => {
    const { guarded, limited, broken, offline, forbidding } = services;
    const alice = services.asAlice(guarded);
    const list = get('/v1/events');
    const replies = [
      await alice.send(list),
      await alice.send(get('/v1/events?type=x')),
      await forbidding.as('alice', 'demo').send(list),
      await guarded.client.send(list),
      await limited.client.send(list),
      await limited.client.send(list),
      await services.asAlice(broken).send(list),
      await services.asAlice(offline).send(list),
    ];
    expect(missing('events', id, replies)).toEqual([]);
  });
});

describe('every status that the document of SSH certificates names', () => {
  const certificate = (content: object): WireRequest =>
    json('POST', '/v1/ssh-certificates', { certificate: { keypair: 'certified', ...content } });
  const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';

  /** Requests that fail for reasons of their own route. They are sent by alice, one after another; SERIAL is of her certificate. */
  const ROUTES: Readonly<Record<string, readonly WireRequest[]>> = {
    issueSshCertificate: [
      certificate({ project: true }),
      certificate({}),
      certificate({ principals: ['root'] }),
      certificate({ project: true, keypair: 'nothing' }),
    ],
    listSshCertificates: [
      get('/v1/ssh-certificates'),
      get('/v1/ssh-certificates?limit=x'),
      get('/v1/ssh-certificates?all_users=true'),
    ],
    revokeSshCertificate: [
      { method: 'DELETE', target: '/v1/ssh-certificates/SERIAL' },
      { method: 'DELETE', target: '/v1/ssh-certificates/0' },
    ],
    showSshCa: [get('/v1/ssh-ca')],
    downloadSshCaKeys: [get('/v1/ssh-ca/user.pub')],
    downloadKrl: [
      get('/v1/ssh-ca/krl'),
      ...['*', 'x'].map((tags) => ({ ...get('/v1/ssh-ca/krl'), headers: { 'If-None-Match': tags } })),
    ],
  };

  it.each(idsOf('ssh-certificates'))('%s does answer', async (id) => {
    const { guarded, limited, broken, offline, forbidding, usual } = services;
    const alice = services.asAlice(guarded);
    await alice.put('/v1/keypairs/certified', { keypair: { public_key: PUBLIC_KEY } });
    const made = (await alice.send(certificate({ project: true }))).body as { certificate: { serial: number } };
    const requests = ROUTES[id].map((each) => ({
      ...each,
      target: each.target.replace('SERIAL', String(made.certificate.serial)),
    }));
    const [first] = requests;
    const replies: Reply[] = [];
    for (const each of requests) replies.push(await alice.send(each));
    replies.push(
      // Without SSH_CA.
      await usual.client.send(first),
      await guarded.client.send(first),
      await limited.client.send(first),
      await limited.client.send(first),
      await services.asAlice(broken).send(first),
      await services.asAlice(offline).send(first),
    );
    // No policy lets alice have one there.
    const certificates = forbidding.app.get(SshCertificateRepository);
    const theirs = await certificates.nextSerial();
    const row = {
      userId: 'alice',
      projectId: 'demo',
      keypairOwner: 'alice',
      keypair: 'certified',
      keypairId: '1',
      keypairFingerprint: 'aa:bb',
      keyId: 'latchkey',
      principals: ['web'],
      validAfter: '2026-01-01T00:00:00',
      validBefore: '2026-01-02T00:00:00',
    };
    await certificates.add(theirs, row, { userId: 'alice', projectId: 'demo', requestId: 'req-1' });
    const target = first.target.replace(/\d+$/, theirs);
    replies.push(await forbidding.as('alice', 'demo').send({ ...first, target }));
    if (first.method === 'POST') {
      replies.push(await alice.send({ ...first, body: 'x'.repeat(BODY_LIMIT + 1) }));
      replies.push(await alice.send({ ...first, headers: { 'Content-Type': 'text/html' } }));
    }
    // Its keys are in memory: without the agent of SSH_CA_AGENT alone they are not.
    const isInMemory = id === 'showSshCa' || id === 'downloadSshCaKeys';
    expect(missing('ssh-certificates', id, replies)).toEqual(isInMemory ? [500, 503] : []);
  });
});

describe('every status that the document of keypairs with a life names', () => {
  const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';
  const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6wzJ4rVpGxJ0qoRPmFyS+JSBvwVZKKjOF0sPzSZn4H';
  const target = '/v1/keypairs/statuses';
  const lost = '/v1/keypairs/nothing';
  const DEMO = testId('project demo');
  const of = (project: string): string => `/v1/projects/${project}/keypairs`;
  const shared = `${of(DEMO)}/statuses`;
  const put = (content: object): WireRequest =>
    json('PUT', target, { keypair: { public_key: PUBLIC_KEY, ...content } });
  const patch = (where: string, content: object): WireRequest => json('PATCH', where, { keypair: content });
  const remove = (where: string): WireRequest => ({ method: 'DELETE', target: where });
  const when = (headers: Record<string, string>, wire: WireRequest): WireRequest => ({
    ...wire,
    headers: { ...wire.headers, ...headers },
  });
  const stale = { 'If-Match': '"99"' };

  /** Requests that fail for reasons of their own route. They are sent by alice, one after another. */
  const ROUTES: Readonly<Record<string, readonly WireRequest[]>> = {
    listKeypairRecords: [get('/v1/keypairs'), get('/v1/keypairs?limit=x'), get('/v1/keypairs?all_users=true')],
    showKeypairRecord: [
      get(target),
      when({ 'If-None-Match': '*' }, get(target)),
      get(`${target}?x=1`),
      get(`${target}?user_id=bob`),
      get(lost),
    ],
    applyKeypair: [
      put({}),
      remove(target),
      put({}),
      put({ note: 7 }),
      json('PUT', `${target}?user_id=bob`, { keypair: { public_key: PUBLIC_KEY } }),
      put({ public_key: OTHER_KEY }),
      when(stale, put({})),
    ],
    changeKeypair: [
      patch(target, { note: 'x' }),
      patch(target, { note: 7 }),
      patch(`${target}?user_id=bob`, {}),
      patch(lost, {}),
      when(stale, patch(target, {})),
    ],
    deleteKeypairRecord: [
      when(stale, remove(target)),
      when({ 'If-Match': '1' }, remove(target)),
      remove(`${target}?user_id=bob`),
      patch(target, { delete_protected: true }),
      remove(target),
      patch(target, { delete_protected: false }),
      remove(target),
      remove(target),
    ],
    pruneKeypairs: [
      json('POST', '/v1/keypair-prunes', { prune: { expired: true } }),
      json('POST', '/v1/keypair-prunes', { prune: {} }),
      json('POST', '/v1/keypair-prunes?user_id=bob', { prune: { expired: true } }),
    ],
    checkKey: [
      json('POST', '/v1/keypair-checks', { check: { public_key: PUBLIC_KEY } }),
      json('POST', '/v1/keypair-checks', { check: {} }),
    ],
    listKeypairVersions: [
      get(`${target}/versions`),
      get(`${target}/versions?x=1`),
      get(`${target}/versions?user_id=bob`),
      get(`${lost}/versions`),
    ],
    shareKeypair: [
      json('POST', `${target}/share`, { share: { project_id: DEMO } }),
      json('POST', `${target}/share`, { share: { project_id: DEMO, move: true } }),
      json('POST', `${target}/share`, { share: { project_id: DEMO } }),
      put({ public_key: OTHER_KEY }),
      json('POST', `${target}/share`, { share: { project_id: DEMO } }),
      json('POST', `${target}/share`, { share: {} }),
      json('POST', `${target}/share`, { share: { project_id: 'other' } }),
    ],
    listProjectKeypairs: [get(of(DEMO)), get(`${of(DEMO)}?user_id=bob`), get(of('other'))],
    showProjectKeypair: [
      get(shared),
      when({ 'If-None-Match': '*' }, get(shared)),
      get(`${shared}?user_id=bob`),
      get(`${of('other')}/a`),
      get(`${of(DEMO)}/nothing`),
    ],
    applyProjectKeypair: [
      json('PUT', `${of(DEMO)}/new`, { keypair: { public_key: PUBLIC_KEY } }),
      json('PUT', `${of(DEMO)}/new`, { keypair: { public_key: PUBLIC_KEY } }),
      json('PUT', `${of(DEMO)}/New`, { keypair: { public_key: PUBLIC_KEY } }),
      json('PUT', `${of('other')}/new`, { keypair: { public_key: PUBLIC_KEY } }),
      json('PUT', `${of(DEMO)}/new`, { keypair: { public_key: OTHER_KEY } }),
      when(stale, json('PUT', `${of(DEMO)}/new`, { keypair: { public_key: PUBLIC_KEY } })),
    ],
    changeProjectKeypair: [
      patch(shared, { note: 'x' }),
      patch(shared, { note: 7 }),
      patch(`${of('other')}/a`, {}),
      patch(`${of(DEMO)}/nothing`, {}),
      when(stale, patch(shared, {})),
    ],
    deleteProjectKeypair: [
      when(stale, remove(shared)),
      when({ 'If-Match': '1' }, remove(shared)),
      remove(`${of('other')}/a`),
      patch(shared, { delete_protected: true }),
      remove(shared),
      patch(shared, { delete_protected: false }),
      remove(shared),
      remove(shared),
    ],
    listProjectKeypairVersions: [
      get(`${shared}/versions`),
      get(`${shared}/versions?x=1`),
      get(`${of('other')}/a/versions`),
      get(`${of(DEMO)}/nothing/versions`),
    ],
    takeProjectKeypair: [
      json('POST', `${shared}/take`, { take: {} }),
      json('POST', `${shared}/take`, { take: {} }),
      put({ public_key: OTHER_KEY }),
      json('POST', `${shared}/take`, { take: { name: 'taken' } }),
      when({ 'If-Match': '*' }, json('PUT', '/v1/keypairs/taken', { keypair: { public_key: OTHER_KEY } })),
      json('POST', `${shared}/take`, { take: { name: 'taken' } }),
      json('POST', `${shared}/take`, { take: 7 }),
      json('POST', `${of('other')}/a/take`, { take: {} }),
      json('POST', `${of(DEMO)}/nothing/take`, { take: {} }),
    ],
    pruneProjectKeypairs: [
      json('POST', `/v1/projects/${DEMO}/keypair-prunes`, { prune: { expired: true } }),
      json('POST', `/v1/projects/${DEMO}/keypair-prunes`, { prune: {} }),
      json('POST', '/v1/projects/other/keypair-prunes', { prune: { expired: true } }),
    ],
  };

  it.each(idsOf('v1-keypairs'))('%s does answer', async (id) => {
    const { guarded, limited, broken, offline } = services;
    const alice = services.asAlice(guarded);
    await alice.send(patch(target, { delete_protected: false }));
    await alice.send(remove(target));
    await alice.send(remove('/v1/keypairs/taken'));
    await alice.send(patch(shared, { delete_protected: false }));
    for (const name of ['statuses', 'new']) await alice.send(remove(`${of(DEMO)}/${name}`));
    await alice.send(put({}));
    if (id.includes('ProjectKeypair')) await alice.send({ ...put({}), target: shared });
    const first = ROUTES[id].find(({ method }) => method !== 'PATCH' || id.startsWith('change'))!;

    const replies: Reply[] = [];
    for (const each of ROUTES[id]) {
      const reply = await alice.send(each);
      if (each.method === first.method) replies.push(reply);
    }
    replies.push(
      await guarded.client.send(first),
      await limited.client.send(first),
      await limited.client.send(first),
      await services.asAlice(broken).send(first),
      await services.asAlice(offline).send(first),
    );
    if (first.body !== undefined) {
      replies.push(await alice.send({ ...first, body: 'x'.repeat(BODY_LIMIT + 1) }));
      replies.push(await alice.send({ ...first, headers: { 'Content-Type': 'text/html' } }));
    }
    expect(missing('v1-keypairs', id, replies)).toEqual([]);
  });
});

describe('every status that the document of the identity names', () => {
  const alice = testId('user alice');
  const demo = testId('project demo');

  /** The paths that each operation is tested with: valid ones, those of missing objects, and invalid filters. */
  const ROUTES: Readonly<Record<string, readonly string[]>> = {
    listIdentityVersions: ['/identity'],
    showIdentityVersion: ['/identity/v3'],
    listOwnProjects: ['/identity/v3/auth/projects', '/identity/v3/auth/projects?name__x=a'],
    listOwnDomains: ['/identity/v3/auth/domains'],
    showOwnSystem: ['/identity/v3/auth/system'],
    showCatalog: ['/identity/v3/auth/catalog'],
    listUsers: ['/identity/v3/users', '/identity/v3/users?name__x=a'],
    showUser: ['/identity/v3/users/nobody', `/identity/v3/users/${alice}`],
    listProjectsOfUser: [
      '/identity/v3/users/nobody/projects',
      `/identity/v3/users/${alice}/projects`,
      `/identity/v3/users/${alice}/projects?name__x=a`,
    ],
    listProjects: ['/identity/v3/projects', '/identity/v3/projects?name__x=a'],
    showProject: ['/identity/v3/projects/nowhere', `/identity/v3/projects/${demo}`],
    listDomains: ['/identity/v3/domains', '/identity/v3/domains?name__x=a'],
    showDomain: ['/identity/v3/domains/nowhere', '/identity/v3/domains/default'],
    listRoles: ['/identity/v3/roles', '/identity/v3/roles?name__x=a'],
    showRole: [`/identity/v3/roles/${idOf('role', 'admin')}`, '/identity/v3/roles/nothing'],
    listRoleInferences: ['/identity/v3/role_inferences'],
    listRoleAssignments: ['/identity/v3/role_assignments', '/identity/v3/role_assignments?effective&group.id=a'],
    listServices: ['/identity/v3/services', '/identity/v3/services?name__x=a'],
    showService: [`/identity/v3/services/${idOf('service', 'compute')}`, '/identity/v3/services/nothing'],
    listEndpoints: ['/identity/v3/endpoints', '/identity/v3/endpoints?interface__x=a'],
    showEndpoint: [`/identity/v3/endpoints/${idOf('endpoint', 'compute public')}`, '/identity/v3/endpoints/nothing'],
    listRegions: ['/identity/v3/regions', '/identity/v3/regions?parent_region_id__x=a'],
    showRegion: ['/identity/v3/regions/RegionOne', '/identity/v3/regions/nowhere'],
    listGroups: ['/identity/v3/groups', '/identity/v3/groups?name__x=a'],
    listGroupsOfUser: [
      '/identity/v3/users/nobody/groups',
      `/identity/v3/users/${alice}/groups`,
      `/identity/v3/users/${alice}/groups?name__x=a`,
    ],
    listCredentials: ['/identity/v3/credentials', '/identity/v3/credentials?type__x=a'],
    listLimits: ['/identity/v3/limits', '/identity/v3/limits?region_id__x=a'],
    listRegisteredLimits: ['/identity/v3/registered_limits', '/identity/v3/registered_limits?region_id__x=a'],
  };
  const TOKENS = '/identity/v3/auth/tokens';
  const METHODS: Readonly<Record<string, string>> = { showToken: 'GET', checkToken: 'HEAD', revokeToken: 'DELETE' };

  it.each(idsOf('identity').filter((id) => id in ROUTES))('%s does answer', async (id) => {
    const { guarded, broken, offline } = services;
    const replies: Reply[] = [];
    for (const target of ROUTES[id]) {
      const wire = get(target);
      replies.push(
        await services.asAdmin(guarded).send(wire),
        await services.asAlice(guarded).send(wire),
        await guarded.client.send(wire),
        await services.asAdmin(broken).send(wire),
        await services.asAdmin(offline).send(wire),
      );
    }
    expect(missing('identity', id, replies)).toEqual([]);
  });

  it.each(idsOf('identity').filter((id) => id in METHODS))('%s does answer', async (id) => {
    const { guarded, broken, offline } = services;
    const given = await guarded.client.send(
      json('POST', TOKENS, passwordBody({ name: 'alice', password: 'a password' }, { project: 'demo' })),
    );
    const token = given.headers['x-subject-token'];
    const wire = { method: METHODS[id], target: TOKENS };
    const subject = (client: Client, about: string): Promise<Reply> =>
      client.with({ 'X-Subject-Token': about }).send(wire);
    const replies = [
      await subject(services.asAlice(guarded), 'nonsense'),
      await subject(services.asAdmin(guarded), 'nonsense'),
      await subject(guarded.client, token),
      await subject(services.asAdmin(broken), token),
      await subject(services.asAdmin(offline), token),
      await subject(services.asAlice(guarded), token),
    ];
    expect(missing('identity', id, replies)).toEqual([]);
  });

  it('logIn does answer', async () => {
    const { guarded, broken, offline } = services;
    const login = (password: string): WireRequest =>
      json('POST', TOKENS, passwordBody({ name: 'alice', password }, { project: 'demo' }));
    const { headers } = await guarded.client.send(login('a password'));
    const again = json('POST', TOKENS, tokenBody(headers['x-subject-token'], { project: 'demo' }));
    const replies = [
      await guarded.client.send(login('a password')),
      await guarded.client.send(login('wrong')),
      await guarded.client.send(json('POST', TOKENS, {})),
      await narrowed(guarded.client),
      await guarded.client.send(json('POST', TOKENS, 'x'.repeat(BODY_LIMIT + 1))),
      await broken.client.send(again),
      await offline.client.send(again),
      await tooOften(() => guarded.client.send(login('wrong'))),
    ];
    expect(missing('identity', 'logIn', replies)).toEqual([]);
  });

  /** Exchanges a token of an application credential for another one. */
  async function narrowed(client: Client): Promise<Reply> {
    const made = await services.asAlice(services.guarded).send(create({ name: 'narrow' }));
    const { application_credential: credential } = made.body as { application_credential: object };
    const identity = { methods: ['application_credential'], application_credential: credential };
    const { headers } = await client.send(json('POST', TOKENS, { auth: { identity } }));
    return client.send(json('POST', TOKENS, tokenBody(headers['x-subject-token'], undefined)));
  }

  /** The answer after many failures, while others still wait their turn. */
  async function tooOften(ask: () => Promise<Reply>): Promise<Reply> {
    const throttle = services.guarded.app.get(LoginThrottle, { strict: false });
    const [user, address] = [testId('user alice'), '127.0.0.1'];
    const tries = Array.from({ length: 30 }, () => throttle.attempt(user, address, () => Promise.resolve(false)));
    for (const each of tries) each.catch(() => undefined);
    return ask();
  }

  const CREDENTIALS = `/identity/v3/users/${alice}/application_credentials`;
  const create = (fields: object): WireRequest => json('POST', CREDENTIALS, { application_credential: fields });
  const UNKNOWN = `${CREDENTIALS}/0123456789abcdef0123456789abcdef`;

  /** The requests of alice about her credentials; `<id>` is that of the one that she creates. */
  const OF_CREDENTIALS: Readonly<Record<string, readonly WireRequest[]>> = {
    listApplicationCredentials: [get(CREDENTIALS), get(`${CREDENTIALS}?name__matches=a`)],
    createApplicationCredential: [
      create({ name: 'again' }),
      create({ name: 'again' }),
      create({}),
      create({ name: 'x', roles: [{ name: 'nothing' }] }),
      json('POST', CREDENTIALS, 'x'.repeat(BODY_LIMIT + 1)),
    ],
    showApplicationCredential: [get(`${CREDENTIALS}/<id>`), get(UNKNOWN)],
    deleteApplicationCredential: [
      { method: 'DELETE', target: `${CREDENTIALS}/<id>` },
      { method: 'DELETE', target: UNKNOWN },
    ],
  };

  it.each(Object.entries(OF_CREDENTIALS))('%s does answer', async (id, requests) => {
    const { guarded, broken, offline } = services;
    const made = await services.asAlice(guarded).send(create({ name: `for ${id}` }));
    const { application_credential: credential } = made.body as { application_credential: { id: string } };
    const wires = requests.map((wire) => ({ ...wire, target: wire.target.replace('<id>', credential.id) }));
    const [first] = wires;
    const replies: Reply[] = [];
    for (const wire of wires) replies.push(await services.asAlice(guarded).send(wire));
    replies.push(
      await services.asAlice(guarded).send({ ...first, target: first.target.replace(alice, testId('user admin')) }),
      await guarded.client.send(first),
      await services.asAlice(broken).send(first),
      await services.asAlice(offline).send(first),
    );
    expect(missing('identity', id, replies)).toEqual([]);
  });

  const USERS = '/identity/v3/users';
  const PROJECTS = '/identity/v3/projects';
  const deleted = (target: string): WireRequest => ({ method: 'DELETE', target });
  const long = 'x'.repeat(BODY_LIMIT + 1);
  const rolesAt = (place: string, user: string): string => `/identity/v3/${place}/users/${user}/roles`;
  const member = idOf('role', 'member');

  /** The requests of the administrator; `<user>` and `<project>` are the ids of ones created before. */
  const OF_ADMINISTRATION: Readonly<Record<string, readonly WireRequest[]>> = {
    createUser: [
      json('POST', USERS, { user: { name: 'made' } }),
      json('POST', USERS, { user: { name: 'made' } }),
      json('POST', USERS, { user: { name: 'elsewhere', domain_id: 'elsewhere' } }),
      json('POST', USERS, {}),
      json('POST', USERS, long),
    ],
    changeUser: [
      json('PATCH', `${USERS}/<user>`, { user: { description: 'a' } }),
      json('PATCH', `${USERS}/<user>`, { user: { name: 'alice' } }),
      json('PATCH', `${USERS}/<user>`, {}),
      json('PATCH', `${USERS}/unknown`, {}),
      json('PATCH', `${USERS}/<user>`, long),
    ],
    deleteUser: [deleted(`${USERS}/<user>`), deleted(`${USERS}/<user>`)],
    createProject: [
      json('POST', PROJECTS, { project: { name: 'made' } }),
      json('POST', PROJECTS, { project: { name: 'made' } }),
      json('POST', PROJECTS, {}),
      json('POST', PROJECTS, long),
    ],
    changeProject: [
      json('PATCH', `${PROJECTS}/<project>`, { project: { description: 'a' } }),
      json('PATCH', `${PROJECTS}/<project>`, { project: { name: 'demo' } }),
      json('PATCH', `${PROJECTS}/<project>`, {}),
      json('PATCH', `${PROJECTS}/nowhere`, { project: { description: 'a' } }),
      json('PATCH', `${PROJECTS}/<project>`, long),
    ],
    deleteProject: [deleted(`${PROJECTS}/<project>`), deleted(`${PROJECTS}/<project>`)],
    ...Object.fromEntries(
      (
        [
          ['InProject', 'projects/<project>'],
          ['InDomain', 'domains/default'],
          ['OnSystem', 'system'],
        ] as const
      ).flatMap(([where, place]) => {
        const [own, role] = [rolesAt(place, '<user>'), `${rolesAt(place, '<user>')}/${member}`];
        const assign = json('PUT', role, {});
        return [
          [`listRoles${where}`, [get(own), get(rolesAt(place, 'unknown'))]],
          [
            `assignRole${where}`,
            [assign, json('PUT', `${own}/nothing`, {}), json('PUT', role, '{'), json('PUT', role, long)],
          ],
          [`checkRole${where}`, [{ method: 'HEAD', target: role }, assign, { method: 'HEAD', target: role }]],
          [`findRole${where}`, [get(role), assign, get(role)]],
          [`unassignRole${where}`, [deleted(role), assign, deleted(role)]],
        ];
      }),
    ),
  };

  it.each(Object.entries(OF_ADMINISTRATION))('%s does answer', async (id, requests) => {
    const { guarded, broken, offline } = services;
    const admin = services.asAdmin(guarded);
    const user = await admin.post(USERS, { user: { name: `for ${id}` } });
    const project = await admin.post(PROJECTS, { project: { name: `for ${id}` } });
    const ids = {
      user: (user.body as { user: { id: string } }).user.id,
      project: (project.body as { project: { id: string } }).project.id,
    };
    const wires = requests.map((wire) => ({
      ...wire,
      target: wire.target.replace('<user>', ids.user).replace('<project>', ids.project),
    }));
    const [first] = wires;
    const replies: Reply[] = [];
    for (const wire of wires) replies.push(await admin.send(wire));
    replies.push(
      await services.asAlice(guarded).send(first),
      await guarded.client.send(first),
      await services.asAdmin(broken).send(first),
      await services.asAdmin(offline).send(first),
    );
    expect(missing('identity', id, replies)).toEqual([]);
  });

  it(
    'changePassword does answer',
    async () => {
      const { guarded, broken, offline } = services;
      const user = { name: 'changes the password', password: 'a password' };
      const made = await services.asAdmin(guarded).post(USERS, { user });
      const target = `${USERS}/${(made.body as { user: { id: string } }).user.id}/password`;
      const change = (before: string): WireRequest =>
        json('POST', target, { user: { original_password: before, password: 'a password' } });
      const ofAlice = (before: string): WireRequest => ({
        ...change(before),
        target: target.replace(/[0-9a-f]{32}/, alice),
      });
      const send = (wire: WireRequest): Promise<Reply> => guarded.client.send(wire);
      const throttle = guarded.app.get(LoginThrottle, { strict: false });
      const attempt = throttle.attempt.bind(throttle);
      // Other log-ins of this file failed too often.
      throttle.attempt = (_user, _address, isRight) => isRight();
      const replies = [
        await send(change('a password')),
        await send(change('wrong')),
        await send(json('POST', target, {})),
        await send(json('POST', target, long)),
        await broken.client.send(ofAlice('a password')),
        await offline.client.send(ofAlice('a password')),
        await readOnly(change('a password')),
      ];
      throttle.attempt = attempt;
      replies.push(await tooOften(() => send(ofAlice('wrong'))));
      expect(missing('identity', 'changePassword', replies)).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  /** The answer of a service with its users in a file. */
  async function readOnly(wire: WireRequest): Promise<Reply> {
    const directory = temporaryDirectory();
    const users = [{ name: 'alice', roles: { demo: ['member'] } }];
    const file = directory.file('identity.yaml', await identityYaml(['demo'], users, 'a password'));
    const service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file });
    try {
      return await service.client.send(wire);
    } finally {
      await service.stop();
      directory.remove();
    }
  }

  it('has no operation that is not tested here', () => {
    const others = ['logIn', 'changePassword'];
    const tested = [ROUTES, METHODS, OF_CREDENTIALS, OF_ADMINISTRATION].flatMap(Object.keys).concat(others);
    expect(idsOf('identity').toSorted()).toEqual(tested.toSorted());
  });
});

describe('every status that the other documents name', () => {
  it.each([
    ['versions', 'listVersions', [['/', {}]]],
    ['versions', 'showLegacyVersion', [['/v2/', {}]]],
    [
      'versions',
      'showCurrentVersion',
      [
        ['/v2.1', {}],
        ['/v2.1', { 'X-OpenStack-Nova-API-Version': 'x' }],
        ['/v2.1', { 'X-OpenStack-Nova-API-Version': '2.999' }],
      ],
    ],
    [
      'probes',
      'showHealth',
      [
        ['/healthcheck', {}],
        ['/healthcheck', { Accept: 'application/json' }],
      ],
    ],
    [
      'probes',
      'showReadiness',
      [
        ['/readyz', {}],
        ['/readyz', { Accept: 'application/json' }],
      ],
    ],
    ['probes', 'showLiveness', [['/livez', {}]]],
  ] as const)('%s: %s does answer', async (document, id, requests) => {
    const replies: Reply[] = [];
    for (const [target, headers] of requests) {
      for (const { client } of [services.usual, services.offline]) replies.push(await client.with(headers).get(target));
    }
    expect(missing(document, id, replies)).toEqual([]);
  });
});
