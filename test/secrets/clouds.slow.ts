import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOf } from '../cli/shell.js';
import { makeCertificate } from '../support/certificate.js';
import { EVERY_COMMAND, SECRET_OPTIONS } from './every-command.js';
import { QuotingCloud } from './quoting-cloud.js';
import { forEach, RecordedShell } from './recorded-shell.js';
import { Secrets } from './secrets.js';

const recorded = new RecordedShell();
const { shell, secrets } = recorded;
/** The control: what the cloud adds to what it quotes. */
const visible = new Secrets();
let cloud: QuotingCloud;
let elsewhere: QuotingCloud;

/** The ways to sign in, with their settings named as in clouds.yaml; each secret is different. */
const WAYS: Readonly<Record<string, () => Record<string, string>>> = {
  password: () => ({ username: 'alice', password: secrets.make('password') }),
  token: () => ({ token: secrets.make('token') }),
  v3applicationcredential: () => ({
    application_credential_id: 'mine',
    application_credential_secret: secrets.make('secret of an application credential'),
  }),
  http_basic: () => ({ username: 'alice', password: secrets.make('password for http_basic') }),
  admin_token: () => ({ token: secrets.make('admin token') }),
};

/** The places of settings; returns what precedes the command, and what follows it. */
const SOURCES: Readonly<Record<string, (settings: Record<string, string>) => [string, string]>> = {
  variables: (settings) => [
    Object.entries(settings)
      .map(([word, value]) => `OS_${word.toUpperCase()}='${value}'`)
      .join(' '),
    '',
  ],
  options: (settings) => [
    '',
    Object.entries(settings)
      .map(([word, value]) => `--os-${word.replaceAll('_', '-')} '${value}'`)
      .join(' '),
  ],
  'clouds.yaml': ({ auth_type, ...auth }) => [`OS_CLIENT_CONFIG_FILE=${yaml('clouds', { auth_type, auth })}`, ''],
  'secure.yaml': ({ auth_type, ...auth }) => [
    `OS_CLIENT_CONFIG_FILE=${yaml('clouds', { auth_type })} OS_CLIENT_SECURE_FILE=${yaml('secure', { auth })}`,
    '',
  ],
};

let files = 0;

/** A file with one cloud in it. */
function yaml(stem: string, only: object): string {
  files += 1;
  const path = shell.path(`files/${stem}-${files}.yaml`);
  writeFileSync(path, JSON.stringify({ clouds: { only } }));
  return path;
}

/** A line that lists keypairs with secrets from a source, at the highest verbosity. */
function line(way: string, source: string, authUrl: string, endpoint: string): string {
  const settings = { auth_type: way, ...WAYS[way](), auth_url: authUrl, endpoint, project_name: 'p' };
  const [before, after] = SOURCES[source](settings);
  return `${before} latchkey keypair list --debug ${after}`;
}

beforeAll(async () => {
  mkdirSync(shell.path('files'));
  elsewhere = await QuotingCloud.started('', visible.make('elsewhere'), '');
  cloud = await QuotingCloud.started(
    secrets.make('token that was given out'),
    visible.make('mark'),
    `${elsewhere.url}/200/`,
  );
});

afterAll(() => {
  cloud.close();
  elsewhere.close();
  shell.remove();
});

const combinations = Object.keys(WAYS).flatMap((way) => Object.keys(SOURCES).map((source) => [way, source] as const));

