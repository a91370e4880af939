import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { freePort } from '../support/free-port.js';
import type { Client, Reply } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { GuestClient } from './guest-client.js';
import { ACCOUNT, SshHost } from './ssh-host.js';

jest.setTimeout(240_000);

const ADDRESS = '127.0.0.1';

let service: StartedApp;
let port: number;
let host: SshHost;
let alice: Client;

/** Starts a service whose only guest is this machine, and returns the guest. */
async function start(guest: object, configuration = ''): Promise<string> {
  port = await freePort();
  host = SshHost.make(configuration);
  service = await startApp({
    SSH_CA: 'on',
    SSH_CA_KEY_FILE: host.path('ca.key'),
    METADATA_PORT: String(port),
    METADATA_CACHE_SECONDS: '0',
    GUEST_ADDRESSES: 'owner',
  });
  alice = service.as('alice', 'blue');
  newKey('laptop');
  await alice.put('/v1/keypairs/laptop', { keypair: { public_key: publicKey('laptop') } });
  const made = await alice.post('/v1/guests', { guest: { name: 'web', addresses: [ADDRESS], ...guest } });
  return (made.body as { guest: { id: string } }).guest.id;
}

const stop = async (): Promise<void> => {
  await service?.stop();
  host?.remove();
};

const newKey = (name: string): void =>
  void execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', host.path(name)]);
const publicKey = (name: string): string => readFileSync(host.path(`${name}.pub`), 'utf8').trim();

/** Puts a certificate beside a copy of the key; returns its serial number. */
async function certified(name: string, wishes: object, by: Client = alice): Promise<number> {
  const { status, body } = await by.post('/v1/ssh-certificates', { certificate: { keypair: 'laptop', ...wishes } });
  expect(status).toBe(201);
  const { certificate, serial } = (body as { certificate: { certificate: string; serial: number } }).certificate;
  copyFileSync(host.path('laptop'), host.path(name));
  host.write(name, readFileSync(host.path('laptop')), 0o600);
  host.write(`${name}-cert.pub`, `${certificate}\n`);
  return serial;
}

const cloudInit = (...users: string[]): Promise<unknown> =>
  host.run(
    `/usr/bin/python3 '${join(process.cwd(), 'test/guests/authorized_keys.py')}' http://127.0.0.1:${port} ${users.join(' ')}`,
  );

describe('a guest with the authority among its keys, as cloud-init writes and sshd reads them,', () => {
  let id: string;

  beforeAll(async () => {
    id = await start({ ssh_ca: true }, 'RevokedKeys /mnt/krl\n');
    await refreshKrl();
    expect(await cloudInit(ACCOUNT, 'root')).toMatchObject({ status: 0, err: '' });
  });
  afterAll(stop);

  const refreshKrl = async (): Promise<void> => {
    const krl = await fetch(`http://${service.client.host}/v1/ssh-ca/krl`);
    host.write('krl', Buffer.from(await krl.arrayBuffer()));
  };

  it('lets in a certificate for it', async () => {
    await certified('good', { guests: [id] });
    const { isIn, log } = await host.logIn('good');
    expect([isIn, log]).toEqual([true, expect.stringContaining('ID latchkey:alice:laptop:req-')]);
  });

  it('refuses the key alone, and a certificate for another guest or for the project', async () => {
    expect((await host.logIn('laptop')).isIn).toBe(false);
    const other = await alice.post('/v1/guests', { guest: { name: 'db', ssh_ca: true } });
    for (const wishes of [{ guests: [(other.body as { guest: { id: string } }).guest.id] }, { project: true }]) {
      await certified('other', wishes);
      const { isIn, log } = await host.logIn('other');
      expect([isIn, log]).toEqual([false, expect.stringContaining('does not contain an authorized principal')]);
    }
  });

  it('refuses one that has ended', async () => {
    // It ends with the keypair, which no certificate outlives: soon, but not before a busy machine has issued it.
    const end = new Date(Date.now() + 20_000).toISOString();
    await alice.send({
      method: 'PATCH',
      target: '/v1/keypairs/laptop',
      body: JSON.stringify({ keypair: { expires_at: end } }),
    });
    await certified('ended', { guests: [id] });
    await alice.send({
      method: 'PATCH',
      target: '/v1/keypairs/laptop',
      body: JSON.stringify({ keypair: { expires_at: null } }),
    });
    await until(async () => (await host.logIn('ended')).log.includes('expired'), 'the certificate has expired');
    expect((await host.logIn('ended')).isIn).toBe(false);
  });

  it('refuses one that is revoked', async () => {
    const serial = await certified('revoked', { guests: [id] });
    expect((await host.logIn('revoked')).isIn).toBe(true);
    await alice.send({ method: 'DELETE', target: `/v1/ssh-certificates/${serial}` });
    await until(async () => {
      await refreshKrl();
      return !(await host.logIn('revoked')).isIn;
    }, 'the certificate is refused');
    expect((await host.logIn('revoked')).log).toContain('revoked');
  });

  it('admits no user as root, for whom cloud-init configures a command of its own', async () => {
    await certified('root-key', { guests: [id] });
    expect((await host.logIn('root-key', 'root')).isIn).toBe(false);
  });
});

