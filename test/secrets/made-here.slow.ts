import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Finished } from '../cli/shell.js';
import { keepOpenSshKey, keepPrivateKey } from './keys.js';
import { QuotingCloud } from './quoting-cloud.js';
import { forEach, Said } from './said.js';

// Private keys that the command line makes, and passwords that are typed.

const said = new Said();
const { shell, secrets } = said;
let cloud: QuotingCloud;

beforeAll(async () => {
  cloud = await QuotingCloud.started(secrets.make('token that was given out'), 'quoted', '');
  shell.export({ OS_AUTH_TYPE: 'none', DATA_DIR: shell.path('data') });
});

afterAll(() => {
  cloud.close();
  shell.remove();
});

const at = (status: number): string => `OS_ENDPOINT=${cloud.url}/${status}/v2.1`;
const read = (name: string): string => readFileSync(shell.path(name), 'utf8');

/** The private key of a PKCS#12 file, as OpenSSL takes it out; and what is in the file, unless it is encrypted. */
async function keepPkcs12(name: string, passphrase: string): Promise<void> {
  const { out } = await shell.run(`openssl pkcs12 -in ${name} -passin 'pass:${passphrase}' -nodes -nocerts`);
  keepPrivateKey(secrets, name, out.slice(out.indexOf('-----')));
  if (passphrase === '') secrets.add(name, readFileSync(shell.path(name)).subarray(100, 150));
}

describe('a private key that is made here', () => {
  const passphrase = secrets.make('passphrase');
  const CERTIFICATE = '--type x509 --algorithm ecdsa';

  it('is in its file alone, whatever the service says', async () => {
    writeFileSync(shell.path('phrase'), `${passphrase}\n`);
    const create = 'latchkey keypair create x --debug --keep';
    await forEach([200, 400, 403, 409, 500, 503], async (status) => {
      await said.run(`${at(status)} ${create} --private-key ssh-${status}`);
      keepOpenSshKey(secrets, `ssh-${status}`, read(`ssh-${status}`));
    });
    await said.run(`${at(403)} ${create} --algorithm rsa --bits 2048 --private-key rsa`);
    keepOpenSshKey(secrets, 'rsa', read('rsa'));
    await said.run(`${at(403)} ${create} ${CERTIFICATE} --private-key x509.pem`);
    keepPrivateKey(secrets, 'x509.pem', read('x509.pem').split('-----BEGIN CERT')[0]);
    await said.run(`${at(500)} ${create} ${CERTIFICATE} --private-key x509.pfx`);
    await keepPkcs12('x509.pfx', '');
    await said.run(`${at(403)} ${create} --private-key locked --passphrase < phrase`);
    keepOpenSshKey(secrets, 'locked', read('locked'), passphrase);
    await said.run(`${at(403)} ${create} ${CERTIFICATE} --private-key locked.pfx --passphrase < phrase`);
    await keepPkcs12('locked.pfx', passphrase);

    expect(said.found()).toEqual([]);
    expect(cloud.received).toContain('"public_key"');
    expect(secrets.in(cloud.received)).toEqual([]);
    // The control: those that are not encrypted are in their files. The others are not even there.
    const files = secrets.inFiles(shell.directory, /^phrase$/);
    const names = ['ssh-200', 'ssh-400', 'ssh-403', 'ssh-409', 'ssh-500', 'ssh-503', 'rsa', 'x509.pem', 'x509.pfx'];
    expect(new Set(files.map((each) => each.replace(/ \d+$/, '')))).toEqual(
      new Set(names.map((name) => `${name}: ${name}`)),
    );
  });

  it('is on standard output alone, where it has no file', async () => {
    for (const [create, keep] of [
      ['keypair create x', (out: string) => keepOpenSshKey(secrets, 'printed', out)],
      ['keypair-add x', (out: string) => keepOpenSshKey(secrets, 'printed', out)],
      [`keypair create x ${CERTIFICATE}`, (out: string) => secrets.add('printed', out.slice(200, 260))],
    ] as const) {
      const { out } = await said.run(`${at(403)} latchkey ${create} --debug`, { answer: true });
      keep(out);
    }
    expect(said.found()).toEqual([]);
    expect(secrets.in(cloud.received)).toEqual([]);
    expect(secrets.inFiles(shell.directory).filter((each) => each.includes('printed'))).toEqual([]);
  });

  it('leaves no file behind, if it is not to be kept', async () => {
    const before = readdirSync(shell.directory);
    await shell.run('echo precious > old');
    for (const status of [403, 409]) {
      await said.run(`${at(status)} latchkey keypair create x --private-key gone`);
      await said.run(`${at(status)} latchkey keypair create x --private-key old --force`);
    }
    expect(readdirSync(shell.directory)).toEqual([...before, 'old'].toSorted());
    expect(read('old')).toBe('precious\n');
  });
});

describe('what is typed', () => {
  /** Runs a line on a terminal. */
  async function typed(line: string, ...answers: string[]): Promise<Finished> {
    const finished = await shell.inTerminal(80, line, ...answers);
    said.note(line, finished.out + finished.err);
    return finished;
  }

  it('at a question for a password is not on the screen, and not quoted', async () => {
    for (const [type, question] of [
      ['password', 'Password: '],
      ['http_basic', 'Password: '],
    ]) {
      const settings = `OS_AUTH_TYPE=${type} OS_AUTH_URL=${cloud.url}/all-401/v3 OS_USERNAME=alice`;
      const line = `${settings} ${at(401)} latchkey keypair list --debug`;
      const { out, status } = await typed(line, secrets.make(`typed for ${type}`));
      expect([status, out]).toEqual([3, expect.stringContaining(question)]);
      expect(out).toContain('quoted');
      expect((await typed(line, String.raw`${secrets.make('taken back')}\x03`)).status).toBe(130);
    }
    expect(said.found()).toEqual([]);
  });

  it('twice for a key or a user is not on the screen either', async () => {
    const [one, other] = [secrets.make('typed passphrase'), secrets.make('another one')];
    const create = `${at(403)} latchkey keypair create x --debug --private-key typed --passphrase`;
    expect((await typed(create, one, one)).status).toBe(3);
    expect((await typed(create, one, other)).status).toBe(2);
    writeFileSync(shell.path('users.yaml'), 'projects: []\nusers: []\n');
    shell.export({ IDENTITY_FILE: shell.path('users.yaml') });
    expect((await typed('latchkey user add alice', one, one)).status).toBe(0);
    expect((await typed('latchkey user passwd alice', one, other)).status).toBe(2);
    expect((await typed('latchkey user passwd alice', other, other)).status).toBe(0);
    expect(said.found()).toEqual([]);
    expect(secrets.inFiles(shell.directory).filter((each) => each.includes('typed'))).toEqual([]);
  });

  it('elsewhere is on the screen, where the search finds it', async () => {
    await typed(`printf 'Name: '; read name; echo`, secrets.make('name'));
    expect(said.found()).toEqual([expect.stringContaining('name')]);
  });
});
