import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { freePort } from '../support/free-port.js';
import { outcomeOf, outputOf } from './run-command.js';

interface Cloud {
  readonly auth: Readonly<Record<string, string>>;
  readonly region_name: string;
}

describe('limits, by the clients of OpenStack', () => {
  const directory = temporaryDirectory();
  const cloudsFile = join(directory.path, 'clouds.yaml');
  let service: ServiceProcess;
  let environments: Record<'demo' | 'admin', Record<string, string>>;
  let demoProject: string;

  beforeAll(async () => {
    putEmptyDatabase(directory.path);
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      DATA_DIR: directory.path,
      PORT: String(await freePort()),
    });
    const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as { clouds: Record<string, Cloud> };
    environments = { demo: environmentOf(clouds.latchkey), admin: environmentOf(clouds['latchkey-admin']) };
    demoProject = (await openstack('admin', 'project', 'show', 'demo', '-f', 'value', '-c', 'id')).trim();
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const environmentOf = ({ auth, region_name: region }: Cloud): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(auth).map(([name, value]) => [`OS_${name.toUpperCase()}`, value])),
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
    HOME: directory.path,
  });
  const openstack = (who: 'demo' | 'admin', ...args: string[]) => outputOf('openstack', args, environments[who]);
  const nova = (who: 'demo' | 'admin', ...args: string[]) => outputOf('nova', args, environments[who]);

  /** The limit in a table that a client prints. */
  const limitIn = (table: string): string | undefined =>
    /^\|\s*(?:key_pairs|Keypairs|maxTotalKeypairs)\s*\|(?:\s*-\s*\|)?\s*(\S+)\s*\|$/m.exec(table)?.[1];

  it('are shown to a member', async () => {
    expect(limitIn(await nova('demo', 'limits'))).toBe('100');
    expect(limitIn(await nova('demo', 'quota-show'))).toBe('100');
    expect(limitIn(await nova('demo', 'quota-defaults'))).toBe('100');
    expect(limitIn(await openstack('demo', 'limits', 'show', '--absolute'))).toBe('100');
    expect(await nova('demo', 'quota-show', '--detail')).toContain("{'in_use': 0, 'limit': 100, 'reserved': 0}");
  });

  it('are changed by an administrator, for a project and for a user, and reset', async () => {
    await nova('admin', 'quota-update', '--key-pairs', '42', demoProject);
    expect(limitIn(await nova('demo', 'limits'))).toBe('42');
    await nova('admin', 'quota-update', '--user', 'someone', '--key-pairs', '5', demoProject);
    const ofUser = ['quota-show', '--tenant', demoProject, '--user', 'someone'];
    expect(limitIn(await nova('admin', ...ofUser))).toBe('5');
    await nova('admin', 'quota-delete', '--tenant', demoProject);
    expect(limitIn(await nova('admin', ...ofUser))).toBe('100');
    await openstack('admin', 'quota', 'set', '--key-pairs', '12', demoProject);
    expect(limitIn(await openstack('demo', 'limits', 'show', '--absolute'))).toBe('12');
  });

  it('are not changed by a member, or past the limit of the project', async () => {
    const refused = await outcomeOf('nova', ['quota-update', '--key-pairs', '1', demoProject], environments.demo);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("Policy doesn't allow os_compute_api:os-quota-sets:update to be performed.");
    const past = ['quota-update', '--user', 'someone', '--key-pairs', '101', demoProject];
    const { stderr } = await outcomeOf('nova', past, environments.admin);
    expect(stderr).toContain('Quota limit 101 for key_pairs must be less than or equal to 12.');
  });
});
