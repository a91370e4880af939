import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityYaml, type TestUser, testId } from '../identity/identity-yaml.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { Shell } from './shell.js';

const PASSWORD = 'wonderland of imports';
const USERS: readonly TestUser[] = [
  { name: 'alice', roles: { demo: ['member'] } },
  { name: 'root', roles: { admin: ['admin'] }, system_roles: ['admin'] },
];

let shell: Shell;

beforeEach(async () => {
  shell = new Shell({ DATA_DIR: './data', IDENTITY_STORE: 'database' });
  putEmptyDatabase(shell.path('data'));
  writeFileSync(shell.path('users.yaml'), await identityYaml(['demo', 'admin'], USERS, PASSWORD));
});
afterEach(() => shell.remove());

describe('latchkey user import', () => {
  it('takes the users of a file over once, and they log in with their passwords', async () => {
    await shell.plays(`
      $ latchkey user import users.yaml
      Imported: 2 users and 2 projects.
      $ latchkey user list -f value -c Name -c Roles
      alice demo: member, reader
      root admin: admin, member, reader; system: admin, member, reader
      $ latchkey user import users.yaml
      Imported: 0 users and 0 projects.
    `);
    const audit = readFileSync(shell.path('data/audit.log'), 'utf8');
    expect(audit).toContain('user.import');

    const service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      DATA_DIR: shell.path('data'),
    });
    try {
      await logIn(service.client, '/identity/v3', { name: 'alice', password: PASSWORD }, { project: 'demo' });
      await logIn(service.client, '/identity/v3', { name: 'root', password: PASSWORD }, 'system');
      const { err, status } = await shell.run('latchkey user import users.yaml');
      // The service has the embedded database.
      expect([status, err]).toEqual([1, expect.stringMatching(/^latchkey: .*in use/)]);
    } finally {
      await service.stop();
    }
  });

  it('leaves what the database has as it is', async () => {
    await shell.plays(`
      $ latchkey user import users.yaml -q; echo '${PASSWORD} 2' | latchkey user passwd alice -q; latchkey user import users.yaml
      Imported: 0 users and 0 projects.
    `);
    writeFileSync(
      shell.path('more.yaml'),
      await identityYaml(['demo', 'admin', 'blue'], [...USERS, { name: 'carol' }], 'else'),
    );
    await shell.plays(`
      $ latchkey user import more.yaml
      Imported: 1 users and 1 projects.
      $ latchkey user list -f value -c Name -c Roles
      alice demo: member, reader
      carol<...>
      root admin: admin, member, reader; system: admin, member, reader
    `);
  });

  it('imports nothing where a name is that of another user', async () => {
    await shell.run('latchkey user import users.yaml');
    const other = await identityYaml(['demo'], [{ name: 'alice' }, { name: 'carol' }], PASSWORD);
    writeFileSync(shell.path('other.yaml'), other.replace(testId('user alice'), testId('another alice')));
    await shell.plays(`
      $ latchkey user import other.yaml
      latchkey: A user or project of the file has the name of another one in the database. Nothing was imported; rename one of the two.
      [5]
      $ latchkey user list -f value -c Name
      alice
      root
    `);
  });

  it('names the setting if the service uses a file', () =>
    shell.plays(`
      $ IDENTITY_STORE=file latchkey user import users.yaml
      Imported: 2 users and 2 projects.
      The service uses them with IDENTITY_STORE=database.
    `));

  it('names what is wrong with a file, and shows no password of it', async () => {
    writeFileSync(shell.path('bad.yaml'), 'users:\n  - name: alice\n    password: in plain text\n');
    const { err, status } = await shell.run('latchkey user import bad.yaml');
    expect(status).not.toBe(0);
    expect(err).toMatch(/^latchkey: The identity file cannot be used:\n {2}users\[0\]/);
    expect(err).not.toContain('in plain text');
    await shell.plays(`
      $ latchkey user import none.yaml
      latchkey: The identity file cannot be read or written (ENOENT).<...>
      [<...>]
      $ latchkey user list -f value -c Name
    `);
  });
});
