import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';

let directory: string;
let remove: () => void;

beforeEach(() => {
  ({ dataDir: directory, remove } = emptyDataDir());
});

afterEach(async () => {
  await ServiceProcess.killAll();
  remove();
});

describe('a start with wrong settings', () => {
  it('lists every problem at once and exits 78', async () => {
    const service = ServiceProcess.start({
      DATA_DIR: directory,
      PORT: 'http',
      AUTH_MODE: 'trust',
      KEYPAIR_QUOTA: '-2',
      MAX_MICROVERSION: '2',
      DATABASE_URL: 'mysql://localhost/nova',
    });
    expect(await service.ended()).toBe(78);
    for (const variable of ['PORT', 'AUTH_MODE', 'KEYPAIR_QUOTA', 'MAX_MICROVERSION', 'DATABASE_URL']) {
      expect(service.printedText).toMatch(new RegExp(`^  ${variable} must be `, 'm'));
    }
  });

  it('refuses to make every client an administrator on an address that others reach', async () => {
    const service = ServiceProcess.start({ DATA_DIR: directory, AUTH_MODE: 'none', HOST: '0.0.0.0' });
    expect(await service.ended()).toBe(78);
    expect(service.printedText).toContain('HOST must be a loopback address');
  });
});

describe('the embedded database', () => {
  it('refuses a second process on its directory, and the first one continues', async () => {
    const first = await ServiceProcess.listening({ DATA_DIR: directory });
    const second = ServiceProcess.start({ DATA_DIR: directory });
    expect(await second.ended()).toBe(1);
    expect(second.printedText).toContain('is in use by another process');
    expect((await first.client.get('/v2.1/os-keypairs')).status).toBe(200);
    expect(await first.stop()).toBe(0);
  });

  it('is made at the first start, closed cleanly on SIGTERM, and holds its keypairs at the next start', async () => {
    const settings = { DATA_DIR: join(directory, 'new') };
    const first = await ServiceProcess.listening(settings);
    const body = { keypair: { name: 'laptop', public_key: sshKeygen() } };
    expect((await first.client.at('2.92').post('/v2.1/os-keypairs', body)).status).toBe(201);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await ServiceProcess.listening(settings);
    expect((await second.client.get('/v2.1/os-keypairs/laptop')).status).toBe(200);
    expect(await second.stop('SIGINT')).toBe(0);
  });

  it('reports in plain words that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const { port } = other.address() as { port: number };
    const service = ServiceProcess.start({ DATA_DIR: directory, PORT: String(port) });
    expect(await service.ended()).toBe(1);
    expect(service.printedText).toContain(`127.0.0.1:${port} is in use by another process`);
    other.close();
  });
});

describe('the log', () => {
  it('has one line a request with its id, and no key, body or token', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: directory });
    const publicKey = sshKeygen('-C', 'comment-of-alice');
    const caller = service.client.with({ 'X-Auth-Token': 'alice:token-secret' }).at('2.10');
    const imported = await caller.post('/v2.1/os-keypairs', { keypair: { name: 'named', public_key: publicKey } });
    const generated = await caller.post('/v2.1/os-keypairs', { keypair: { name: 'made' } });
    const refused = await caller.post('/v2.1/os-keypairs', {
      keypair: { name: 'bad', public_key: 'ssh-rsa secretsecret' },
    });
    await caller.get('/v2.1/os-keypairs/named?user_id=alice');
    expect(await service.stop()).toBe(0);

    const lines = service.printedText
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({
      method: 'POST',
      route: '/v2.1/os-keypairs',
      status: 201,
      ms: expect.any(Number),
      request_id: imported.headers['x-openstack-request-id'],
      user: 'alice',
    });
    expect(lines[3]).toMatchObject({ method: 'GET', route: '/v2.1/os-keypairs/:name', status: 200 });
    expect(refused.status).toBe(400);
    const { private_key: privateKey } = (generated.body as { keypair: { private_key: string } }).keypair;
    for (const secret of [
      publicKey.split(' ')[1],
      'comment-of-alice',
      'secretsecret',
      privateKey.slice(40, 80),
      'PRIVATE KEY',
    ]) {
      expect(service.printedText).not.toContain(secret);
    }
  });
});
