import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { IdentityStore } from '../../src/identity/builtin/store/identity-store.js';
import { codeOfStep, newCodeSecret, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import { OneTimeCodeRepository } from '../../src/persistence/repositories/one-time-code.repository.js';
import type { Reply } from '../support/client.js';
import { logIn, tokenBody, tokenOf } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { stopClock } from '../support/stop-clock.js';
import { until } from '../support/until.js';
import { identityYaml, temporaryDirectory, testId } from './identity-yaml.js';

const TOKENS = '/identity/v3/auth/tokens';
const PASSWORD = 'a password';
const DOMAIN = { id: 'default' };
const SCOPE = { project: { name: 'demo', domain: DOMAIN } };
const SECRET = newCodeSecret();
const NAMES = [
  'window',
  'once',
  'replicas',
  'scope',
  'receipt',
  'older',
  'guesses',
  'victim',
  'late',
  'changed',
  'shown',
];

let service: StartedApp;
const directory = temporaryDirectory();
let file: string;

beforeAll(async () => {
  const users = NAMES.map((name) => ({ name, roles: { demo: ['member'] }, totp: SECRET }));
  const admin = { name: 'admin', roles: { demo: ['admin'] }, system_roles: ['admin'] };
  file = directory.file('identity.yaml', await identityYaml(['demo'], [admin, ...users], PASSWORD));
  service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: file });
  // The throttle's pauses would follow the clock of these tests; one of them has a throttle.
  service.app.get(LoginThrottle).attempt = (_user, _address, isRight) => isRight();
});
afterAll(async () => {
  jest.useRealTimers();
  await service?.stop();
  directory.remove();
});
// The clock is frozen, so that no step ends in the middle of a test.
beforeEach(() => stopClock(new Date('2027-01-31T12:34:56Z')));

/** The code now, or some steps later. */
const code = (later = 0): string => codeOfStep(SECRET, stepAt(Date.now()) + later);

interface Proofs {
  readonly password?: string;
  readonly passcode?: unknown;
}

function send(name: string, { password, passcode }: Proofs, receipt?: string, scope: object = SCOPE): Promise<Reply> {
  const proofs = {
    ...(password !== undefined && { password: { user: { name, domain: DOMAIN, password } } }),
    ...(passcode !== undefined && { totp: { user: { name, domain: DOMAIN, passcode } } }),
  };
  const client = receipt === undefined ? service.client : service.client.with({ 'Openstack-Auth-Receipt': receipt });
  return client.post(TOKENS, { auth: { identity: { methods: Object.keys(proofs), ...proofs }, scope } });
}

async function receiptOf(name: string): Promise<string> {
  const reply = await send(name, { password: PASSWORD });
  expect(reply.status).toBe(401);
  return reply.headers['openstack-auth-receipt'];
}

describe('a log-in with one-time codes', () => {
  it('accepts the code of the period before and after, and none further', async () => {
    const statuses: number[] = [];
    for (const later of [-2, -1, 0, 1, 2]) {
      statuses.push((await send('window', { password: PASSWORD, passcode: code(later) })).status);
    }
    expect(statuses).toEqual([401, 201, 201, 201, 401]);
  });

  it('accepts each code once, and none older than an accepted one', async () => {
    expect((await send('once', { password: PASSWORD, passcode: code() })).status).toBe(201);
    expect((await send('once', { password: PASSWORD, passcode: code() })).status).toBe(401);
    expect((await send('once', { password: PASSWORD, passcode: code(-1) })).status).toBe(401);
    expect((await send('once', { passcode: code() }, await receiptOf('once'))).status).toBe(401);
  });

  it('accepts a code once, however many send it at the same time', async () => {
    const codes = service.app.get(OneTimeCodeRepository);
    const uses = Array.from({ length: 8 }, () => codes.use(testId('user replicas'), 7));
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
  });

  it('uses up a code even if the scope is refused', async () => {
    const other = { project: { name: 'nothing', domain: DOMAIN } };
    expect((await send('scope', { password: PASSWORD, passcode: code() }, undefined, other)).status).toBe(401);
    expect((await send('scope', { password: PASSWORD, passcode: code() })).status).toBe(401);
  });

  it('counts wrong codes separately from passwords, so that a right password makes no guess free', async () => {
    const guess = (): Promise<Reply> => send('guesses', { password: PASSWORD, passcode: '000000' });
    jest.useRealTimers();
    const throttle = new LoginThrottle();
    const attempt = jest.spyOn(service.app.get(LoginThrottle), 'attempt');
    attempt.mockImplementation((...args) => throttle.attempt(...args));
    for (let tries = 0; tries < 5; tries += 1) expect((await guess()).status).toBe(401);
    const start = performance.now();
    expect((await guess()).status).toBe(401);
    expect(performance.now() - start).toBeGreaterThan(400);
    attempt.mockRestore();
  });
});

