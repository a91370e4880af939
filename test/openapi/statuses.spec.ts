import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BODY_LIMIT } from '../../src/http/faults/http-errors.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import type { Client, WireRequest } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import type { StartedApp } from '../support/start-app.js';
import { type Services, startServices } from './services.js';

/**
 * The reverse of the check in the client: every response that a document of the compute API lists for a route
 * does occur. Each status is provoked once at every microversion that has a document.
 */

const publicKey = sshKeygen();
const documents = [...writtenDocuments()].filter(([name]) => /^(\d|v2$)/.test(name));

/** How long half a dozen applications take to start on a busy machine, in milliseconds. */
const START_TIMEOUT_MS = 180_000;

let services: Services;

beforeAll(async () => {
  services = await startServices();
}, START_TIMEOUT_MS);

afterAll(async () => services?.stop());

interface Route {
  readonly method: string;
  /** A target that exists. */
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
  listServers: { method: 'GET', path: '/servers' },
  detailServers: { method: 'GET', path: '/servers/detail' },
  listFlavors: { method: 'GET', path: '/flavors' },
  detailFlavors: { method: 'GET', path: '/flavors/detail' },
  listServerGroups: { method: 'GET', path: '/os-server-groups' },
  listAvailabilityZones: { method: 'GET', path: '/os-availability-zone' },
  detailAvailabilityZones: { method: 'GET', path: '/os-availability-zone/detail' },
  listUsage: { method: 'GET', path: '/os-simple-tenant-usage' },
  showUsage: { method: 'GET', path: '/os-simple-tenant-usage/admin' },
  listExtensions: { method: 'GET', path: '/extensions' },
  showExtension: { method: 'GET', path: '/extensions/os-keypairs' },
};

/** Reads that the policy refuses to members. */
const GUARDED_READS = ['detailAvailabilityZones', 'listUsage', 'showUsage'];

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The request of a route, with a modification. */
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
  const version = name === 'v2' ? '2.1' : name;
  const operations = Object.values(paths).flatMap(({ get, post, put, delete: remove }) =>
    [get, post, put, remove].flatMap((operation) => operation ?? []),
  );

  it.each(operations.map((each) => [each.operationId!, each] as const))('%s does answer', async (id, operation) => {
    const { usual, forbidding, guarded, limited, broken, offline } = services;
    const admin = (service: StartedApp): Client => service.as('admin', 'admin').at(version);
    const route = ROUTES[id];
    const send = (client: Client, change?: Partial<WireRequest>) => client.send(wire(api, route, change));
    // Other routes leave resources behind and delete them.
    await admin(usual).delete(`${api}/os-keypairs/new`);
    await admin(usual).send(
      wire(api, ROUTES.createKeypair, { body: JSON.stringify({ keypair: { name: 'old', public_key: publicKey } }) }),
    );

    const replies = [
      await send(admin(usual)),
      // Once more: what was created exists, what was deleted does not.
      await send(admin(usual)),
      await admin(usual).send(wire(api, { ...route, path: route.path.replace(/(old|os-keypairs)$/, '$1-never') })),
      await send(admin(usual), { target: `${api}/ffff${route.path}` }),
      await send(admin(usual), { body: 'x'.repeat(BODY_LIMIT + 1) }),
      await send(admin(usual), { headers: { 'Content-Type': 'text/html' } }),
      await send(admin(usual).at('2.999')),
      await send(admin(forbidding)),
      await send(guarded.client),
      await send(admin(limited)),
      await send(admin(limited)),
      await send(services.asAdmin(broken).at(version)),
      await send(services.asAdmin(offline).at(version)),
    ];
    if (id === 'deleteKeypair') {
      const keypair = { public_key: publicKey, delete_protected: true };
      await admin(usual).put('/v1/keypairs/kept', { keypair });
      replies.push(await send(admin(usual), { target: `${api}/os-keypairs/kept` }));
    }
    if (GUARDED_READS.includes(id)) replies.push(await send(usual.as('alice', 'demo').at(version)));
    const answered = new Set(replies.map(({ status }) => status));
    const named = Object.keys(operation.responses).map(Number);
    expect(named.filter((status) => !answered.has(status))).toEqual([]);
  });
});
