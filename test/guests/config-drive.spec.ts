import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { get, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { RawConnection } from '../support/raw-connection.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { type Download, download, withoutSeeds } from './download.js';
import { until } from '../support/until.js';

// A busy machine takes its time to start an application.
const KEY = sshKeygen('-C', 'alice@laptop').trim();
const USER_DATA = '#!/bin/sh\necho hello\n';

describe('a config drive', () => {
  let service: StartedApp;
  let id: string;
  let directory: string;

  const drive = (accept: string): Promise<Download> =>
    download(service.client.host, `/v1/guests/${id}/config-drive`, { Accept: accept, 'X-Auth-Token': 'alice:blue' });
  const unpacked = (archive: Buffer): Record<string, string> => {
    const file = join(directory, 'drive.tar');
    writeFileSync(file, archive);
    const names = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(
      names.map((name) => [name, execFileSync('tar', ['-xOf', file, name], { encoding: 'utf8' })]),
    );
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-drive-test-'));
    service = await startApp();
    const alice = service.as('alice', 'blue').at('2.2');
    await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: KEY } });
    const certificate = { name: 'winrm', type: 'x509', public_key: opensslCertificate() };
    await alice.post('/v2.1/os-keypairs', { keypair: certificate });
    const guest = {
      name: 'web',
      hostname: 'web.example.org',
      key_names: ['laptop', 'winrm'],
      user_data: Buffer.from(USER_DATA).toString('base64'),
      vendor_data: { a: 1 },
    };
    const made = await alice.post('/v1/guests', { guest });
    id = (made.body as { guest: { id: string } }).guest.id;
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await service?.stop();
  });

  it('is a tar archive for a client that requests one, with the tree that Nova makes', async () => {
    const { status, type, bytes } = await drive('application/x-tar');
    expect([status, type]).toEqual([200, 'application/x-tar']);
    const files = unpacked(bytes);
    expect(Object.keys(files)).toEqual([
      'ec2/2009-04-04/meta-data.json',
      'ec2/2009-04-04/user-data',
      'ec2/latest/meta-data.json',
      'ec2/latest/user-data',
      'openstack/2012-08-10/meta_data.json',
      'openstack/2012-08-10/user_data',
      'openstack/2013-04-04/meta_data.json',
      'openstack/2013-04-04/user_data',
      ...['2013-10-17', '2015-10-15', '2016-06-30'].flatMap((version) =>
        ['meta_data.json', 'user_data', 'vendor_data.json'].map((name) => `openstack/${version}/${name}`),
      ),
      ...['2016-10-06', '2017-02-22', '2018-08-27', '2020-10-14', '2025-04-04', 'latest'].flatMap((version) =>
        ['meta_data.json', 'user_data', 'vendor_data.json', 'vendor_data2.json'].map(
          (name) => `openstack/${version}/${name}`,
        ),
      ),
    ]);
    expect(files['openstack/latest/user_data']).toBe(USER_DATA);
    expect(JSON.parse(files['openstack/latest/meta_data.json'])).toMatchObject({
      uuid: id,
      hostname: 'web.example.org',
      public_keys: { laptop: KEY },
      x509: { winrm: expect.any(String) },
    });
    expect(JSON.parse(files['ec2/latest/meta-data.json'])).toMatchObject({
      'instance-id': expect.stringMatching(/^i-/),
      'public-keys': { 0: { 'openssh-key': KEY } },
    });
  });

  it('is the same archive each time, but for the random seeds', async () => {
    const [one, other] = [await drive('application/x-tar'), await drive('application/x-tar')];
    expect(one.bytes.equals(other.bytes)).toBe(false);
    expect(withoutSeeds(one.bytes)).toBe(withoutSeeds(other.bytes));
  });

  it('belongs to root alone in the archive', async () => {
    const file = join(directory, 'mode.tar');
    writeFileSync(file, (await drive('application/x-tar')).bytes);
    const lines = execFileSync('tar', ['-tvf', file], { encoding: 'utf8' }).trim().split('\n');
    expect(new Set(lines.map((line) => line.split(/\s+/).slice(0, 2).join(' ')))).toEqual(new Set(['-rw------- 0/0']));
    expect(readFileSync(file).length % 512).toBe(0);
  });

  describe('where no program makes images', () => {
    const { PATH } = process.env;
    afterEach(() => {
      process.env.PATH = PATH;
    });

    it('is 501 and names what to install, unless the client accepts an archive', async () => {
      process.env.PATH = directory;
      const refused = await drive('*/*');
      expect([refused.status, refused.type]).toEqual([501, 'application/json; charset=UTF-8']);
      const fault = JSON.parse(refused.bytes.toString()) as { notImplemented: { message: string } };
      expect(fault.notImplemented.message).toContain('apt-get install xorriso');
      expect((await drive('application/x-tar')).status).toBe(200);
    });
  });

  describe('as an image, which needs xorriso,', () => {
    const files = (): string[] =>
      readdirSync(tmpdir()).filter(
        (each) => each.startsWith('latchkey-drive-') && !each.startsWith('latchkey-drive-test-'),
      );

    it('is an ISO 9660 image labelled config-2, the same each time but for the random seeds', async () => {
      const [one, other] = [await drive('*/*'), await drive('*/*')];
      expect([one.status, one.type]).toEqual([200, 'application/x-iso9660-image']);
      expect(one.bytes.toString('latin1', 0x8028, 0x8030)).toBe('config-2');
      expect(withoutSeeds(one.bytes)).toBe(withoutSeeds(other.bytes));
      await until(() => files().length === 0, 'the directory is empty');
    });

    it('is made for two clients at once, while 32 wait and others are 503 with Retry-After', async () => {
      const drives = await Promise.all(Array.from({ length: 40 }, () => drive('*/*')));
      const statuses = drives.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(34);
      expect(new Set(statuses)).toEqual(new Set([200, 503]));
      const waits = drives.filter(({ status }) => status === 503).map(({ retryAfter }) => retryAfter);
      expect(new Set(waits)).toEqual(new Set(['1']));
      await until(() => files().length === 0, 'the directory is empty');
    });

    it('is made while other clients request many and read none', async () => {
      const server: Server = service.app.getHttpServer();
      const request = `GET /v1/guests/${id}/config-drive HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: alice:blue\r\n\r\n`;
      const greedy: RawConnection[] = [];
      for (let count = 0; count < 3; count += 1) {
        const accepted = once(server, 'connection') as Promise<[Socket]>;
        greedy.push((await RawConnection.to(service.client.host)).stopReading().send(request.repeat(50)));
        const [connection] = await accepted;
        await until(() => connection.writableLength > 0, 'the kernel keeps no more for the client');
      }
      expect((await drive('*/*')).status).toBe(200);
      for (const each of greedy) each.end();
    });

    it('is abandoned for a client that disconnected, whose place the next one gets', async () => {
      const headers = { Accept: '*/*', 'X-Auth-Token': 'alice:blue' };
      for (let count = 0; count < 10; count += 1) {
        const sent = get(`http://${service.client.host}/v1/guests/${id}/config-drive`, { headers, agent: false });
        sent.on('error', () => undefined).on('response', () => sent.destroy());
        await new Promise((resolve) => sent.on('close', resolve));
      }
      expect((await drive('*/*')).status).toBe(200);
      await until(() => files().length === 0, 'the directory is empty');
    });
  });
});
