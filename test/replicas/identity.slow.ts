import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

const USERS = '/identity/v3/users';
const CAROL = { name: 'carol', password: 'a password of carol' };

let directory: string;
let first: ServiceProcess;
let second: ServiceProcess;
let admin: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-replicas-'));
  const settings = {
    AUTH_MODE: 'builtin',
    IDENTITY_STORE: 'database',
    DATA_DIR: directory,
    DATABASE_URL: process.env.DATABASE_URL!,
    MIGRATE_ON_START: 'true',
  };
  [first, second] = await Promise.all([ServiceProcess.listening(settings), ServiceProcess.listening(settings)]);
  const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: { username: string; password: string } }>;
  };
  const { username: name, password } = clouds['latchkey-admin'].auth;
  admin = await logIn(second.client, '/identity/v3', { name, password }, 'system');
});

afterAll(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const at = (replica: ServiceProcess, token: string): Client => replica.client.with({ 'X-Auth-Token': token });

describe('two replicas with their users in one database', () => {
  it('have one administrator, though both were started at once on an empty database', async () => {
    const names = async (replica: ServiceProcess): Promise<string[]> =>
      ((await at(replica, admin).get(USERS)).body as { users: { name: string }[] }).users.map(({ name }) => name);
    expect((await names(first)).toSorted()).toEqual(['admin', 'demo']);
    expect((await names(second)).toSorted()).toEqual(['admin', 'demo']);
  });

  it('admit a user created at the other one, and refuse the tokens when the user is disabled there', async () => {
    const made = await at(first, admin).post(USERS, { user: CAROL });
    expect(made.status).toBe(201);
    const { id } = (made.body as { user: { id: string } }).user;
    const project = await at(first, admin).post('/identity/v3/projects', { project: { name: 'blue' } });
    const blue = (project.body as { project: { id: string } }).project.id;
    const roles = (await at(first, admin).get('/identity/v3/roles?name=member')).body as { roles: { id: string }[] };
    const grant = `/identity/v3/projects/${blue}/users/${id}/roles/${roles.roles[0].id}`;
    expect((await at(first, admin).send({ method: 'PUT', target: grant })).status).toBe(204);

    const token = await until(
      () => logIn(second.client, '/identity/v3', CAROL, { project: 'blue' }).catch(() => undefined),
      'carol logs in at the second replica',
    );
    const list = async (): Promise<number> => (await at(second, token).get('/v2.1/os-keypairs')).status;
    expect(await list()).toBe(200);

    const disabled = JSON.stringify({ user: { enabled: false } });
    const changed = await at(first, admin).send({ method: 'PATCH', target: `${USERS}/${id}`, body: disabled });
    expect(changed.status).toBe(200);
    await until(async () => (await list()) === 401, 'the second replica refuses the token');
  });
});
