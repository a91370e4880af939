import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BODY_LIMIT } from '../../src/http/faults/http-errors.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { testId } from '../identity/identity-yaml.js';
import type { Client, Reply, WireRequest } from '../support/client.js';
import { passwordBody, tokenBody } from '../support/log-in.js';
import { type Services, startServices } from './services.js';

/** As `statuses.spec.ts`, of the APIs that have no microversions. */

const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const OTHER = '7d0c1f0a-59c6-4d0b-8e5f-5b1f7f6c2f11';
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Milliseconds in which half a dozen applications start on a busy machine. */
const START = 180_000;

let services: Services;

beforeAll(async () => {
  services = await startServices();
}, START);

afterAll(async () => services?.stop());

const json = (method: string, target: string, body: unknown): WireRequest => ({
  method,
  target,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
const get = (target: string): WireRequest => ({ method: 'GET', target });

/** What no document says that it is missing: the statuses of an operation that are not among these answers. */
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
  const about = `/v1/guests/${NOBODY}`;
  const create = (content: object): WireRequest => json('POST', '/v1/guests', { guest: { name: 'a', ...content } });
  const change = (target: string, content: object): WireRequest => json('PATCH', target, { guest: content });

  /** What goes wrong with one route and not with every one. The requests are those of alice, and come one after the other. */
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
    downloadConfigDrive: [
      { ...get(`${guest}/config-drive`), headers: { Accept: 'application/x-tar' } },
      get(`${about}/config-drive`),
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
    if (id === 'deleteGuest') {
      const { forbidding } = services;
      await forbidding.as('alice', 'demo').send(create({ id: ID }));
      replies.push(await forbidding.as('alice', 'demo').send(first));
    }
    if (id === 'downloadConfigDrive') replies.push(await withoutPrograms(() => alice.send(get(first.target))));
    expect(missing('guests', id, replies)).toEqual([]);
  });

  /** A guest is given the address of another one. */
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

describe('every status that the document of the identity names', () => {
  const alice = testId('user alice');
  const demo = testId('project demo');

  /** What an operation asks for, and where the same would ask for what is not there. */
  const ROUTES: Readonly<Record<string, readonly [target: string, lost?: string]>> = {
    listIdentityVersions: ['/identity'],
    showIdentityVersion: ['/identity/v3'],
    listOwnProjects: ['/identity/v3/auth/projects'],
    listOwnDomains: ['/identity/v3/auth/domains'],
    showOwnSystem: ['/identity/v3/auth/system'],
    showCatalog: ['/identity/v3/auth/catalog'],
    listUsers: ['/identity/v3/users', '/identity/v3/users?tags=a'],
    showUser: ['/identity/v3/users/nobody', `/identity/v3/users/${alice}`],
    listProjectsOfUser: ['/identity/v3/users/nobody/projects', `/identity/v3/users/${alice}/projects`],
    listProjects: ['/identity/v3/projects', '/identity/v3/projects?tags=a'],
    showProject: ['/identity/v3/projects/nowhere', `/identity/v3/projects/${demo}`],
    listDomains: ['/identity/v3/domains', '/identity/v3/domains?tags=a'],
    showDomain: ['/identity/v3/domains/nowhere', '/identity/v3/domains/default'],
    listRoles: ['/identity/v3/roles', '/identity/v3/roles?tags=a'],
    listRoleAssignments: ['/identity/v3/role_assignments'],
  };
  const TOKENS = '/identity/v3/auth/tokens';
  const METHODS: Readonly<Record<string, string>> = { showToken: 'GET', checkToken: 'HEAD', revokeToken: 'DELETE' };

  it.each(idsOf('identity').filter((id) => id in ROUTES))('%s does answer', async (id) => {
    const { guarded, broken, offline } = services;
    const replies: Reply[] = [];
    for (const target of ROUTES[id]) {
      const wire = get(target!);
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
      await guarded.client.send(json('POST', TOKENS, 'x'.repeat(BODY_LIMIT + 1))),
      await broken.client.send(again),
      await offline.client.send(again),
      await tooOften(() => guarded.client.send(login('wrong'))),
    ];
    expect(missing('identity', 'logIn', replies)).toEqual([]);
  });

  /** What is answered after many failures, with others still waiting their turn. */
  async function tooOften(ask: () => Promise<Reply>): Promise<Reply> {
    const throttle = services.guarded.app.get(LoginThrottle, { strict: false });
    const [user, address] = [testId('user alice'), '127.0.0.1'];
    const tries = Array.from({ length: 30 }, () => throttle.attempt(user, address, () => Promise.resolve(false)));
    for (const each of tries) each.catch(() => undefined);
    return ask();
  }

  it('has no operation that is not asked here', () => {
    const asked = [...Object.keys(ROUTES), ...Object.keys(METHODS), 'logIn'];
    expect(idsOf('identity').toSorted()).toEqual(asked.toSorted());
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
