import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { codeOfStep, stepAt } from '../../src/identity/builtin/one-time-code.js';
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
