import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { Client } from '../support/client.js';
import { passwordBody } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { freePort } from '../support/free-port.js';
import { type Outcome, outcomeOf, outputOf } from './run-command.js';
import { until } from '../support/until.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob alice@wonderland\n';

interface Cloud {
  readonly auth: Readonly<Record<string, string>>;
  readonly region_name: string;
}

describe('the clients of OpenStack, unmodified, right after the first start', () => {
  const directory = temporaryDirectory();
  const keyFile = directory.file('key.pub', KEY);
  const cloudsFile = join(directory.path, 'clouds.yaml');
  let service: ServiceProcess;
  let clouds: Record<string, Cloud>;

  beforeAll(async () => {
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      DATA_DIR: directory.path,
      PORT: String(await freePort()),
    });
    clouds = (parse(readFileSync(cloudsFile, 'utf8')) as { clouds: Record<string, Cloud> }).clouds;
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const environment = { OS_CLIENT_CONFIG_FILE: cloudsFile, HOME: directory.path };
  const openstack = (cloud: string, ...args: string[]): Promise<string> =>
    outputOf('openstack', ['--os-cloud', cloud, ...args], environment);
  const listed = async (cloud: string, ...args: string[]): Promise<Record<string, string>[]> =>
    JSON.parse(await openstack(cloud, ...args, '-f', 'json')) as Record<string, string>[];
  const shown = async (cloud: string, ...args: string[]): Promise<Record<string, string>> =>
    JSON.parse(await openstack(cloud, ...args, '-f', 'json')) as Record<string, string>;

  const latchkey = (...args: string[]): Promise<string> =>
    outputOf(process.execPath, ['dist/src/cli/latchkey.js', ...args], { ...environment, DATA_DIR: directory.path });

  const nova = (cloud: string, ...args: string[]): Promise<string> =>
    outputOf('nova', args, { ...novaEnvironment(clouds[cloud]), HOME: directory.path });

  it('see in the start banner how to log in, and the passwords are in no output', () => {
    expect(service.printedText).toContain(
      `OS_CLIENT_CONFIG_FILE=${cloudsFile} openstack --os-cloud latchkey keypair list`,
    );
    for (const { auth } of Object.values(clouds)) expect(service.printedText).not.toContain(auth.password);
    expect(statSync(cloudsFile).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['the default microversion', []],
    ['2.2', ['--os-compute-api-version', '2.2']],
    ['2.10', ['--os-compute-api-version', '2.10']],
    ['2.35', ['--os-compute-api-version', '2.35']],
    ['2.92', ['--os-compute-api-version', '2.92']],
  ])('openstack imports, lists, shows and deletes a keypair at %s', async (_, version) => {
    const made = await shown('latchkey', ...version, 'keypair', 'create', '--public-key', keyFile, 'laptop');
    expect(made).toMatchObject({
      name: 'laptop',
      fingerprint: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/),
    });
    expect(await listed('latchkey', ...version, 'keypair', 'list')).toMatchObject([{ Name: 'laptop' }]);
    expect(await shown('latchkey', ...version, 'keypair', 'show', 'laptop')).toMatchObject({ name: 'laptop' });
    expect(await openstack('latchkey', ...version, 'keypair', 'show', '--public-key', 'laptop')).toBe(`${KEY}\n`);
    await openstack('latchkey', ...version, 'keypair', 'delete', 'laptop');
    expect(await listed('latchkey', ...version, 'keypair', 'list')).toEqual([]);
  });

  it('openstack gets a private key for a generated pair, and ssh-keygen reads it', async () => {
    const file = join(directory.path, 'made.pem');
    await openstack('latchkey', 'keypair', 'create', '--private-key', file, 'made');
    expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/);
    chmodSync(file, 0o600);
    const publicHalf = await outputOf('ssh-keygen', ['-y', '-f', file], {});
    const stored = await openstack('latchkey', 'keypair', 'show', '--public-key', 'made');
    expect(stored.split(' ').slice(0, 2)).toEqual(publicHalf.trim().split(' ').slice(0, 2));
    await openstack('latchkey', 'keypair', 'delete', 'made');
  });

  it('openstack makes and lists keypairs of another user as an administrator at 2.10, and no other user does', async () => {
    const at = ['--os-compute-api-version', '2.10'];
    await openstack('latchkey-admin', ...at, 'keypair', 'create', '--public-key', keyFile, '--user', 'demo', 'given');
    expect(await listed('latchkey-admin', ...at, 'keypair', 'list', '--user', 'demo')).toMatchObject([
      { Name: 'given' },
    ]);
    expect(await listed('latchkey-admin', ...at, 'keypair', 'list')).toEqual([]);
    expect(await listed('latchkey', ...at, 'keypair', 'list')).toMatchObject([{ Name: 'given' }]);
    // Debian's openstacksdk drops --user when it deletes, so the owner deletes it.
    await openstack('latchkey', ...at, 'keypair', 'delete', 'given');
    expect(await listed('latchkey', ...at, 'keypair', 'list')).toEqual([]);

    const refused = await outcomeOf(
      'openstack',
      ['--os-cloud', 'latchkey', ...at, 'keypair', 'list', '--user', 'admin'],
      environment,
    );
    expect(refused.code).not.toBe(0);
  });

  it('openstack lists the other resources of an identity and a compute service', async () => {
    const [region] = await listed('latchkey-admin', 'region', 'list');
    expect(region).toMatchObject({ Region: 'RegionOne' });
    const services = await listed('latchkey-admin', 'service', 'list');
    expect(services.map(({ Type }) => Type).toSorted()).toEqual(['compute', 'identity']);
    expect(await listed('latchkey-admin', 'endpoint', 'list')).toHaveLength(6);
    expect(await listed('latchkey-admin', 'implied', 'role', 'list')).toHaveLength(3);
    const assignments = await listed('latchkey-admin', 'role', 'assignment', 'list', '--names', '--user', 'demo');
    expect(assignments).toMatchObject([{ Role: 'member', User: 'demo@Default', Project: 'demo@Default' }]);
    for (const empty of ['group list', 'credential list', 'limit list', 'registered limit list']) {
      expect(await listed('latchkey-admin', ...empty.split(' '))).toEqual([]);
    }
    for (const empty of ['flavor list', 'availability zone list --compute', 'server group list']) {
      expect(await listed('latchkey', ...empty.split(' '))).toEqual([]);
    }
    expect(await nova('latchkey', 'list')).not.toContain('ACTIVE');
  });

  it('openstack lists the keypairs of a whole project for an administrator', async () => {
    const at = ['--os-compute-api-version', '2.10'];
    await openstack('latchkey', ...at, 'keypair', 'create', '--public-key', keyFile, 'of-demo');
    expect(await listed('latchkey-admin', ...at, 'keypair', 'list', '--project', 'demo')).toMatchObject([
      { Name: 'of-demo' },
    ]);
    await openstack('latchkey', ...at, 'keypair', 'delete', 'of-demo');
  });

  it('openstack pages through keypairs at 2.35 with --limit and --marker', async () => {
    const at = ['--os-compute-api-version', '2.35'];
    for (const name of ['a', 'b', 'c']) {
      await openstack('latchkey', ...at, 'keypair', 'create', '--public-key', keyFile, name);
    }
    expect(await listed('latchkey', ...at, 'keypair', 'list', '--marker', 'a')).toMatchObject([
      { Name: 'b' },
      { Name: 'c' },
    ]);
    const limited = await listed('latchkey', ...at, 'keypair', 'list', '--limit', '1', '--marker', 'a');
    expect(limited[0]).toMatchObject({ Name: 'b' });
    await openstack('latchkey', ...at, 'keypair', 'delete', 'a', 'b', 'c');
  });

  it('openstack issues a token, and a revoked one is refused', async () => {
    const { id, project_id: projectId } = await shown('latchkey', 'token', 'issue');
    const owner = service.client.with({ 'X-Auth-Token': id });
    expect((await owner.get(`/v2.1/${projectId}/os-keypairs`)).status).toBe(200);
    await openstack('latchkey', 'token', 'revoke', id);
    expect((await owner.get(`/v2.1/${projectId}/os-keypairs`)).status).toBe(401);
  });

  it('openstack shows the catalog, users, projects and role assignments', async () => {
    expect(await listed('latchkey', 'catalog', 'list')).toMatchObject([{ Type: 'compute' }, { Type: 'identity' }]);
    const users = await listed('latchkey-admin', 'user', 'list');
    expect(users.map(({ Name }) => Name)).toEqual(['admin', 'demo']);
    const projects = await listed('latchkey-admin', 'project', 'list');
    expect(projects.map(({ Name }) => Name)).toEqual(['admin', 'demo']);
    expect((await listed('latchkey', 'project', 'list')).map(({ Name }) => Name)).toEqual(['demo']);
    const assignments = ['role', 'assignment', 'list', '--names', '--effective', '--user', 'demo'];
    const held = await listed('latchkey-admin', ...assignments);
    expect(held).toMatchObject([
      { Role: 'member', User: 'demo@Default', Project: 'demo@Default' },
      { Role: 'reader', User: 'demo@Default', Project: 'demo@Default' },
    ]);
  });

  it('openstack is refused with a wrong password', async () => {
    const { code, stderr } = await outcomeOf(
      'openstack',
      ['--os-cloud', 'latchkey', '--os-password', 'wrong', 'keypair', 'list'],
      environment,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('The request you have made requires authentication. (HTTP 401)');
  });

  it('nova makes an x509 keypair, lists, shows and deletes it', async () => {
    const made = await nova('latchkey', '--os-compute-api-version', '2.90', 'keypair-add', '--key-type', 'x509', 'win');
    expect(Buffer.from(made.trim(), 'base64').subarray(0, 2)).toEqual(Buffer.from([0x30, 0x82]));
    expect(await nova('latchkey', 'keypair-list')).toMatch(/\| win +\| x509 +\| ([0-9a-f]{2}:){19}/);
    expect(await nova('latchkey', 'keypair-show', 'win')).toContain('-----BEGIN CERTIFICATE-----');
    await nova('latchkey', 'keypair-delete', 'win');
    expect(await nova('latchkey', 'keypair-list')).not.toContain('win');
  });

  it('nova imports at its newest microversion, and gives keys to others as an administrator', async () => {
    await nova('latchkey-admin', 'keypair-add', '--pub-key', keyFile, '--user', await userId('demo'), 'from@admin');
    expect(await nova('latchkey', 'keypair-list')).toContain('from@admin');
    await nova('latchkey', 'keypair-delete', 'from@admin');
  });

  it('a user that latchkey adds can log in at once, and no longer when it is removed', async () => {
    const password = (await latchkey('user', 'add', 'carol', '--project', 'demo', '--generate')).trim();
    expect(statSync(join(directory.path, 'identity.yaml')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory.path, 'identity.yaml'), 'utf8')).not.toContain(password);
    const asCarol = (): Promise<Outcome> =>
      outcomeOf(
        'openstack',
        ['--os-cloud', 'latchkey', '--os-username', 'carol', '--os-password', password, 'keypair', 'list'],
        environment,
      );
    await until(async () => (await asCarol()).code === 0, 'carol can log in');
    await latchkey('user', 'remove', 'carol');
    expect(await latchkey('user', 'list')).not.toContain('carol');
    await until(async () => (await asCarol()).code === 1, 'carol cannot log in');
  });

  it('colleagues use a keypair of their project by its name, which only latchkey deletes', async () => {
    const password = (await latchkey('user', 'add', 'dave', '--project', 'demo', '--generate')).trim();
    const { auth, ...cloud } = clouds.latchkey;
    const ofDave = { ...cloud, auth: { ...auth, username: 'dave', password } };
    const daves = directory.file('daves.yaml', stringify({ clouds: { latchkey: ofDave } }));
    const asDave = (...args: string[]): Promise<Outcome> =>
      outcomeOf('openstack', ['--os-cloud', 'latchkey', ...args], { ...environment, OS_CLIENT_CONFIG_FILE: daves });
    await until(async () => (await asDave('token', 'issue')).code === 0, 'dave can log in');

    await latchkey('keypair', 'create', 'deploy', '--public-key', keyFile, '--shared', '--os-cloud', 'latchkey');
    expect((await asDave('keypair', 'list', '-f', 'value', '-c', 'Name')).stdout).toBe('deploy\n');
    expect((await asDave('keypair', 'show', '--public-key', 'deploy')).stdout).toBe(`${KEY}\n`);
    const novas = { ...novaEnvironment(ofDave), HOME: directory.path };
    expect(await outputOf('nova', ['keypair-list'], novas)).toMatch(/\| deploy +\| ssh +\|/);
    const sdk = 'import openstack; print([k.name for k in openstack.connect(cloud="latchkey").compute.keypairs()])';
    const files = { ...environment, OS_CLIENT_CONFIG_FILE: daves };
    expect(await outputOf('/usr/bin/python3', ['-c', sdk], files)).toBe("['deploy']\n");

    const refused = await asDave('keypair', 'delete', 'deploy');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('deploy')]);
    await latchkey('user', 'remove', 'dave');
    expect(await listed('latchkey', 'keypair', 'list')).toMatchObject([{ Name: 'deploy' }]);
    await latchkey('keypair', 'delete', 'deploy', '--shared', '--os-cloud', 'latchkey');
    expect(await listed('latchkey', 'keypair', 'list')).toEqual([]);
  });

  it('openstack makes an application credential, and lists keypairs with it until it is deleted', async () => {
    const made = await shown('latchkey', 'application', 'credential', 'create', 'ci', '--role', 'member');
    expect((await listed('latchkey', 'application', 'credential', 'list')).map(({ Name }) => Name)).toEqual(['ci']);
    const { auth, region_name } = clouds.latchkey;
    const settings = {
      HOME: directory.path,
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_AUTH_URL: auth.auth_url,
      OS_REGION_NAME: region_name,
      OS_APPLICATION_CREDENTIAL_ID: made.id ?? made.ID,
      OS_APPLICATION_CREDENTIAL_SECRET: made.secret,
    };
    const list = (): Promise<Outcome> => outcomeOf('openstack', ['keypair', 'list', '-f', 'json'], settings);
    expect(await list()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\[\]/) });
    const more = await outcomeOf('openstack', ['application', 'credential', 'create', 'other'], settings);
    expect([more.code, more.stderr]).toEqual([1, expect.stringContaining('403')]);
    await openstack('latchkey', 'application', 'credential', 'delete', 'ci');
    expect((await list()).code).toBe(1);
  });

  describe('libcloud', () => {
    const work = (more: object): Promise<Outcome> => {
      const { auth, region_name: region } = clouds.latchkey;
      const { username: key, password: secret, project_name: project } = auth;
      const byName = { key, secret, ex_tenant_name: project, ex_force_auth_version: '3.x_password' };
      const driver = { ex_force_service_region: region, ...byName, ...more };
      const input = JSON.stringify({ driver, key: KEY.trim() });
      return outcomeOf('/usr/bin/python3', ['test/clients/libcloud_keypairs.py', input], { HOME: directory.path });
    };

    it('works with keypairs if ex_force_auth_url has the whole path', async () => {
      const { code, stdout, stderr } = await work({
        ex_force_auth_url: `${clouds.latchkey.auth.auth_url}/auth/tokens`,
      });
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toEqual({
        imported: KEY.trim(),
        created: expect.stringMatching(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/),
        listed: ['libcloud', 'libcloud-made'],
        left: [],
        nodes: [],
        sizes: [],
      });
    });

    it('sends its log-in to any other path as it is, and is answered 300 as by Keystone', async () => {
      const { code, stderr } = await work({ ex_force_auth_url: clouds.latchkey.auth.auth_url.replace('/v3', '') });
      expect([code, stderr]).toEqual([1, expect.stringContaining('ambiguous version')]);
    });
  });

  describe('log in with one-time codes', () => {
    const codeOf = (secret: string): string =>
      execFileSync('oathtool', ['--totp', '--base32', '-'], { input: secret, encoding: 'utf8' }).trim();

    /** A new member of demo who needs codes, as a cloud of clouds.yaml; each code counts once. */
    async function userWithCodes(name: string): Promise<{ cloud: Cloud; secret: string }> {
      const password = (await latchkey('user', 'add', name, '--project', 'demo', '--generate', '-q')).trim();
      const [, secret] = /secret=(\w+)/.exec(await latchkey('user', 'totp', name, '-q'))!;
      const cloud: Cloud = { ...clouds.latchkey, auth: { ...clouds.latchkey.auth, username: name, password } };
      const client = new Client(new URL(cloud.auth.auth_url).host, {}, false);
      const needsCode = async (): Promise<boolean> =>
        'openstack-auth-receipt' in
        (await client.post('/identity/v3/auth/tokens', passwordBody({ name, password }, undefined))).headers;
      await until(needsCode, `${name} needs a code`, { timeoutMs: 60_000 });
      return { cloud, secret };
    }

    it('by v3multifactor, password and code at once', async () => {
      const { cloud, secret } = await userWithCodes('erin');
      const multifactor = {
        ...cloud,
        auth_type: 'v3multifactor',
        auth_methods: ['v3password', 'v3totp'],
        auth: { ...cloud.auth, passcode: codeOf(secret) },
      };
      const file = directory.file('multifactor.yaml', stringify({ clouds: { latchkey: multifactor } }));
      const sdk = 'import openstack; print([k.name for k in openstack.connect(cloud="latchkey").compute.keypairs()])';
      const settings = { HOME: directory.path, OS_CLIENT_CONFIG_FILE: file };
      expect(await outputOf('/usr/bin/python3', ['-c', sdk], settings)).toBe('[]\n');
      // The code was used up.
      const again = await outcomeOf('openstack', ['--os-cloud', 'latchkey', 'token', 'issue'], settings);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('401')]);
    });

    it.each([
      ['by v3password and then v3totp, with the receipt', 'frank', 'password'],
      ['by v3totp and then v3password, with the receipt', 'grace', 'totp'],
    ])('%s', async (_, name, first) => {
      const { cloud, secret } = await userWithCodes(name);
      const input = JSON.stringify({ first, auth: cloud.auth, passcode: codeOf(secret) });
      const script = ['test/clients/receipts.py', input];
      const { token, receipt } = JSON.parse(await outputOf('/usr/bin/python3', script, { HOME: directory.path })) as {
        token: string[];
        receipt: object;
      };
      expect(receipt).toEqual({ methods: [first], required: [['password', 'totp']] });
      expect(token.toSorted()).toEqual(['password', 'totp']);
    });
  });

  async function userId(name: string): Promise<string> {
    return (await shown('latchkey-admin', 'user', 'show', name)).id;
  }
});

