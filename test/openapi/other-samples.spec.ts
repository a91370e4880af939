import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/**
 * The samples of the APIs without microversions, which are the examples of their documents: each is what the service
 * answers, except for what differs each time.
 */

const SAMPLES = 'test/samples';
const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const GUEST = `/v1/guests/${ID}`;
const IDENTITY = '/identity/v3';
const PASSWORD = 'correct horse';
const ALICE = testId('user alice');
const CREDENTIALS = `${IDENTITY}/users/${ALICE}/application_credentials`;
const DEMO = testId('project demo');
const DEPLOY = `/v1/projects/${DEMO}/keypairs/deploy`;

const read = (document: string, name: string): unknown =>
  JSON.parse(readFileSync(join(SAMPLES, document, `${name}.json`), 'utf8'));

/** What differs each time, by its form: times, ids of tokens. */
function steady(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/g, 'TIME')
    .replaceAll(/whsec_[A-Za-z0-9+/]{43}=/g, 'SECRET')
    .replaceAll(/(?<="(secret|nocloud_token)":")[\w-]{43}/g, 'SECRET')
    .replaceAll(/(?<="application_credentials?":\[?\{"id":"|\/application_credentials\/)[0-9a-f]{32}/g, 'ID')
    // It may have been sent by now, or not.
    .replaceAll(/"state":"\w+","attempts":\d,"status":\w+,"failure":(null|"\w+")/g, '"state":"STATE"')
    .replaceAll(/"(delivered_at|next_attempt_at)":(null|"TIME")/g, '"$1":"TIME"')
    .replaceAll(/(?<="event_id":")[0-9a-f-]{36}/g, 'UUID')
    .replaceAll(/req-[0-9a-f-]{36}/g, 'REQUEST')
    .replaceAll(/(?<=ssh-ed25519(-cert-v01@openssh\.com)? )[A-Za-z0-9+/=]+(?= (laptop|latchkey-user-ca)")/g, 'KEY')
    .replaceAll(/(?<="(ca_)?fingerprint":")SHA256:[A-Za-z0-9+/]{43}/g, 'SHA256')
    .replaceAll(/"audit_ids":\["[\w-]{22}"\]/g, '"audit_ids":["ID"]');
  const [, made] = /"([0-9a-f]{32})","name":"(?:blue|carol)"/.exec(text) ?? [];
  return JSON.parse(made === undefined ? text : text.replaceAll(made, 'ID')) as unknown;
}

/** How long an application takes to start on a busy machine, in milliseconds. */
const START_TIMEOUT_MS = 120_000;

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
    IDENTITY_STORE: 'database',
    GUEST_ADDRESSES: 'owner',
    SSH_CA: 'on',
    PUBLIC_URL: 'http://localhost:8774',
    IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['admin', 'demo'], users, PASSWORD)),
  });
  const as = async (name: string, scope: { project: string } | 'system'): Promise<Client> =>
    service.client.with({ 'X-Auth-Token': await logIn(service.client, IDENTITY, { name, password: PASSWORD }, scope) });
  admin = await as('admin', 'system');
  alice = await as('alice', { project: 'demo' });
  const { keypair } = read('2.92', 'createKeypair.request') as { keypair: { public_key: string } };
  await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: keypair.public_key } });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await service?.stop();
  directory.remove();
});

const EMPTY_LISTS = [
  ['listServers', '/servers'],
  ['detailServers', '/servers/detail'],
  ['listFlavors', '/flavors'],
  ['detailFlavors', '/flavors/detail'],
  ['listServerGroups', '/os-server-groups'],
  ['listAvailabilityZones', '/os-availability-zone'],
  ['detailAvailabilityZones', '/os-availability-zone/detail'],
  ['listUsage', '/os-simple-tenant-usage'],
  ['showUsage', `/os-simple-tenant-usage/${DEMO}`],
] as const;

const patch = (target: string, body: unknown) => ({
  method: 'PATCH',
  target,
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});

/** The path of a user or project that a sample created. */
async function pathOf(kind: 'users' | 'projects', name: string): Promise<string> {
  const { body } = await admin.get(`${IDENTITY}/${kind}?name=${name}`);
  return `${IDENTITY}/${kind}/${(body as Record<string, { id: string }[]>)[kind][0].id}`;
}

/** How each sample is produced, in this order. */
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
  ['guests', 'createNoCloudToken', () => alice.send({ method: 'POST', target: `${GUEST}/nocloud-token` })],
  ['v1-keypairs', 'applyKeypair', () => alice.put('/v1/keypairs/ci', read('v1-keypairs', 'applyKeypair.request'))],
  ['v1-keypairs', 'listKeypairRecords', () => alice.get('/v1/keypairs?tag=team:blue&limit=1')],
  ['v1-keypairs', 'showKeypairRecord', () => alice.get('/v1/keypairs/ci')],
  [
    'v1-keypairs',
    'changeKeypair',
    () =>
      alice.send({
        method: 'PATCH',
        target: '/v1/keypairs/ci',
        body: JSON.stringify(read('v1-keypairs', 'changeKeypair.request')),
      }),
  ],
  ['v1-keypairs', 'listKeypairVersions', () => alice.get('/v1/keypairs/ci/versions')],
  [
    'v1-keypairs',
    'pruneKeypairs',
    async () => {
      const { keypair } = read('v1-keypairs', 'applyKeypair.request') as { keypair: { public_key: string } };
      await alice.put('/v1/keypairs/tmp-1', { keypair: { public_key: keypair.public_key } });
      await alice.put('/v1/keypairs/tmp-2', { keypair: { ...keypair, delete_protected: true } });
      return alice.post('/v1/keypair-prunes', read('v1-keypairs', 'pruneKeypairs.request'));
    },
  ],
  ['v1-keypairs', 'applyProjectKeypair', () => alice.put(DEPLOY, read('v1-keypairs', 'applyProjectKeypair.request'))],
  ['v1-keypairs', 'listProjectKeypairs', () => alice.get(`/v1/projects/${DEMO}/keypairs`)],
  ['v1-keypairs', 'showProjectKeypair', () => alice.get(DEPLOY)],
  [
    'v1-keypairs',
    'changeProjectKeypair',
    () =>
      alice.send({
        method: 'PATCH',
        target: DEPLOY,
        body: JSON.stringify(read('v1-keypairs', 'changeProjectKeypair.request')),
      }),
  ],
  ['v1-keypairs', 'listProjectKeypairVersions', () => alice.get(`${DEPLOY}/versions`)],
  [
    'v1-keypairs',
    'takeProjectKeypair',
    () => alice.post(`${DEPLOY}/take`, read('v1-keypairs', 'takeProjectKeypair.request')),
  ],
  [
    'v1-keypairs',
    'shareKeypair',
    () => alice.post('/v1/keypairs/ci/share', read('v1-keypairs', 'shareKeypair.request')),
  ],
  [
    'v1-keypairs',
    'pruneProjectKeypairs',
    async () => {
      const { keypair } = read('v1-keypairs', 'applyKeypair.request') as { keypair: { public_key: string } };
      await alice.put(`/v1/projects/${DEMO}/keypairs/old-1`, { keypair: { public_key: keypair.public_key } });
      return alice.post(`/v1/projects/${DEMO}/keypair-prunes`, read('v1-keypairs', 'pruneProjectKeypairs.request'));
    },
  ],
  ['v1-keypairs', 'checkKey', () => alice.post('/v1/keypair-checks', read('v1-keypairs', 'checkKey.request'))],
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
  [
    'identity',
    'createApplicationCredential',
    () => alice.post(CREDENTIALS, read('identity', 'createApplicationCredential.request')),
  ],
  ['identity', 'listApplicationCredentials', () => alice.get(CREDENTIALS)],
  [
    'identity',
    'showApplicationCredential',
    async () => {
      const { application_credentials: list } = (await alice.get(CREDENTIALS)).body as {
        application_credentials: { id: string }[];
      };
      return alice.get(`${CREDENTIALS}/${list[0].id}`);
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
  ['identity', 'listServices', () => admin.get(`${IDENTITY}/services`)],
  ['identity', 'showService', () => admin.get(`${IDENTITY}/services/${idOf('service', 'compute')}`)],
  ['identity', 'listEndpoints', () => admin.get(`${IDENTITY}/endpoints?interface=public`)],
  ['identity', 'showEndpoint', () => admin.get(`${IDENTITY}/endpoints/${idOf('endpoint', 'compute public')}`)],
  ['identity', 'listRegions', () => alice.get(`${IDENTITY}/regions`)],
  ['identity', 'showRegion', () => alice.get(`${IDENTITY}/regions/RegionOne`)],
  ['identity', 'listGroups', () => admin.get(`${IDENTITY}/groups`)],
  ['identity', 'listGroupsOfUser', () => alice.get(`${IDENTITY}/users/${ALICE}/groups`)],
  ['identity', 'listCredentials', () => alice.get(`${IDENTITY}/credentials`)],
  ['identity', 'listLimits', () => alice.get(`${IDENTITY}/limits`)],
  ['identity', 'listRegisteredLimits', () => alice.get(`${IDENTITY}/registered_limits`)],
  ['identity', 'showRole', () => admin.get(`${IDENTITY}/roles/${idOf('role', 'member')}`)],
  ['identity', 'listRoleInferences', () => admin.get(`${IDENTITY}/role_inferences`)],
  ['identity', 'createProject', () => admin.post(`${IDENTITY}/projects`, read('identity', 'createProject.request'))],
  [
    'identity',
    'changeProject',
    async () => admin.send(patch(await pathOf('projects', 'blue'), read('identity', 'changeProject.request'))),
  ],
  ['identity', 'createUser', () => admin.post(`${IDENTITY}/users`, read('identity', 'createUser.request'))],
  [
    'identity',
    'changeUser',
    async () => admin.send(patch(await pathOf('users', 'carol'), read('identity', 'changeUser.request'))),
  ],
  [
    'identity',
    'changePassword',
    async () =>
      service.client.post(`${await pathOf('users', 'carol')}/password`, read('identity', 'changePassword.request')),
  ],
  ...[`projects/${DEMO}`, 'domains/default', 'system'].map((place, at) => {
    const id = `listRoles${['InProject', 'InDomain', 'OnSystem'][at]}`;
    const roles = (): string => `${IDENTITY}/${place}/users/${ALICE}/roles`;
    return [
      'identity',
      id,
      async () => {
        await admin.put(`${roles()}/${idOf('role', 'reader')}`, {});
        return admin.get(roles());
      },
    ] as const;
  }),
  [
    'ssh-certificates',
    'issueSshCertificate',
    () => alice.post('/v1/ssh-certificates', read('ssh-certificates', 'issueSshCertificate.request')),
  ],
  ['ssh-certificates', 'listSshCertificates', () => alice.get('/v1/ssh-certificates')],
  ['ssh-certificates', 'showSshCa', () => service.client.get('/v1/ssh-ca')],
  ['events', 'listEvents', () => alice.get('/v1/events?type=keypair.*&limit=1')],
  ['webhooks', 'createWebhook', () => admin.post('/v1/webhooks', read('webhooks', 'createWebhook.request'))],
  ['webhooks', 'listWebhooks', () => admin.get('/v1/webhooks?limit=1')],
  ['webhooks', 'showWebhook', () => admin.get('/v1/webhooks/1')],
  ['webhooks', 'changeWebhook', () => admin.send(patch('/v1/webhooks/1', read('webhooks', 'changeWebhook.request')))],
  ['webhooks', 'rotateWebhookSecret', () => admin.send({ method: 'POST', target: '/v1/webhooks/1/rotate-secret' })],
  ['webhooks', 'testWebhook', () => admin.send({ method: 'POST', target: '/v1/webhooks/1/test' })],
  ['webhooks', 'listWebhookDeliveries', () => admin.get('/v1/webhooks/1/deliveries?limit=1')],
  [
    'webhooks',
    'retryWebhookDelivery',
    () => admin.send({ method: 'POST', target: '/v1/webhooks/1/deliveries/1/retry' }),
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
  ...EMPTY_LISTS.flatMap(([id, path]) => [
    ['2.1', id, () => admin.get(`/v2.1${path}`)] as const,
    ['2.0', id, () => admin.get(`/v2${path}`)] as const,
  ]),
];

/** Operations that are not answered 200. */
const STATUSES: Readonly<Record<string, number>> = {
  applyKeypair: 201,
  applyProjectKeypair: 201,
  changePassword: 204,
  createApplicationCredential: 201,
  createGuest: 201,
  createNoCloudToken: 201,
  createProject: 201,
  createUser: 201,
  createWebhook: 201,
  issueSshCertificate: 201,
  listIdentityVersions: 300,
  logIn: 201,
  retryWebhookDelivery: 202,
  shareKeypair: 201,
  takeProjectKeypair: 201,
  testWebhook: 202,
};

describe('the sample', () => {
  it.each(ANSWERS)('%s/%s is what the service answers', async (document, id, ask) => {
    const { status, body } = await ask();
    expect(status).toBe(STATUSES[id] ?? 200);
    expect(steady(body ?? null)).toEqual(steady(status === 204 ? null : read(document, id)));
  });

  it.each(['events', 'webhooks', 'guests', 'identity', 'ssh-certificates', 'v1-keypairs', 'versions', 'probes'])(
    'is there for every body of %s',
    (document) => {
      const { paths } = writtenDocuments().get(document)!;
      const operations = Object.values(paths).flatMap((item) => Object.values(item as object)) as {
        operationId: string;
        requestBody?: object;
        responses: Record<string, { content?: object }>;
      }[];
      const expected = operations.flatMap(({ operationId, requestBody, responses }) => [
        ...(requestBody ? [`${operationId}.request.json`] : []),
        ...Object.values(responses).flatMap(({ content = {} }) =>
          'application/json' in content ? [`${operationId}.json`] : [],
        ),
      ]);
      const there = existsSync(join(SAMPLES, document)) ? readdirSync(join(SAMPLES, document)) : [];
      expect(there.toSorted()).toEqual([...new Set(expected)].toSorted());
    },
  );
});
