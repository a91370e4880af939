import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { RECORDED_PROJECTS, RECORDED_USERS, recordedActors } from '../support/recorded-actors.js';
import { replayWithTokens, SCENARIOS_WITH_TOKENS } from '../support/replay-with-tokens.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from './identity-yaml.js';

const PASSWORD = 'recorded-password';

describe('a real Nova behind a Keystone, recorded, and the built-in identity', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;
  let clients: Record<string, Client>;
  let ids: Record<string, string>;

  beforeAll(async () => {
    const users: TestUser[] = [
      { name: 'admin', roles: { admin: ['admin'] }, system_roles: ['admin'] },
      { name: 'demo', roles: { demo: ['member'], other: ['member'] } },
      { name: 'demo2', roles: { demo: ['member'] } },
      { name: 'reader', roles: { demo: ['reader'] } },
      { name: 'scratch', roles: { demo: ['member'] } },
    ];
    const file = directory.file('identity.yaml', await identityYaml(RECORDED_PROJECTS, users, PASSWORD));
    service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file, MAX_MICROVERSION: '2.93' });
    clients = await recordedActors(service.client, service.client, '/identity/v3', PASSWORD);
    ids = {
      ...Object.fromEntries(RECORDED_USERS.map((name) => [`user_id:${name}`, testId(`user ${name}`)])),
      ...Object.fromEntries(RECORDED_PROJECTS.map((name) => [`project_id:${name}`, testId(`project ${name}`)])),
      identity_uri: `http://${service.client.host}/identity`,
    };
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  it.each(SCENARIOS_WITH_TOKENS.map((each) => [each.name, each] as const))(
    'answer %s the same',
    async (_, scenario) => {
      await replayWithTokens(service, clients, ids, scenario);
      expect(scenario.steps.length).toBeGreaterThan(0);
    },
  );
});
