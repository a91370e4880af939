// Sends malformed and random requests to the running service and fails on a crash, on an answer of 500 and above but 503, and
// on a connection that hangs: `npm run fuzz:http -- [COUNT] [SEED]`. The same count and seed give the same requests.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const count = Number(process.argv[2] ?? 200_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
const AT_ONCE = 32;
/** Milliseconds after the last byte of requests until their connection must be closed. */
const PATIENCE = 15_000;
if (!Number.isInteger(count) || !Number.isInteger(seed)) {
  console.error('Usage: fuzz-http.mjs [COUNT] [SEED], both whole numbers.');
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'latchkey-fuzz-'));
const service = spawn(process.execPath, ['dist/src/main.js'], {
  env: {
    PATH: process.env.PATH,
    DATA_DIR: directory,
    AUTH_MODE: 'none',
    PORT: '0',
    METADATA_PORT: '0',
    ADMIN_PORT: '0',
    KEYPAIR_QUOTA: '50',
    LOG_LEVEL: 'error',
  },
});
let printed = '';
for (const stream of [service.stdout, service.stderr]) stream.on('data', (text) => (printed += text));
service.on('exit', (code, signal) => {
  if (!isDone) fail(`The service ended (${code ?? signal}).`);
});
let isDone = false;
process.on('exit', () => {
  service.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});
while (!/listens on http/.test(printed)) await new Promise((again) => setTimeout(again, 50));
const [, host, port] = /listens on http:\/\/([^:]+):(\d+)/.exec(printed);

const random = mulberry32(seed);
const statuses = new Map();
/** Whether the requests that are made now break HTTP itself; others get past its parser, to what is behind it. */
let isWild = false;
let sent = 0;
let slowest = 0;
const began = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, worker));
const seconds = (performance.now() - began) / 1000;
const after = await exchange([Buffer.from('GET /v2.1/os-keypairs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')]);
if (!after.startsWith('HTTP/1.1 200')) fail(`Afterwards the list is answered with ${after.slice(0, 100)}`);
isDone = true;
console.log(
  `${sent} requests with seed ${seed} in ${seconds.toFixed(1)} s: no crash, no 5xx, no connection that hung.`,
);
console.log(`The slowest connection took ${slowest.toFixed(0)} ms. Answers by status:`);
console.log(
  [...statuses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, times]) => `${status}: ${times}`)
    .join(', '),
);
process.exit(0);

async function worker() {
  while (sent < count) {
    // Several in one go are pipelined; the last one asks to close, or ends in the middle.
    isWild = below(4) === 0;
    const requests = Array.from({ length: 1 + below(8) }, () => request());
    sent += requests.length;
    const start = performance.now();
    const answers = await exchange(requests);
    slowest = Math.max(slowest, performance.now() - start);
    for (const [, status] of answers.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (Number(status) >= 500) fail(`${status} to one of ${JSON.stringify(requests.map(String))}:\n${answers}`);
    }
  }
}

/** What is answered to bytes until the connection is closed. */
function exchange(parts) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    let answers = '';
    const patience = setTimeout(() => {
      socket.destroy();
      fail(`A connection hung after ${JSON.stringify(parts.map(String)).slice(0, 5000)}; answered so far: ${answers}`);
    }, PATIENCE);
    socket.on('data', (bytes) => (answers += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(answers);
    });
    socket.on('connect', () => {
      const bytes = Buffer.concat(parts);
      // Some come in pieces.
      const cut = below(4) === 0 ? below(bytes.length) : bytes.length;
      socket.write(bytes.subarray(0, cut));
      // The end of what we send is a request's end too, whatever it promised.
      setImmediate(() => socket.end(bytes.subarray(cut)));
    });
  });
}

