import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import {
  actorsOf,
  type Difference,
  RECORDED_CODE_SECRET,
  RECORDED_CODE_USERS,
  RECORDED_MEMBERS,
  RECORDED_PASSWORD,
  type RecordedService,
  expectRecordedScenario,
  scenariosOf,
} from '../support/keystone-recordings.js';
import { KeystoneServer } from './keystone-server.js';

/** The message for a refused project contains an id that Keystone generates each time. */
const DIFFERENCES: readonly Difference[] = [20, 21].map((step) => ({
  scenario: 'what a new project may hold',
  step,
  status: 409,
  why: 'The id is in no other answer.',
}));

describe('a Keystone answers as recorded', () => {
  let keystone: KeystoneServer;
  let recorded: RecordedService;
  let actors: Record<string, Client>;

  beforeAll(async () => {
    keystone = await KeystoneServer.start();
    const ids: Record<string, string> = {};
    for (const name of ['admin', 'demo', 'other']) ids[`project_id:${name}`] = await keystone.project(name);
    for (const name of ['admin', ...RECORDED_MEMBERS, ...RECORDED_CODE_USERS]) {
      ids[`user_id:${name}`] = await keystone.user(name, RECORDED_PASSWORD);
    }
    for (const name of [...RECORDED_MEMBERS, ...RECORDED_CODE_USERS]) {
      await keystone.assign(ids[`user_id:${name}`], ids['project_id:demo'], 'member');
    }
    for (const name of RECORDED_CODE_USERS) await keystone.requireCodes(ids[`user_id:${name}`], RECORDED_CODE_SECRET);
    for (const name of ['admin', 'member', 'reader']) ids[`role_id:${name}`] = await keystone.role(name);
    recorded = { client: keystone.client.with({ 'Content-Type': 'application/json' }), root: '', ids };
    actors = await actorsOf(recorded);
  });

  afterAll(() => keystone?.stop());

  it.each(
    ['application-credentials', 'one-time-codes', 'scopes', 'administration']
      .flatMap(scenariosOf)
      .map((each) => [each.name, each] as const),
  )('%s', async (_, scenario) => {
    await expectRecordedScenario(recorded, actors, scenario, DIFFERENCES);
    expect(scenario.steps.length).toBeGreaterThan(0);
  });
});
