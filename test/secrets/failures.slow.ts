import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as Database } from 'pg';
import { Cluster } from '../failures/cluster.js';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { privateKeyOfSsh } from './keys.js';
import { Collector } from './places.js';
import { Secrets } from './secrets.js';
import { type Answered, send } from './wire.js';
import { until } from '../support/until.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
let number = 0;

/** An empty directory. */
function newDirectory(): string {
  const path = join(directory, String((number += 1)));
  mkdirSync(path);
  return path;
}

/** One with an empty embedded database in it, which saves creating it. */
function newDataDir(): string {
  const path = newDirectory();
  cpSync(process.env.LATCHKEY_TEST_TEMPLATE!, join(path, 'database'), { recursive: true });
  return path;
}

afterEach(() => ServiceProcess.killAll());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const json = { 'Content-Type': 'application/json' };
const PATH = '/v2.1/os-keypairs';

function post(service: ServiceProcess, target: string, headers: object, body: unknown): Promise<Answered> {
  const sent = { method: 'POST', target, headers: { ...json, ...headers }, body: JSON.stringify(body) };
  return send(service.client.host, sent);
}

describe('while the database fails', () => {
  const secrets = new Secrets();
  /** What is stored, and yet is in no log and no refusal. */
  const stored = new Secrets();
  const password = secrets.make('password of the database');
  let cluster: Cluster;
  let collector: Collector;

  beforeAll(async () => {
    const access = join(directory, 'pg_hba.conf');
    execFileSync('chmod', ['755', directory]);
    writeFileSync(access, 'host all app 127.0.0.1/32 scram-sha-256\nhost all latchkey 127.0.0.1/32 trust\n', {
      mode: 0o644,
    });
    cluster = await Cluster.started([`hba_file = '${access}'`]);
    await cluster.query(`CREATE ROLE app LOGIN PASSWORD '${password}'`);
    await cluster.query('CREATE DATABASE keypairs OWNER app');
    collector = await Collector.started();
  });

  afterAll(async () => {
    collector?.close();
    await cluster?.remove();
  });

  const url = (secret: string): string => `postgres://app:${secret}@${cluster.address}/keypairs`;

  function settings(more: Record<string, string> = {}): Record<string, string> {
    const database = { DATABASE_URL: url(password), MIGRATE_ON_START: 'true', DB_TIMEOUT_MS: '2000' };
    return { DATA_DIR: newDirectory(), ...database, LOG_LEVEL: 'trace', ...collector.settings, ...more };
  }

  /** A statement in the database of the service. */
  async function change(...statements: readonly string[]): Promise<void> {
    const client = new Database({ connectionString: url(password) });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  it('starts that fail print no password', async () => {
    const wrong = secrets.make('wrong password');
    const file = join(newDirectory(), 'password');
    writeFileSync(file, wrong);
    const attempts: [number, Record<string, string>][] = [
      [1, { DATABASE_URL: url(wrong) }],
      [1, { DATABASE_URL: `postgres://app@${cluster.address}/keypairs`, DATABASE_PASSWORD_FILE: file }],
      [1, { DATABASE_URL: `postgres://app:${wrong}@127.0.0.1:1/keypairs` }],
      [1, { DATABASE_URL: `postgres://app:${wrong}@no-such-host.invalid/keypairs` }],
      [78, { DATABASE_URL: `postgres://app:${wrong}@127.0.0.1:99999/keypairs` }],
      [78, { DATABASE_URL: `mysql://app:${wrong}@127.0.0.1/keypairs` }],
      [78, { DATABASE_URL: wrong }],
      [78, { DATABASE_URL: `${url(wrong)}?target_session_attrs=none` }],
      [78, { METADATA_MODE: 'neutron', METADATA_SECRET: `${wrong} ${wrong} ${wrong}` }],
      [78, { METADATA_MODE: 'neutron', METADATA_SECRET: wrong, METADATA_SECRET_FILE: file }],
      [78, { AUTH_MODE: 'keystone', KEYSTONE_PASSWORD: wrong }],
      [78, { AUTH_MODE: 'keystone', KEYSTONE_PASSWORD: wrong, KEYSTONE_PASSWORD_FILE: file, PORT: 'x' }],
      [78, { TOKEN_KEY_FILE: file, AUTH_MODE: 'builtin' }],
      [78, { TLS_CERT: file, TLS_KEY: file }],
    ];
    const services = attempts.map(([, more]) => ServiceProcess.start(settings(more)));
    const ends = await Promise.all(services.map((service) => service.ended()));
    expect(ends).toEqual(attempts.map(([status]) => status));
    for (const { printedText } of services) {
      expect(printedText).toMatch(/cannot start/);
      expect(secrets.in(printedText)).toEqual([]);
    }
  });

  it('errors that quote a row are reported without it', async () => {
    const service = await ServiceProcess.listening(settings({ METADATA_MODE: 'off', ADMIN_PORT: '0' }));
    const caller = { 'X-Auth-Token': 'alice:a11ce', 'X-Service-Token': secrets.make('service token') };
    const comment = stored.make('comment of a key');
    const key = sshKeygen('-C', comment);
    const at = { ...caller, 'X-OpenStack-Nova-API-Version': '2.10' };
    const guest = {
      user_data: Buffer.from(stored.make('user data')).toString('base64'),
      metadata: { password: stored.make('metadata') },
    };
    const keypair = (name: string): object => ({ keypair: { name, public_key: key } });
    expect((await post(service, PATH, at, keypair('taken'))).status).toBe(201);

    // PostgreSQL quotes the row that a constraint refuses, the duplicate key, and whatever a trigger raises.
    await change(
      `ALTER TABLE key_pairs ADD CONSTRAINT refusing CHECK (name <> 'refused')`,
      'CREATE UNIQUE INDEX twice ON key_pairs (public_key)',
      `CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'row %', NEW; END $$`,
      'CREATE TRIGGER quoting BEFORE INSERT ON guests FOR EACH ROW EXECUTE FUNCTION quoting()',
    );
    const responses = [
      await post(service, PATH, at, keypair('taken')),
      await post(service, PATH, at, keypair('refused')),
      await post(service, PATH, at, keypair('same key')),
      await post(service, '/v1/guests', caller, { guest: { name: 'g', key_names: ['taken'], ...guest } }),
      // The private key is generated, and lost with the row.
      await post(service, PATH, at, { keypair: { name: 'refused' } }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([409, 500, expect.any(Number), 500, 500]);
    await change(
      'ALTER TABLE key_pairs DROP CONSTRAINT refusing',
      'DROP INDEX twice',
      'DROP TRIGGER quoting ON guests',
    );

    const made = await post(service, PATH, at, { keypair: { name: 'made' } });
    secrets.addPrivateKey(
      'generated key',
      (JSON.parse(made.body) as { keypair: { private_key: string } }).keypair.private_key,
    );
    expect(
      (await post(service, '/v1/guests', caller, { guest: { name: 'g', key_names: ['taken', 'made'], ...guest } }))
        .status,
    ).toBe(201);

    await cluster.stop('immediate');
    for (const [method, target] of [
      ['GET', PATH],
      ['DELETE', `${PATH}/taken`],
      ['GET', '/v1/guests'],
      ['GET', '/v2.1/limits'],
      ['GET', '/readyz'],
    ]) {
      responses.push(await send(service.client.host, { method, target, headers: caller }));
    }
    responses.push(await post(service, PATH, at, keypair('away')));
    responses.push(await post(service, PATH, at, { keypair: { name: 'away' } }));
    expect(responses.slice(5).map(({ status }) => status)).toEqual(Array(7).fill(503));
    await cluster.start();
    // From here on the password is a different one.
    await cluster.query(`ALTER ROLE app PASSWORD '${secrets.make('new password')}'`);
    await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);
    responses.push(await send(service.client.host, { method: 'GET', target: PATH, headers: caller }));
    expect(responses.at(-1)!.status).toBe(503);
    await cluster.query(`ALTER ROLE app PASSWORD '${password}'`);
    await service.stop('SIGTERM');

    expect(service.printedText).toContain('unforeseen error');
    expect(service.printedText).toContain('23514');
    for (const which of [secrets, stored]) {
      expect(which.in(service.printedText)).toEqual([]);
      expect(which.in(Buffer.concat(collector.received))).toEqual([]);
      expect(responses.flatMap(({ all }) => which.in(all))).toEqual([]);
    }
  });

  it('the database holds what belongs there, and no secret', async () => {
    const dump = execFileSync('pg_dump', [url(password)], { encoding: 'latin1', maxBuffer: 1e9 });
    // The control: what is stored is found.
    expect(stored.in(dump)).not.toEqual([]);
    expect(dump).toContain('made');
    expect(secrets.in(dump)).toEqual([]);
  });
});

describe('while Keystone fails', () => {
  it('no token and no password is disclosed, whatever it responses', async () => {
    const secrets = new Secrets();
    const keystone = new KeystoneStandIn();
    await keystone.start();
    const dataDir = newDataDir();
    const password = secrets.make('password of the service user');
    const settings = { AUTH_MODE: 'keystone', KEYSTONE_AUTH_URL: keystone.url, KEYSTONE_PASSWORD: password };
    const times = { KEYSTONE_TIMEOUT_SECONDS: '1', TOKEN_CACHE_SECONDS: '0', LOG_LEVEL: 'trace', METADATA_MODE: 'off' };
    const service = await ServiceProcess.listening({ DATA_DIR: dataDir, ...settings, ...times });
    const responses: Answered[] = [];
    const ask = async (token = secrets.make('token')): Promise<number> => {
      const headers = { 'X-Auth-Token': token, 'X-Service-Token': secrets.make('service token') };
      responses.push(await send(service.client.host, { method: 'GET', target: PATH, headers }));
      return responses.at(-1)!.status;
    };
    const good = secrets.make('good token');
    // The id of the user is no secret, and the stand-in would derive it from the token.
    keystone.knows(good, { userId: 'alice' });
    expect(await ask(good)).toBe(200);
    expect(await ask()).toBe(401);
    // It quotes the whole request, in every format.
    for (const [status, type] of [
      [500, 'text/plain'],
      [400, 'application/json'],
      [401, 'application/json'],
      [403, 'text/html'],
      [200, 'application/json'],
      [201, 'application/json'],
      [302, 'text/plain'],
    ] as const) {
      keystone.misbehaves = (request, reply) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const quoted = JSON.stringify({
            error: { message: `${request.rawHeaders.join(' ')} ${Buffer.concat(chunks).toString()}` },
          });
          reply
            .writeHead(status, { 'Content-Type': type, 'X-Quoted': request.rawHeaders.join(' '), Location: '/' })
            .end(quoted);
        });
      };
      expect([status, await ask()]).toEqual([status, 503]);
    }
    // It no longer knows the service's token, refuses the log-in, sends nothing, breaks off, and is unavailable.
    keystone.misbehaves = undefined;
    keystone.forgetServiceTokens();
    expect(await ask(good)).toBe(200);
    keystone.forgetServiceTokens();
    keystone.misbehaves = (_request, reply) => reply.writeHead(401).end('{"error": {}}');
    expect(await ask()).toBe(503);
    keystone.misbehaves = () => {};
    expect(await ask()).toBe(503);
    keystone.misbehaves = (request) =>
      request.socket.end(`HTTP/1.1 200 OK\r\nX: ${request.rawHeaders.join(' ')}\0\r\n`);
    expect(await ask()).toBe(503);
    await keystone.kill();
    expect(await ask()).toBe(503);
    expect(await service.stop('SIGTERM')).toBe(0);

    expect(service.printedText).toContain('Keystone is unavailable');
    expect(secrets.in(service.printedText)).toEqual([]);
    expect(responses.flatMap(({ all }) => secrets.in(all))).toEqual([]);
    expect(secrets.inFiles(dataDir)).toEqual([]);
  });
});

