import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { BODY_LIMIT } from '../../src/errors/http-errors.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import type { Client, WireRequest } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/**
 * The other direction of the check in the client: whatever a document says that a route may answer, it does answer. Each
 * status is brought about once at every microversion that has a document.
 */

const publicKey = sshKeygen();
const documents = [...writtenDocuments()].filter(([name]) => name !== 'v2-plain');

const directory = mkdtempSync(join(tmpdir(), 'latchkey-policy-'));
const nobody = join(directory, 'policy.yaml');

/** As usual; where no policy allows anything; where tokens are asked for; without its tables; without its database. */
let usual: StartedApp;
let forbidding: StartedApp;
let guarded: StartedApp;
let broken: StartedApp;
let offline: StartedApp;

beforeAll(async () => {
  writeFileSync(nobody, RULES.map((rule) => `"${rule}": "!"\n`).join(''));
  usual = await startApp();
  forbidding = await startApp({ POLICY_FILE: nobody });
  guarded = await startApp({ AUTH_MODE: 'builtin' });
  broken = await startApp();
  await source(broken).query('DROP TABLE key_pairs, keypair_usage, quotas');
  offline = await startApp();
  await source(offline).destroy();
});

afterAll(async () => {
  for (const service of [usual, forbidding, guarded, broken, offline]) await service?.stop();
  rmSync(directory, { recursive: true });
});

const source = (service: StartedApp): DataSource => service.app.get<DataSource>(getDataSourceToken());

const RULES = [
  ...['index', 'create', 'show', 'delete'].map((action) => `os_compute_api:os-keypairs:${action}`),
  ...['show', 'detail', 'defaults', 'update', 'delete'].map((action) => `os_compute_api:os-quota-sets:${action}`),
  'os_compute_api:limits',
];

interface Route {
  readonly method: string;
  /** Of what there is. */
  readonly path: string;
  readonly body?: object;
}

const ROUTES: Readonly<Record<string, Route>> = {
  createKeypair: { method: 'POST', path: '/os-keypairs', body: { keypair: { name: 'new', public_key: publicKey } } },
  listKeypairs: { method: 'GET', path: '/os-keypairs' },
  showKeypair: { method: 'GET', path: '/os-keypairs/old' },
  deleteKeypair: { method: 'DELETE', path: '/os-keypairs/old' },
  showLimits: { method: 'GET', path: '/limits' },
  showQuotaSet: { method: 'GET', path: '/os-quota-sets/admin' },
  detailQuotaSet: { method: 'GET', path: '/os-quota-sets/admin/detail' },
  defaultQuotaSet: { method: 'GET', path: '/os-quota-sets/admin/defaults' },
  changeQuotaSet: { method: 'PUT', path: '/os-quota-sets/admin', body: { quota_set: { key_pairs: 50 } } },
  resetQuotaSet: { method: 'DELETE', path: '/os-quota-sets/admin' },
};

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The request of a route, with something about it changed. */
function wire(api: string, { method, path, body }: Route, change: Partial<WireRequest> = {}): WireRequest {
  return {
    method,
    target: api + path,
    ...(body && { body: JSON.stringify(body), headers: JSON_TYPE }),
    ...change,
  };
}

describe.each(documents)('every status that the document of %s names', (name, { paths }) => {
  const api = name === 'v2' ? '/v2' : '/v2.1';
  const operations = Object.values(paths).flatMap(({ get, post, put, delete: remove }) =>
    [get, post, put, remove].flatMap((operation) => operation ?? []),
  );

  it.each(operations.map((each) => [each.operationId!, each] as const))('%s does answer', async (id, operation) => {
    const admin = (service: StartedApp): Client => service.as('admin', 'admin').at(name === 'v2' ? '2.1' : name);
    const route = ROUTES[id];
    const send = (service: StartedApp, change?: Partial<WireRequest>) => admin(service).send(wire(api, route, change));
    // Other routes leave things behind and take them away.
    await admin(usual).delete(`${api}/os-keypairs/new`);
    await admin(usual).send(
      wire(api, ROUTES.createKeypair, { body: JSON.stringify({ keypair: { name: 'old', public_key: publicKey } }) }),
    );

    const replies = [
      await send(usual),
      // Again: what was made is there, what was deleted is gone.
      await send(usual),
      await admin(usual).send(wire(api, { ...route, path: route.path.replace(/old$/, 'never') })),
      await send(usual, { target: `${api}/ffff${route.path}` }),
      await send(usual, { body: 'x'.repeat(BODY_LIMIT + 1) }),
      await send(usual, { headers: { 'Content-Type': 'text/html' } }),
      await admin(usual).at('2.999').send(wire(api, route)),
      await send(forbidding),
      await guarded.client.send(wire(api, route)),
      await send(broken),
      await send(offline),
    ];
    const answered = new Set(replies.map(({ status }) => status));
    const named = Object.keys(operation.responses).map(Number);
    expect(named.filter((status) => !answered.has(status))).toEqual(id === 'defaultQuotaSet' ? NEEDS_A_DATABASE : []);
  });
});

/** The defaults are in the configuration: nothing is known to go wrong with them. */
const NEEDS_A_DATABASE = [500, 503];
