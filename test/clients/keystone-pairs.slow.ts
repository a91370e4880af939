import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keystonePairs, type PairTarget, replayPair } from '../support/keystone-pairs.js';
import { logIn } from '../support/log-in.js';
import { KeystoneServer } from './keystone-server.js';

const COMPUTE = 'http://localhost:8774/v2.1';

describe('a real Keystone still answers as recorded', () => {
  let keystone: KeystoneServer;
  let target: PairTarget;

  beforeAll(async () => {
    keystone = await KeystoneServer.startNew();
    const demo = await keystone.project('demo');
    await keystone.project('other');
    const user = await keystone.user('demo', KeystoneServer.adminPassword);
    await keystone.assign(user, demo, 'member');
    await keystone.announceCompute(COMPUTE);

    const admin = await keystone.admin();
    const known: Record<string, string> = {
      identity: keystone.url,
      identity_url: keystone.url,
      compute: COMPUTE,
      'description:admin': 'Bootstrap project for initializing the cloud.',
    };
    for (const kind of ['user', 'project', 'role', 'service']) {
      const { body } = await admin.get(`/v3/${kind}s`);
      const things = (body as Record<string, { id: string; name: string }[]>)[`${kind}s`];
      for (const { id, name } of things) known[`${kind}_id:${name}`] = id;
    }
    const { body } = await admin.get('/v3/auth/catalog');
    const { catalog } = body as { catalog: { name: string; endpoints: { id: string; interface: string }[] }[] };
    for (const { name, endpoints } of catalog) {
      for (const each of endpoints) known[`endpoint_id:${name} ${each.interface}`] = each.id;
    }
    const login = { name: 'demo', password: KeystoneServer.adminPassword };
    const token = await logIn(keystone.client, '/v3', login, { project: 'demo' });
    const clients = { admin, demo: keystone.client.with({ 'X-Auth-Token': token }), none: keystone.client };
    target = { path: '/v3', clients, known };
  });

  afterAll(async () => keystone?.stop());

  it.each(keystonePairs('reads').map((pair) => [pair.actor, pair.request, pair] as const))(
    'to %s, GET %s',
    async (_actor, _request, pair) => {
      const { answer, recorded } = await replayPair(target, pair);
      expect(answer).toEqual(recorded);
    },
  );
});
