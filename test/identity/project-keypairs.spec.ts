import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { logIn, type RequestedScope } from '../support/log-in.js';
import { until } from '../support/until.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';

const PASSWORD = 'a password';
const PROJECT = testId('project demo');
const KEYPAIRS = `/v1/projects/${PROJECT}/keypairs`;
const [KEY, OTHER_KEY] = [sshKeygen(), sshKeygen()];

const CALLERS = ['unscoped', 'stranger', 'reader', 'member', 'maker', 'manager', 'admin', 'system'] as const;
type Caller = (typeof CALLERS)[number];

const USERS: readonly TestUser[] = [
  { name: 'stranger', roles: { other: ['manager'] } },
  { name: 'reader', roles: { demo: ['reader'] } },
  { name: 'member', roles: { demo: ['member'], other: ['member'] } },
  { name: 'maker', roles: { demo: ['member'] } },
  { name: 'manager', roles: { demo: ['manager'] } },
  { name: 'admin', roles: { other: ['admin'] }, system_roles: ['admin'] },
];

const applied = (public_key: string): object => ({ keypair: { public_key } });
const patch = (client: Client, body: object): Promise<Reply> =>
  client.send({ method: 'PATCH', target: `${KEYPAIRS}/deploy`, body: JSON.stringify(body) });

/** The answer to each caller about a keypair that the maker has shared. The administrators have no role in the project. */
const ROUTES: readonly (readonly [string, (client: Client) => Promise<Reply>, ...number[]])[] = [
  //                                                            unscoped stranger reader member maker manager admin system
  ['list', (each) => each.get(KEYPAIRS), 403, 403, 200, 200, 200, 200, 200, 200],
  ['show', (each) => each.get(`${KEYPAIRS}/deploy`), 403, 403, 200, 200, 200, 200, 200, 200],
  ['show one that is not there', (each) => each.get(`${KEYPAIRS}/none`), 403, 403, 404, 404, 404, 404, 404, 404],
  ['list the keys of', (each) => each.get(`${KEYPAIRS}/deploy/versions`), 403, 403, 200, 200, 200, 200, 200, 200],
  ['create', (each) => each.put(`${KEYPAIRS}/new`, applied(KEY)), 403, 403, 403, 201, 201, 201, 201, 201],
  ['apply the same to', (each) => each.put(`${KEYPAIRS}/deploy`, applied(KEY)), 403, 403, 403, 200, 200, 200, 200, 200],
  [
    'replace the key of',
    (each) => each.with({ 'If-Match': '*' }).put(`${KEYPAIRS}/deploy`, applied(OTHER_KEY)),
    403,
    403,
    403,
    403,
    200,
    200,
    200,
    200,
  ],
  ['change', (each) => patch(each, { keypair: { note: 'mine' } }), 403, 403, 403, 403, 200, 200, 200, 200],
  ['delete', (each) => each.delete(`${KEYPAIRS}/deploy`), 403, 403, 403, 403, 204, 204, 204, 204],
  ['take', (each) => each.post(`${KEYPAIRS}/deploy/take`, { take: {} }), 403, 403, 201, 201, 201, 201, 201, 403],
  ['find by name', (each) => each.at('2.92').get('/v2.1/os-keypairs/deploy'), 404, 404, 200, 200, 200, 200, 404, 404],
];

let service: StartedApp;
const directory = temporaryDirectory();
const clients = new Map<Caller, Client>();
const as = (caller: Caller): Client => clients.get(caller)!;
const clientOf = async (name: string, scope?: RequestedScope): Promise<Client> =>
  service.client.with({
    'X-Auth-Token': await logIn(service.client, '/identity/v3', { name, password: PASSWORD }, scope),
  });

beforeAll(async () => {
  const file = directory.file('identity.yaml', await identityYaml(['demo', 'other'], USERS, PASSWORD));
  service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file });
  for (const name of ['reader', 'member', 'maker', 'manager'] as const)
    clients.set(name, await clientOf(name, { project: 'demo' }));
  for (const name of ['stranger', 'admin'] as const) clients.set(name, await clientOf(name, { project: 'other' }));
  clients.set('unscoped', await clientOf('member'));
  clients.set('system', await clientOf('admin', 'system'));
});
afterAll(async () => {
  await service?.stop();
  directory.remove();
});

/** Leaves only the shared keypair. */
beforeEach(async () => {
  for (const name of ['new', 'deploy']) await as('admin').delete(`${KEYPAIRS}/${name}`);
  for (const caller of ['reader', 'member', 'maker', 'manager', 'admin'] as const)
    await as(caller).delete('/v1/keypairs/deploy');
  expect((await as('maker').put(`${KEYPAIRS}/deploy`, applied(KEY))).status).toBe(201);
});

describe("a project's keypair", () => {
  it.each(
    ROUTES.flatMap(([name, ask, ...statuses]) =>
      CALLERS.map((caller, at) => [caller, name, statuses[at], ask] as const),
    ),
  )('%s may %s: %i', async (caller, _name, status, ask) => {
    expect((await ask(as(caller))).status).toBe(status);
  });

  it('is pruned by its maker and managers, and not by other members', async () => {
    const prune = async (caller: Caller): Promise<unknown> => {
      const order = { prune: { name_prefix: 'deploy', dry_run: false } };
      return (await as(caller).post(`/v1/projects/${PROJECT}/keypair-prunes`, order)).body;
    };
    expect(await prune('member')).toMatchObject({
      prune: { deleted: [], kept: [{ name: 'deploy', reason: 'forbidden' }] },
    });
    expect(await prune('manager')).toMatchObject({ prune: { deleted: [{ name: 'deploy' }], kept: [] } });
  });

  it('stays when its maker is removed', async () => {
    const remaining = USERS.filter(({ name }) => name !== 'maker');
    directory.file('identity.yaml', await identityYaml(['demo', 'other'], remaining, PASSWORD));
    await until(async () => (await as('maker').get('/v1/keypairs')).status === 401, 'the token of the maker ends');
    // The new file has new hashes, so the other users log in again.
    for (const name of ['member', 'manager'] as const) clients.set(name, await clientOf(name, { project: 'demo' }));
    expect((await as('member').get('/v2.1/os-keypairs/deploy')).status).toBe(200);
    expect((await as('manager').delete(`${KEYPAIRS}/deploy`)).status).toBe(204);
  });
});
