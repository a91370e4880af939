import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { codeOfStep, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import { identityYaml, temporaryDirectory } from '../identity/identity-yaml.js';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const ALICE = `users:
  - id: 0123456789abcdef0123456789abcdef
    name: alice
    password: $2b$10$0CnL71MuZ.784n/HYtafGOua3jJCmvypaitEs3Br7GFwbMVHIZwdm
`;

let shell: Shell;

beforeEach(() => {
  shell = new Shell({ DATA_DIR: './data', IDENTITY_FILE: './identity.yaml' });
  writeFileSync(shell.path('identity.yaml'), ALICE);
});
afterEach(() => shell.remove());

/** A QR code of half blocks as a picture: each module is eight pixels wide. */
function pictureOf(lines: readonly string[]): string {
  const rows = lines.flatMap((line) => [
    Array.from(line, (block) => !'█▀'.includes(block)),
    Array.from(line, (block) => !'█▄'.includes(block)),
  ]);
  const pixels = rows.flatMap((row) =>
    Array<string>(8).fill(row.map((dark) => (dark ? '1 ' : '0 ').repeat(8)).join('')),
  );
  return `P1\n${rows[0].length * 8} ${rows.length * 8}\n${pixels.join('\n')}\n`;
}

describe('latchkey user totp', () => {
  it('prints a secret that an authenticator reads as a URL and as a QR code', async () => {
    const { out, err, status } = await shell.run('latchkey user totp alice');
    expect([status, err]).toEqual([
      0,
      'alice now logs in with the password and a one-time code. Scan the QR code with an authenticator.\n',
    ]);
    const [url, ...lines] = out.trimEnd().split('\n');
    const [, secret] = /^otpauth:\/\/totp\/Latchkey:alice\?secret=([A-Z2-7]{32})&issuer=Latchkey$/.exec(url)!;
    expect(readFileSync(shell.path('identity.yaml'), 'utf8')).toBe(`${ALICE}    totp: ${secret}\n`);

    writeFileSync(shell.path('code.pbm'), pictureOf(lines));
    expect((await shell.run('zbarimg --raw -q code.pbm')).out).toBe(`${url}\n`);

    const now = '2027-01-31 12:34:56 UTC';
    const { out: code } = await shell.run(`echo ${secret} | oathtool --totp --base32 --now='${now}' -`);
    expect(code.trim()).toBe(codeOfStep(secret, stepAt(Date.parse(now))));
  });

  it('replaces a secret, removes it, and refuses a user whom there is not', async () => {
    const first = await shell.run('latchkey user totp alice -q');
    const second = await shell.run('latchkey user totp alice -q');
    expect(second.out.split('\n')[0]).not.toBe(first.out.split('\n')[0]);
    await shell.plays(`
      $ grep -c totp: identity.yaml
      1
      $ latchkey user totp alice --remove
      alice logs in without one-time codes.
      $ latchkey user totp alice --remove -q
      $ grep -c totp: identity.yaml
      0
      [1]
      $ latchkey user totp carol
      latchkey: There is no user carol.
      [4]
    `);
    expect(readFileSync(shell.path('identity.yaml'), 'utf8')).toBe(ALICE);
  });

  it('names a bad secret in the file without showing it', async () => {
    writeFileSync(shell.path('identity.yaml'), `${ALICE}    totp: not-a-secret\n`);
    await shell.plays(`
      $ latchkey user list
      latchkey: The identity file cannot be used:
      <...>users[0].totp must be a secret in Base32, as "latchkey user totp" makes it
      [<...>]
    `);
  });
});

describe('signing in with a one-time code', () => {
  // Of its own for each, since a code counts once.
  const NAMES = ['erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'ken'];
  const PASSWORD = 'wonderland of codes';
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const list = 'latchkey keypair list -f value -c Name';
  const code = `$(echo ${SECRET} | oathtool --totp --base32 -)`;
  const identity = temporaryDirectory();
  const { dataDir, remove } = emptyDataDir();
  let service: ServiceProcess;

  beforeAll(async () => {
    const users = NAMES.map((name) => ({ name, roles: { demo: ['member'] }, totp: SECRET }));
    service = await ServiceProcess.listening({
      AUTH_MODE: 'builtin',
      DATA_DIR: dataDir,
      IDENTITY_FILE: identity.file('identity.yaml', await identityYaml(['demo'], users, PASSWORD)),
    });
  });
  afterAll(async () => {
    await service.stop();
    identity.remove();
    remove();
  });

  /** Exports the log-in of a user. */
  const as = (name: string, more: Readonly<Record<string, string>> = {}): void =>
    shell.export({
      OS_AUTH_URL: `http://${service.client.host}/identity/v3`,
      OS_PROJECT_NAME: 'demo',
      OS_USERNAME: name,
      OS_PASSWORD: PASSWORD,
      ...more,
    });

  it('sends a code that is given with the password, and each code counts once', async () => {
    as('erin');
    await shell.plays(`
      $ code=${code}; ${list} --os-passcode "$code"; ${list} --os-passcode "$code"
      latchkey: Signing in at <...>: The request you have made requires authentication. Check the credentials and the project.
      [3]
    `);
  });

  it('takes it from the environment, as v3multifactor', async () => {
    as('frank', { OS_AUTH_TYPE: 'v3multifactor' });
    await shell.plays(`
      $ OS_PASSCODE=${code} latchkey keypair create made --private-key made -q && ${list}
      latchkey: --os-passcode is missing: the auth type v3multifactor needs it (or OS_PASSCODE).
      [2]
      $ test -s made
    `);
  });

  it('continues with the password after a code, by the receipt', async () => {
    as('grace', { OS_AUTH_TYPE: 'v3totp' });
    await shell.plays(`
      $ OS_PASSCODE=${code} latchkey keypair create made --private-key made2 -q
      $ OS_PASSCODE= ${list}
      latchkey: --os-passcode is missing: the auth type v3totp needs it (or OS_PASSCODE).
      [2]
    `);
  });

  it('prompts for it after the password on a terminal, and shows neither', async () => {
    as('heidi', { OS_PASSWORD: '' });
    const { out: passcode } = await shell.run(`printf %s ${code}`);
    const { out, status } = await shell.inTerminal(120, list, PASSWORD, passcode);
    expect([out.replaceAll('\r', ''), status]).toEqual(['Password: \nOne-time code: \n', 0]);
  });

  it('names what is missing without a terminal', async () => {
    as('ivan');
    await shell.plays(`
      $ ${list} < /dev/null
      latchkey: Signing in at <...>/identity/v3: the user needs totp too; give --os-passcode, or sign in on a terminal.
      [3]
      $ ${list} --os-passcode ${code} --os-password wrong < /dev/null
      latchkey: Signing in at <...>: The request you have made requires authentication. Check the credentials and the project.
      [3]
    `);
  });

  it('is refused with a wrong code', async () => {
    as('judy');
    const { status, err } = await shell.run(`${list} --os-passcode 000000`);
    expect([status, err]).toEqual([3, expect.stringContaining('Check the credentials and the project.')]);
  });

  it('shows neither code nor receipt with --debug', async () => {
    as('ken', { OS_AUTH_TYPE: 'v3totp' });
    const { out: passcode } = await shell.run(`printf %s ${code}`);
    const { err, status } = await shell.run(`${list} --debug --os-passcode ${passcode}`);
    expect(status).toBe(0);
    expect(err).toMatch(/^< openstack-auth-receipt: \*\*\*$/im);
    expect(err).toMatch(/^> Openstack-Auth-Receipt: \*\*\*$/m);
    expect(err).toContain('"passcode":"***"');
    for (const secret of [passcode, PASSWORD]) expect(err).not.toContain(secret);
  });
});
