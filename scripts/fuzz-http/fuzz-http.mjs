// Sends good, malformed and random requests to the three doors of the running service, and fails on a crash, on an answer of
// 500 and above, on a status that Neutron's agents do not pass on, and on a connection that hangs:
// "npm run tool -- fuzz-http [COUNT] [SEED]". What is sent over each connection follows from the seed, the number of the connection,
// and the ids and tokens of the run. The seed also chooses how guests are identified: by address where it is even, by signature where odd.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Random } from '../random.mjs';
import { mutate } from './mutations.mjs';
import { ADMIN, API, goodRequest, METADATA } from './requests.mjs';
import { ED25519 } from './values.mjs';
import { bytesOf } from './wire.mjs';

const count = Number(process.argv[2] ?? 200_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
if (!Number.isInteger(count) || !Number.isInteger(seed)) {
  console.error('Usage: fuzz-http.mjs [COUNT] [SEED], both whole numbers.');
  process.exit(2);
}
const AT_ONCE = 32;
const DOCUMENTS = [
  '2.92',
  'v2',
  'v1-keypairs',
  'guests',
  'ssh-certificates',
  'events',
  'webhooks',
  'identity',
  'probes',
];
/** Milliseconds until a connection must have its next answer, or be closed: a log-in after wrong passwords may have to wait for 20 seconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** The routes of the metadata service (docs/guests.md). */
const METADATA_STATUSES = new Set([200, 400, 403, 404, 409]);
/** Number of requests from which on each route must have been reached. */
const ENOUGH = 20_000;
const SECRET = 'a secret of forty characters, or so it is';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-fuzz-'));
const service = spawn(process.execPath, ['dist/src/main.js'], {
  env: {
    PATH: process.env.PATH,
    DATA_DIR: directory,
    IDENTITY_STORE: 'database',
    PORT: '0',
    METADATA_PORT: '0',
    RATE_LIMIT: 'off',
    METADATA_MODE: seed % 2 === 0 ? 'address' : 'neutron',
    METADATA_SECRET: SECRET.replaceAll(' ', '-'),
    ADMIN_PORT: '0',
    PHONE_HOME_URL: 'http://169.254.169.254',
    SSH_CA: 'on',
    KEYPAIR_QUOTA: '50',
    LOG_LEVEL: 'error',
  },
});
let printed = '';
let isDone = false;
for (const stream of [service.stdout, service.stderr]) stream.on('data', (text) => (printed += text));
service.on('exit', (code, signal) => {
  if (!isDone) fail(`The service ended (${code ?? signal}).`);
});
process.on('exit', () => {
  service.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});
while (!/listens on http/.test(printed)) await new Promise((again) => setTimeout(again, 50));

const doors = Object.entries({ 'listens on': API, 'their metadata at': METADATA, 'metrics at': ADMIN }).map(
  ([words, routes]) => {
    const [, host, port] = new RegExp(`${words} http://([^:]+):(\\d+)`).exec(printed);
    return { host, port: Number(port), routes, statuses: new Map() };
  },
);
const [api] = doors;
const known = await acquainted();
let sent = 0;
let connections = 0;
let answered = 0;
let slowest = 0;
const began = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, () => worker(count, sendRandom)));
const seconds = (performance.now() - began) / 1000;
if (count >= ENOUGH) await reachRoutes();
isDone = true;
const isReached = await report();
process.exit(isReached ? 0 : 1);

/** Sends over one connection after another; `send` returns how many requests it sent. */
async function worker(limit, send) {
  while (sent < limit) {
    const number = connections++;
    const requests = await send(new Random(seed + number * 7919), number);
    sent += requests;
  }
}

/** Sends good requests until every route that can be reached has been, since chance may leave some out. */
async function reachRoutes() {
  for (let round = 1; round <= 40 && (await unreachedRoutes()).length > 0; round += 1)
    await Promise.all(Array.from({ length: AT_ONCE }, () => worker(count + round * 200, sendGood)));
}

async function sendGood(random, number) {
  await exchange(api, [bytesOf(random, goodRequest(random, API, known))], random, number);
  return 1;
}

