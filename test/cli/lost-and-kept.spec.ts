import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';
import { endOf, Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
});

const wires: Wire[] = [];

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close();
  await shell.run('rm -f key .key*');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

const names = async (): Promise<string> => (await shell.run('latchkey keypair list -f value -c Name')).out;

describe('a registration that fails', () => {
  it('leaves no file', () =>
    shell.plays(`
      $ latchkey keypair create taken --private-key first -q
      $ latchkey keypair create taken --private-key key
      latchkey: Creating taken: Key pair 'taken' already exists.
      [5]
      $ ls -A
      first
      home
    `));

  it('leaves the file on request', () =>
    shell.plays(`
      $ latchkey keypair create taken --private-key key --keep
      latchkey: Creating taken: Key pair 'taken' already exists.
      [5]
      $ stat -c %a key; ssh-keygen -l -f key
      600
      256 <...> taken (ED25519)
    `));

  it('leaves the file that was there before as it was', () =>
    shell.plays(`
      $ echo precious > key
      $ latchkey keypair create taken --private-key key
      latchkey: key exists already, and was left alone; name another file, or use --force.
      [5]
      $ latchkey keypair create taken --private-key key --force
      latchkey: Creating taken: Key pair 'taken' already exists.
      [5]
      $ cat key
      precious
      $ ls -A
      first
      home
      key
    `));

  it('for want of a service leaves no file', () =>
    shell.plays(`
      $ OS_ENDPOINT=http://127.0.0.1:9/v2.1 latchkey keypair create far --private-key key
      latchkey: Cannot reach http://127.0.0.1:9: <...>
      [6]
      $ ls key
      ls: cannot access 'key': No such file or directory
      [2]
    `));
});

describe('a file', () => {
  it('is replaced with --force, and is then for its owner alone', () =>
    shell.plays(`
      $ echo old > key; chmod 644 key
      $ latchkey keypair create forced --private-key key --force -q
      $ stat -c %a key; ssh-keygen -l -f key; ls -A
      600
      256 <...> forced (ED25519)
      first
      home
      key
    `));

  it('is not written through a link', () =>
    shell.plays(`
      $ ln -s elsewhere key
      $ latchkey keypair create linked --private-key key
      latchkey: key exists already, and was left alone; name another file, or use --force.
      [5]
      $ ls elsewhere
      ls: cannot access 'elsewhere': No such file or directory
      [2]
    `));

  it('that cannot be written means that nothing is registered', () =>
    shell.plays(`
      $ latchkey keypair create nowhere --private-key missing/key
      latchkey: The file missing/key cannot be written (ENOENT).
      [1]
      $ latchkey keypair show nowhere
      latchkey: Showing nowhere: Keypair nowhere not found for user alice.
      [4]
    `));

  it('is not needed by a reader of standard output, who must be there', () =>
    shell.plays(`
      $ latchkey keypair create unread >/dev/full
      latchkey: <...>ENOSPC<...>
      [1]
      $ latchkey keypair show unread
      latchkey: Showing unread: Keypair unread not found for user alice.
      [4]
    `));
});

/** Stands between the command line and the service, and does what a broken network does to POST. */
class Wire {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  posted = false;

