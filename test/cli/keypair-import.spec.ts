import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen, sshSha256 } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const ED25519 = sshKeygen('-C', 'alice@laptop').trim();
const RSA = sshKeygen('-t', 'rsa', '-b', '2048', '-C', 'alice@desktop').trim();
const ECDSA = sshKeygen('-t', 'ecdsa', '-C', 'bob').trim();
const SHORT = sshKeygen('-t', 'rsa', '-b', '1024').trim();
const OTHER = sshKeygen('-C', 'carol@home').trim();
/** As these sites write them: GitHub and GitLab without the comments of their users, Launchpad with them. */
const bare = (line: string): string => line.split(' ').slice(0, 2).join(' ');
const BODIES = new Map([
  ['github.com/alice.keys', [ED25519, 'ssh-unknown AAAA', SHORT, RSA, ECDSA].map(bare).join('\n')],
  ['gitlab.com/alice.keys', `${bare(OTHER)} Carol (gitlab.com)\n`],
  ['launchpad.net/~alice/+sshkeys', `${RSA}\n\n${OTHER}\n`],
  ['keys.example.org/team', `# of the team\n${ECDSA}\n`],
  ['keys.example.org/long', 'x'.repeat(70_000)],
  ['keys.example.org/many', `${ED25519}\n`.repeat(51)],
]);

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let sites: Server;
let shell: Shell;

/** Leads every https request of the command to the server of this test, which has a certificate for all of the hosts. */
const preload = (port: number): string => `
  const https = require('node:https');
  const real = https.request;
  https.request = (url, options, ...rest) =>
    real({ ...options, host: '127.0.0.1', port: ${port}, path: url.pathname, servername: url.hostname,
      headers: { ...options.headers, Host: url.host } }, ...rest);
  require('node:module').syncBuiltinESMExports();`;

const digits = (line: string): string =>
  Buffer.from(sshSha256(line).replace('SHA256:', ''), 'base64').toString('hex').slice(0, 8);

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  const names = ['github.com', 'gitlab.com', 'launchpad.net', 'keys.example.org'];
  execFileSync('openssl', [
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=sites'.split(' '),
    '-addext',
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    '-keyout',
    shell.path('key.pem'),
    '-out',
    shell.path('ca.pem'),
  ]);
  const tls = { key: readFileSync(shell.path('key.pem')), cert: readFileSync(shell.path('ca.pem')) };
  sites = createServer(tls, ({ url, headers: { host } }, answer) => {
    if (url === '/moved') return answer.writeHead(302, { Location: 'https://github.com/alice.keys' }).end();
    const body = BODIES.get(`${host}${url}`);
    return answer.writeHead(body === undefined ? 404 : 200).end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => sites.once('listening', listening));
  writeFileSync(shell.path('preload.cjs'), preload((sites.address() as AddressInfo).port));
  shell.export({ NODE_EXTRA_CA_CERTS: 'ca.pem', NODE_OPTIONS: '--require ./preload.cjs' });
});

afterAll(async () => {
  sites.close();
  await service.stop();
  shell.remove();
  remove();
});

const COLUMNS = '-f value -c Name -c Outcome';

