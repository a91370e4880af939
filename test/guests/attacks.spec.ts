import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidConfig, readConfig } from '../../src/config/config.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { GuestClient } from './guest-client.js';

// A busy machine takes its time to start an application.
const SECRET = 'a4e1c06f7d2b95835a0be6f1';
const OLD_SECRET = '9d3f6b2c8e1a47058f6d0c31';
const TARGET = '/openstack/latest/meta_data.json';
const WEB = '5a4b3c2d-0000-4000-8000-000000000001';
const DB = '5a4b3c2d-0000-4000-8000-000000000002';
const UNKNOWN = '5a4b3c2d-0000-4000-8000-00000000000f';

const signature = (id: string, secret = SECRET): string => createHmac('sha256', secret).update(id).digest('hex');

async function register(service: StartedApp): Promise<void> {
  const guests = [
    { id: WEB, name: 'web', addresses: ['127.0.0.2'], project: 'blue' },
    { id: DB, name: 'db', addresses: ['127.0.0.3'], project: 'red' },
  ];
  for (const { project, ...guest } of guests) await service.as('alice', project).post('/v1/guests', { guest });
}

/** The answer to an unknown client, whatever exists. */
const NOT_FOUND = { status: 404, text: '404 Not Found\n\nThe resource could not be found.\n\n   ' };

/** Sends raw bytes; returns the status line of the answer, or '' if the connection was closed without one. */
function raw(host: string, bytes: string): Promise<string> {
  const [hostname, port] = host.split(':');
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.2' }, () =>
      socket.write(bytes),
    );
    socket.on('data', (data) => {
      answer += data.toString();
      socket.end();
    });
    socket.on('error', reject).on('close', () => resolve(answer.split('\r\n', 1)[0]));
  });
}

