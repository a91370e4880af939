// A PostgreSQL server of the soak's own, which it breaks in every possible way.
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';

const ROOT = '/usr/lib/postgresql';
const isRoot = process.getuid() === 0;

export class Cluster {
  #directory;
  #port;

  constructor(directory, port) {
    this.#directory = directory;
    this.#port = port;
  }

  /** A new, running server in a directory of its own under `parent`, with a role and a database for the service. */
  static async started(parent, settings) {
    const directory = join(parent, 'postgres');
    mkdirSync(directory);
    // PostgreSQL refuses to run as root.
    if (isRoot) chownSync(directory, ...['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres']))));
    const cluster = new Cluster(directory, await freePort());
    await run('initdb', ['-D', cluster.#data, '-U', 'postgres', '-A', 'trust', '--no-instructions']);
    const places = [`port = ${cluster.#port}`, `unix_socket_directories = '${directory}'`];
    const lines = [`listen_addresses = '127.0.0.1'`, ...places, ...settings];
    appendFileSync(join(cluster.#data, 'postgresql.conf'), `${lines.join('\n')}\n`);
    await cluster.start();
    await cluster.query('CREATE ROLE latchkey LOGIN');
    await cluster.query('CREATE DATABASE latchkey OWNER latchkey');
    return cluster;
  }

  /** For the service, whose role is no superuser, so that the connection limit applies to it. */
  get url() {
    return `postgres://latchkey@127.0.0.1:${this.#port}/latchkey`;
  }

  /** Runs a statement as superuser on a connection of its own. Fails where the server does not answer within `timeoutMs`. */
  async query(statement, values = [], timeoutMs = 30_000) {
    const client = await this.connected('postgres', timeoutMs);
    try {
      return (await client.query(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  async connected(user, timeoutMs = 30_000) {
    const { hostname: host, pathname } = new URL(this.url);
    const database = pathname.slice(1);
    const limits = { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs };
    const client = new Client({
      host,
      port: this.#port,
      user,
      database: user === 'postgres' ? user : database,
      ...limits,
    });
    // The next statement reports a connection that the server ended.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async start() {
    await run('pg_ctl', ['-D', this.#data, '-w', '-l', join(this.#directory, 'log'), 'start']);
  }

  /** `immediate` is like a crash: nothing more is written, and the next start recovers. */
  async stop(mode) {
    await run('pg_ctl', ['-D', this.#data, '-m', mode, '-w', 'stop']);
  }

  /** The server hangs: the system accepts connections, and no process answers. */
  freeze() {
    this.#signal('SIGSTOP');
  }

  thaw() {
    this.#signal('SIGCONT');
  }

  get #data() {
    return join(this.#directory, 'data');
  }

  /** The postmaster first, so that no child starts meanwhile. */
  #signal(name) {
    const postmaster = Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    process.kill(postmaster, name);
    for (const pid of readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)) {
      try {
        process.kill(Number(pid), name);
      } catch (error) {
        // It has ended meanwhile.
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }
}

/** Runs a program of the newest PostgreSQL that is installed. */
function run(program, args) {
  const newest = readdirSync(ROOT).toSorted((a, b) => Number(b) - Number(a))[0];
  const path = join(ROOT, newest, 'bin', program);
  const [command, ...words] = isRoot ? ['runuser', '-u', 'postgres', '--', path, ...args] : [path, ...args];
  return new Promise((resolve, reject) => {
    const child = execFile(command, words, (error, _output, errors) =>
      error ? reject(new Error(`${program}: ${errors || error.message}`)) : resolve(),
    );
    // The server that pg_ctl leaves behind keeps the pipes open; when pg_ctl exits, its output is complete.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe.destroy()), 50));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
