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
import { Machine } from './machine.js';

/** Where `npm ci` and git remove nothing. A changed image gets a new name. */
const IMAGE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'latchkey', 'boot-bookworm-1');

describe('a Debian that boots', () => {
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
    service = await startApp();
    alice = service.as('alice', 'blue').at('2.2');
    const keypairs = [
      { name: 'laptop', public_key: publicKey('laptop') },
      { name: 'winrm', type: 'x509', public_key: opensslCertificate() },
    ];
    for (const keypair of keypairs) expect((await alice.post('/v2.1/os-keypairs', { keypair })).status).toBe(201);
  });
  afterEach(async () => {
    await machine?.stop();
    machine = undefined;
  });
  afterAll(async () => {
    await service?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const publicKey = (name: string): string => readFileSync(path(`${name}.pub`), 'utf8').trim();
  const metadataPort = (): number => Number(service.guest.host.split(':')[1]);

  /** Registers a guest with both keypairs. */
  async function register(fields: object): Promise<string> {
    const id = randomUUID();
    const guest = { id, name: 'web', key_names: ['laptop', 'winrm'], ...fields };
    expect((await alice.post('/v1/guests', { guest })).status).toBe(201);
    return id;
  }

  /** The machine takes the one key and no other, and nothing else is in its authorized_keys. */
  async function expectKeys(started: Machine): Promise<void> {
    machine = started;
    await machine.acceptsKey(path('laptop'));
    expect(await machine.ssh(path('laptop'), 'cat', '.ssh/authorized_keys')).toMatchObject({
      code: 0,
      stdout: `${publicKey('laptop')}\n`,
    });
    expect(await machine.ssh(path('other'), 'true')).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('Permission denied'),
    });
  }

  it('from the metadata service takes the SSH key of its keypairs, and no other', async () => {
    const uuid = await register({ addresses: ['127.0.0.1'] });
    const hardware = { uuid, smbios: 'product=OpenStack Nova', metadataPort: metadataPort() };
    await expectKeys(await Machine.start(IMAGE, path('metadata.log'), hardware));
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });

  it('from NoCloud, by the token in its serial number alone, takes the SSH key of its keypairs, and no other', async () => {
    const uuid = await register({});
    const made = await alice.send({ method: 'POST', target: `/v1/guests/${uuid}/nocloud-token` });
    const { nocloud_token: token } = made.body as { nocloud_token: string };
    const smbios = `serial=ds=nocloud-net;s=http://169.254.169.254/nocloud/${token}/${uuid}/`;
    const hardware = { uuid, smbios, metadataPort: metadataPort() };
    await expectKeys(await Machine.start(IMAGE, path('nocloud.log'), hardware));
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });

  it('from a config drive takes the SSH key of its keypairs, and no other', async () => {
    const uuid = await register({});
    const drive = path('drive.iso');
    const target = `/v1/guests/${uuid}/config-drive`;
    writeFileSync(drive, (await download(service.client.host, target, { 'X-Auth-Token': 'alice:blue' })).bytes);
    await expectKeys(await Machine.start(IMAGE, path('drive.log'), { uuid, smbios: 'product=OpenStack Nova', drive }));
    expect((await alice.delete(`/v1/guests/${uuid}`)).status).toBe(204);
  });
});