describe('identified by its address, a guest', () => {
  let service: StartedApp;
  const at = (address: string): GuestClient => new GuestClient(service.guest.host, address);

  beforeAll(async () => {
    service = await startApp({ TRUSTED_PROXIES: '127.0.0.100, 127.0.1.0/24' });
    await register(service);
  });
  afterAll(async () => service?.stop());

  it('reads its own metadata, and no other client does', async () => {
    expect((await at('127.0.0.2').read(TARGET)).uuid).toBe(WEB);
    expect((await at('127.0.0.3').read(TARGET)).uuid).toBe(DB);
    expect(await at('127.0.0.4').get(TARGET)).toMatchObject(NOT_FOUND);
  });

  it.each([['127.0.0.3'], ['127.0.0.2'], ['127.0.0.3, 127.0.0.2'], ['127.0.0.2, 127.0.0.3'], [''], ['unknown']])(
    'that is no proxy gets 404 when it claims to forward for %j',
    async (list) => {
      for (const peer of ['127.0.0.2', '127.0.0.4']) {
        expect(await at(peer).with({ 'X-Forwarded-For': list }).get(TARGET)).toMatchObject(NOT_FOUND);
      }
    },
  );

  it.each([
    ['Forwarded', 'for=127.0.0.2'],
    ['Via', '1.1 squid'],
    ['X-Real-IP', '127.0.0.2'],
    ['X-Client-IP', '127.0.0.2'],
    ['True-Client-IP', '127.0.0.2'],
    ['CF-Connecting-IP', '127.0.0.2'],
    ['X-Forwarded-Host', 'example.org'],
    ['X-Forwarded', ''],
  ])('gets 404 when a peer, trusted or not, forwards for it with %s alone', async (name, value) => {
    for (const peer of ['127.0.0.2', '127.0.0.4', '127.0.0.100']) {
      expect(
        await at(peer)
          .with({ [name]: value })
          .get(TARGET),
      ).toMatchObject(NOT_FOUND);
    }
    const forwarded = at('127.0.0.100').with({ [name]: value, 'X-Forwarded-For': '127.0.0.2' });
    expect((await forwarded.read(TARGET)).uuid).toBe(WEB);
  });

  it('behind trusted proxies is the last address in the list that is not a proxy', async () => {
    const via = async (list: string): Promise<unknown> => {
      const reply = await at('127.0.0.100').with({ 'X-Forwarded-For': list }).get(TARGET);
      return reply.status === 200 ? (JSON.parse(reply.text) as { uuid: string }).uuid : reply.status;
    };
    expect(await via('127.0.0.2')).toBe(WEB);
    // What precedes it was sent by the guest, and may be forged.
    expect(await via('127.0.0.3, 127.0.0.2')).toBe(WEB);
    expect(await via('127.0.0.2,127.0.1.7')).toBe(WEB);
    expect(await via('127.0.0.2, nonsense')).toBe(404);
    expect(await via('::ffff:127.0.0.2')).toBe(WEB);
    expect((await at('127.0.0.100').get(TARGET)).status).toBe(404);
    const twice = await at('127.0.0.100')
      .with({ 'X-Forwarded-For': ['127.0.0.2', '127.0.0.3'] })
      .get(TARGET);
    expect(twice.status).toBe(400);
  });

  it('is not identified by the headers of Neutron', async () => {
    const headers = { 'X-Instance-ID': DB, 'X-Tenant-ID': 'red', 'X-Instance-ID-Signature': signature(DB) };
    expect((await at('127.0.0.2').with(headers).read(TARGET)).uuid).toBe(WEB);
    expect(await at('127.0.0.4').with(headers).get(TARGET)).toMatchObject(NOT_FOUND);
  });

  it.each([
    '//openstack/../openstack/latest/meta_data.json',
    '/openstack/latest/../../openstack/latest/meta_data.json',
    '/openstack/./latest/meta_data.json',
    '/openstack/%2e%2e/openstack/latest/meta_data.json',
    '/openstack%2flatest%2fmeta_data.json',
    '/%6fpenstack/latest/meta_data.json',
    '/openstack;x=1/latest/meta_data.json',
    '/openstack/latest/meta_data.json;',
    '/openstack/latest/meta_data.json%00',
    '/openstack\\latest\\meta_data.json',
    '/../../etc/passwd',
    '/latest/meta-data/public-keys/../instance-id',
    '/openstack/latest/meta_data.json#x',
    'http://169.254.169.254/openstack/latest/meta_data.json',
    '*',
  ])('finds nothing by the trick %s, like an unknown client', async (target) => {
    expect(await at('127.0.0.2').get(target)).toMatchObject(NOT_FOUND);
    expect(await at('127.0.0.4').get(target)).toMatchObject(NOT_FOUND);
  });

  it('may append a query to a path, which is ignored', async () => {
    expect((await at('127.0.0.2').get(`${TARGET}?x=../../etc/passwd`)).status).toBe(200);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('gets 400 for %s', async (method) => {
    expect((await at('127.0.0.2').send(method, TARGET)).status).toBe(400);
  });

  it('may post nothing but a password', async () => {
    expect((await at('127.0.0.2').post(TARGET, 'AAAA')).status).toBe(404);
    expect((await at('127.0.0.4').post('/openstack/latest/password', 'AAAA')).status).toBe(404);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['headers of more than 4 KiB', `GET ${TARGET} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(5000)}\r\n\r\n`],
    ['a line of more than 4 KiB', `GET /${'x'.repeat(5000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['no Host', `GET ${TARGET} HTTP/1.1\r\n\r\n`],
    ['both lengths', 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a header with a bare line feed', `GET ${TARGET} HTTP/1.1\r\nHost: x\nX-Forwarded-For: 127.0.0.3\r\n\r\n`],
    ['an expectation', `PUT ${TARGET} HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n`],
  ])('that sends %s gets 400, the only such status that agents pass on', async (_, bytes) => {
    expect(await raw(service.guest.host, bytes)).toBe('HTTP/1.1 400 Bad Request');
  });

  it('reaches nothing of the API on its port, nor metadata on the port of the API', async () => {
    for (const target of ['/v1/guests', '/v2.1/os-keypairs', `/v1/guests/${WEB}`]) {
      expect(await at('127.0.0.2').get(target)).toMatchObject(NOT_FOUND);
    }
    const api = new GuestClient(service.client.host, '127.0.0.2');
    expect((await api.get(TARGET)).status).toBe(300);
  });
});

describe("identified by the signature of Neutron's agent, a guest", () => {
  let service: StartedApp;
  let agent: GuestClient;
  const asking = (id: string, project: string, signed = signature(id)): GuestClient =>
    agent.with({ 'X-Instance-ID': id, 'X-Tenant-ID': project, 'X-Instance-ID-Signature': signed });

  beforeAll(async () => {
    service = await startApp({ METADATA_MODE: 'neutron', METADATA_SECRET: `${SECRET} ${OLD_SECRET}` });
    agent = new GuestClient(service.guest.host, '127.0.0.9', { 'X-Forwarded-For': '10.0.0.1' });
    await register(service);
  });
  afterAll(async () => service?.stop());

  it('reads its own metadata', async () => {
    expect((await asking(WEB, 'blue').read(TARGET)).uuid).toBe(WEB);
    expect((await asking(DB, 'red').read(TARGET)).uuid).toBe(DB);
    expect((await asking(WEB, 'blue').read(TARGET)).uuid).toBe(WEB);
  });

  it('is accepted with a signature of either secret, while one replaces the other', async () => {
    expect((await asking(WEB, 'blue', signature(WEB, OLD_SECRET)).get(TARGET)).status).toBe(200);
  });

  it.each([
    ['of another secret', signature(WEB, 'b'.repeat(24))],
    ['for another guest', signature(DB)],
    ['in upper case', signature(WEB).toUpperCase()],
    ['with an end cut off', signature(WEB).slice(0, -2)],
    ['with more at its end', `${signature(WEB)}00`],
    ['that is empty', ''],
    ['that is not hexadecimal', 'z'.repeat(64)],
  ])('is refused a signature %s, exactly like an unknown guest', async (_, signed) => {
    const refused = await asking(WEB, 'blue', signed).get(TARGET);
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('Invalid proxy request signature.') });
    expect(await asking(UNKNOWN, 'blue', signed).get(TARGET)).toMatchObject({ status: 403, text: refused.text });
    expect(refused.text).not.toContain(SECRET);
  });

  it('is refused without a signature, or without naming the guest', async () => {
    const all = { 'X-Instance-ID': WEB, 'X-Tenant-ID': 'blue', 'X-Instance-ID-Signature': signature(WEB) };
    const without = async (name: keyof typeof all): Promise<number> => {
      const { [name]: _, ...others } = all;
      return (await agent.with(others).get(TARGET)).status;
    };
    expect(await without('X-Instance-ID')).toBe(400);
    expect(await without('X-Tenant-ID')).toBe(400);
    expect(await without('X-Instance-ID-Signature')).toBe(403);
  });

  it.each([['X-Instance-ID'], ['X-Tenant-ID'], ['X-Instance-ID-Signature'], ['X-Forwarded-For']])(
    'is refused when %s is sent twice',
    async (name) => {
      const headers: Record<string, string> = {
        'X-Instance-ID': WEB,
        'X-Tenant-ID': 'blue',
        'X-Instance-ID-Signature': signature(WEB),
        'X-Forwarded-For': '10.0.0.1',
      };
      const reply = await agent.with({ ...headers, [name]: [headers[name], headers[name]] }).get(TARGET);
      expect([name, reply.status]).toEqual([name, name === 'X-Forwarded-For' ? 200 : 400]);
    },
  );

  it('cannot be distinguished from a missing one by another tenant (CVE-2013-6419)', async () => {
    const reply = await asking(WEB, 'red').get(TARGET);
    expect(reply).toMatchObject(NOT_FOUND);
    expect(await asking(UNKNOWN, 'red').get(TARGET)).toMatchObject(NOT_FOUND);
    expect(await asking(WEB, 'blue, red').get(TARGET)).toMatchObject(NOT_FOUND);
    expect(await asking('nope', 'red').get(TARGET)).toMatchObject(NOT_FOUND);
    // What was cached for the right tenant is not returned to the wrong one.
    await asking(WEB, 'blue').get(TARGET);
    expect(await asking(WEB, 'red').get(TARGET)).toMatchObject(NOT_FOUND);
    expect((await asking(WEB, 'red').post('/openstack/latest/password', 'AAAA')).status).toBe(404);
  });

  it('is not identified by its address', async () => {
    expect((await new GuestClient(service.guest.host, '127.0.0.2').get(TARGET)).status).toBe(400);
  });
});

describe('the service', () => {
  const problemsOf = (settings: Record<string, string>): string => {
    try {
      readConfig({ AUTH_MODE: 'none', METADATA_MODE: 'neutron', ...settings });
      return '';
    } catch (error) {
      return (error as InvalidConfig).problems.join('\n');
    }
  };

  it.each([
    '',
    ' ',
    'secret',
    'METADATA_SECRET',
    'metadata_proxy_shared_secret',
    'changemechangeme',
    'password password1234567890',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    '1234567890123456',
    `${SECRET} ${OLD_SECRET} ${SECRET}`,
  ])('does not start with the secret %j (CVE-2015-5303)', (secret) => {
    const problems = problemsOf({ METADATA_SECRET: secret });
    expect(problems).toMatch(/METADATA_SECRET/);
  });

  it('does not repeat a secret that it refuses', () => {
    for (const secret of ['hunter2', 'hunter2hunter2hunter2 hunter3hunter3hunter3 x', 'hunter2hunter2hunter2 h']) {
      expect(problemsOf({ METADATA_SECRET: secret })).toMatch(/METADATA_SECRET must (?!.*hunter)/);
    }
  });

  it('reads its secrets from a file, which must exist', () => {
    const file = join(tmpdir(), `latchkey-secret-${process.pid}`);
    writeFileSync(file, `${SECRET}\n${OLD_SECRET}\n`, { mode: 0o600 });
    expect(problemsOf({ METADATA_SECRET_FILE: file })).toBe('');
    expect(problemsOf({ METADATA_SECRET_FILE: `${file}-not` })).toContain('ENOENT');
    expect(problemsOf({ METADATA_SECRET_FILE: file, METADATA_SECRET: SECRET })).toContain('keep one');
    writeFileSync(file, 'short\n');
    expect(problemsOf({ METADATA_SECRET_FILE: file })).toContain('names a file whose content must be of at least 16');
  });

  it('does not start if the port of the metadata service is in use, and reports it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const started = startApp({ METADATA_PORT: String(port) });
    await expect(started).rejects.toThrow(`METADATA_PORT ${port} of 127.0.0.1 is taken by another process`);
    other.close();
  });

  it('starts without a metadata service with METADATA_MODE=off', async () => {
    const service = await startApp({ METADATA_MODE: 'off' });
    expect(service.guest.host).toBe('127.0.0.1:undefined');
    await service.stop();
  });
});
