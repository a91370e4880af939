import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-shutdown-'));
});

afterEach(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

const pause = (milliseconds: number) => new Promise((over) => setTimeout(over, milliseconds));

describe('SIGTERM', () => {
  it('lets requests under way finish', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: directory, RSA_KEY_BITS: '4096' });
    const made = service.client.at('2.10').post('/v2.1/os-keypairs', { keypair: { name: 'slow' } });
    await pause(100);
    const ended = service.stop('SIGTERM');
    expect((await made).status).toBe(201);
    expect(await ended).toBe(0);
  });

  it('waits no longer than SHUTDOWN_SECONDS for a request that never ends', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: directory, SHUTDOWN_SECONDS: '1' });
    const [host, port] = service.client.host.split(':');
    const stuck = connect(Number(port), host);
    stuck.on('error', () => {});
    stuck.write('POST /v2.1/os-keypairs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    await pause(200);
    const began = performance.now();
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(performance.now() - began).toBeLessThan(6000);
  });
});