describe('a guest with the authority in the configuration of sshd, set up by its vendor data,', () => {
  let id: string;

  beforeAll(async () => {
    id = await start({
      ssh_ca: 'sshd',
      login_users: [ACCOUNT],
      vendor_data: { 'cloud-init': '#cloud-config\nhostname: web\n' },
    });
  });
  afterAll(stop);

  it('reads a script besides the vendor data of its owner, as cloud-init splits them', async () => {
    const guest = new GuestClient(`127.0.0.1:${port}`, ADDRESS);
    host.write('vendor-data.json', JSON.stringify(await guest.read('/openstack/latest/vendor_data.json')));
    host.write('vendor-data', (await guest.get(`/nocloud/${id}/vendor-data`)).text);
    const split = [
      'import sys, json; from cloudinit import sources, user_data; from cloudinit.settings import CFG_BUILTIN',
      'parts = lambda data: [p.get_payload(decode=True).decode()',
      '  for p in user_data.UserDataProcessor({}).process(data).walk() if not p.is_multipart()]',
      'found = parts(sources.convert_vendordata(json.load(open(sys.argv[1]))))',
      "open(sys.argv[3], 'w').write([p for p in found if p.startswith('#!')][0])",
      'print(json.dumps([found, parts(open(sys.argv[2]).read())]))',
    ];
    const files = ['vendor-data.json', 'vendor-data', 'setup'].map((name) => host.path(name));
    const found = execFileSync('/usr/bin/python3', ['-c', split.join('\n'), ...files], { encoding: 'utf8' });
    const [openStack, noCloud] = JSON.parse(found) as string[][];
    expect(openStack).toEqual(['#cloud-config\nhostname: web\n', expect.stringMatching(/^#!/)]);
    expect(noCloud).toEqual(openStack);
  });

  it('lets in a named account with a certificate for it, and no other account', async () => {
    const outcome = await host.run(
      'mkdir -p /mnt/libexec /mnt/local && mount --bind /mnt/local /usr/local && sh /mnt/setup',
    );
    expect(outcome).toMatchObject({ status: 0, err: '' });
    await certified('good', { guests: [id] });
    expect(await host.logIn('good')).toMatchObject({ isIn: true });
    expect((await host.logIn('good', 'root')).isIn).toBe(false);
    await certified('project', { project: true });
    expect((await host.logIn('project')).isIn).toBe(false);
  });

  it('refuses what was revoked once it has read the list, and keeps the list if the service is unavailable', async () => {
    const refresh = (): Promise<{ status: number }> =>
      host.run(
        `mount --bind /mnt/local /usr/local; sed 's#http://169.254.169.254#http://127.0.0.1:${port}#' /usr/local/libexec/latchkey-ca-refresh | sh`,
      );
    const serial = await certified('revoked', { guests: [id] });
    expect(await refresh()).toMatchObject({ status: 0 });
    expect((await host.logIn('revoked')).isIn).toBe(true);
    await alice.send({ method: 'DELETE', target: `/v1/ssh-certificates/${serial}` });
    await until(async () => {
      await refresh();
      return !(await host.logIn('revoked')).isIn;
    }, 'the certificate is refused');
    const krl = readFileSync(host.path('etc-ssh/latchkey.krl'));
    await service.stop();
    expect((await refresh()).status).not.toBe(0);
    expect(readFileSync(host.path('etc-ssh/latchkey.krl')).equals(krl)).toBe(true);
    expect((await host.logIn('good')).isIn).toBe(true);
  });
});

describe('a guest that requests its keys at each log-in', () => {
  beforeAll(async () => {
    await start({ follow_keys: true, key_names: ['laptop'], login_users: [ACCOUNT] });
    newKey('desktop');
    host.write('libexec/latchkey-keys', readFileSync('deploy/guest/latchkey-keys'), 0o755);
    // sshd runs the command as the owner of the cache.
    await host.run('chown nobody /mnt/cache');
    const [match, command] = [`Match User ${ACCOUNT}`, 'AuthorizedKeysCommand /mnt/libexec/latchkey-keys %u'];
    host.append(
      'etc-ssh/sshd_config',
      `${match}\n AuthorizedKeysFile none\n ${command}\n AuthorizedKeysCommandUser nobody\n`,
    );
    // Also if an administrator makes sshd run it for every account.
    host.append('etc-ssh/sshd_config', `Match User root\n ${command}\n AuthorizedKeysCommandUser nobody\n`);
    settings({});
  });
  afterAll(stop);

  /**
   * sshd starts commands with an environment of its own, so the helper reads a file, whose path is patched into it here. A busy
   * machine may need more than its two seconds for an answer.
   */
  function settings({ url = `http://127.0.0.1:${port}`, maxStale = 3600 }: { url?: string; maxStale?: number }): void {
    const helper = readFileSync('deploy/guest/latchkey-keys', 'utf8')
      .replace(
        '[ ! -r /etc/latchkey-keys.conf ] || . /etc/latchkey-keys.conf',
        `LATCHKEY_URL=${url} LATCHKEY_CACHE=/mnt/cache LATCHKEY_MAX_STALE=${maxStale}`,
      )
      .replace('curl -s -m 2 ', 'curl -s -m 60 ');
    host.write('libexec/latchkey-keys', helper, 0o755);
  }

  /** Sets the age of the last answer that the helper keeps. */
  function setAge(seconds: number): void {
    const time = Date.now() / 1000 - seconds;
    utimesSync(host.path(`cache/${ACCOUNT}`), time, time);
  }

  const apply = (name: string, query: string): Promise<Reply> =>
    alice.with({ 'If-Match': '*' }).put(`/v1/keypairs/laptop${query}`, { keypair: { public_key: publicKey(name) } });

  it('admits its keypair, but not as root, which is not listed', async () => {
    expect((await host.logIn('laptop')).isIn).toBe(true);
    expect((await host.logIn('laptop', 'root')).isIn).toBe(false);
    expect((await host.logIn('desktop')).isIn).toBe(false);
  });

  it('accepts a new key at once, and refuses the old one after the overlap', async () => {
    await apply('desktop', '?overlap=1h');
    await until(async () => (await host.logIn('desktop')).isIn, 'the new key is accepted');
    expect((await host.logIn('laptop')).isIn).toBe(true);
    // An hour passes.
    await service.app
      .get<DataSource>(getDataSourceToken())
      .query(`UPDATE keypair_versions SET valid_until = valid_until - interval '2 hours'`);
    await until(async () => !(await host.logIn('laptop')).isIn, 'the old key is refused');
    expect((await host.logIn('desktop')).isIn).toBe(true);
    await apply('laptop', '?overlap=0m');
    await until(async () => (await host.logIn('laptop')).isIn, 'the first key is back');
  });

  it('uses the last answer while the service is unavailable, for a limited time', async () => {
    expect((await host.logIn('laptop')).isIn).toBe(true);
    settings({ url: `http://127.0.0.1:${await freePort()}` });
    expect((await host.logIn('laptop')).isIn).toBe(true);
    // Two hours ago.
    setAge(7200);
    expect((await host.logIn('laptop')).isIn).toBe(false);
    // A clock that was set back proves nothing.
    setAge(-7200);
    expect((await host.logIn('laptop')).isIn).toBe(false);
    settings({});
    expect((await host.logIn('laptop')).isIn).toBe(true);
  });

  it('refuses an answer with options from any server', async () => {
    const { createServer } = await import('node:http');
    const answers = [
      `command="id" ${publicKey('laptop')}\n`,
      `${publicKey('laptop')}\ncert-authority ${publicKey('laptop')}\n`,
    ];
    const impostor = createServer((_, response) => response.end(answers[0]));
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    settings({ url: `http://127.0.0.1:${(impostor.address() as { port: number }).port}` });
    for (; answers.length > 0; answers.shift()) expect((await host.logIn('laptop')).isIn).toBe(false);
    impostor.close();
    settings({});
  });

  it('admits no user once the keypair or the guest is deleted', async () => {
    await alice.delete('/v2.1/os-keypairs/laptop');
    await until(async () => !(await host.logIn('laptop')).isIn, 'the deleted key is refused');
    await alice.put('/v1/keypairs/laptop', { keypair: { public_key: publicKey('laptop') } });
    await until(async () => (await host.logIn('laptop')).isIn, 'the key is accepted again');
    const { guests } = (await alice.get('/v1/guests')).body as { guests: { id: string }[] };
    await alice.send({ method: 'DELETE', target: `/v1/guests/${guests[0].id}` });
    expect((await host.logIn('laptop')).isIn).toBe(false);
  });
});

describe('deploy/guest/install.sh', () => {
  beforeAll(async () => {
    await start({ follow_keys: true, key_names: ['laptop'], login_users: [ACCOUNT] });
  });
  afterAll(stop);

  /** The script for the first boot of a guest registered with `latchkey guest create --live`. */
  async function liveScript(): Promise<string> {
    const words = ['--live', `http://127.0.0.1:${port}`, '--login-user', ACCOUNT, '--key', 'laptop'];
    const create = ['bin/latchkey.js', 'guest', 'create', 'live', '-f', 'json', ...words];
    const env = { ...process.env, OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:blue' };
    const { stdout } = await promisify(execFile)(process.execPath, create, { env });
    const guest = JSON.parse(stdout) as { follow_keys: boolean; vendor_data: { 'cloud-init': string } };
    expect(guest.follow_keys).toBe(true);
    host.write('live', guest.vendor_data['cloud-init']);
    return '/mnt/live';
  }

  it.each([
    ['a command of sshd', '', () => `'${join(process.cwd(), 'deploy/guest/install.sh')}' ${ACCOUNT}`],
    ['a timer', '--timer', () => `'${join(process.cwd(), 'deploy/guest/install.sh')}' --timer ${ACCOUNT}`],
    ['a command of sshd at the first boot', '', liveScript],
  ])('sets up %s for the named accounts, in POSIX sh', async (_, option, installer) => {
    const script = [
      'mkdir -p /mnt/local /mnt/var /mnt/systemd && mount --bind /mnt/local /usr/local && mount -t tmpfs none /var/cache',
      'mount -t tmpfs none /etc/systemd/system',
      `dash ${await installer()}`,
      'chmod 755 /etc/ssh/latchkey /mnt/local /mnt/local/libexec',
      `ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i /mnt/laptop -o 'ProxyCommand=/usr/sbin/sshd -i -e -f /etc/ssh/sshd_config 2>>/mnt/log' ${ACCOUNT}@guest id -un`,
      'ls /etc/systemd/system',
    ].join(' && ');
    // The installer is pointed at a file that the sshd of this machine does not read.
    const outcome = await host.run(
      script
        .replace(
          ' && dash',
          ` && touch /etc/latchkey-keys.conf && mount --bind /mnt/conf /etc/latchkey-keys.conf && LATCHKEY_URL=http://127.0.0.1:${port} dash`,
        )
        .replace('mkdir -p', 'touch /mnt/conf && mkdir -p'),
    );
    expect(outcome).toMatchObject({
      status: 0,
      out: `${ACCOUNT}\n${option && 'latchkey-keys.service\nlatchkey-keys.timer\n'}`,
    });
  });
});
