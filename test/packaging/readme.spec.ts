import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import { Client } from '../support/client.js';
import { testDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

/** README.md as a newcomer follows it: every command is pasted into a shell, one block after another. */

const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block);
const [start, tour, wire, weakKey, cleanUp, keystone, postgresql] = blocks;
const running: ChildProcess[] = [];
const standIn = new KeystoneStandIn();

/** A directory with the files of the checkout, for the data of this test. */
const directory = mkdtempSync(join(tmpdir(), 'latchkey-readme-'));
for (const name of readdirSync('.')) if (name !== 'data') symlinkSync(resolve(name), join(directory, name));

let port: number;

/** The environment of a newcomer: without the variables of the npm that runs this suite. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|DATABASE_URL$|NODE_)/i.test(name))),
  PORT: String(port),
  METADATA_PORT: '0',
});

/** Runs a script that ends. */
function pasted(script: string): Promise<{ status: number; out: string }> {
  return new Promise((done) => {
    const text = script.replaceAll('127.0.0.1:8774', `127.0.0.1:${port}`);
    execFile('bash', ['-euc', text], { cwd: directory, env: environment() }, (error, out, err) =>
      done({ status: error === null ? 0 : Number(error.code), out: out + err }),
    );
  });
}

/** Runs a block that starts the service, until it is ready; stops it by Ctrl-C. */
async function started(block: string): Promise<{ client: Client; stop: () => Promise<void> }> {
  const child = spawn('bash', ['-euc', block], { cwd: directory, env: environment(), detached: true });
  running.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const ended = once(child, 'exit');
  const listens = (): boolean => {
    if (child.exitCode !== null) throw new Error(`The service ended:\n${printed}`);
    return printed.includes('listens on http');
  };
  await until(listens, 'the service listens', { timeoutMs: 120_000 });
  const client = new Client(`127.0.0.1:${port}`);
  await until(async () => (await client.get('/readyz')).status === 200, 'the service is ready');
  const stop = async (): Promise<void> => {
    process.kill(-child.pid!, 'SIGINT');
    await ended;
  };
  return { client, stop };
}

beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  server.close();
  await once(server, 'close');
});

afterEach(() => {
  for (const { pid, exitCode, signalCode } of running.splice(0)) {
    if (exitCode === null && signalCode === null) process.kill(-pid!, 'SIGKILL');
  }
});

afterAll(async () => {
  await standIn.kill();
  rmSync(directory, { recursive: true, force: true });
});

describe('README.md', () => {
  it('has no other blocks of commands', () => {
    expect(blocks).toHaveLength(7);
  });

  it('starts the service, and tours it with keys of ssh-keygen and openssl', async () => {
    // This test uses what `npm ci` installed.
    expect(start).toBe('npm ci && npm start\n');
    const { stop } = await started('npm start');
    const toured = await pasted(`${tour}\n${wire}`);
    expect(toured).toEqual({ status: 0, out: expect.anything() });
    expect(toured.out).toMatch(/laptop[^]*windows[^]*x509/);
    expect(toured.out).toContain('HTTP/1.1 201 Created');
    const refused = await pasted(`${exportsOf(tour)}\n${weakKey}`);
    expect(refused.status).not.toBe(0);
    expect(refused.out).toContain('RSA keys of 1024 bits can be broken');
    const cleaned = await pasted(`${exportsOf(tour)}\n${cleanUp}\nnpx latchkey keypair list -f json`);
    expect(cleaned).toEqual({ status: 0, out: expect.stringMatching(/^\[\]$/m) });
    await stop();
  });

  it('runs it behind a Keystone', async () => {
    await standIn.start();
    const password = join(directory, 'password');
    writeFileSync(password, 'secret\n');
    standIn.knows('token-of-a-member');
    const { client, stop } = await started(
      keystone.replace('https://keystone.example.org/v3', standIn.url).replace('/etc/latchkey/password', password),
    );
    const reply = await client.with({ 'X-Auth-Token': 'token-of-a-member' }).get('/v2.1/os-keypairs');
    expect(reply.status).toBe(200);
    expect(standIn.lastLogIn).toMatchObject({ auth: { identity: { password: { user: { name: 'latchkey' } } } } });
    await stop();
  });

  it('runs it on a PostgreSQL that it has migrated', async () => {
    const database = await testDatabase();
    const { client, stop } = await started(
      postgresql.replace('postgres://latchkey@db.example.org/latchkey', database.environment.DATABASE_URL!),
    );
    expect((await client.get('/healthcheck')).status).toBe(200);
    await stop();
    await database.remove();
  });
});

/** The variables that a reader has set in the same terminal. */
function exportsOf(block: string): string {
  return block.match(/^export .*$/gm)!.join('\n');
}