describe('a receipt', () => {
  it('is no token, for either API', async () => {
    const receipt = await receiptOf('receipt');
    const holder = service.client.with({ 'X-Auth-Token': receipt });
    expect((await holder.get('/v2.1/os-keypairs')).status).toBe(401);
    expect((await holder.get('/identity/v3/auth/projects')).status).toBe(401);
    expect((await service.client.post(TOKENS, tokenBody(receipt, undefined))).status).toBe(401);
    const admin = await logIn(
      service.client,
      '/identity/v3',
      { name: 'admin', password: PASSWORD },
      { project: 'demo' },
    );
    const about = service.client.with({ 'X-Auth-Token': admin, 'X-Subject-Token': receipt });
    expect((await about.get(TOKENS)).status).toBe(404);
  });

  it('cannot be a token, a modified receipt, or one of another user', async () => {
    const admin = await logIn(service.client, '/identity/v3', { name: 'admin', password: PASSWORD }, undefined);
    const receipt = await receiptOf('victim');
    const [head, body, signature] = receipt.split('.');
    const forged = Buffer.from(body, 'base64url').toString().replace(testId('user victim'), testId('user older'));
    const others = [
      admin,
      `${receipt}.`,
      receipt.slice(0, -1),
      `${head}.${Buffer.from(forged).toString('base64url')}.${signature}`,
      `${Buffer.from('{"alg":"none","typ":"receipt+jwt"}').toString('base64url')}.${body}.`,
      'x'.repeat(5000),
      receipt,
    ];
    for (const each of others) expect((await send('older', { password: PASSWORD }, each)).status).toBe(401);
    const last = await send('older', { password: PASSWORD }, receipt);
    expect(last.body).toEqual({
      error: { code: 401, title: 'Unauthorized', message: 'Could not find auth receipt.' },
    });
  });

  it('is valid for five minutes', async () => {
    const receipt = await receiptOf('late');
    stopClock(new Date('2027-01-31T12:39:55Z'));
    expect((await send('late', { passcode: code() }, receipt)).status).toBe(201);
    stopClock(new Date('2027-01-31T12:39:56Z'));
    expect((await send('late', { passcode: code(1) }, receipt)).status).toBe(401);
  });

  it('is invalid once the password changes', async () => {
    const receipt = await receiptOf('changed');
    const before = readFileSync(file, 'utf8');
    const user = service.app.get(IdentityStore).current().user(testId('user changed'))!;
    const newHash = (await identityYaml([], [{ name: 'x' }], 'another')).match(/password: (\S+)/)![1];
    const at = before.indexOf(testId('user changed'));
    writeFileSync(file, before.slice(0, at) + before.slice(at).replace(/password: \S+/, `password: ${newHash}`));
    jest.useRealTimers();
    await until(
      () => service.app.get(IdentityStore).current().user(user.id)!.passwordHash !== user.passwordHash,
      'the new password is known',
      { timeoutMs: 60_000 },
    );
    stopClock(new Date('2027-01-31T12:34:57Z'));
    expect((await send('changed', { passcode: code() }, receipt)).status).toBe(401);
  });
});

describe('a secret of one-time codes', () => {
  it('is shown to no one, not even to administrators and the user', async () => {
    const admin = await logIn(
      service.client,
      '/identity/v3',
      { name: 'admin', password: PASSWORD },
      { project: 'demo' },
    );
    const own = tokenOf(await send('shown', { password: PASSWORD, passcode: code() }));
    const id = testId('user shown');
    for (const token of [admin, own]) {
      const { status, text } = await service.client.with({ 'X-Auth-Token': token }).get(`/identity/v3/users/${id}`);
      expect([status, text.includes('"shown"'), text.includes(SECRET)]).toEqual([200, true, false]);
    }
  });
});
