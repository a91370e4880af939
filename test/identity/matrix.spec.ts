import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import { decodeJwt, type JWTPayload, SignJWT } from 'jose';
import type { DataSource } from 'typeorm';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import type { Client, Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';

const PASSWORD = 'matrix-password';
const VICTIM = testId('user victim');
const DEMO = testId('project demo');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';
const VICTIMS_KEY = `${KEY} of-the-victim`;

const CALLERS = ['none', 'bad', 'expired', 'reader', 'member', 'other', 'admin', 'system'] as const;
type CallerName = (typeof CALLERS)[number];
const MICROVERSIONS = ['2.1', '2.2', '2.10', '2.75', '2.104'];

/** Callers without a valid token get 401 and nothing else. */
const STRANGERS = [401, 401, 401] as const;

/** The answer: a status, or `ok` for success. Of two, the first is below 2.10, where `user_id` is ignored. */
type Cell = number | 'ok' | readonly [below: number | 'ok', from: number | 'ok'];

// `user_id` is read from 2.10 on; below, queries are about the caller's own keypairs, and bodies may not have it.
const OWN: Cell = ['ok', 403];
const HIDDEN: Cell = [404, 403];
const GIVEN: Cell = [404, 'ok'];
const REFUSED: Cell = [400, 403];
const TAKEN: Cell = [400, 'ok'];

const keypair = (name: string, more: object = {}): object => ({ keypair: { name, public_key: KEY, ...more } });

// The victim is a member of the project demo and has the keypair `treasure`; the reader and the member are in demo too, `other` is in
// another project, and the administrators are those of the project admin and of the system.
const NOVA: readonly (readonly [string, (client: Client) => Promise<Reply>, ...Cell[]])[] = [
  //                                                             none bad  exp. reader member other admin system
  ['list own', (each) => each.get('/v2.1/os-keypairs'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['make own', (each) => each.post('/v2.1/os-keypairs', keypair('own')), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 403],
  ['show own', (each) => each.get('/v2.1/os-keypairs/mine'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['delete own', (each) => each.delete('/v2.1/os-keypairs/mine'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  [
    "list the victim's",
    (each) => each.get(`/v2.1/os-keypairs?user_id=${VICTIM}`),
    ...STRANGERS,
    OWN,
    OWN,
    OWN,
    'ok',
    'ok',
  ],
  [
    "show the victim's",
    (each) => each.get(`/v2.1/os-keypairs/treasure?user_id=${VICTIM}`),
    ...STRANGERS,
    HIDDEN,
    HIDDEN,
    HIDDEN,
    GIVEN,
    GIVEN,
  ],
  [
    "delete the victim's",
    (each) => each.delete(`/v2.1/os-keypairs/treasure?user_id=${VICTIM}`),
    ...STRANGERS,
    HIDDEN,
    HIDDEN,
    HIDDEN,
    GIVEN,
    GIVEN,
  ],
  [
    'make one for the victim',
    (each) => each.post('/v2.1/os-keypairs', keypair('planted', { user_id: VICTIM })),
    ...STRANGERS,
    REFUSED,
    REFUSED,
    REFUSED,
    TAKEN,
    REFUSED,
  ],
  [
    "show the victim's by name alone",
    (each) => each.get('/v2.1/os-keypairs/treasure'),
    401,
    401,
    401,
    404,
    404,
    404,
    404,
    404,
  ],
  [
    "delete the victim's by name alone",
    (each) => each.delete('/v2.1/os-keypairs/treasure'),
    401,
    401,
    401,
    404,
    404,
    404,
    404,
    404,
  ],
  [
    'list in the project demo',
    (each) => each.get(`/v2.1/${DEMO}/os-keypairs`),
    401,
    401,
    401,
    'ok',
    'ok',
    400,
    400,
    400,
  ],
  [
    'make in the project demo',
    (each) => each.post(`/v2.1/${DEMO}/os-keypairs`, keypair('own')),
    401,
    401,
    401,
    'ok',
    'ok',
    400,
    400,
    400,
  ],
  [
    'show in the project demo',
    (each) => each.get(`/v2.1/${DEMO}/os-keypairs/treasure`),
    401,
    401,
    401,
    404,
    404,
    400,
    400,
    400,
  ],
  [
    'delete in the project demo',
    (each) => each.delete(`/v2.1/${DEMO}/os-keypairs/treasure`),
    401,
    401,
    401,
    404,
    404,
    400,
    400,
    400,
  ],
  ['see limits', (each) => each.get('/v2.1/limits'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  [
    'see the limits of demo',
    (each) => each.get(`/v2.1/limits?tenant_id=${DEMO}`),
    401,
    401,
    401,
    403,
    403,
    403,
    'ok',
    'ok',
  ],
  [
    'see the quotas of demo',
    (each) => each.get(`/v2.1/os-quota-sets/${DEMO}`),
    401,
    401,
    401,
    'ok',
    'ok',
    403,
    'ok',
    'ok',
  ],
  [
    'change the quotas of demo',
    (each) => each.put(`/v2.1/os-quota-sets/${DEMO}`, { quota_set: { key_pairs: 9 } }),
    401,
    401,
    401,
    403,
    403,
    403,
    'ok',
    'ok',
  ],
  [
    'reset the quotas of demo',
    (each) => each.delete(`/v2.1/os-quota-sets/${DEMO}`),
    401,
    401,
    401,
    403,
    403,
    403,
    'ok',
    'ok',
  ],
  ['see extensions', (each) => each.get('/v2.1/extensions'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['request an unknown route', (each) => each.get('/v2.1/os-services'), ...STRANGERS, 404, 404, 404, 404, 404],
  ['list servers', (each) => each.get('/v2.1/servers?all_tenants=1'), ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['see all hosts', (each) => each.get('/v2.1/os-availability-zone/detail'), ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [
    'see all usage',
    (each) => each.get('/v2.1/os-simple-tenant-usage?detailed=1'),
    ...STRANGERS,
    403,
    403,
    403,
    'ok',
    'ok',
  ],
  [
    'see the usage of demo',
    (each) => each.get(`/v2.1/os-simple-tenant-usage/${DEMO}`),
    ...STRANGERS,
    'ok',
    'ok',
    403,
    'ok',
    'ok',
  ],
];

const IDENTITY: readonly (readonly [string, ...Cell[]])[] = [
  //                                    none bad  exp. reader member other admin system
  ['/users', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/users/${VICTIM}`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/users/${VICTIM}/projects`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/projects', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/projects/${DEMO}`, ...STRANGERS, 'ok', 'ok', 403, 'ok', 'ok'],
  ['/domains', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/roles', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/role_assignments', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/role_inferences', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/roles/${idOf('role', 'admin')}`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/services', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/services/${idOf('service', 'compute')}`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/endpoints', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/endpoints/${idOf('endpoint', 'compute public')}`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/regions', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/regions/RegionOne', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/groups', ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  [`/users/${VICTIM}/groups`, ...STRANGERS, 403, 403, 403, 'ok', 'ok'],
  ['/users/nobody/groups', ...STRANGERS, 403, 403, 403, 404, 404],
  ['/credentials', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/limits', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/registered_limits', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/auth/projects', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/auth/domains', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/auth/system', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/auth/catalog', ...STRANGERS, 'ok', 'ok', 'ok', 'ok', 'ok'],
  ['/nothing', 404, 404, 404, 404, 404, 404, 404, 404],
];

describe('who may do what', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;
  let clients: Record<CallerName, Client>;
  let victim: Client;
  /** Whether the last request may have changed anything. */
  let changed = true;

  beforeAll(async () => {
    const users: TestUser[] = [
      { name: 'reader', roles: { demo: ['reader'] } },
      { name: 'member', roles: { demo: ['member'] } },
      { name: 'victim', roles: { demo: ['member'] } },
      { name: 'other', roles: { other: ['member'] } },
      { name: 'admin', roles: { admin: ['admin'] }, system_roles: ['admin'] },
    ];
    service = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['demo', 'other', 'admin'], users, PASSWORD)),
      TOKEN_KEY_FILE: join(directory.path, 'token.key'),
    });
    const tokenOf = (name: string, scope: Parameters<typeof logIn>[3]): Promise<string> =>
      logIn(service.client, '/identity/v3', { name, password: PASSWORD }, scope);
    const withToken = (token: string): Client => service.client.with({ 'X-Auth-Token': token });
    const member = await tokenOf('member', { project: 'demo' });
    victim = withToken(await tokenOf('victim', { project: 'demo' }));
    clients = {
      none: service.client,
      bad: withToken(`${member.slice(0, -6)}AAAAAA`),
      expired: withToken(await signed({ ...decodeJwt(member), exp: Math.floor(Date.now() / 1000) - 1 })),
      reader: withToken(await tokenOf('reader', { project: 'demo' })),
      member: withToken(member),
      other: withToken(await tokenOf('other', { project: 'other' })),
      admin: withToken(await tokenOf('admin', { project: 'admin' })),
      system: withToken(await tokenOf('admin', 'system')),
    };
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  /** A token with other claims, signed with the right key. */
  function signed(claims: JWTPayload): Promise<string> {
    const key = Buffer.from(readFileSync(join(directory.path, 'token.key'), 'utf8'), 'base64');
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'identity+jwt' }).sign(key);
  }

  async function prepare(): Promise<void> {
    const rows = service.app.get<DataSource>(getDataSourceToken());
    await rows.query('TRUNCATE key_pairs, keypair_usage CASCADE');
    await victim.at('2.10').post('/v2.1/os-keypairs', keypair('treasure', { public_key: VICTIMS_KEY }));
    for (const name of ['reader', 'member', 'other', 'admin']) {
      await clients.admin.at('2.10').post('/v2.1/os-keypairs', keypair('mine', { user_id: testId(`user ${name}`) }));
    }
  }

  describe.each(MICROVERSIONS)('at %s', (version) => {
    describe.each(CALLERS.map((name, at) => [name, at] as const))('%s', (caller, at) => {
      beforeEach(async () => {
        if (changed) await prepare();
        changed = false;
      });

      it.each(NOVA.map((row) => [row[0], row] as const))('may or may not %s', async (what, [, send, ...cells]) => {
        const reply = await send(clients[caller].at(version));
        changed = outcome(reply) === 'ok' && !/^(list|show|see)/.test(what);
        const allowed = cellAt(cells[at], version);
        expect(outcome(reply)).toBe(allowed);

        if (caller === 'admin' || caller === 'system') return;
        expect(reply.text).not.toContain('of-the-victim');
        const { body } = await victim.get('/v2.1/os-keypairs');
        const kept = (body as { keypairs: { keypair: { name: string } }[] }).keypairs.map((each) => each.keypair.name);
        expect(kept).toEqual(['treasure']);
      });
    });
  });

  describe.each(CALLERS.map((name, at) => [name, at] as const))('of the Identity API, %s', (caller, at) => {
    it.each(IDENTITY.map((row) => [row[0], row] as const))('GET %s', async (_, [path, ...cells]) => {
      const reply = await clients[caller].get(`/identity/v3${path}`);
      expect(outcome(reply)).toBe(cells[at]);
    });
  });

  it('a token of another key, without a signature, or of another kind is refused', async () => {
    const claims = decodeJwt(
      await logIn(service.client, '/identity/v3', { name: 'admin', password: PASSWORD }, 'system'),
    );
    const unsigned = [{ alg: 'none', typ: 'identity+jwt' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const forged = [
      `${unsigned}.`,
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'identity+jwt' }).sign(Buffer.alloc(32)),
      await signed({ ...claims, iss: 'other' }),
    ];
    for (const token of forged) {
      const reply = await service.client.with({ 'X-Auth-Token': token }).get('/v2.1/os-keypairs');
      expect(reply.status).toBe(401);
    }
    expect((await service.client.with({ 'X-Auth-Token': await signed(claims) }).get('/v2.1/os-keypairs')).status).toBe(
      200,
    );
  });

  it('headers that only a middleware may set are ignored', async () => {
    const claimed = {
      'X-User-Id': VICTIM,
      'X-Project-Id': DEMO,
      'X-Roles': 'admin',
      'X-Identity-Status': 'Confirmed',
      'X-Is-Admin-Project': 'True',
      'X-Service-Token': 'anything',
    };
    expect((await service.client.with(claimed).get('/v2.1/os-keypairs')).status).toBe(401);
    const asOther = await clients.other.with(claimed).at('2.10').get(`/v2.1/os-keypairs?user_id=${VICTIM}`);
    expect(asOther.status).toBe(403);
  });
});

function cellAt(cell: Cell, version: string): number | 'ok' {
  if (typeof cell !== 'object') return cell;
  return Number(version.split('.')[1]) < 10 ? cell[0] : cell[1];
}

function outcome({ status }: Reply): number | 'ok' {
  return status >= 200 && status < 300 ? 'ok' : status;
}
