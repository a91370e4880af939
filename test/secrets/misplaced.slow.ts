import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityYaml } from '../identity/identity-yaml.js';
import { putEmptyDatabase } from '../support/template.js';
import { keepPrivateKey } from './keys.js';
import { QuotingCloud } from './quoting-cloud.js';
import { forEach, RecordedShell } from './recorded-shell.js';

// Secrets in the wrong place: beside the option, in the option, in the file.

const recorded = new RecordedShell();
const { shell, secrets } = recorded;
const secret = secrets.make('password');
let cloud: QuotingCloud;

beforeAll(async () => {
  cloud = await QuotingCloud.started('token', 'quoted', '');
  putEmptyDatabase(shell.path('data'));
  shell.export({ OS_AUTH_TYPE: 'none', OS_ENDPOINT: `${cloud.url}/200/v2.1`, DATA_DIR: shell.path('data') });
});

afterAll(() => {
  cloud.close();
  shell.remove();
});

/** Runs lines that all have to fail; returns `line: secret` for each secret in their output. */
async function saidBy(lines: readonly string[]): Promise<string[]> {
  await forEach(lines, async (line) => {
    const { err, status } = await recorded.run(line);
    expect([line, status > 0, err]).toEqual([line, true, expect.stringMatching(/^latchkey: /m)]);
  });
  return recorded.leaks();
}

describe('a password', () => {
  it('in place of something else is in no message', async () => {
    expect(
      await saidBy([
        `latchkey keypair list --os-pasword=${secret}`,
        `latchkey keypair list --pasword=${secret}`,
        `latchkey keypair list --quiet=${secret}`,
        `latchkey --os-username alice --os-password correct ${secret} keypair list`,
        `latchkey keypair ${secret}`,
        `latchkey keypair list ${secret}`,
        `latchkey user add alice ${secret}`,
        `latchkey user add alice --password ${secret}`,
        `latchkey user add alice --password=${secret}`,
        `latchkey user passwd alice ${secret}`,
        `latchkey keypair create x --passphrase ${secret} --private-key x`,
        `latchkey keypair create x --passphrase=${secret} --private-key x`,
        `latchkey keypair list --os-auth-type password --os-auth-url http://alice:${secret}@127.0.0.1:9/v3`,
        `latchkey keypair list --os-endpoint http://alice:${secret}@127.0.0.1:9/v2.1`,
        `OS_ENDPOINT=http://${secret}@127.0.0.1:9/v2.1 latchkey keypair list --debug`,
        `latchkey keypair list --os-endpoint ${secret}`,
        `latchkey guest create web1 --metadata ${secret}`,
        `latchkey guest create web1 --metadata =${secret}`,
        `latchkey guest create web1 --user-data 'password: ${secret}'`,
        `latchkey guest create web1 --vendor-data '{"password": "${secret}"}'`,
        `echo '{"password": "${secret}",}' | latchkey guest create web1 --vendor-data -`,
        `echo '${secret}' | latchkey guest create web1 --network-data -`,
        `echo '${secret}' | latchkey keypair create x --public-key - --type x509`,
        `echo '${secret}' | latchkey keypair check -`,
      ]),
    ).toEqual([]);
  });

  it('in clouds.yaml is in no message, whatever is wrong with the file', async () => {
    const good = `clouds: {only: {auth: {username: alice, password: ${secret}}}}`;
    writeFileSync(shell.path('good.yaml'), good);
    const broken = [
      `clouds: {only: {auth: {password: ${secret}}`,
      `clouds:\n  only:\n    password: ${secret}\n   auth:`,
      `clouds:\n\tpassword: ${secret}`,
      `password: ${secret}\npassword: ${secret}\n`,
      `clouds: {only: {auth: {password: !!binary "${secret}", url: *${secret}}}}`,
      `%${secret}\n---\n{`,
      secret,
      `[${secret}]`,
    ];
    for (const [at, content] of broken.entries()) writeFileSync(shell.path(`broken-${at}.yaml`), content);
    const list = 'OS_ENDPOINT= OS_AUTH_TYPE=password latchkey keypair list --debug --os-cloud only';
    expect(
      await saidBy([
        ...broken.map((_, at) => `OS_CLIENT_CONFIG_FILE=broken-${at}.yaml ${list}`),
        ...broken
          .slice(0, 2)
          .map((_, at) => `OS_CLIENT_CONFIG_FILE=good.yaml OS_CLIENT_SECURE_FILE=broken-${at}.yaml ${list}`),
        // The content in place of the path.
        `OS_CLIENT_CONFIG_FILE='${good}' ${list}`,
        `OS_CLIENT_SECURE_FILE='${good}' OS_CLIENT_CONFIG_FILE=good.yaml ${list}`,
      ]),
    ).toEqual([]);
  });

  it('and a hash in the file of users are in no message, whatever is wrong with it', async () => {
    const users = await identityYaml(['demo'], [{ name: 'alice', roles: { demo: ['member'] } }], secret);
    const [, hash] = /(\$2\S+)/.exec(users)!;
    secrets.add('hash', hash.slice(29));
    const broken = [
      users.replace(hash, secret),
      users.replace('password: ', ''),
      users.replace(/password: .*/, `{name: bob, password ${secret}}`),
      users.replace(/name: alice/, `name: alice\n    hash: ${hash}`),
      users.replace('roles:', 'roles: {password}\n    rolls:'),
      `users: [{name: bob, ${secret}}]`,
      `users: [{name: bob, ${hash}}]`,
      `${users}  - {password: ${hash}`,
    ];
    for (const [at, content] of broken.entries()) writeFileSync(shell.path(`users-${at}.yaml`), content);
    expect(await saidBy(broken.map((_, at) => `IDENTITY_FILE=users-${at}.yaml latchkey user list`))).toEqual([]);
  });

  it('in a setting of the service is in no message, whatever is wrong with that', async () => {
    expect(
      await saidBy([
        `DATABASE_URL=postgres://latchkey:${secret}@127.0.0.1:1/x latchkey migrate show`,
        `DATABASE_URL=postgres://latchkey:${secret}@127.0.0.1:99999/x latchkey migrate run`,
        `DATABASE_URL=postgres://latchkey:${secret}/2@127.0.0.1/x latchkey config`,
        `DATABASE_URL='postgres://latchkey@127.0.0.1/x?sslpassword=${secret}' latchkey config`,
        `DATABASE_URL=${secret} latchkey import-nova --dump -`,
        `METADATA_MODE=neutron METADATA_SECRET='${secret} ${secret} ${secret}' latchkey config`,
        `KEYSTONE_PASSWORD=${secret} AUTH_MODE=keystone latchkey config`,
      ]),
    ).toEqual([]);
  });

  it('in a setting that is valid is masked', async () => {
    const line = `DATABASE_URL='postgres://latchkey:1/${secret}@127.0.0.1/x' latchkey config`;
    expect(await recorded.run(line)).toMatchObject({ status: 0, out: expect.stringContaining('***@127.0.0.1/x') });
    expect(recorded.leaks()).toEqual([]);
  });
});

