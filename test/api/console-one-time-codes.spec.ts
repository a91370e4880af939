import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Audit } from '../../src/audit/audit.js';
import { codeOfStep, newCodeSecret, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import { identityYaml, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { stopClock } from '../support/stop-clock.js';

/** Users who set up one-time codes in the console. */

// Hashing passwords takes long on a busy machine.
jest.setTimeout(180_000);

const PASSWORD = 'a password';
const CODES = '/console/one-time-code';

const directory = temporaryDirectory();
let service: StartedApp;

beforeAll(async () => {
  const users = ['alice', 'bob', 'carol'].map((name) => ({ name, roles: { demo: ['member'] } }));
  const file = directory.file('identity.yaml', await identityYaml(['demo'], users, PASSWORD));
  service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_STORE: 'database', IDENTITY_FILE: file });
});

afterAll(async () => {
  await service?.stop();
  directory.remove();
});

async function pageOf(name: string, started = service): Promise<Client> {
  const token = await logIn(started.client, '/identity/v3', { name, password: PASSWORD }, { project: 'demo' });
  return started.client.with({ 'X-Auth-Token': token, 'Sec-Fetch-Site': 'same-origin' });
}

afterEach(() => {
  jest.useRealTimers();
});

/** The code of this period, or of the one before or after: each counts once. */
const codeOf = (secret: string, offset = 0): string => codeOfStep(secret, stepAt(Date.now()) + offset);

async function propose(page: Client): Promise<string> {
  const { status, body } = await page.post(CODES, {});
  expect(status).toBe(201);
  return (body as { secret: string }).secret;
}

const refusal = ({ status, text }: Reply): [number, string] => [status, text];

describe('a user', () => {
  it('sets up one-time codes, needs them to log in, and ends them with one', async () => {
    stopClock(new Date());
    const page = await pageOf('alice');
    const recorded = jest.spyOn(service.app.get(Audit), 'recordBy');
    expect((await page.get(CODES)).body).toEqual({ required: false });
    const secret = await propose(page);
    const proof = { secret, password: PASSWORD, passcode: codeOf(secret, -1) };
    expect((await page.put(CODES, proof)).status).toBe(204);
    expect((await page.get(CODES)).body).toEqual({ required: true });
    const login = { method: 'password', user: 'alice', password: PASSWORD };
    const first = await page.post('/console/session', login);
    expect(first.status).toBe(401);
    const { receipt } = first.body as { receipt: string };
    const second = { method: 'totp', user: 'alice', receipt, passcode: codeOf(secret) };
    expect((await page.post('/console/session', second)).status).toBe(201);
    expect(refusal(await page.put(CODES, { ...proof, passcode: codeOf(secret, 1) }))).toEqual([
      409,
      expect.stringContaining('You have one-time codes already'),
    ]);
    expect((await page.put(CODES, { secret: null, passcode: codeOf(secret) })).status).toBe(403);
    expect((await page.put(CODES, { secret: null, passcode: codeOf(secret, 1) })).status).toBe(204);
    expect((await page.post('/console/session', login)).status).toBe(201);
    const actions = recorded.mock.calls.map(([, { action }]) => action);
    expect(actions).toEqual(expect.arrayContaining(['user.totp', 'user.totp.remove']));
    expect(JSON.stringify(recorded.mock.calls)).not.toContain(secret);
  });

  it.each<[string, (secret: string) => object, number, string]>([
    [
      'a wrong code',
      (secret) => ({ secret, password: PASSWORD, passcode: '000000x' }),
      403,
      'The one-time code is wrong',
    ],
    [
      'a wrong password',
      (secret) => ({ secret, password: 'no', passcode: codeOf(secret) }),
      403,
      'The password is wrong.',
    ],
    ['a short secret', () => ({ secret: 'ABCD', password: PASSWORD, passcode: '1' }), 400, 'secret in Base32'],
    ['no password', (secret) => ({ secret, passcode: codeOf(secret) }), 400, 'password'],
    ['no code', (secret) => ({ secret, password: PASSWORD }), 400, 'passcode'],
  ])('is refused with %s, and logs in as before', async (_, proof, status, message) => {
    const page = await pageOf('bob');
    const secret = await propose(page);
    expect(refusal(await page.put(CODES, proof(secret)))).toEqual([status, expect.stringContaining(message)]);
    expect((await page.get(CODES)).body).toEqual({ required: false });
  });

  it('needs a token, and the page of the console', async () => {
    const page = await pageOf('bob');
    for (const each of [page.with({ 'X-Auth-Token': 'none' }), page.with({ 'Sec-Fetch-Site': 'cross-site' })]) {
      const replies = [await each.get(CODES), await each.post(CODES, {}), await each.put(CODES, { secret: null })];
      for (const { status } of replies) expect([401, 403]).toContain(status);
    }
  });

  it('cannot set them up from a program', async () => {
    const page = await pageOf('carol');
    const path = `/identity/v3/users/${testId('user carol')}/application_credentials`;
    const made = await page.post(path, { application_credential: { name: 'ci' } });
    const { id, secret } = (made.body as { application_credential: { id: string; secret: string } })
      .application_credential;
    const session = await page.post('/console/session', { method: 'application_credential', id, secret });
    const program = page.with({ 'X-Auth-Token': (session.body as { token: string }).token });
    const proposed = newCodeSecret();
    const proof = { secret: proposed, password: PASSWORD, passcode: codeOf(proposed) };
    expect(refusal(await program.put(CODES, proof))).toEqual([403, expect.stringContaining('Application credentials')]);
    expect((await page.get(CODES)).body).toEqual({ required: false });
  });

  it('cannot set them up where the users are in a file', async () => {
    const file = directory.file(
      'users.yaml',
      await identityYaml(['demo'], [{ name: 'alice', roles: { demo: ['member'] } }], PASSWORD),
    );
    const other = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file });
    const page = await pageOf('alice', other);
    const secret = await propose(page);
    const reply = await page.put(CODES, { secret, password: PASSWORD, passcode: codeOf(secret) });
    expect(refusal(reply)).toEqual([403, expect.stringContaining('the users are in a file')]);
    expect((await other.client.get('/console/settings.json')).body).toMatchObject({ hasOneTimeCodes: false });
    await other.stop();
  });
});
