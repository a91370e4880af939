import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
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
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, temporaryDirectory, testId } from './identity-yaml.js';

const PROJECTS = ['admin', 'demo', 'other'];

const LOG_IN = 'a log-in by id, and by name and user';
const BODY = 'what a body may hold';
const WHOSE = 'whose credentials a caller may use';
const RESTRICTED = 'a restricted credential makes and deletes none, an unrestricted one does';

const UNKNOWN = 'Keystone answers 404, which reveals to strangers which ids exist.';
const OTHERS = 'Keystone answers 403, or shows it to administrators; both reveal that it exists.';
const NO_PROJECT = 'Keystone makes a credential with which no user can log in to a project.';
const METHODS = 'methods';
const WRONG_CODES = 'wrong ones';
const NO_RECEIPTS = 'receipts that are none';
const CODES = 'what a code may be';
const BESIDE_CODES = 'an application credential beside codes';
const RECEIPT = 'Keystone repeats the receipt in the message.';
const BROKEN = 'Keystone answers 500.';
const LIFE_OF_PROJECT = 'a project is created, changed and deleted';
const NEW_USER = 'what a new user may hold';
const CHANGED_USER = 'what a change of a user may hold';
const OWN_PASSWORD = 'a user changes the own password';
const NEW_PROJECT = 'what a new project may hold';
const CHANGED_PROJECT = 'what a change of a project may hold';
const ADMINISTRATORS = 'only an administrator changes users, projects and assignments';
const ENDS = 'application credentials end with the role, the user and the project';
const OPEN = 'With an empty password everyone could log in as the user.';
const OPTIONS = 'Options are refused, since none is in force.';
const NEW_ID = 'Keystone names the id that the project would have had.';
const FLAT = 'There is one domain, and projects are in no other project.';
const ENUMERATION = 'Keystone answers 404, so that a member learns which users and projects exist.';

/** Intended differences; docs/compatibility.md has the rows. */
const DIFFERENCES: readonly Difference[] = [
  { scenario: BODY, step: 13, status: 400, why: 'Keystone cuts a long secret, so that others fit it too.' },
  { scenario: BODY, step: 15, status: 400, why: BROKEN },
  { scenario: BODY, step: 37, status: 201, why: 'A role that is named twice is one role.' },
  { scenario: BODY, step: 48, status: 400, why: 'Rules of access are refused until they are enforced.' },
  { scenario: WHOSE, step: 8, status: 404, why: OTHERS },
  { scenario: WHOSE, step: 11, status: 404, why: OTHERS },
  { scenario: WHOSE, step: 15, status: 404, why: OTHERS },
  { scenario: WHOSE, step: 17, status: 403, why: NO_PROJECT },
  { scenario: WHOSE, step: 18, status: 403, why: NO_PROJECT },
  { scenario: LOG_IN, step: 7, status: 401, why: UNKNOWN },
  { scenario: LOG_IN, step: 13, status: 400, why: UNKNOWN },
  { scenario: LOG_IN, step: 21, status: 400, why: BROKEN },
  { scenario: LOG_IN, step: 36, status: 401, why: UNKNOWN },
  { scenario: LOG_IN, step: 37, status: 401, why: UNKNOWN },
  { scenario: RESTRICTED, step: 14, status: 401, why: UNKNOWN },
  { scenario: LIFE_OF_PROJECT, step: 13, status: 401, why: UNKNOWN },
  { scenario: NEW_USER, step: 32, status: 400, why: OPEN },
  ...[59, 60].map((step) => ({ scenario: NEW_USER, step, status: 400, why: OPTIONS })),
  { scenario: CHANGED_USER, step: 24, status: 400, why: OPEN },
  { scenario: OWN_PASSWORD, step: 30, status: 400, why: OPEN },
  { scenario: OWN_PASSWORD, step: 31, status: 401, why: OPEN },
  ...[20, 21].map((step) => ({ scenario: NEW_PROJECT, step, status: 409, why: NEW_ID })),
  ...[36, 40, 41].map((step) => ({ scenario: NEW_PROJECT, step, status: 400, why: FLAT })),
  { scenario: NEW_PROJECT, step: 58, status: 400, why: OPTIONS },
  { scenario: CHANGED_PROJECT, step: 8, status: 409, why: BROKEN },
  ...[20, 26, 32, 33, 34, 35, 36, 37, 38, 64, 67, 68].map((step) => {
    return { scenario: ADMINISTRATORS, step, status: 403, why: ENUMERATION };
  }),
  { scenario: ENDS, step: 34, status: 401, why: UNKNOWN },
  { scenario: METHODS, step: 0, status: 401, why: 'A name that is no method may be a password in the wrong place.' },
  { scenario: METHODS, step: 12, status: 401, why: 'A wrong token is a failed log-in like any other.' },
  { scenario: WRONG_CODES, step: 11, status: 401, why: 'Each code counts once.' },
  ...[0, 1, 4, 5].map((step) => ({
    scenario: NO_RECEIPTS,
    step,
    status: 401,
    message: 'Could not find auth receipt.',
    why: RECEIPT,
  })),
  {
    scenario: NO_RECEIPTS,
    step: 6,
    status: 401,
    why: 'A receipt is not a token: the log-in fails as with any wrong one.',
  },
  { scenario: CODES, step: 3, status: 400, why: BROKEN },
  { scenario: CODES, step: 15, status: 400, why: 'An id that is no text is malformed in every method.' },
  { scenario: CODES, step: 17, status: 400, why: 'Keystone answers with an error of Python.' },
  { scenario: BESIDE_CODES, step: 2, status: 201, why: 'Programs that use an application credential have no codes.' },
];

