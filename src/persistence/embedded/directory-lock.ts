import { hash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process has the directory open. Two would silently corrupt the embedded database. */
export class DirectoryInUse extends Error {
  constructor(directory: string) {
    super(
      `The embedded database in ${directory} is in use by another process. ` +
        'Stop that one, or give this one a DATA_DIR of its own, or use PostgreSQL (DATABASE_URL) for several.',
    );
    this.name = 'DirectoryInUse';
  }
}

/**
 * Locks a directory until this process ends, even if it is killed: the lock is a listening socket, which the operating system
 * closes with the process. Throws {@link DirectoryInUse}.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const name = hash('sha256', realpathSync(directory), 'hex').slice(0, 32);
  const address = socketAddress(name);
  let server = await listen(address);
  if (!server && address.startsWith('/') && !(await isListening(address))) {
    // If sockets are files, a process that was killed leaves one behind.
    rmSync(address, { force: true });
    server = await listen(address);
  }
  if (!server) throw new DirectoryInUse(directory);
  server.unref();
  const bound = server;
  return () => new Promise((done) => bound.close(() => done()));
}

function socketAddress(name: string): string {
  if (process.platform === 'linux') return `\0latchkey-${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\latchkey-${name}`;
  return join(tmpdir(), `latchkey-${name}.sock`);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