const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: shell.directory, stdio: 'pipe' });
const inside = (pem: string): string => pem.replaceAll(/-----.*-----|\n/g, '');

/** Private keys in every format in which people keep them, by file name. */
function privateKeys(): string[] {
  openssl('genrsa', '-traditional', '-out', 'rsa.pem', '2048');
  openssl('ecparam', '-genkey', '-noout', '-name', 'prime256v1', '-out', 'ec.pem');
  openssl('genpkey', '-algorithm', 'ed25519', '-out', 'ed25519.pem');
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'ec.pem', '-out', 'ec-pkcs8.pem');
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'rsa.pem', '-out', 'rsa-pkcs8.pem');
  openssl('req', '-x509', '-key', 'rsa.pem', '-subj', '/CN=alice', '-out', 'cert.pem');
  openssl('pkcs12', '-export', '-in', 'cert.pem', '-inkey', 'rsa.pem', '-passout', 'pass:', '-out', 'both.pfx');
  openssl('rsa', '-in', 'rsa.pem', '-outform', 'DER', '-out', 'rsa.der');
  execFileSync('cp', ['rsa.pem', 'openssh'], { cwd: shell.directory });
  execFileSync('chmod', ['600', 'openssh'], { cwd: shell.directory });
  execFileSync('ssh-keygen', ['-q', '-p', '-N', '', '-f', 'openssh'], { cwd: shell.directory });
  const read = (name: string): string => readFileSync(shell.path(name), 'utf8');
  const made: Readonly<Record<string, string | Buffer>> = {
    'utf16.pem': Buffer.from(`\ufeff${read('rsa.pem')}`, 'utf16le'),
    'with-words-before.pem': `Bag Attributes\n    friendlyName: mine\n${read('ec-pkcs8.pem')}`,
    'with-certificate-before.pem': read('cert.pem') + read('rsa.pem'),
    'rsa.base64': inside(read('rsa.pem')),
    'rsa-pkcs8.base64': inside(read('rsa-pkcs8.pem')),
    'ec.base64': inside(read('ec.pem')),
    'ec-pkcs8.base64': inside(read('ec-pkcs8.pem')),
    'ed25519.base64': inside(read('ed25519.pem')),
    'openssh.base64': inside(read('openssh')),
    'both.base64': readFileSync(shell.path('both.pfx')).toString('base64'),
  };
  for (const [name, content] of Object.entries(made)) writeFileSync(shell.path(name), content);
  for (const name of ['rsa.pem', 'rsa-pkcs8.pem', 'ec.pem', 'ec-pkcs8.pem', 'ed25519.pem']) {
    keepPrivateKey(secrets, name, read(name));
  }
  secrets.addPrivateKey('openssh', read('openssh'));
  secrets.addPrivateKey(
    'both.pfx',
    readFileSync(shell.path('both.pfx'))
      .toString('base64')
      .match(/.{1,64}/g)!
      .join('\n'),
  );
  const names = ['rsa.pem', 'ec.pem', 'ed25519.pem', 'ec-pkcs8.pem', 'rsa.der', 'both.pfx', 'openssh'];
  return [...names, ...Object.keys(made)];
}

