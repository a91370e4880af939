import { join } from 'node:path';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { identityYaml, type TestUser, temporaryDirectory } from '../identity/identity-yaml.js';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** Services in every state that a status reports. */
export interface Services {
  /** The defaults without tokens: the client names its user and project. */
  readonly usual: StartedApp;
  /** A policy that allows nothing. */
  readonly forbidding: StartedApp;
  /** Requires tokens. */
  readonly guarded: StartedApp;
  /** Allows one request for each client. */
  readonly limited: StartedApp;
  /** Require tokens: one without its tables, and one without its database. */
  readonly broken: StartedApp;
  readonly offline: StartedApp;
  /** A client of the service with a token: of an administrator, or of alice in the project demo. */
  asAdmin(service: StartedApp): Client;
  asAlice(service: StartedApp): Client;
  stop(): Promise<void>;
}

const PASSWORD = 'a password';
const USERS: readonly TestUser[] = [
  { name: 'admin', roles: { admin: ['admin'] }, domain_roles: ['admin'], system_roles: ['admin'] },
  { name: 'alice', roles: { demo: ['member'] } },
];

const RULES = [
  ...['index', 'create', 'show', 'delete'].map((action) => `os_compute_api:os-keypairs:${action}`),
  ...['show', 'detail', 'defaults', 'update', 'delete'].map((action) => `os_compute_api:os-quota-sets:${action}`),
  'os_compute_api:limits',
  'latchkey:events:index',
  'latchkey:guests:delete',
  'latchkey:guests:index',
  'latchkey:guests:nocloud_token',
  'latchkey:guests:update',
  'latchkey:ssh-certificates:revoke',
];

export async function startServices(): Promise<Services> {
  const directory = temporaryDirectory();
  const policy = directory.file('policy.yaml', RULES.map((rule) => `"${rule}": "!"\n`).join(''));
  const builtin = {
    AUTH_MODE: 'builtin',
    IDENTITY_STORE: 'database',
    PUBLIC_URL: 'http://localhost:8774',
    IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['admin', 'demo'], USERS, PASSWORD)),
    TOKEN_KEY_FILE: join(directory.path, 'token.key'),
    SSH_CA: 'on',
    SSH_CA_KEY_FILE: join(directory.path, 'ssh-ca.key'),
  };
  const usual = await startApp({ PUBLIC_URL: 'http://localhost:8774' });
  const forbidding = await startApp({ POLICY_FILE: policy, SSH_CA: 'on', SSH_CA_KEY_FILE: builtin.SSH_CA_KEY_FILE });
  const guarded = await startApp(builtin);
  const limited = await startApp({ RATE_LIMIT: '1/3600' });
  const broken = await startApp(builtin);
  await source(broken).query(
    'DROP TABLE keypair_details, keypair_versions, key_pairs, keypair_usage, quotas, revoked_tokens, application_credentials, application_credential_usage, one_time_codes, identity_users, identity_projects, identity_assignments, guest_addresses, guest_fetches, guest_host_keys, guest_nocloud_tokens, guests, ssh_certificates, events',
  );
  const offline = await startApp(builtin);
  await source(offline).destroy();

  const tokenOf = (name: string, project: string): Promise<string> =>
    logIn(guarded.client, '/identity/v3', { name, password: PASSWORD }, { project });
  const admin = { 'X-Auth-Token': await tokenOf('admin', 'admin') };
  const alice = { 'X-Auth-Token': await tokenOf('alice', 'demo') };
  return {
    usual,
    forbidding,
    guarded,
    limited,
    broken,
    offline,
    asAdmin: ({ client }) => client.with(admin),
    asAlice: ({ client }) => client.with(alice),
    stop: async () => {
      for (const service of [usual, forbidding, guarded, limited, broken, offline]) await service.stop();
      directory.remove();
    },
  };
}

const source = (service: StartedApp): DataSource => service.app.get<DataSource>(getDataSourceToken());