describe('the openstack command without a Keystone', () => {
  const directory = temporaryDirectory();
  const keyFile = directory.file('key.pub', KEY);
  let service: ServiceProcess | undefined;

  afterAll(() => directory.remove());

  it.each([
    ['none', async () => ({ AUTH_MODE: 'none' }), {}],
    [
      'http_basic',
      async () => ({
        AUTH_MODE: 'http_basic',
        HTTP_BASIC_FILE: directory.file('htpasswd', await outputOf('htpasswd', ['-nbB', 'alice', 'wonderland'], {})),
      }),
      { username: 'alice', password: 'wonderland' },
    ],
  ])('imports, lists and deletes a keypair with auth_type %s', async (authType, settings, auth) => {
    const dataDir = join(directory.path, authType);
    putEmptyDatabase(dataDir);
    service = await ServiceProcess.listening({ ...(await settings()), DATA_DIR: dataDir });
    try {
      const base = `http://${service.client.host}`;
      const cloud = {
        auth_type: authType,
        auth: { endpoint: `${base}/v2.1`, ...auth },
        identity_api_version: 3,
        identity_endpoint_override: `${base}/identity/v3`,
      };
      const file = join(directory.path, `${authType}.yaml`);
      writeFileSync(file, stringify({ clouds: { here: cloud } }));
      const openstack = (...args: string[]): Promise<Outcome> =>
        outcomeOf('openstack', ['--os-cloud', 'here', 'keypair', ...args], {
          OS_CLIENT_CONFIG_FILE: file,
          HOME: directory.path,
        });
      expect(await openstack('create', '--public-key', keyFile, 'laptop')).toMatchObject({ code: 0 });
      expect((await openstack('list', '-f', 'value', '-c', 'Name')).stdout).toBe('laptop\n');
      expect(await openstack('delete', 'laptop')).toMatchObject({ code: 0 });
    } finally {
      await service.stop();
    }
  });
});

function novaEnvironment({ auth, region_name: region }: Cloud): Record<string, string> {
  return {
    OS_AUTH_URL: auth.auth_url,
    OS_USERNAME: auth.username,
    OS_PASSWORD: auth.password,
    OS_PROJECT_NAME: auth.project_name,
    OS_USER_DOMAIN_NAME: auth.user_domain_name,
    OS_PROJECT_DOMAIN_NAME: auth.project_domain_name,
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
  };
}
