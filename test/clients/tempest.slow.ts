import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { identityYaml, type TestUser, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { freePort } from '../support/free-port.js';
import { KeystoneServer } from './keystone-server.js';
import { keystoneSettings } from './keystone-settings.js';
import { outcomeOf } from './run-command.js';

/** Tempest's tests of keypairs. */
const TESTS = String.raw`^tempest\.api\.compute\.(keypairs\.|admin\.test_keypairs_v210\.)`;
const PASSWORD = 'tempest-password';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';

type Options = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What every cloud of these tests has in common: compute and identity, nothing else. */
const COMMON: Options = {
  service_available: { neutron: 'false', glance: 'false', cinder: 'false', swift: 'false', nova: 'true' },
  compute: { max_microversion: 'latest' },
  validation: { run_validation: 'false' },
};

describe('Tempest passes its tests of keypairs', () => {
  const directory = temporaryDirectory();
  const stops: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  afterAll(() => directory.remove());

  it('with pre-provisioned accounts in the built-in identity', async () => {
    const users: TestUser[] = [
      { name: 'primary', roles: { one: ['member'] } },
      { name: 'second', roles: { two: ['member'] } },
      { name: 'reader', roles: { one: ['reader'] } },
      { name: 'boss', roles: { admin: ['admin'] } },
    ];
    putEmptyDatabase(join(directory.path, 'data'));
    const service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      DATA_DIR: join(directory.path, 'data'),
      IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['one', 'two', 'admin'], users, PASSWORD)),
    });
    stops.push(() => service.stop());
    // Keypairs of its projects change nothing for Tempest.
    for (const [name, project] of [
      ['primary', 'one'],
      ['second', 'two'],
      ['boss', 'admin'],
    ]) {
      const token = await logIn(service.client, '/identity/v3', { name, password: PASSWORD }, { project });
      const path = `/v1/projects/${testId(`project ${project}`)}/keypairs/planted`;
      const planted = await service.client.with({ 'X-Auth-Token': token }).put(path, { keypair: { public_key: KEY } });
      expect(planted.status).toBe(201);
    }
    const accounts = [
      { username: 'primary', project_name: 'one', roles: ['member'] },
      { username: 'second', project_name: 'two', roles: ['member'] },
      { username: 'reader', project_name: 'one', roles: ['reader'] },
      { username: 'boss', project_name: 'admin', types: ['admin'], roles: ['admin'] },
    ].map((each) => ({ ...each, password: PASSWORD, domain_name: 'Default' }));

    const summary = await tempest('preprovisioned', {
      ...COMMON,
      identity: identityOptions(`http://${service.client.host}/identity/v3`),
      auth: {
        use_dynamic_credentials: 'false',
        test_accounts_file: directory.file('accounts.yaml', stringify(accounts)),
        tempest_roles: 'member',
      },
    });
    expect(summary).toMatch(/ - Failed: 0\n/);
    expect(summary).toMatch(/ - Passed: 1[0-9]\n/);
  });

  it('with accounts that it creates in a real Keystone', async () => {
    const keystone = await KeystoneServer.start();
    stops.push(() => keystone.stop());
    putEmptyDatabase(join(directory.path, 'keystone-data'));
    const service = await ServiceProcess.listening({
      ...keystoneSettings(keystone),
      DATA_DIR: join(directory.path, 'keystone-data'),
      PORT: String(await freePort()),
    });
    stops.push(() => service.stop());
    await keystone.announceCompute(`http://${service.client.host}/v2.1`);

    const summary = await tempest('dynamic', {
      ...COMMON,
      identity: identityOptions(keystone.url),
      auth: dynamicCredentials(KeystoneServer.adminPassword),
    });
    expect(summary).toMatch(/ - Failed: 0\n/);
    expect(summary).toMatch(/ - Passed: 1[0-9]\n/);
  });

  it('with accounts that it creates in the built-in identity', async () => {
    const data = join(directory.path, 'builtin-data');
    const service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      DATA_DIR: data,
      PORT: String(await freePort()),
    });
    stops.push(() => service.stop());
    const { clouds } = parse(readFileSync(join(data, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, { auth: { auth_url: string; password: string } }>;
    };
    const { auth_url: url, password } = clouds['latchkey-admin'].auth;

    const summary = await tempest('builtin', {
      ...COMMON,
      identity: identityOptions(url),
      auth: dynamicCredentials(password),
    });
    expect(summary).toMatch(/ - Failed: 0\n/);
    expect(summary).toMatch(/ - Passed: 1[0-9]\n/);
    // Tempest deletes its accounts when it ends.
    const token = await logIn(service.client, '/identity/v3', { name: 'admin', password }, { project: 'admin' });
    const users = await service.client.with({ 'X-Auth-Token': token }).get('/identity/v3/users');
    expect((users.body as { users: { name: string }[] }).users.map(({ name }) => name)).toEqual(['admin', 'demo']);
  });

  /** Runs the tests; returns Tempest's summary. */
  async function tempest(name: string, options: Options): Promise<string> {
    const workspace = join(directory.path, name);
    mkdirSync(workspace, { recursive: true });
    const environment = { HOME: directory.path };
    await outcomeOf(
      'tempest',
      ['init', '--workspace-path', join(workspace, 'workspaces.yaml'), workspace],
      environment,
      directory.path,
    );
    const locks = { oslo_concurrency: { lock_path: join(workspace, 'locks') } };
    writeFileSync(join(workspace, 'etc', 'tempest.conf'), ini({ ...options, ...locks }));
    const { stdout, stderr } = await outcomeOf(
      'tempest',
      ['run', '--serial', '--regex', TESTS],
      environment,
      workspace,
    );
    return `${stdout}\n${stderr}`;
  }
});

function identityOptions(url: string): Readonly<Record<string, string>> {
  return { uri_v3: url, auth_version: 'v3', region: 'RegionOne', v3_endpoint_type: 'public' };
}

/** Tempest creates the accounts itself, as this administrator. */
function dynamicCredentials(adminPassword: string): Readonly<Record<string, string>> {
  return {
    use_dynamic_credentials: 'true',
    admin_username: 'admin',
    admin_password: adminPassword,
    admin_project_name: 'admin',
    admin_domain_name: 'Default',
    tempest_roles: 'member',
  };
}

function ini(options: Options): string {
  return Object.entries(options)
    .map(
      ([section, values]) =>
        `[${section}]\n${Object.entries(values)
          .map(([name, value]) => `${name} = ${value}\n`)
          .join('')}`,
    )
    .join('\n');
}
