import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCertificate } from '../support/certificate.js';
import { isRead } from '../support/read-bytes.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';

let directory: string;
let remove: () => void;

beforeEach(() => {
  ({ dataDir: directory, remove } = emptyDataDir());
});

afterEach(async () => {
  await ServiceProcess.killAll();
  remove();
});

type Listener = 'api' | 'api with TLS' | 'guests' | 'operators';
const LISTENERS: readonly Listener[] = ['api', 'api with TLS', 'guests', 'operators'];

/** A service that gives requests under way more time than a busy machine needs, such as for an RSA key. */
const PATIENT = { SHUTDOWN_SECONDS: '3600' };

/** The service, with all listeners that a test of one needs. */
function started(listener: Listener, settings: Record<string, string> = {}): Promise<ServiceProcess> {
  const { cert, key } = makeCertificate(directory, 'service');
  return ServiceProcess.listening({
    DATA_DIR: directory,
    ADMIN_PORT: '0',
    ...(listener === 'api with TLS' && { TLS_CERT: cert, TLS_KEY: key }),
    ...settings,
  });
}

/** A connection to a listener, ready for writing. */
async function opened(service: ServiceProcess, listener: Listener): Promise<Socket> {
  const host = service.hosts[listener === 'api with TLS' ? 'api' : listener];
  const [hostname, port] = host.split(':');
  const at = { host: hostname, port: Number(port) };
  const socket = listener === 'api with TLS' ? connectSecurely({ ...at, rejectUnauthorized: false }) : connect(at);
  await once(socket, listener === 'api with TLS' ? 'secureConnect' : 'connect');
  return socket;
}

/** Sends bytes, and waits until the service has read them. */
async function send(socket: Socket, bytes: string): Promise<void> {
  await new Promise((flushed) => socket.write(bytes, flushed));
  await until(() => isRead(socket), 'the service has read the bytes');
}

/** A request that makes an RSA key, which takes the service a while. */
function slowRequest(name: string): string {
  const body = JSON.stringify({ keypair: { name } });
  const lines = ['POST /v2.1/os-keypairs HTTP/1.1', 'Host: localhost', 'X-OpenStack-Nova-API-Version: 2.10'];
  return [...lines, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n');
}

/** Everything received until the other side closes. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  return text;
}

describe('SIGTERM', () => {
  it('lets requests in progress finish', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: directory, RSA_KEY_BITS: '4096', ...PATIENT });
    const slow = await opened(service, 'api');
    const answer = received(slow);
    await send(slow, slowRequest('slow'));
    const ended = service.stop('SIGTERM');
    expect(await answer).toMatch(/^HTTP\/1\.1 201 /);
    expect(await ended).toBe(0);
  });

  it.each(LISTENERS)('lets a request finish that has begun to arrive, and accepts no others: %s', async (listener) => {
    const service = await started(listener, PATIENT);
    const begun = await opened(service, listener);
    await send(begun, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n');
    const ended = service.stop('SIGTERM');
    const isRefused = async (): Promise<boolean> => {
      try {
        (await opened(service, listener)).destroy();
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      }
    };
    await until(isRefused, 'connections are refused');
    const answer = received(begun);
    begun.write('\r\n');
    expect(await answer).toMatch(listener === 'guests' ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 200 /);
    expect(await answer).toMatch(/^connection: close\r$/im);
    expect(await ended).toBe(0);
  });

  it.each(LISTENERS)('waits no longer than SHUTDOWN_SECONDS for a request that never ends: %s', async (listener) => {
    const service = await started(listener, { SHUTDOWN_SECONDS: '1' });
    const stuck = await opened(service, listener);
    stuck.on('error', () => {});
    await send(stuck, 'POST /v2.1/os-keypairs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{');
    const silent = await opened(service, listener);
    silent.on('error', () => {});
    await until(() => isRead(silent), 'the service has accepted the connection');
    expect(await service.stop('SIGTERM')).toBe(0);
  });

  it('shuts the embedded database down, so that the next start has nothing to recover', async () => {
    const service = await started('api');
    // The state in ControlFileData, a DBState (PostgreSQL's catalog/pg_control.h).
    const state = (): number => readFileSync(join(directory, 'database/global/pg_control')).readUInt32LE(16);
    const [shutDown, inProduction] = [1, 6];
    expect(state()).toBe(inProduction);
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(state()).toBe(shutDown);
  });

  it('does not wait for idle connections', async () => {
    const service = await started('api', PATIENT);
    const kept = await opened(service, 'api');
    kept.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(kept, 'data');
    const closed = once(kept, 'close');
    expect(await service.stop('SIGTERM')).toBe(0);
    await closed;
  });

  it('under load answers what it accepted, refuses the rest, and loses nothing that it acknowledged', async () => {
    const settings = { DATA_DIR: directory, KEYPAIR_QUOTA: '-1', LOG_LEVEL: 'warn', ...PATIENT };
    const service = await ServiceProcess.listening(settings);
    const [hostname, port] = service.hosts.api.split(':');
    const publicKey = sshKeygen();
    const made: string[] = [];
    const statuses = new Set<number>();
    const cutOff: string[] = [];
    let next = 0;
    /** Creates keypairs over a kept connection until the service refuses. */
    const worker = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        const name = `key-${(next += 1)}`;
        const status = await create(agent, name).catch((error: Error) => error.message);
        if (typeof status === 'string') {
          if (status === 'cut off') cutOff.push(name);
          break;
        }
        statuses.add(status);
        made.push(name);
      }
      agent.destroy();
    };
    const create = (agent: Agent, name: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ keypair: { name, public_key: publicKey } });
        const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
        const options = { method: 'POST', hostname, port, path: '/v2.1/os-keypairs', agent, headers };
        const sent = request(options, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode!)).on('error', () => reject(new Error('cut off')));
        });
        sent.on('error', reject).end(body);
      });
    const workers = Array.from({ length: 16 }, worker);
    await until(() => made.length >= 300, '300 keypairs are created');
    const slow = await opened(service, 'api');
    const answer = received(slow);
    await send(slow, slowRequest('slow'));
    expect(await service.stop('SIGTERM')).toBe(0);
    await Promise.all(workers);
    expect(await answer).toMatch(/^HTTP\/1\.1 201 /);
    expect([...statuses]).toEqual([200]);
    expect(cutOff).toEqual([]);

    const again = await ServiceProcess.listening({ DATA_DIR: directory });
    const { body } = await again.client.get('/v2.1/os-keypairs');
    const stored = (body as { keypairs: { keypair: { name: string } }[] }).keypairs.map(({ keypair }) => keypair.name);
    expect(stored).toEqual(expect.arrayContaining(['slow', ...made]));
    // At most one request of each connection was accepted but not answered.
    expect(stored.length - made.length - 1).toBeLessThanOrEqual(16);
    expect(await again.stop()).toBe(0);
  });
});
