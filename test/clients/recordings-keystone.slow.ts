import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { RECORDED_PROJECTS, RECORDED_USERS, recordedActors } from '../support/recorded-actors.js';
import { replayWithTokens, SCENARIOS_WITH_TOKENS } from '../support/replay-with-tokens.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { KeystoneServer } from './keystone-server.js';
import { keystoneSettings } from './keystone-settings.js';

/** The roles of the users in the recordings. */
const ROLES = [
  ['admin', 'admin', 'admin'],
  ['demo', 'demo', 'member'],
  ['demo', 'other', 'member'],
  ['demo2', 'demo', 'member'],
  ['reader', 'demo', 'reader'],
  ['scratch', 'demo', 'member'],
] as const;

describe('a real Nova behind a Keystone, recorded, and the service behind a real Keystone', () => {
  let keystone: KeystoneServer;
  let service: StartedApp;
  let clients: Record<string, Client>;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    keystone = await KeystoneServer.start();
    for (const name of RECORDED_PROJECTS) ids[`project_id:${name}`] = await keystone.project(name);
    for (const name of RECORDED_USERS) {
      ids[`user_id:${name}`] = await keystone.user(name, KeystoneServer.adminPassword);
    }
    for (const [user, project, role] of ROLES) {
      await keystone.assign(ids[`user_id:${user}`], ids[`project_id:${project}`], role);
    }
    ids.identity_uri = keystone.url;
    service = await startApp({ ...keystoneSettings(keystone), MAX_MICROVERSION: '2.93' });
    clients = await recordedActors(service.client, keystone.client, '/v3', KeystoneServer.adminPassword);
  });

  afterAll(async () => {
    await service?.stop();
    await keystone?.stop();
  });

  it.each(SCENARIOS_WITH_TOKENS.map((each) => [each.name, each] as const))(
    'answer %s the same',
    async (_, scenario) => {
      await replayWithTokens(service, clients, ids, scenario);
      expect(scenario.steps.length).toBeGreaterThan(0);
    },
  );

  it('a validated token keeps working while Keystone is down, a new one is 503, and both work afterwards', async () => {
    const login = { name: 'demo2', password: KeystoneServer.adminPassword };
    const fresh = await logIn(keystone.client, '/v3', login, { project: 'demo' });
    await clients.demo.get('/v2.1/os-keypairs');
    await keystone.kill();
    expect((await clients.demo.get('/v2.1/os-keypairs')).status).toBe(200);
    const withFresh = service.client.with({ 'X-Auth-Token': fresh });
    const refused = await withFresh.get('/v2.1/os-keypairs');
    expect([refused.status, Object.keys(refused.body)]).toEqual([503, ['serviceUnavailable']]);
    await keystone.resume();
    expect((await withFresh.get('/v2.1/os-keypairs')).status).toBe(200);
  });
});