describe('a cloud that quotes what it is sent', () => {
  it('has its refusals shown without the secrets', async () => {
    const statuses = [400, 401, 403, 404, 409, 429, 500, 503, 302, 200];
    await forEach([...combinations.entries()], async ([at, [way, source]]) => {
      const status = statuses[at % statuses.length];
      const { err } = await recorded.run(line(way, source, `${cloud.url}/${status}/v3`, `${cloud.url}/${status}/v2.1`));
      expect(visible.in(err)).not.toEqual([]);
    });
    expect(recorded.leaks()).toEqual([]);
  });

  it('has the refusals of the log-in and of the versions shown without them', async () => {
    await forEach([...combinations.entries()], async ([at, [way, source]]) => {
      const refused = `${cloud.url}/all-${[401, 302, 403, 500, 200, 'broken'][at % 6]}`;
      await recorded.run(line(way, source, `${refused}/v3`, `${refused}/v2.1`));
    });
    expect(recorded.leaks()).toEqual([]);
  });

  it('has them shown without a secret that is encoded in other ways', async () => {
    const odd = `%22"\\é ${secrets.make('odd password')}`;
    // A search for the whole secret would not find this.
    secrets.add('odd password, at its beginning', '%22"\\é Zq');
    for (const authType of ['password', 'http_basic']) {
      shell.export({
        OS_AUTH_TYPE: authType,
        OS_AUTH_URL: `${cloud.url}/all-401/v3`,
        OS_ENDPOINT: `${cloud.url}/all-401/v2.1`,
        OS_USERNAME: 'alice',
        OS_PASSWORD: odd,
      });
      expect((await recorded.run('latchkey keypair list --debug')).status).toBe(3);
    }
    shell.export({ OS_AUTH_TYPE: '', OS_AUTH_URL: '', OS_ENDPOINT: '', OS_USERNAME: '', OS_PASSWORD: '' });
    expect(recorded.leaks()).toEqual([]);
  });

  it('received them all, and another one to which it redirects received none', () => {
    expect(secrets.in(cloud.received).length).toBeGreaterThan(combinations.length);
    expect(visible.in(elsewhere.received)).not.toEqual([]);
    expect(secrets.in(elsewhere.received)).toEqual([]);
  });
});

describe('a cloud that is unreachable', () => {
  it('is reported without the secrets', async () => {
    const pair = makeCertificate(shell.path('files'), 'alice');
    const tls = createServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }).listen(0, '127.0.0.1');
    await once(tls, 'listening');
    const tlsPort = (tls.address() as AddressInfo).port;
    const places = [
      'http://127.0.0.1:9',
      'http://no-such-host.invalid',
      `https://127.0.0.1:${tlsPort}`,
      `http://127.0.0.1:${tlsPort}`,
      cloud.url.replace('http:', 'https:'),
    ];
    await forEach(
      places.flatMap((place) => ['password', 'http_basic'].map((way) => [place, way] as const)),
      async ([place, way]) => {
        const { status } = await recorded.run(line(way, 'variables', `${place}/v3`, `${place}/v2.1`));
        expect(status).toBe(6);
      },
    );
    tls.close();
    tls.closeAllConnections();
    expect(recorded.leaks()).toEqual([]);
  });

  it('does not expose them to other users of the machine while the command waits', async () => {
    const sockets: Socket[] = [];
    const silent = createPlainServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const password = secrets.make('password of a command that waits');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v3`;
    shell.export({ OS_AUTH_URL: url, OS_USERNAME: 'alice', OS_PASSWORD: password });
    const child = shell.start('keypair', 'list');
    await once(silent, 'connection');
    const proc = `/proc/${child.pid}`;
    expect(readFileSync(`${proc}/cmdline`, 'utf8')).toContain('keypair\0list');
    expect(secrets.in(readFileSync(`${proc}/cmdline`))).toEqual([]);
    // This one is readable by its owner only, and contains them; that is the control.
    expect(secrets.in(readFileSync(`${proc}/environ`))).not.toEqual([]);
    expect(readdirSync(`${proc}/task`).map((task) => readFileSync(`${proc}/task/${task}/children`, 'utf8'))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/\d/)]),
    );
    expect(readFileSync(`${proc}/coredump_filter`, 'utf8')).toMatch(/^0+\n$/);
    child.kill('SIGKILL');
    await endOf(child);
    for (const socket of sockets) socket.destroy();
    silent.close();
    shell.export({ OS_AUTH_URL: '', OS_USERNAME: '', OS_PASSWORD: '' });
  });

  it('leaves nothing in a file', () => {
    rmSync(shell.path('files'), { recursive: true });
    expect(secrets.inFiles(shell.directory)).toEqual([]);
  });
});

describe('an option for a secret', () => {
  it('recommends a variable, since other users see arguments', () => {
    expect([...SECRET_OPTIONS.keys()]).toContain('--os-password');
    for (const [option, help] of SECRET_OPTIONS) expect(`${option}: ${help}`).toMatch(/prefer a variable/);
  });

  it('does not exist on a command that needs no cloud', () => {
    expect(EVERY_COMMAND.length).toBeGreaterThan(25);
    expect([...SECRET_OPTIONS.keys()].filter((option) => !option.startsWith('--os-'))).toEqual([]);
  });
});
