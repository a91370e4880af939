import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sshKeygen } from '../support/ssh-keygen.js';
import { putEmptyDatabase } from '../support/template.js';
import { Shell } from './shell.js';

const IDENTITY = `projects: [{id: 0123456789abcdef0123456789abcdef, name: demo}]
users: []
`;

let shell: Shell;

beforeEach(() => {
  shell = new Shell({ DATA_DIR: './data', IDENTITY_FILE: './identity.yaml', METADATA_PORT: '0' });
  writeFileSync(shell.path('identity.yaml'), IDENTITY);
});

afterEach(() => shell.remove());

interface Line {
  readonly time: string;
  readonly audit: Readonly<Record<string, unknown>>;
}

/** The audit lines in a file, oldest first. */
function linesIn(name: string): Line[] {
  const text = readFileSync(shell.path(name), 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
}

const WHO = { account: userInfo().username, from: hostname() };

describe('the audit of the command line', () => {
  it('tells of users that were added, changed and removed, and of no password', async () => {
    const { out: password, status } = await shell.run('latchkey user add carol --generate -q');
    expect(status).toBe(0);
    await shell.run('echo secret-of-carol | latchkey user passwd carol');
    const [{ ID: id }] = JSON.parse((await shell.run('latchkey user list -f json')).out) as { ID: string }[];
    const { out: codes } = await shell.run('latchkey user totp carol');
    await shell.run('latchkey user totp carol --remove');
    await shell.run('latchkey user remove carol');
    await shell.run('latchkey user remove carol');
    const lines = linesIn('data/audit.log');
    expect(lines.map(({ audit }) => audit)).toEqual(
      ['user.add', 'user.password', 'user.totp', 'user.totp.remove', 'user.remove'].map((action) => ({
        action,
        owner: id,
        name: 'carol',
        ...WHO,
      })),
    );
    expect(new Date(lines[0].time).toISOString()).toBe(lines[0].time);
    const text = readFileSync(shell.path('data/audit.log'), 'utf8');
    expect(password.trim()).toHaveLength(24);
    const [, codeSecret] = /secret=([A-Z2-7]{32})/.exec(codes)!;
    for (const secret of [password.trim(), 'secret-of-carol', codeSecret, '$scrypt$'])
      expect(text).not.toContain(secret);
    expect(statSync(shell.path('data/audit.log')).mode & 0o777).toBe(0o600);
  });

  it('tells of every keypair that came from a Nova, once', async () => {
    const key = sshKeygen().trim();
    const fingerprint = '00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff';
    const rows = ['laptop', 'desk'].map((name) => `${name},alice,${fingerprint},${key},ssh`);
    writeFileSync(shell.path('keys.csv'), `name,user_id,fingerprint,public_key,type\n${rows.join('\n')}\n`);
    putEmptyDatabase(shell.path('data'));
    await shell.run('latchkey migrate run');
    const migrations = linesIn('data/audit.log');
    expect(migrations.length).toBeGreaterThan(3);
    expect(migrations[0].audit).toEqual({ action: 'database.migrate', name: 'CreateKeypairs1767225600000', ...WHO });
    mkdirSync(shell.path('elsewhere'));
    shell.export({ AUDIT_FILE: './elsewhere/audit.log' });
    expect((await shell.run('latchkey import-nova --dump keys.csv --dry-run')).status).toBe(0);
    expect(existsSync(shell.path('elsewhere/audit.log'))).toBe(false);
    for (let i = 0; i < 2; i += 1) expect((await shell.run('latchkey import-nova --dump keys.csv')).status).toBe(0);
    expect(linesIn('elsewhere/audit.log').map(({ audit }) => audit)).toEqual(
      ['laptop', 'desk'].map((name) => ({
        action: 'keypair.import',
        owner: 'alice',
        name,
        fingerprint,
        kind: 'ssh-ed25519',
        ...WHO,
      })),
    );
    await shell.run('latchkey migrate revert');
    expect(linesIn('elsewhere/audit.log').at(-1)!.audit).toMatchObject({ action: 'database.revert', ...WHO });
  });

  it('is verified by a command, which names the first line that is not as it was written', async () => {
    for (const name of ['carol', 'dave']) await shell.run(`latchkey user add ${name} --generate`);
    await shell.plays(`
      $ latchkey audit verify data/audit.log
      2 lines of 2 processes are as they were written.
      Keep this elsewhere for the next time: --includes <...>
      $ sed -i s/carol/mallory/ data/audit.log && latchkey audit verify data/audit.log
      latchkey: data/audit.log: line 1 was changed.
      [1]
      $ sed -i 1d data/audit.log && latchkey audit verify data/audit.log
      latchkey: data/audit.log: line 1 follows a line that is not here; name the older file first, or else --after <...>.
      [1]
      $ latchkey audit verify nowhere.log
      latchkey: nowhere.log cannot be read (ENOENT).
      [1]
    `);
  });

  it('comes before the change: where it cannot be written, nothing is changed', async () => {
    shell.export({ AUDIT_FILE: './nowhere/audit.log' });
    const { err, status } = await shell.run('latchkey user add carol --generate');
    expect(err).toContain('The audit file ./nowhere/audit.log cannot be written (ENOENT); nothing was changed.');
    expect(status).toBe(78);
    expect(readFileSync(shell.path('identity.yaml'), 'utf8')).toBe(IDENTITY);
  });
});
