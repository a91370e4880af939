import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import { outcomeOf, outputOf } from './run-command.js';

describe('the openstack command, where the users are in the database', () => {
  const directory = temporaryDirectory();
  const cloudsFile = join(directory.path, 'clouds.yaml');
  let service: ServiceProcess;
  let authUrl: string;

  beforeAll(async () => {
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      DATA_DIR: directory.path,
      PORT: String(await freePort()),
    });
    const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as {
      clouds: Record<string, { auth: { auth_url: string } }>;
    };
    authUrl = clouds['latchkey-admin'].auth.auth_url;
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const openstack = (...args: string[]): Promise<string> =>
    outputOf('openstack', ['--os-cloud', 'latchkey-admin', ...args], {
      OS_CLIENT_CONFIG_FILE: cloudsFile,
      HOME: directory.path,
    });
  const as = (name: string, password: string): Record<string, string> => ({
    OS_AUTH_URL: authUrl,
    OS_USERNAME: name,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: 'blue',
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_IDENTITY_API_VERSION: '3',
    HOME: directory.path,
  });

  it('makes a project and a user who works with keypairs, and ends both', async () => {
    await openstack('project', 'create', 'blue', '--description', 'of the blue team', '--tag', 'team');
    const user = ['--password', 'first password', '--email', 'carol@example.org', '--project', 'blue', 'carol'];
    await openstack('user', 'create', ...user);
    await openstack('role', 'add', '--user', 'carol', '--project', 'blue', 'member');
    const roles = [
      'role',
      'assignment',
      'list',
      '--user',
      'carol',
      '--names',
      '-f',
      'value',
      '-c',
      'Role',
      '-c',
      'Project',
    ];
    expect(await openstack(...roles)).toBe('member blue@Default\n');
    await outputOf('openstack', ['keypair', 'create', 'laptop'], as('carol', 'first password'));

    await openstack('user', 'set', '--password', 'second password', '--description', 'of the blue team', 'carol');
    expect((await outcomeOf('openstack', ['keypair', 'list'], as('carol', 'first password'))).stderr).toContain('401');
    const own = ['user', 'password', 'set', '--original-password', 'second password', '--password', 'third password'];
    await outputOf('openstack', own, as('carol', 'second password'));
    const list = ['keypair', 'list', '-f', 'value', '-c', 'Name'];
    expect(await outputOf('openstack', list, as('carol', 'third password'))).toBe('laptop\n');

    await openstack('project', 'set', '--name', 'navy', 'blue');
    await openstack('project', 'set', '--name', 'blue', '--property', 'cost=7', 'navy');
    expect(await openstack('project', 'show', 'blue', '-f', 'value', '-c', 'cost')).toBe('7\n');
    await openstack('role', 'remove', '--user', 'carol', '--project', 'blue', 'member');
    expect((await outcomeOf('openstack', list, as('carol', 'third password'))).stderr).toContain('401');
    await openstack('role', 'add', '--user', 'carol', '--system', 'all', 'reader');
    await openstack('role', 'remove', '--user', 'carol', '--system', 'all', 'reader');
    await openstack('user', 'delete', 'carol');
    await openstack('project', 'delete', 'blue');
    expect(await openstack('user', 'list', '-f', 'value', '-c', 'Name')).toBe('admin\ndemo\n');
  });
});