describe('keypair import', () => {
  it('shows the fingerprints first, and changes nothing without a confirmation', async () => {
    const { out, status } = await shell.run('{ latchkey keypair import gl:alice < /dev/null; } 2>&1');
    expect(status).toBe(2);
    expect(out).toContain(sshSha256(OTHER));
    expect(out).toContain('Compare the fingerprints, and add --yes.');
    expect((await shell.run('latchkey keypair list -f value -c Name')).out).toBe('');
    const asked = await shell.inTerminal(120, 'latchkey keypair import gl:alice', 'no');
    expect(asked.out).toContain('Nothing was changed.');
  });

  it('imports the others where two of five keys are refused, and again changes nothing', async () => {
    const names = [
      `alice-ed25519-${digits(ED25519)}`,
      `alice-rsa-${digits(RSA)}`,
      `alice-ecdsa-${digits(ECDSA)}`,
    ] as const;
    for (let turn = 0; turn < 2; turn += 1) {
      const { out, status } = await shell.run(`latchkey keypair import gh:alice --yes ${COLUMNS}`);
      expect(status).toBe(0);
      const outcomes = out.trim().split('\n');
      expect(outcomes).toHaveLength(5);
      expect(out.match(/refused: /g)).toHaveLength(2);
      for (const name of names) expect(out).toContain(`${name} imported\n`);
      const listed = await shell.run('latchkey keypair list --tag source=gh:alice -f value -c Name');
      expect(listed.out.trim().split('\n').toSorted()).toEqual(names.toSorted());
    }
    expect((await shell.run(`latchkey keypair show ${names[1]} --public-key`)).out.trim()).toBe(bare(RSA));
  });

  it('chooses by number and by fingerprint, and begins names with the given prefix', () =>
    shell.plays(`
      $ latchkey keypair import lp:alice --prefix lp- --select 2 --yes ${COLUMNS}
      lp-alice-ed25519-${digits(OTHER)} imported
      $ latchkey keypair import lp:alice --prefix lp- --select ${sshSha256(RSA)} --yes ${COLUMNS}
      lp-alice-rsa-${digits(RSA)} imported
      $ latchkey keypair import lp:alice --select 3 --yes
      latchkey: --select must be all, or numbers from 1 to 2 or fingerprints of the keys.
      [2]
    `));

  it('deletes with --sync what the source no longer has, and nothing of other sources', async () => {
    BODIES.set('github.com/alice.keys', bare(ED25519));
    const { out } = await shell.run(`latchkey keypair import gh:alice --sync --yes ${COLUMNS}`);
    expect(out).toContain(`alice-ed25519-${digits(ED25519)} imported\n`);
    expect(out.match(/ deleted/g)).toHaveLength(2);
    const left = (await shell.run('latchkey keypair list -f value -c Name')).out.trim().split('\n');
    expect(left).toHaveLength(3);
    expect(left).toContain(`lp-alice-rsa-${digits(RSA)}`);
  });

  it('keeps with --sync a key that the source has and --select leaves out', async () => {
    await shell.plays(`
      $ latchkey keypair import lp:alice --prefix lp- --select 1 --sync --yes ${COLUMNS}
      lp-alice-rsa-${digits(RSA)} imported
    `);
  });

  it('gives the keypairs to the project, with an end, and finds them there again', async () => {
    await shell.plays(`
      $ OS_PROJECT_ID=demo latchkey keypair import lp:alice --prefix team- --select 1 --shared --expires 2099-01-01 --yes ${COLUMNS}
      team-alice-rsa-${digits(RSA)} imported
      $ OS_PROJECT_ID=demo latchkey keypair set team-alice-rsa-${digits(RSA)} --shared --note lp -f value -c expires_at
      2099-01-01T00:00:00.000000
      $ OS_PROJECT_ID=demo latchkey keypair list --shared -f value -c Name
      team-alice-rsa-${digits(RSA)}
      $ latchkey keypair import lp:alice --select 1 --expires soon --yes
      latchkey: --expires must be a duration such as 90d, or a time such as 2027-12-31T00:00:00Z.
      [2]
      $ latchkey keypair import lp:alice --shared --user bob --yes
      latchkey: option '--shared' cannot be used with option '--user <user>'. See --help.
      [2]
    `);
    BODIES.set('launchpad.net/~alice/+sshkeys', OTHER);
    const synced = `OS_PROJECT_ID=demo latchkey keypair import lp:alice --prefix team- --shared --sync --yes ${COLUMNS}`;
    const outcomes = (await shell.run(synced)).out.trim().split('\n');
    expect(outcomes.toSorted()).toEqual([
      `team-alice-ed25519-${digits(OTHER)} imported`,
      `team-alice-rsa-${digits(RSA)} deleted`,
    ]);
    expect((await shell.run('latchkey keypair list -f value -c Name')).out).toContain(`lp-alice-rsa-${digits(RSA)}`);
  });

  it('reads https URLs, and follows no redirect and takes no endless answer', () =>
    shell.plays(`
      $ latchkey keypair import https://keys.example.org/team --yes ${COLUMNS}
      keys-example-org-ecdsa-${digits(ECDSA)} imported
      $ latchkey keypair import https://keys.example.org/moved --yes
      latchkey: https://keys.example.org/moved is answered with 302, not with keys.
      [1]
      $ latchkey keypair import gh:mallory --yes
      latchkey: gh:mallory is not there: https://github.com/mallory.keys is answered with 404.
      [4]
      $ latchkey keypair import https://keys.example.org/long --yes
      latchkey: https://keys.example.org/long cannot be read: the answer is too long.
      [6]
      $ latchkey keypair import https://keys.example.org/many --yes
      latchkey: https://keys.example.org/many has more than 50 keys; import them in parts.
      [1]
      $ latchkey keypair import http://keys.example.org/team --yes
      latchkey: http://keys.example.org/team must begin with https://<...>
      [2]
      $ latchkey keypair import gh:../settings --yes
      latchkey: gh:../settings must end in the name of a user, as in gh:alice.
      [2]
    `));

  it('reads files, and LDIF with folded and encoded values from standard input', async () => {
    writeFileSync(shell.path('authorized_keys'), `${ED25519}\n${OTHER}\n`);
    const encoded = Buffer.from(RSA).toString('base64');
    const ldif = `dn: uid=alice,dc=example\nsshPublicKey: ${ECDSA.slice(0, 60)}\n ${ECDSA.slice(60)}
sshPublicKey:: ${encoded.slice(0, 70)}\n ${encoded.slice(70)}\nmail: alice@example.org\n`;
    writeFileSync(shell.path('alice.ldif'), ldif);
    await shell.plays(`
      $ latchkey keypair import authorized_keys --yes ${COLUMNS}
      authorized_keys-ed25519-${digits(ED25519)} imported
      authorized_keys-ed25519-${digits(OTHER)} imported
      $ latchkey keypair import - --prefix ldap- --yes ${COLUMNS} < alice.ldif
      ldap-stdin-ecdsa-${digits(ECDSA)} imported
      ldap-stdin-rsa-${digits(RSA)} imported
    `);
  });
});

