import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Client } from '../support/client.js';
import { logIn, passwordBody, tokenBody } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';

const TOKENS = '/identity/v3/auth/tokens';
const ID = expect.stringMatching(/^[0-9a-f-]{32,36}$/);

let directory: string;
let auditFile: string;
/** What happened, in order. */
let audit: Readonly<Record<string, unknown>>[];
let log: string;
let requestIds: (string | undefined)[];
const secrets: string[] = [];

/** Performs every audited action once. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-audit-'));
  auditFile = join(directory, 'audit.log');
  putEmptyDatabase(join(directory, 'data'));
  const service = await ServiceProcess.listening({
    DATA_DIR: join(directory, 'data'),
    AUTH_MODE: 'builtin',
    AUDIT_FILE: auditFile,
    LOG_LEVEL: 'error',
  });
  await service.printed(/keypair list/);
  const [, guest] = /Guests find their metadata at http:\/\/([^/]+)\//.exec(service.printedText)!;
  const clouds = parse(readFileSync(join(directory, 'data', 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: { password: string } }>;
  };
  const { password } = clouds.clouds['latchkey-admin'].auth;
  const { client } = service;

  await client.post(TOKENS, passwordBody({ name: 'admin', password: 'password-that-is-wrong' }, undefined));
  await client.post(TOKENS, passwordBody({ name: 'password-in-the-wrong-field', password: 'x' }, undefined));
  await client.post(TOKENS, passwordBody({ name: 'admin', password }, { project: 'no-such-project' }));
  await client.post(TOKENS, tokenBody('token-that-is-none', undefined));
  const token = await logIn(client, '/identity/v3', { name: 'admin', password }, { project: 'admin' });
  const again = await client.post(TOKENS, tokenBody(token, { project: 'admin' }));
  const admin = client.with({ 'X-Auth-Token': token });
  const me = (again.body as { token: { user: { id: string } } }).token.user.id;

  await admin.at('2.92').post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: sshKeygen() } });
  const made = await admin.at('2.10').post('/v2.1/os-keypairs', { keypair: { name: 'made', user_id: 'bob' } });
  await admin.at('2.92').post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: sshKeygen() } });
  await admin.post('/v2/os-keypairs', { keypair: { name: 'old', public_key: sshKeygen() } });
  await admin.at('2.10').delete('/v2.1/os-keypairs/made?user_id=bob');
  await admin.put('/v2.1/os-quota-sets/some-project', { quota_set: { key_pairs: 7 } });
  await admin.delete('/v2.1/os-quota-sets/some-project');
  const registered = await admin.post('/v1/guests', {
    guest: { name: 'web', addresses: ['127.0.0.1'], key_names: ['laptop'] },
  });
  const { id: guestId } = (registered.body as { guest: { id: string } }).guest;
  await new Client(guest).send({
    method: 'POST',
    target: '/openstack/2013-04-04/password',
    body: Buffer.from('password-of-the-guest').toString('base64'),
  });
  await admin.send({
    method: 'PATCH',
    target: `/v1/guests/${guestId}`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ guest: { name: 'web2' } }),
  });
  await admin.delete(`/v1/guests/${guestId}`);
  await admin.with({ 'X-Subject-Token': again.headers['x-subject-token'] }).delete(TOKENS);
  expect(await service.stop()).toBe(0);

  log = service.printedText;
  const lines = readFileSync(auditFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { request_id?: string; audit: Record<string, unknown> });
  audit = lines.map((line) => line.audit);
  requestIds = lines.map(({ request_id: id }) => id);
  const privateKey = (made.body as { keypair: { private_key: string } }).keypair.private_key;
  secrets.push(password, token, again.headers['x-subject-token'], privateKey.split('\n')[3]);
  secrets.push('password-that-is-wrong', 'password-in-the-wrong-field', 'token-that-is-none', 'ssh-ed25519 AAAA');
  secrets.push(Buffer.from('password-of-the-guest').toString('base64'));
  // The user who did all this, for the expectations below.
  expect(audit[4].owner).toBe(me);
});

afterAll(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

describe('the audit', () => {
  it('records every change and log-in: who, for whom, what, from where', () => {
    const me = audit[4].owner;
    const by = { user: me, project: audit[4].project, from: '127.0.0.1' };
    const stranger = { from: '127.0.0.1' };
    const fingerprint = expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(audit).toEqual([
      { action: 'login.refuse', owner: me, reason: 'password', ...stranger },
      { action: 'login.refuse', reason: 'password', ...stranger },
      { action: 'login.refuse', owner: me, reason: 'scope', ...stranger },
      { action: 'login.refuse', reason: 'token', ...stranger },
      { action: 'login', owner: me, name: expect.any(String), kind: 'password', ...by },
      { action: 'login', owner: me, name: expect.any(String), kind: 'token', ...by },
      { action: 'keypair.create', owner: me, name: 'laptop', fingerprint, kind: 'ssh-ed25519', ...by },
      { action: 'keypair.create', owner: 'bob', name: 'made', fingerprint, kind: 'ssh-rsa', ...by },
      { action: 'keypair.create', owner: me, name: 'old', fingerprint, kind: 'ssh-ed25519', ...by },
      { action: 'keypair.delete', owner: 'bob', name: 'made', fingerprint, ...by },
      { action: 'quota.change', owner: 'some-project', name: '', ...by },
      { action: 'quota.reset', owner: 'some-project', name: '', ...by },
      { action: 'guest.create', owner: me, name: ID, ...by },
      { action: 'guest.password', owner: me, name: ID, ...stranger },
      { action: 'guest.change', owner: me, name: ID, ...by },
      { action: 'guest.delete', owner: me, name: ID, ...by },
      { action: 'token.revoke', owner: me, name: audit[5].name, ...by },
    ]);
    expect(by.user).toEqual(ID);
    expect(by.project).toEqual(ID);
    expect(audit[7].fingerprint).toBe(audit[9].fingerprint);
  });

  it('has the id of the request, except for guests, whose requests have none', () => {
    expect(requestIds.map((id) => id === undefined)).toEqual(audit.map(({ action }) => action === 'guest.password'));
    const recorded = requestIds.filter((id) => id !== undefined);
    expect(recorded).toEqual(recorded.map(() => expect.stringMatching(/^req-[0-9a-f-]{36}$/)));
  });

  it('is in the log too, whatever LOG_LEVEL is', () => {
    const lines = log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { msg?: string; audit: object });
    expect(lines.filter(({ msg }) => msg === 'audit').map((line) => line.audit)).toEqual(audit);
  });

  it('holds no secret', () => {
    const text = readFileSync(auditFile, 'utf8') + log;
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
});