function request() {
  const version = isWild ? pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '']) : 'HTTP/1.1';
  const head = [`${method()} ${target()} ${version}`];
  if (!isWild || below(5) > 0) head.push(`Host: ${isWild ? pick(['x', '', 'a b', 'x:99999', '[::1', junk(20)]) : 'x'}`);
  for (let i = below(5); i > 0; i--) head.push(isWild ? wildHeader() : header());
  const bytes = body();
  const end = isWild && below(10) === 0 ? pick(['\n', '\r', '\r\r\n']) : '\r\n';
  if (below(6) === 0) {
    head.push('Transfer-Encoding: chunked');
    if (isWild && below(3) === 0) head.push(`Content-Length: ${bytes.length}`);
    return Buffer.concat([Buffer.from(`${head.join(end)}\r\n\r\n`, 'latin1'), chunked(bytes)]);
  }
  const lies = ['-1', '1e3', '99999999999999999999', '', '0x10', bytes.length + 5, '3, 3'];
  if (isWild && below(4) === 0) head.push(`Content-Length: ${pick(lies)}`);
  else if (bytes.length > 0) head.push(`Content-Length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(`${head.join(end)}\r\n\r\n`, 'latin1'), bytes]);
}

function method() {
  if (!isWild && below(12) === 0) return pick(['TRACE', 'OPTIONS', 'PROPFIND', 'HEAD']);
  if (isWild && below(4) === 0)
    return pick(['TRACE', 'CONNECT', 'PROPFIND', 'get', '', 'G E T', 'OPTIONS', 'QUERY', junk(8)]);
  return pick(['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']);
}

function target() {
  const paths = [
    '/',
    '/v2',
    '/v2.1/',
    '/v2.1/os-keypairs',
    '/v2/os-keypairs',
    `/v2.1/${pick(['admin', 'demo', 'a1'])}/os-keypairs`,
    `/v2.1/os-keypairs/${segment()}`,
    `/v2.1/os-keypairs/${segment()}`,
    `/v2.1/limits`,
    `/v2.1/os-quota-sets/${segment()}`,
    `/v2.1/os-quota-sets/${segment()}/detail`,
    `/v2.1/extensions/${segment()}`,
    '/v1/guests',
    `/v1/guests/${segment()}`,
    `/v1/guests/${segment()}/config-drive`,
    '/identity/v3/auth/tokens',
    `/identity/${segment()}`,
    '/healthcheck',
    '/readyz',
    '/openapi.json',
    `/openapi/${segment()}`,
    '*',
    `http://x/${segment()}`,
    `//${segment()}//`,
    `/${segment()}/../${segment()}`,
    `/${'a/'.repeat(below(400))}`,
    `/${'%41'.repeat(below(6000))}`,
  ];
  const path = pick(paths);
  const whole = below(3) === 0 ? `${path}?${query()}` : path;
  return isWild ? whole : whole.replaceAll(/[^!-~]/g, (raw) => `%${raw.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function segment() {
  return pick([
    'laptop',
    '%2e%2e',
    '..',
    '.',
    '%00',
    '%ff',
    '%',
    '%C3%28',
    '%2F',
    '-',
    'a'.repeat(300),
    '%F0%9F%94%91',
    '__proto__',
    'constructor',
    junk(6),
  ]);
}

function query() {
  const names = [
    'limit',
    'marker',
    'user_id',
    'tenant_id',
    'reserved',
    'microversion',
    '__proto__',
    'constructor',
    junk(4),
  ];
  const values = [
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    '%00',
    '%ff',
    'a',
    '',
    '\x80',
    'x'.repeat(below(3000)),
    segment(),
  ];
  return Array.from({ length: below(5) }, () => `${pick(names)}${pick(['=', '', '==', '[]='])}${pick(values)}`).join(
    pick(['&', ';', '&&', '?']),
  );
}

/** One that the parser of HTTP takes. */
function header() {
  const headers = [
    ['X-Auth-Token', ['admin:admin', 'alice:a11ce', 'bob:b0b', '', ':', 'a:b:c', 'x'.repeat(below(3000))]],
    [
      'X-OpenStack-Nova-API-Version',
      ['2.1', '2.2', '2.10', '2.35', '2.92', 'latest', '2.99999', '-1', '', '2.1, 2.92'],
    ],
    ['OpenStack-API-Version', ['compute 2.92', 'compute latest', 'identity 3', 'compute', 'compute 2.10, compute 2.2']],
    ['Content-Type', ['application/json', 'text/html', 'application/json; charset=utf-16', 'application/xml', '', ';']],
    ['Accept', ['*/*', 'text/html', 'application/json', 'text/html;q=x', ',,,', 'application/x-tar']],
    ['Content-Encoding', ['gzip', 'identity', 'br']],
    ['X-Forwarded-For', ['1.2.3.4', ',,,', 'x'.repeat(below(1000))]],
    ['X-Forwarded-Proto', ['https', 'javascript']],
    ['Expect', ['100-continue', '200-ok']],
    ['Range', ['bytes=0-1']],
    ['Cookie', ['a=b; a=c', '=']],
    ['Authorization', ['Basic Og==', 'Basic ====', 'Bearer x']],
  ];
  const [name, values] = pick(headers);
  return `${name}: ${pick(values)}`;
}

function wildHeader() {
  const names = [
    'X-Auth-Token',
    'OpenStack-API-Version',
    'X-OpenStack-Nova-API-Version',
    'Content-Type',
    'Accept',
    'Content-Encoding',
    'Transfer-Encoding',
    'Connection',
    'Expect',
    'Upgrade',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'Cookie',
    'Range',
    junk(8),
    ' X',
    '',
  ];
  const values = [
    'admin:admin',
    'alice:a11ce',
    'compute 2.92',
    '2.1',
    '2.10',
    '2.92',
    'latest',
    'compute latest',
    '2.9999999999999999',
    '-1',
    'application/json',
    'text/html',
    'application/json; charset=utf-16',
    'application/xml',
    '*/*',
    'gzip',
    'chunked',
    'identity',
    '100-continue',
    'close',
    'keep-alive',
    'websocket',
    'h2c',
    'bytes=0-1',
    '',
    ',,,',
    'x'.repeat(below(20_000)),
    junk(30),
  ];
  return `${pick(names)}${pick([': ', ':', ' : ', ': ', ': '])}${pick(values)}`;
}

function body() {
  switch (below(9)) {
    case 0:
    case 1:
      return Buffer.alloc(0);
    case 2:
      return Buffer.from(junk(below(300)), 'latin1');
    case 3:
      return Buffer.alloc(below(200_000), pick(['a', '{', '[', '"', '\0', '\xff']), 'latin1');
    case 4:
      return Buffer.from(`${'{"a":'.repeat(below(3000))}1`);
    default:
      return Buffer.from(JSON.stringify(document()));
  }
}

function document() {
  const key = pick([
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHW4GkZE1NCk8A2dRCMkUlZcJxpQ0MG9D5kIw3zJHrkF',
    'ssh-rsa AAAA',
    value(),
    value(),
    `-----BEGIN CERTIFICATE-----\n${junk(50)}\n-----END CERTIFICATE-----`,
  ]);
  const keypair = { name: pick(['laptop', `k${below(100)}`, value()]), public_key: key };
  if (below(3) === 0) keypair.type = pick(['ssh', 'x509', value()]);
  if (below(5) === 0) keypair[pick(['user_id', 'key_type', '__proto__', 'constructor', junk(5)])] = value();
  return pick([
    { keypair },
    { keypair },
    { keypair: value() },
    value(),
    [value()],
    { quota_set: { key_pairs: value() } },
    { name: value(), addresses: [value()], keys: value(), user_data: value() },
    {
      guest: { name: 'g', addresses: [pick(['10.0.0.1', '::1', value()])], keys: [value()], metadata: { a: value() } },
    },
    { auth: { identity: { methods: ['password'], password: { user: value() } }, scope: value() } },
  ]);
}

function value() {
  return pick([
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    '',
    'x',
    '\0',
    '\ud800',
    'a'.repeat(below(2000)),
    [],
    {},
    [[[]]],
    { constructor: 1 },
    { a: { b: {} } },
    junk(12),
  ]);
}

function chunked(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(1 + below(5000), bytes.length - at);
    const said =
      below(40) > 0
        ? size.toString(16)
        : pick(['-1', 'zz', 'ffffffffffffffff', '', `${size.toString(16)};ext=${junk(5)}`]);
    parts.push(Buffer.from(`${said}\r\n`, 'latin1'), bytes.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  parts.push(Buffer.from(!isWild || below(4) > 0 ? '0\r\n\r\n' : pick(['0\r\nX: y\r\n\r\n', '0\r\n', '\r\n', ''])));
  return Buffer.concat(parts);
}

function junk(length) {
  return Array.from({ length }, () => String.fromCharCode(below(256)))
    .join('')
    .replaceAll(/[\r\n]/g, below(10) > 0 ? '_' : '\n');
}

function fail(message) {
  console.error(`With seed ${seed}: ${message}\n${printed.slice(-3000)}`);
  process.exit(1);
}

function pick(list) {
  return list[below(list.length)];
}

function below(limit) {
  return Math.floor(random() * limit);
}

/** A small generator of numbers in [0, 1) that a seed determines. */
function mulberry32(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
