import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Shell } from '../cli/shell.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { KeystoneServer } from './keystone-server.js';
import { keystoneSettings } from './keystone-settings.js';

describe('latchkey behind a real Keystone', () => {
  let keystone: KeystoneServer;
  let service: StartedApp;
  let shell: Shell;
  let userId: string;
  let projectId: string;

  beforeAll(async () => {
    keystone = await KeystoneServer.start();
    userId = await keystone.user('alice', 'wonderland');
    projectId = await keystone.project('demo');
    await keystone.assign(userId, projectId, 'member');
    service = await startApp(keystoneSettings(keystone));
    await keystone.announceCompute(`http://${service.client.host}/v2.1`);
    shell = new Shell({
      OS_AUTH_URL: keystone.url,
      OS_USERNAME: 'alice',
      OS_PASSWORD: 'wonderland',
      OS_PROJECT_NAME: 'demo',
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_DOMAIN_ID: 'default',
    });
  });

  afterAll(async () => {
    shell?.remove();
    await service?.stop();
    await keystone?.stop();
  });

  it('signs in with a password, and the openstack command sees the same keypairs', async () => {
    await shell.plays(`
      $ latchkey keypair create win --type x509 --private-key win.pfx -f value -c user_id
      The private key of win is in win.pfx.
      ${userId}
      $ openssl pkcs12 -in win.pfx -passin pass: -nokeys | openssl x509 -noout -subject
      subject=CN = ${userId}
      $ openstack --os-region-name RegionOne keypair list -f value -c Name -c Type
      win x509
      $ latchkey keypair show win -f value -c fingerprint > sum
      $ openstack keypair show win -f value -c fingerprint | diff - sum
    `);
  });

  it('signs in with an application credential, by id and by name', async () => {
    const made = await shell.run('openstack application credential create ci --secret s3cret -f value -c id');
    const id = made.out.trim();
    expect(id).toMatch(/^[\da-f]{32}$/);
    const only = 'OS_PASSWORD= OS_PROJECT_NAME= OS_PROJECT_DOMAIN_ID= OS_APPLICATION_CREDENTIAL_SECRET=s3cret';
    await shell.plays(`
      $ ${only} OS_USERNAME= latchkey keypair list -f value -c Name --os-application-credential-id ${id}
      win
      $ ${only} latchkey keypair list -f value -c Name --os-application-credential-name ci
      win
      $ ${only} latchkey keypair list --os-application-credential-id ${id} --os-application-credential-secret wrong
      latchkey: Signing in at ${keystone.url}: <...> Check the credentials and the project.
      [3]
    `);
  });

  it('uses an existing token, of a project or rescoped to it', () =>
    shell.plays(`
      $ openstack token issue -f value -c id > token
      $ OS_PASSWORD= latchkey keypair list -f value -c Name --os-token "$(cat token)"
      win
      $ OS_AUTH_TYPE=v3token latchkey keypair list -f value -c Name --os-token "$(cat token)"
      win
    `));

  it('lets an administrator name a user by name', () =>
    shell.plays(`
      $ OS_USERNAME=admin OS_PASSWORD=${KeystoneServer.adminPassword} OS_PROJECT_NAME=admin latchkey keypair list --user alice -f value -c Name
      win
    `));

  it('reports that a user has no access to a project', () =>
    shell.plays(`
      $ OS_PROJECT_NAME=admin latchkey keypair list
      latchkey: Signing in at ${keystone.url}: <...> Check the credentials and the project.
      [3]
    `));
});
