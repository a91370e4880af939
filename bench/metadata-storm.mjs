// A boot storm: ten thousand guests read their metadata over 64 connections. Prints milliseconds and requests per second, each
// beside those of a bare server that answers a constant of the same size, measured in the same run by the same driver. Run it
// with "npm run tool -- bench-metadata"; GUESTS and CONNECTIONS set how many, DATABASE_URL selects a PostgreSQL.
import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GUESTS = Number(process.env.GUESTS ?? 10_000);
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 64);
const SECRET = randomBytes(32).toString('hex');
const META_DATA = '/openstack/latest/meta_data.json';
/** What cloud-init requests, in its order; there is no vendor data and no network data. */
const BOOT = [
  '/openstack',
  META_DATA,
  '/openstack/latest/user_data',
  '/openstack/latest/vendor_data.json',
  '/openstack/latest/vendor_data2.json',
  '/openstack/latest/network_data.json',
];

const FLOOR = `
  const body = JSON.stringify({ text: 'x'.repeat(Number(process.argv[1])) });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const server = require('node:http').createServer((request, response) => response.writeHead(200, headers).end(body));
  server.listen(0, '127.0.0.1', () => console.error('port ' + server.address().port));`;

/** Starts a process and waits for the line with its port. */
async function started(args, environment, pattern) {
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...environment } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  while (!pattern.test(output)) {
    if (child.exitCode !== null) throw new Error(output);
    await new Promise((again) => setTimeout(again, 20));
  }
  const [, port, otherPort] = pattern.exec(output);
  return { child, port: Number(port), otherPort: Number(otherPort) };
}

async function stop({ child }) {
  child.kill();
  await once(child, 'exit');
}

/** Registers guests through the API, as an operator's script would. Returns their ids. */
async function register(port) {
  const api = `http://127.0.0.1:${port}`;
  const post = async (path, body) => {
    const reply = await fetch(api + path, { method: 'POST', body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${path} is ${reply.status}: ${await reply.text()}`);
  };
  await post('/v2.1/os-keypairs', { keypair: { name: 'laptop' } });
  await post('/v2.1/os-keypairs', { keypair: { name: 'desktop' } });
  const ids = Array.from({ length: GUESTS }, () => randomUUID());
  const user_data = randomBytes(1024).toString('base64');
  const metadata = { role: 'web' };
  let next = 0;
  const registrar = async () => {
    while (next < GUESTS) {
      const id = ids[next++];
      await post('/v1/guests', {
        guest: { id, name: `web-${next}`, key_names: ['laptop', 'desktop'], user_data, metadata },
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, registrar));
  return ids;
}

const headersOf = (id) => {
  const signature = createHmac('sha256', SECRET).update(id).digest('hex');
  return `Host: 169.254.169.254\r\nX-Instance-ID: ${id}\r\nX-Tenant-ID: admin\r\nX-Instance-ID-Signature: ${signature}\r\n\r\n`;
};

/** Sends all requests; each connection sends its next one when it has its answer. Returns milliseconds of each, and bytes of the last body. */
async function storm(port, requests) {
  const times = new Float64Array(requests.length);
  let next = 0;
  let size = 0;
  const began = performance.now();
  const client = () =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let current;
      let sent;
      let answer = '';
      const send = () => {
        if (next === requests.length) {
          socket.end();
          resolve();
          return;
        }
        current = next++;
        sent = performance.now();
        socket.write(requests[current]);
      };
      socket.setEncoding('latin1').on('connect', send).on('error', reject);
      socket.on('data', (data) => {
        answer += data;
        const head = answer.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(answer)[1]);
        if (answer.length < head + 4 + length) return;
        if (!/^HTTP\/1.1 (200|404)/.test(answer)) reject(new Error(answer));
        times[current] = performance.now() - sent;
        size = length;
        answer = '';
        send();
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { times: times.toSorted(), seconds: (performance.now() - began) / 1000, size };
}

function report(what, { times, seconds }, floor) {
  const at = (share) => times[Math.floor(times.length * share)];
  const numbers = { p50: at(0.5), p99: at(0.99), rate: times.length / seconds };
  const ratio = (name) => (floor ? ` (${(numbers[name] / floor[name]).toFixed(2)} of the floor's)` : '');
  console.log(
    `${what}: p50 ${numbers.p50.toFixed(2)} ms${ratio('p50')}, p99 ${numbers.p99.toFixed(2)} ms${ratio('p99')}, ` +
      `${Math.round(numbers.rate)} requests/s${ratio('rate')}`,
  );
  return numbers;
}

const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const shared = {
  AUTH_MODE: 'none',
  PORT: '0',
  METADATA_PORT: '0',
  RATE_LIMIT: 'off',
  GUEST_QUOTA: '-1',
  METADATA_MODE: 'neutron',
  METADATA_SECRET: SECRET,
  DATA_DIR: directory,
  LOG_LEVEL: 'warn',
  ...(process.env.DATABASE_URL && { DATABASE_URL: process.env.DATABASE_URL, MIGRATE_ON_START: 'true' }),
};
const service = await started(
  ['--max-semi-space-size=4', 'dist/src/main.js'],
  shared,
  /listens on http:\/\/[^:]+:(\d+)[^]*metadata at http:\/\/[^:]+:(\d+)/,
);
const metadataPort = service.otherPort;
try {
  const ids = await register(service.port);
  const headers = ids.map(headersOf);
  const asking = (target) => headers.map((each) => `GET ${target} HTTP/1.1\r\n${each}`);
  const first = await storm(metadataPort, [asking(META_DATA)[0]]);
  const floor = await started(['-e', FLOOR, String(first.size - 11)], {}, /port (\d+)/);
  const constant = asking('/');
  console.log(`${GUESTS} guests, ${CONNECTIONS} connections, meta_data.json of ${first.size} bytes`);
  await storm(floor.port, constant);
  await storm(metadataPort, asking('/openstack'));
  await new Promise((forgotten) => setTimeout(forgotten, 6000));

  const bare = report('bare server', await storm(floor.port, constant));
  report('meta_data.json, each guest for the first time', await storm(metadataPort, asking(META_DATA)), bare);
  const few = headers.slice(0, 2000).map((each) => `GET ${META_DATA} HTTP/1.1\r\n${each}`);
  await storm(metadataPort, few);
  report('meta_data.json, remembered', await storm(metadataPort, [...few, ...few, ...few, ...few, ...few]), bare);
  await new Promise((forgotten) => setTimeout(forgotten, 6000));
  const boots = headers.flatMap((each) => BOOT.map((target) => `GET ${target} HTTP/1.1\r\n${each}`));
  report('all that cloud-init requests, guest by guest', await storm(metadataPort, boots), bare);
  report('bare server again', await storm(floor.port, constant), bare);
  await stop(floor);
} finally {
  await stop(service);
  rmSync(directory, { recursive: true, force: true });
}