// Each password that a scenario sets is hashed, which takes a second on a busy machine.
jest.setTimeout(300_000);

describe('the built-in identity, and a real Keystone as recorded', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;
  let recorded: RecordedService;
  let actors: Record<string, Client>;

  beforeAll(async () => {
    const members = RECORDED_MEMBERS.map((name) => ({ name, roles: { demo: ['member'] } }));
    const withCodes = RECORDED_CODE_USERS.map((name) => ({
      name,
      roles: { demo: ['member'] },
      totp: RECORDED_CODE_SECRET,
    }));
    const admin = { name: 'admin', roles: { admin: ['admin'], demo: ['admin'] }, system_roles: ['admin'] };
    service = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      IDENTITY_FILE: directory.file(
        'identity.yaml',
        await identityYaml(PROJECTS, [admin, ...members, ...withCodes], RECORDED_PASSWORD),
      ),
    });
    // The recordings have more failed log-ins than the throttle permits at once, which a test of its own covers.
    service.app.get(LoginThrottle).attempt = (_user, _address, isRight) => isRight();
    const ids = [
      ...['admin', ...RECORDED_MEMBERS, ...RECORDED_CODE_USERS].map((name) => [
        `user_id:${name}`,
        testId(`user ${name}`),
      ]),
      ...PROJECTS.map((name) => [`project_id:${name}`, testId(`project ${name}`)]),
      ...['admin', 'member', 'reader'].map((name) => [`role_id:${name}`, idOf('role', name)]),
    ];
    recorded = { client: service.client, root: '/identity', ids: Object.fromEntries(ids) as Record<string, string> };
    actors = await actorsOf(recorded);
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const scenarios = ['application-credentials', 'one-time-codes', 'scopes', 'administration'].flatMap(scenariosOf);
  it.each(scenarios.map((each) => [each.name, each] as const))('answer the same: %s', async (_, scenario) => {
    await expectRecordedScenario(recorded, actors, scenario, DIFFERENCES);
    expect(scenario.steps.length).toBeGreaterThan(0);
  });

  it('differ only in steps that exist', () => {
    for (const { scenario, step } of DIFFERENCES) {
      expect(scenarios.find(({ name }) => name === scenario)?.steps[step]).toBeDefined();
    }
  });
});