  constructor(private readonly onPost: (client: Socket, upstream: Socket) => void) {
    this.server = createServer((client) => {
      const [host, port] = service.client.host.split(':');
      const upstream = connect(Number(port), host);
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
      }
      upstream.pipe(client);
      client.on('data', (chunk: Buffer) => {
        if (chunk.toString().startsWith('POST')) {
          this.posted = true;
          this.onPost(client, upstream);
        }
        if (!upstream.destroyed) upstream.write(chunk);
      });
    });
  }

  async listen(): Promise<string> {
    wires.push(this);
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}/v2.1`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe('a network that breaks while the keypair is registered', () => {
  it('costs nothing when the service took it: file and keypair are both there', async () => {
    const wire = new Wire((client, upstream) => {
      upstream.unpipe(client);
      upstream.once('data', () => client.destroy()).resume();
    });
    const endpoint = await wire.listen();
    await shell.plays(`
      $ OS_ENDPOINT=${endpoint} latchkey keypair create answered --private-key key -q
      $ latchkey keypair show answered --public-key > registered; ssh-keygen -y -f key | diff - registered
    `);
  });

  it('leaves no file when the service never heard of it', async () => {
    const wire = new Wire((client, upstream) => {
      upstream.destroy();
      client.destroy();
    });
    const endpoint = await wire.listen();
    await shell.plays(`
      $ OS_ENDPOINT=${endpoint} latchkey keypair create unheard --private-key key
      latchkey: http://127.0.0.1:<...> took the request and did not answer: socket hang up.
      [6]
      $ ls key
      ls: cannot access 'key': No such file or directory
      [2]
    `);
  });

  it('leaves the file, and reports that, when the outcome is unknown', async () => {
    const wire = new Wire((client) => {
      client.destroy();
      wire.close();
    });
    const endpoint = await wire.listen();
    const { err, status } = await shell.run(
      `OS_ENDPOINT=${endpoint} latchkey keypair create doubtful --private-key key`,
    );
    expect(err).toContain('Whether doubtful was registered is not known, so its private key stays in key');
    expect(status).toBe(6);
    expect((await shell.run('ssh-keygen -l -f key')).status).toBe(0);
  });
});

/** Whether a process waits for something, as proc(5) lists it: a signal makes it run until it has handled the signal. */
const isWaiting = ({ pid }: ChildProcess): boolean => /^\d+ \(.*\) S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('SIGINT', () => {
  it('while a large key is made leaves nothing', async () => {
    const words = ['keypair', 'create', 'huge', '--algorithm', 'rsa', '--bits', '16384', '--private-key', 'key'];
    const child = shell.start(...words);
    await sleep(1500);
    child.kill('SIGINT');
    expect(await endOf(child)).toBe('SIGINT');
    expect(existsSync(shell.path('key'))).toBe(false);
    expect(await names()).not.toContain('huge');
  });

  it('while the keypair is registered takes both back', async () => {
    const wire = new Wire((client, upstream) => {
      upstream.unpipe(client);
      upstream.once('data', (answer: Buffer) => {
        child.kill('SIGINT');
        void until(() => isWaiting(child), 'the command has handled the signal').then(() => {
          client.write(answer);
          upstream.pipe(client);
        });
      });
      upstream.resume();
    });
    shell.export({ OS_ENDPOINT: await wire.listen() });
    const child = shell.start('keypair', 'create', 'stopped', '--private-key', 'key');
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await endOf(child)).toBe(130);
    shell.export({ OS_ENDPOINT: `http://${service.client.host}/v2.1` });
    expect(said).toContain('the key was registered already and has been taken back');
    expect(readdirSync(shell.directory)).not.toContain('key');
    expect(await names()).not.toContain('stopped');
  });

  it('while the service hangs leaves the whole file, and reports that', async () => {
    const wire = new Wire((client, upstream) => {
      upstream.unpipe(client);
      child.kill('SIGINT');
    });
    shell.export({ OS_ENDPOINT: await wire.listen() });
    const child = shell.start('keypair', 'create', 'hanging', '--private-key', 'key');
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await endOf(child)).toBe(130);
    shell.export({ OS_ENDPOINT: `http://${service.client.host}/v2.1` });
    expect(said).toContain('Interrupted before the service answered. Whether hanging was registered is not known');
    // It was, so a removed file would have been a lost key.
    const { out } = await shell.run('ssh-keygen -y -f key');
    expect((await shell.run('latchkey keypair show hanging --public-key')).out).toBe(out);
    expect(readFileSync(shell.path('key'), 'utf8')).toMatch(/END OPENSSH PRIVATE KEY-----\n$/);
  });
});