describe('a private key', () => {
  let names: string[];

  beforeAll(() => {
    names = privateKeys();
  });

  it('in place of a public key is refused, and sent nowhere', async () => {
    const before = cloud.received.length;
    expect(
      await saidBy([
        ...names.map((name) => `latchkey keypair create x --debug --public-key ${name}`),
        ...names.map((name) => `latchkey keypair check ${name}`),
        'latchkey keypair-add x --debug --pub-key openssh',
        'latchkey keypair create x --debug --public-key - < openssh',
        'latchkey keypair create x --debug --public-key rsa.pem --type x509',
      ]),
    ).toEqual([]);
    expect(cloud.received.slice(before)).toBe('');
  });

  it('in place of a path or a name is refused, and sent nowhere', async () => {
    const before = cloud.received.length;
    const key = '"$(cat openssh)"';
    expect(
      await saidBy([
        `latchkey keypair create x --debug --public-key ${key}`,
        `latchkey keypair create x --debug --public-key="$(cat ec.base64)"`,
        `latchkey keypair create x --debug --private-key ${key}`,
        `latchkey keypair-add x --pub-key ${key}`,
        `latchkey keypair create ${key} --public-key cert.pem`,
        `latchkey keypair show ${key}`,
        `latchkey keypair delete ${key}`,
        `latchkey keypair check ${key}`,
        `latchkey keypair ${key}`,
        `latchkey keypair list --os-cacert ${key}`,
        `latchkey guest create web1 --user-data ${key}`,
        `latchkey guest create web1 --metadata key=${key}`,
        `latchkey import-nova --dump ${key}`,
      ]),
    ).toEqual([]);
    expect(cloud.received.slice(before)).toBe('');
  });
});

describe('a file that is no dump', () => {
  it.each<[what: string, content: () => string | Buffer]>([
    [
      'of passwords',
      () => `keystone_authtoken,x,x,x,password = ${secret}\n${secret}\n{"x": 1, "y": 2, "password": "${secret}"}`,
    ],
    [
      'that is the inside of a private key',
      () => readFileSync(shell.path('openssh'), 'utf8').replaceAll(/-----.*\n/g, ''),
    ],
    [
      'of private keys in the place of public ones',
      () =>
        ['openssh', 'ec.base64', 'with-words-before.pem']
          .map((name, at) => `,,${at},u1,key-${at},00:11,"${readFileSync(shell.path(name), 'utf8')}",ssh`)
          .join('\n'),
    ],
  ])('%s has a report without them, and nothing is imported', async (_, content) => {
    writeFileSync(shell.path('dump'), content());
    const { out, err, status } = await recorded.run('latchkey import-nova --dump dump -f json');
    expect([status, err]).toEqual([1, expect.stringMatching(/^Imported: 0\. There already: 0\. Left out: \d+\.$/m)]);
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ Result: 'left out' }));
    expect(recorded.leaks()).toEqual([]);
  });
});

describe('afterwards', () => {
  it('the home directory has no history file', () => {
    expect(readdirSync(shell.path('home'))).toEqual([]);
  });

  it('a search finds what other programs print', async () => {
    await recorded.run(`cat ${secret}; cat < "$(cat openssh)"`);
    expect(recorded.leaks().map((each) => each.split(': ').at(-1))).toEqual(expect.arrayContaining(['password 0']));
  });
});
