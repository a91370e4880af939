import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import { outcomeOf } from './run-command.js';

describe("novaclient's own tests, where KEY_POLICY is nova since they import RSA keys of 1024 bits,", () => {
  const directory = temporaryDirectory();
  let service: ServiceProcess;
  let cloudsFile: string;

  beforeAll(async () => {
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      KEY_POLICY: 'nova',
      DATA_DIR: directory.path,
      PORT: String(await freePort()),
    });
    const { clouds } = parse(readFileSync(join(directory.path, 'clouds.yaml'), 'utf8')) as {
      clouds: { 'latchkey-admin': { auth: { auth_url: string; password: string } } };
    };
    const { auth_url, password } = clouds['latchkey-admin'].auth;
    // They accept domains by id only.
    const domains = { user_domain_id: 'default', project_domain_id: 'default' };
    const auth = { auth_url, username: 'admin', password, project_name: 'admin', ...domains };
    cloudsFile = directory.file('novaclient.yaml', stringify({ clouds: { functional_admin: { auth } } }));
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  // Each test starts the nova command several times: one test here is a class there, so that none takes long.
  it.each([
    ['at 2.1', 'v2.legacy.test_keypairs.TestKeypairsNovaClient', 4],
    ['at 2.2', 'v2.test_keypairs.TestKeypairsNovaClientV22', 6],
    ['at 2.10', 'v2.test_keypairs.TestKeypairsNovaClientV210', 2],
    ['at 2.35', 'v2.test_keypairs.TestKeypairsNovaClientV235', 1],
    ['of the log-in, with a password and with a token', 'test_auth.TestAuthentication.test_auth_via_keystone_v3', 1],
  ])('pass %s', async (_, name, count) => {
    const { code, stderr } = await outcomeOf('/usr/bin/python3', ['test/clients/functional_tests.py', name], {
      OS_CLIENT_CONFIG_FILE: cloudsFile,
      OS_NOVACLIENT_EXEC_DIR: '/usr/bin',
      HOME: directory.path,
    });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/\nOK\n$/) });
    expect(stderr.match(/ \.\.\. ok$/gm)).toHaveLength(count);
  });
});