async function sendRandom(random, number) {
  const door = random.pick([api, api, api, api, api, api, doors[1], doors[1], doors[1], doors[2]]);
  const isWild = random.below(4) === 0;
  // Several together are pipelined. What is not HTTP comes last, since nothing after it is read.
  const length = 1 + random.below(6);
  const requests = Array.from({ length }, (_, at) => {
    const request = goodRequest(random, door.routes, known);
    mutate(random, request, isWild && at === length - 1);
    return bytesOf(random, request);
  });
  if (random.below(50) === 0)
    requests.push(Buffer.from(random.pick(['GET /\r\n', 'GET /\r\n\r\n', '\r\n\r\n', '\0', '\x16\x03\x01\x02'])));
  const start = performance.now();
  const received = await exchange(door, requests, random, number);
  slowest = Math.max(slowest, performance.now() - start);
  for (const [, text] of received.matchAll(/HTTP\/1\.1 (\d{3}) [A-Za-z' -]+\r\n/g)) {
    const status = Number(text);
    answered += 1;
    door.statuses.set(status, (door.statuses.get(status) ?? 0) + 1);
    const isWrong = door.routes === METADATA ? !METADATA_STATUSES.has(status) && status !== 100 : status >= 500;
    if (isWrong) fail(`${status} over connection ${number} to one of ${shown(requests)}:\n${received.slice(-3000)}`);
  }
  return requests.length;
}

/** Sends bytes, and returns everything received until the connection is closed. */
function exchange({ host, port }, parts, random, number) {
  const bytes = Buffer.concat(parts);
  // In pieces, or by a client that goes away.
  const cuts =
    random.below(4) === 0 ? Array.from({ length: 1 + random.below(4) }, () => random.below(bytes.length)) : [];
  const pieces = [...cuts, bytes.length]
    .toSorted((a, b) => a - b)
    .map((to, at, all) => bytes.subarray(all[at - 1] ?? 0, to));
  const isAborted = random.below(20) === 0;
  return new Promise((resolve) => {
    const socket = connect(port, host);
    let received = '';
    const timer = setTimeout(() => {
      socket.destroy();
      fail(`Connection ${number} hung after ${shown(parts)}; answered so far: ${received.slice(-3000)}`);
    }, ANSWER_TIMEOUT_MS);
    socket.on('data', (data) => {
      received += data.toString('latin1');
      timer.refresh();
    });
    // The service may cut a connection off; what it answered before counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    const send = () => {
      const piece = pieces.shift();
      if (pieces.length > 0) {
        socket.write(piece);
        setTimeout(send, 1);
      } else if (isAborted) {
        socket.write(piece);
        socket.destroy();
      } else {
        // Where our bytes end the request ends too, whatever length it announced.
        socket.end(piece);
      }
    };
    socket.on('connect', send);
  });
}

/** What good requests name: two callers with their tokens, guests that stay, and guests that come and go. */
async function acquainted() {
  const base = `http://${api.host}:${api.port}`;
  const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8'));
  const domain = { id: 'default' };
  const callers = [];
  const spareTokens = [];
  const logIns = Object.values(clouds);
  for (const { auth } of [...logIns, ...logIns]) {
    const identity = {
      methods: ['password'],
      password: { user: { name: auth.username, domain, password: auth.password } },
    };
    const body = { auth: { identity, scope: { project: { name: auth.project_name, domain } } } };
    const reply = await fetch(`${base}/identity/v3/auth/tokens`, { method: 'POST', body: JSON.stringify(body) });
    const { token } = await reply.json();
    const given = reply.headers.get('x-subject-token');
    if (callers.length === logIns.length) spareTokens.push(given);
    else callers.push({ id: token.project.id, user: token.user.id, token: given });
  }
  const admin = callers.at(-1);
  const entries = ['regions/RegionOne'];
  for (const list of ['roles', 'services', 'endpoints']) {
    const reply = await fetch(`${base}/identity/v3/${list}`, { headers: { 'X-Auth-Token': admin.token } });
    entries.push(`${list}/${(await reply.json())[list][0].id}`);
  }
  const post = async (path, body) => {
    const reply = await fetch(base + path, {
      method: 'POST',
      headers: { 'X-Auth-Token': admin.token },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path} is answered ${reply.status}: ${await reply.text()}`);
    return reply.json();
  };
  await post('/v2.1/os-keypairs', { keypair: { name: 'stays', public_key: ED25519 } });
  const guests = Array.from({ length: 3 }, () => randomUUID());
  for (const [n, id] of guests.entries()) {
    // The first one is the sender, where guests are identified by their addresses.
    const guest = { id, name: `guest ${n}`, project_id: 'fuzz', key_names: ['stays'], addresses: [`127.0.0.${n + 1}`] };
    await post('/v1/guests', { guest: { ...guest, user_data: 'IyEvYmluL3NoCg==' } });
  }
  const url = 'https://webhooks.invalid/';
  const webhook = (await post('/v1/webhooks', { webhook: { url, types: ['keypair.*'], enabled: false } })).webhook.id;
  const delivery = (await post(`/v1/webhooks/${webhook}/test`)).delivery.id;
  const sign = (id) => createHmac('sha256', SECRET.replaceAll(' ', '-')).update(id).digest('hex');
  const lostGuests = Array.from({ length: 5 }, () => randomUUID());
  const credentials = `/identity/v3/users/${admin.user}/application_credentials`;
  const { id } = (await post(credentials, { application_credential: { name: 'stays' } })).application_credential;
  const credential = { id, user_id: admin.user };
  const users = callers.map(({ user }) => user);
  // Requests may change the spare ones and delete the lost ones, but not the callers.
  const made = async (kind, fields) => (await post(`/identity/v3/${kind}s`, { [kind]: fields }))[kind].id;
  const someone = async (name, password) => ({
    user: await made('user', { name, password }),
    password,
    project: await made('project', { name }),
  });
  const spares = [];
  const lostSpares = [];
  for (let n = 0; n < 5; n += 1) {
    spares.push(await someone(`spare ${n}`, `password ${n}`));
    lostSpares.push(await someone(`lost ${n}`, `password ${n}`));
  }
  // This address has changed a password once, so it may do so again, however many wrong ones the mutations send from it.
  const [{ user, password }] = spares;
  const body = JSON.stringify({ user: { original_password: password, password } });
  await fetch(`${base}/identity/v3/users/${user}/password`, { method: 'POST', body });
  const roles = entries.filter((entry) => entry.startsWith('roles/')).map((entry) => entry.slice('roles/'.length));
  const people = { callers, spareTokens, users, credential, spares, lostSpares, roles };
  return { ...people, guests, lostGuests, sign, entries, sent: `${webhook}/deliveries/${delivery}`, webhook };
}

/** Prints the outcome. Returns whether every route of the API was reached with success, if there were enough requests. */
async function report() {
  console.log(`${sent} requests over ${connections} connections with seed ${seed} in ${seconds.toFixed(1)} s:`);
  console.log(
    `${answered} answers; the others stood behind one that closed the connection, or had no client any more;`,
  );
  console.log('no crash, no 5xx, no connection that hung. The slowest one took', Math.round(slowest), 'ms.');
  for (const [name, { statuses }] of Object.entries({ API: doors[0], metadata: doors[1], admin: doors[2] })) {
    const counts = [...statuses].toSorted(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
    console.log(`${name.padEnd(9)} ${counts.join(', ')}`);
  }
  const never = await unreachedRoutes();
  console.log(`${documentedRoutes().length} documented routes; never with success: ${never.join(' ') || 'none'}`);
  const statuses = doors.every((each) => each.statuses.has(200) && each.statuses.size > 1);
  return count < ENOUGH || (never.length === 0 && statuses);
}

/** The routes that never returned success, as the metrics count them. */
async function unreachedRoutes() {
  const metrics = await (await fetch(`http://${doors[2].host}:${doors[2].port}/metrics`)).text();
  const reached = new Map();
  for (const [, route, status, times] of metrics.matchAll(
    /^latchkey_http_requests_total\{.*route="([^"]*)".*status="(\d+)"\} (\d+)/gm,
  )) {
    const of = reached.get(route) ?? { well: 0, all: 0 };
    reached.set(route, { well: of.well + (status < 400 ? Number(times) : 0), all: of.all + Number(times) });
  }
  const failed = [...reached].filter(([route, { well }]) => well === 0 && route !== 'none' && !route.endsWith('*'));
  const routes = new Set([...reached.keys()].map(withoutNames));
  return [...failed.map(([route]) => route), ...documentedRoutes().filter((route) => !routes.has(route))];
}

/** The routes of the OpenAPI documents, so that the routes of a new document are not forgotten here. */
function documentedRoutes() {
  return DOCUMENTS.flatMap((name) => {
    const { servers, paths } = JSON.parse(readFileSync(`docs/openapi/${name}.json`, 'utf8'));
    return Object.keys(paths).map((path) => withoutNames(`${servers[0].url}${path}`.replace('//', '/')));
  });
}

function withoutNames(route) {
  return route.replaceAll(/\{[^}]*\}|:\w+/g, '*').replace(/(?<=.)\/$/, '');
}

function shown(parts) {
  return JSON.stringify(parts.map((each) => each.toString('latin1').slice(0, 2000))).slice(0, 12_000);
}

function fail(message) {
  console.error(`With seed ${seed}: ${message}\n${printed.slice(-3000)}`);
  process.exit(1);
}
