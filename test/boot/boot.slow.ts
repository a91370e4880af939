import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { download } from '../guests/download.js';
import type { Client } from '../support/client.js';
import { opensslCertificate } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { Machine } from './machine.js';

/** Where `npm ci` and git remove nothing. A changed image gets a new name. */
const IMAGE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'latchkey', 'boot-bookworm-2');

/** Time until a guest has done what it does a minute after its boot. */
const REPORT_TIMEOUT_MS = 900_000;

describe('a booted Debian', () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-boot-'));
  const path = (name: string): string => join(directory, name);
  let service: StartedApp;
  let alice: Client;
  let machine: Machine | undefined;

  beforeAll(async () => {
    execFileSync('test/boot/make-image.sh', [IMAGE], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (const name of ['laptop', 'other']) {
      execFileSync('ssh-keygen', ['-q', '-N', '', '-t', 'ed25519', '-C', name, '-f', path(name)]);
    }
    service = await startApp({
      SSH_CA: 'on',
      SSH_CA_KEY_FILE: path('ssh-ca.key'),
      PHONE_HOME_URL: 'http://169.254.169.254',
    });
    alice = service.as('alice', 'blue').at('2.2');
    const keypairs = [
      { name: 'laptop', public_key: publicKey('laptop') },
      // No guest holds it, so logging in with it takes a certificate.
      { name: 'other', public_key: publicKey('other') },
      { name: 'winrm', type: 'x509', public_key: opensslCertificate() },
    ];
    for (const keypair of keypairs) expect((await alice.post('/v2.1/os-keypairs', { keypair })).status).toBe(201);
  });
  afterEach(async () => {
    await machine?.stop();
    machine = undefined;
    rmSync(path('other-cert.pub'), { force: true });
  });
  afterAll(async () => {
    await service?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const REFUSED = { code: 255, stderr: expect.stringContaining('Permission denied') };

  const publicKey = (name: string): string => readFileSync(path(`${name}.pub`), 'utf8').trim();
  const metadataPort = (): number => Number(service.guest.host.split(':')[1]);

  /** Registers a guest with both keypairs. */
  async function register(fields: object): Promise<string> {
    const id = randomUUID();
    const guest = { id, name: 'web', key_names: ['laptop', 'winrm'], ...fields };
    expect((await alice.post('/v1/guests', { guest })).status).toBe(201);
    return id;
  }

  /** The machine accepts the one key and no other; `more` are the other lines of its authorized_keys. */
  async function expectKeys(started: Machine, more: readonly string[] = []): Promise<Machine> {
    machine = started;
    await machine.acceptsKey(path('laptop'));
    const { stdout } = await machine.ssh(path('laptop'), 'cat', '.ssh/authorized_keys');
    // cloud-init sorts them in an order of its own.
    expect(new Set(stdout.trimEnd().split('\n'))).toEqual(new Set([publicKey('laptop'), ...more]));
    expect(await machine.ssh(path('other'), 'true')).toMatchObject(REFUSED);
    return machine;
  }

  /** The machine has the host key that the guest reported, and none with another key would pass. */
  async function expectReportedHostKey(booted: Machine): Promise<void> {
    const known = async (): Promise<string> => (await alice.get('/v1/guests/known-hosts')).text;
    await until(async () => (await known()).includes('web'), 'the guest has reported its host key', {
      timeoutMs: REPORT_TIMEOUT_MS,
    });
    writeFileSync(path('known_hosts'), (await known()).replace(/ ssh-ed25519 .*/, ` ${publicKey('other')}`));
    booted.verifyHost(path('known_hosts'), 'web');
    expect(await booted.ssh(path('laptop'), 'true')).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('Host key verification failed'),
    });
    writeFileSync(path('known_hosts'), await known());
    expect(await booted.ssh(path('laptop'), 'true')).toMatchObject({ code: 0 });
  }

  /** Puts a certificate of ten minutes beside the key that no guest holds. */
  async function certify(guest: string): Promise<string> {
    const certificate = { keypair: 'other', guests: [guest], ttl: 'PT10M' };
    const { status, body } = await alice.post('/v1/ssh-certificates', { certificate });
    expect(status).toBe(201);
    const made = (body as { certificate: Record<'serial' | 'certificate', string> }).certificate;
    writeFileSync(path('other-cert.pub'), `${made.certificate}\n`);
    return made.serial;
  }

  it('from the metadata service accepts the SSH key of its keypairs, and certificates until they are revoked', async () => {
    const uuid = await register({ addresses: ['127.0.0.1'], ssh_ca: 'sshd', login_users: ['debian'] });
    const hardware = { uuid, smbios: 'product=OpenStack Nova', metadataPort: metadataPort() };
    const booted = await expectKeys(await Machine.start(IMAGE, path('metadata.log'), hardware));
    await expectReportedHostKey(booted);
    const serial = await certify(uuid);
    await booted.acceptsKey(path('other'));
    expect((await alice.delete(`/v1/ssh-certificates/${serial}`)).status).toBe(204);
    await until(
      async () => (await booted.ssh(path('other'), 'true')).stderr.includes('Permission denied'),
      'the guest has read that the certificate is revoked',
      { timeoutMs: REPORT_TIMEOUT_MS },
    );
    expect(await booted.ssh(path('laptop'), 'true')).toMatchObject({ code: 0 });
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });

  it('from NoCloud, by the token in its serial number alone, accepts the SSH key of its keypairs, and no other', async () => {
    const uuid = await register({});
    const made = await alice.send({ method: 'POST', target: `/v1/guests/${uuid}/nocloud-token` });
    const { nocloud_token: token } = made.body as { nocloud_token: string };
    const smbios = `serial=ds=nocloud-net;s=http://169.254.169.254/nocloud/${token}/${uuid}/`;
    const hardware = { uuid, smbios, metadataPort: metadataPort() };
    await expectKeys(await Machine.start(IMAGE, path('nocloud.log'), hardware));
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });

  it('from a config drive accepts the SSH key of its keypairs, and certificates for it', async () => {
    const uuid = await register({ ssh_ca: true });
    const drive = path('drive.iso');
    const target = `/v1/guests/${uuid}/config-drive`;
    writeFileSync(drive, (await download(service.client.host, target, { 'X-Auth-Token': 'alice:blue' })).bytes);
    const { keys } = ((await alice.get('/v1/ssh-ca')).body as { user: { keys: { public_key: string }[] } }).user;
    const [authority] = keys.map((each) => `cert-authority,principals="latchkey:guest:${uuid}" ${each.public_key}`);
    const hardware = { uuid, smbios: 'product=OpenStack Nova', drive };
    const booted = await expectKeys(await Machine.start(IMAGE, path('drive.log'), hardware), [authority]);
    await certify(uuid);
    expect(await booted.ssh(path('other'), 'true')).toMatchObject({ code: 0 });
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });
});
