import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/**
 * The samples of the APIs without microversions, which are the examples of their documents: each is what the service
 * answers, but for what differs each time.
 */

const SAMPLES = 'test/samples';
const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const GUEST = `/v1/guests/${ID}`;
const IDENTITY = '/identity/v3';
const PASSWORD = 'correct horse';
const ALICE = testId('user alice');
const DEMO = testId('project demo');

const read = (document: string, name: string): unknown =>
  JSON.parse(readFileSync(join(SAMPLES, document, `${name}.json`), 'utf8'));

/** What differs each time, by its form: times, ids of tokens. */
function steady(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/g, 'TIME')
    .replaceAll(/"audit_ids":\["[\w-]{22}"\]/g, '"audit_ids":["ID"]');
  return JSON.parse(text) as unknown;
}

let service: StartedApp;
let admin: Client;
let alice: Client;
const directory = temporaryDirectory();

beforeAll(async () => {
  const users = [
    { name: 'admin', roles: { admin: ['admin'] } as Record<string, string[]>, system_roles: ['admin'] },
    { name: 'alice', roles: { demo: ['member'] } as Record<string, string[]>, domain_roles: ['reader'] },
  ];
  service = await startApp({
    AUTH_MODE: 'builtin',
    GUEST_ADDRESSES: 'owner',
    PUBLIC_URL: 'http://localhost:8774',
    IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['admin', 'demo'], users, PASSWORD)),
  });
  const as = async (name: string, scope: { project: string } | 'system'): Promise<Client> =>
    service.client.with({ 'X-Auth-Token': await logIn(service.client, IDENTITY, { name, password: PASSWORD }, scope) });
  admin = await as('admin', 'system');
  alice = await as('alice', { project: 'demo' });
  const { keypair } = read('2.92', 'createKeypair.request') as { keypair: { public_key: string } };
  await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: keypair.public_key } });
});

afterAll(async () => {
  await service?.stop();
  directory.remove();
});

/** How each sample comes about, in this order. */
const ANSWERS: readonly (readonly [document: string, id: string, ask: () => Promise<Reply>])[] = [
  ['guests', 'createGuest', () => alice.post('/v1/guests', read('guests', 'createGuest.request'))],
  ['guests', 'listGuests', () => alice.get('/v1/guests?limit=1')],
  ['guests', 'showGuest', () => alice.get(GUEST)],
  [
    'guests',
    'changeGuest',
    () => alice.send({ method: 'PATCH', target: GUEST, body: JSON.stringify(read('guests', 'changeGuest.request')) }),
  ],
  ['guests', 'showGuestPassword', () => alice.get(`${GUEST}/password`)],
  ['identity', 'listIdentityVersions', () => service.client.get('/identity')],
  ['identity', 'showIdentityVersion', () => service.client.get(IDENTITY)],
  ['identity', 'logIn', () => service.client.post(`${IDENTITY}/auth/tokens`, read('identity', 'logIn.request'))],
  [
    'identity',
    'showToken',
    async () => {
      const token = await logIn(service.client, IDENTITY, { name: 'alice', password: PASSWORD });
      return admin.with({ 'X-Subject-Token': token }).get(`${IDENTITY}/auth/tokens`);
    },
  ],
  ['identity', 'listOwnProjects', () => alice.get(`${IDENTITY}/auth/projects`)],
  ['identity', 'listOwnDomains', () => alice.get(`${IDENTITY}/auth/domains`)],
  ['identity', 'showOwnSystem', () => admin.get(`${IDENTITY}/auth/system`)],
  ['identity', 'showCatalog', () => alice.get(`${IDENTITY}/auth/catalog`)],
  ['identity', 'listUsers', () => admin.get(`${IDENTITY}/users`)],
  ['identity', 'showUser', () => alice.get(`${IDENTITY}/users/${ALICE}`)],
  ['identity', 'listProjectsOfUser', () => alice.get(`${IDENTITY}/users/${ALICE}/projects`)],
  ['identity', 'listProjects', () => admin.get(`${IDENTITY}/projects`)],
  ['identity', 'showProject', () => alice.get(`${IDENTITY}/projects/${DEMO}`)],
  ['identity', 'listDomains', () => admin.get(`${IDENTITY}/domains`)],
  ['identity', 'showDomain', () => alice.get(`${IDENTITY}/domains/default`)],
  ['identity', 'listRoles', () => admin.get(`${IDENTITY}/roles`)],
  [
    'identity',
    'listRoleAssignments',
    () => admin.get(`${IDENTITY}/role_assignments?include_names&user.id=${testId('user admin')}`),
  ],
  ['versions', 'listVersions', () => service.client.get('/')],
  ['versions', 'showLegacyVersion', () => service.client.get('/v2')],
  ['versions', 'showCurrentVersion', () => service.client.get('/v2.1')],
  ['probes', 'showHealth', () => service.client.with({ Accept: 'application/json' }).get('/healthcheck')],
  ['probes', 'showReadiness', () => service.client.with({ Accept: 'application/json' }).get('/readyz')],
  ['probes', 'showLiveness', () => service.client.with({ Accept: 'application/json' }).get('/livez')],
  ['2.1', 'listExtensions', () => alice.get('/v2.1/extensions')],
  ['2.1', 'showExtension', () => alice.get('/v2.1/extensions/os-keypairs')],
  ['2.0', 'listExtensions', () => alice.get('/v2/extensions')],
  ['2.0', 'showExtension', () => alice.get('/v2/extensions/os-keypairs')],
];

describe('the sample', () => {
  it.each(ANSWERS)('%s/%s is what the service answers', async (document, id, ask) => {
    const { status, body } = await ask();
    expect(status).toBe({ createGuest: 201, logIn: 201, listIdentityVersions: 300 }[id] ?? 200);
    expect(steady(body)).toEqual(steady(read(document, id)));
  });

  it.each(['guests', 'identity', 'versions', 'probes'])('is there for every body of %s', (document) => {
    const { paths } = writtenDocuments().get(document)!;
    const operations = Object.values(paths).flatMap((item) => Object.values(item as object)) as {
      operationId: string;
      requestBody?: object;
      responses: Record<string, { content?: object }>;
    }[];
    const wanted = operations.flatMap(({ operationId, requestBody, responses }) => [
      ...(requestBody ? [`${operationId}.request.json`] : []),
      ...Object.values(responses).flatMap(({ content = {} }) =>
        'application/json' in content ? [`${operationId}.json`] : [],
      ),
    ]);
    const there = existsSync(join(SAMPLES, document)) ? readdirSync(join(SAMPLES, document)) : [];
    expect(there.toSorted()).toEqual(wanted.toSorted());
  });
});