describe('when the service ends', () => {
  const secrets = new Secrets();

  /** Requests in progress, with a token and a pasted private key, and keys being generated. */
  function underWay(service: ServiceProcess): Promise<Answered>[] {
    const headers = { 'X-Service-Token': secrets.make('service token'), 'X-OpenStack-Nova-API-Version': '2.10' };
    const pasted = privateKeyOfSsh(directory);
    secrets.addPrivateKey('pasted key', pasted);
    return [
      ...Array.from({ length: 4 }, (_, n) => post(service, PATH, headers, { keypair: { name: `made-${n}` } })),
      post(service, PATH, headers, { keypair: { name: 'pasted', public_key: pasted } }),
    ];
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s in the middle of requests, nothing is disclosed', async (signal) => {
    const dataDir = newDataDir();
    const service = await ServiceProcess.listening({ DATA_DIR: dataDir, LOG_LEVEL: 'trace', RSA_KEY_BITS: '3072' });
    const responses = underWay(service);
    await responses[4];
    expect(await service.stop(signal)).toBe(0);
    for (const { status, body } of await Promise.all(responses)) {
      if (status !== 201) continue;
      secrets.addPrivateKey(
        'generated key',
        (JSON.parse(body) as { keypair: { private_key: string } }).keypair.private_key,
      );
    }
    expect(secrets.in(service.printedText)).toEqual([]);
    expect(secrets.inFiles(dataDir)).toEqual([]);
  });

  it.each([
    ['an uncaught error', 'throw error'],
    ['an unhandled rejection', 'void Promise.reject(error)'],
  ])('by %s, the log has its origin, and not its message', async (_, statement) => {
    const secret = secrets.make('what the error quotes');
    // After the service has installed its handlers: before, Node itself prints errors.
    const fault = `const waiting = setInterval(() => {
      if (process.listenerCount('uncaughtException') === 0) return;
      clearInterval(waiting);
      const error = Object.assign(new TypeError('${secret}'), { code: '23505', detail: '${secret}', cause: new Error('${secret}') });
      ${statement};
    }, 50)`;
    // A file, since the stack contains the origin of the error.
    const preload = join(newDirectory(), 'fault.mjs');
    writeFileSync(preload, fault);
    const service = ServiceProcess.start({ DATA_DIR: newDataDir(), NODE_OPTIONS: `--import=${preload}` });
    expect(await service.ended()).toBe(1);
    const line = service.printedText.split('\n').find((each) => each.includes('"TypeError"'))!;
    expect(JSON.parse(line)).toMatchObject({
      level: 60,
      error: { name: 'TypeError', code: '23505', at: expect.any(Array) },
    });
    expect(secrets.in(service.printedText)).toEqual([]);
  });

  /** Ends a process so that it leaves a core file, and returns that file. */
  async function coreOf(args: readonly string[], environment: Record<string, string>, when: RegExp): Promise<Buffer> {
    const cwd = newDirectory();
    // The kernel writes the file into the working directory if its pattern is a plain name.
    const shell = ['-c', 'ulimit -c unlimited && exec "$@"', 'sh', process.execPath, ...args];
    const child = spawn('sh', shell, { cwd, env: { PATH: process.env.PATH!, ...environment } });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (printed += text.toString()));
    const isPrinted = (): boolean => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(printed);
      return when.test(printed);
    };
    await until(isPrinted, `the process prints ${when.source}`, { timeoutMs: 120_000 });
    const [, host] = /listens on http:\/\/([^/]+)\//.exec(printed) ?? [];
    if (host !== undefined) {
      const headers = {
        ...json,
        'X-Service-Token': environment.SECRET,
        'X-OpenStack-Nova-API-Version': '2.10',
      };
      const made = await send(host, {
        method: 'POST',
        target: PATH,
        headers,
        body: JSON.stringify({ keypair: { name: 'made' } }),
      });
      secrets.addPrivateKey(
        'generated key',
        (JSON.parse(made.body) as { keypair: { private_key: string } }).keypair.private_key,
      );
    }
    child.kill('SIGABRT');
    await once(child, 'exit');
    expect(secrets.in(printed)).toEqual([]);
    const [file] = readdirSync(cwd).filter((name) => name.startsWith('core'));
    return readFileSync(join(cwd, file));
  }

  it('has the kernel leave its memory out of a core file', async () => {
    const service = await ServiceProcess.listening({ DATA_DIR: newDataDir() });
    expect(readFileSync(`/proc/${service.pid}/coredump_filter`, 'utf8')).toMatch(/^0+\n$/);
  });

  // Otherwise the kernel pipes cores to a program, and there is no file to read.
  const itWhereCoresAreFiles = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|') ? it.skip : it;

  itWhereCoresAreFiles('by SIGABRT with core files allowed, the core file holds no memory', async () => {
    const secret = secrets.make('token in memory');
    // The control: an ordinary Node process, with the secret in its environment like the service.
    const idle = ['-e', 'console.log("ready"); setInterval(() => {}, 1000)'];
    expect(secrets.in(await coreOf(idle, { SECRET: secret }, /ready/))).not.toEqual([]);

    const settings = { DATA_DIR: newDataDir(), AUTH_MODE: 'none', PORT: '0', METADATA_MODE: 'off', SECRET: secret };
    const core = await coreOf([join(process.cwd(), 'dist/src/main.js')], settings, /listens on http/);
    expect(core.subarray(1, 4).toString()).toBe('ELF');
    expect(secrets.in(core)).toEqual([]);
  });

  it('no report, snapshot or core is left in its directories', async () => {
    const cwd = newDirectory();
    const dataDir = join(cwd, 'data');
    cpSync(process.env.LATCHKEY_TEST_TEMPLATE!, join(dataDir, 'database'), { recursive: true });
    const settings = { DATA_DIR: dataDir, AUTH_MODE: 'none', PORT: '0', METADATA_MODE: 'off', PATH: process.env.PATH! };
    for (const signal of ['SIGUSR2', 'SIGQUIT', 'SIGABRT', 'SIGTERM'] as const) {
      const child = spawn(process.execPath, [join(process.cwd(), 'dist/src/main.js')], { cwd, env: settings });
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => (printed += text.toString()));
      await until(() => printed.includes('listens on http'), 'the service listens', { timeoutMs: 120_000 });
      // Only the command: settings, and so passwords, are in the environment, which only its owner can read.
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toBe(
        `${process.execPath}\0${process.cwd()}/dist/src/main.js\0`,
      );
      child.kill(signal);
      await once(child, 'exit');
      expect(readdirSync(cwd).filter((name) => name !== 'data' && !name.startsWith('core'))).toEqual([]);
      expect(readdirSync(dataDir)).toEqual(['database']);
    }
  });
});
