import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fatImage } from '../../src/guests/fat-image.js';
import type { Client } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { type Download, download, withoutSeeds } from './download.js';

// A busy machine takes its time to start an application.
jest.setTimeout(240_000);

const KEY = sshKeygen('-C', 'alice@laptop').trim();
const USER_DATA = `#!/bin/sh\necho ${'long '.repeat(2000)}\n`;

const directory = mkdtempSync(join(tmpdir(), 'latchkey-fat-'));
let service: StartedApp;
let alice: Client;
let id: string;

const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const drive = (query: string, accept = '*/*'): Promise<Download> =>
  download(service.client.host, `/v1/guests/${id}/config-drive${query}`, {
    Accept: accept,
    'X-Auth-Token': 'alice:blue',
  });

/** The files of a directory by path, without random seeds. */
const filesIn = (tree: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(tree, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [file.slice(tree.length + 1), withoutSeeds(readFileSync(file))]),
  );

/** The files that mtools copies out of an image. */
function unpack(image: string): Record<string, string> {
  const tree = mkdtempSync(join(directory, 'tree-'));
  run('mcopy', '-s', '-Q', '-i', image, '::*', tree);
  return filesIn(tree);
}

beforeAll(async () => {
  service = await startApp();
  alice = service.as('alice', 'blue').at('2.2');
  await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: KEY } });
  const user_data = Buffer.from(USER_DATA).toString('base64');
  const vendor_data = { 'cloud-init': '#cloud-config\n{}' };
  const made = await alice.post('/v1/guests', {
    guest: { name: 'web', key_names: ['laptop'], user_data, vendor_data },
  });
  id = (made.body as { guest: { id: string } }).guest.id;
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await service?.stop();
});

describe.each([
  ['openstack', 'config-2'],
  ['nocloud', 'cidata'],
])('a FAT drive for %s', (source, label) => {
  const image = join(directory, `${source}.img`);

  it('passes fsck, with the label that agents search for', async () => {
    const { status, type, bytes } = await drive(`?filesystem=vfat&source=${source}`);
    expect([status, type]).toEqual([200, 'application/x-raw-disk-image']);
    writeFileSync(image, bytes);
    const checked = spawnSync('fsck.vfat', ['-n', '-v', image], {
      encoding: 'utf8',
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    expect([checked.status, checked.stdout + checked.stderr]).toEqual([0, expect.stringContaining('16 bit entries')]);
    const known = (name: string): string => run('blkid', '-p', '-o', 'value', '-s', name, image).trim();
    expect([known('TYPE'), known('LABEL')]).toEqual(['vfat', label]);
  });

  it('has the files of the archive, as mtools reads them', async () => {
    const archive = join(directory, `${source}.tar`);
    writeFileSync(archive, (await drive(`?source=${source}`, 'application/x-tar')).bytes);
    const tree = join(directory, `${source}-archive`);
    mkdirSync(tree);
    run('tar', '-xf', archive, '-C', tree);
    const expected = filesIn(tree);
    expect(Object.keys(expected).length).toBeGreaterThan(2);
    expect(unpack(image)).toEqual(expected);
  });

  it('is the same each time, but for the random seeds', async () => {
    const { bytes } = await drive(`?filesystem=vfat&source=${source}`);
    expect(withoutSeeds(bytes) === withoutSeeds(readFileSync(image))).toBe(true);
  });
});

it("cloud-init's reader of config drives finds the key in it", () => {
  const tree = mkdtempSync(join(directory, 'read-'));
  run('mcopy', '-s', '-Q', '-i', join(directory, 'openstack.img'), '::*', tree);
  const metadata = JSON.parse(run('/usr/bin/python3', 'test/guests/read_metadata.py', 'drive', tree)) as object;
  expect(metadata).toMatchObject({ keys: [KEY], id, userData: USER_DATA });
});

it('a file system that does not exist is refused', async () => {
  expect((await alice.get(`/v1/guests/${id}/config-drive?filesystem=ext4`)).status).toBe(400);
});

it('a FAT drive holds more than 32 MiB, and names of every length', () => {
  const names = Array.from({ length: 40 }, (_, length) => `a/${'n'.repeat(length + 1)}`);
  const small = names.map((path) => ({ path, content: Buffer.from(path) }));
  const large = { path: 'large', content: Buffer.alloc(40 * 1024 * 1024, 'x') };
  const file = join(directory, 'large.img');
  writeFileSync(file, fatImage([...small, large, { path: 'empty', content: Buffer.alloc(0) }], 'config-2', 0));
  const found = unpack(file);
  expect(Object.keys(found).toSorted()).toEqual([...names, 'large', 'empty'].toSorted());
  expect(names.every((path) => found[path] === path)).toBe(true);
  expect([found.large.length, found.empty]).toEqual([large.content.length, '']);
});