describe('the SSH agent', () => {
  beforeAll(async () => {
    const make = ['ed25519 -C alice@laptop -f id_ed25519', 'rsa -b 2048 -C alice@desktop -f id_rsa', 'ed25519 -f ca'];
    await shell.run(make.map((each) => `ssh-keygen -q -N "" -t ${each}`).join(' && '));
    // ssh-add adds the certificate beside the key.
    await shell.run('ssh-keygen -q -s ca -I alice -n alice id_ed25519.pub');
    const { out } = await shell.run(
      'ssh-agent -a $PWD/agent -s > pid && SSH_AUTH_SOCK=$PWD/agent ssh-add id_ed25519 id_rsa && cat pid',
    );
    expect(out).toContain('SSH_AGENT_PID');
    shell.export({ SSH_AUTH_SOCK: shell.path('agent') });
  });
  afterAll(() => shell.run('eval "$(cat pid)" > /dev/null; kill $SSH_AGENT_PID'));

  const key = (name: string): string => readFileSync(shell.path(`${name}.pub`), 'utf8').trim();

  it('gives its keys, and its certificate is refused', async () => {
    const { out, status } = await shell.run(`latchkey keypair import agent: --yes ${COLUMNS}`);
    expect(status).toBe(0);
    expect(out).toContain(`agent-ed25519-${digits(key('id_ed25519'))} imported\n`);
    expect(out).toContain(`agent-rsa-${digits(key('id_rsa'))} imported`);
    expect(out.match(/refused: /g)).toHaveLength(1);
  });

  it('gives one key by its comment or fingerprint', () =>
    shell.plays(`
      $ latchkey keypair import agent:alice@desktop --prefix one- --yes ${COLUMNS}
      one-agent-rsa-${digits(key('id_rsa'))} imported
      $ latchkey keypair create desktop --from-agent alice@desktop -f value -c name
      desktop
      $ latchkey keypair show desktop --public-key | diff - id_rsa.pub
      $ latchkey keypair create fingerprint --from-agent ${sshSha256(key('id_rsa'))} -f value -c name
      fingerprint
      $ latchkey keypair create unknown --from-agent absent-key
      latchkey: The SSH agent has no such key; see "ssh-add -l".
      [2]
      $ latchkey keypair create any --from-agent 2>&1 | head -1
      latchkey: The SSH agent has 3 such keys; name one by its comment or fingerprint:<...>
      $ SSH_AUTH_SOCK= latchkey keypair import agent: --yes
      latchkey: SSH_AUTH_SOCK names no SSH agent; start one, and add keys with ssh-add.
      [2]
      $ SSH_AUTH_SOCK=nowhere latchkey keypair import agent: --yes
      latchkey: The SSH agent at nowhere gives no keys: <...>
      [6]
    `));
});
