// What a refused request costs: "npm run tool -- bench-refusals". Requests of about 114 KB that the service refuses go to every
// route of docs/openapi and to the metadata service, one after the other. Of each it measures the size of the answer and the CPU
// time of the process. Prints the most expensive, and fails if an answer is above 64 KB or a request above 20 ms. PATTERN as an
// argument keeps the requests whose description matches.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds, stop } from './processes.mjs';
import { ask, startService } from './service.mjs';

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_CPU_MS = 20;
/** The service takes 114,688 bytes of a body. */
const BODY_BYTES = 114_000;
/** Node takes 16 KiB of a request's line and headers, the metadata service 4 KiB. */
const HEAD_BYTES = [3_500, 15_000, BODY_BYTES];
/** The kernel counts CPU time in steps of 10 ms, so each measurement covers this many requests, and the result is the median of this many rounds. */
const REPETITIONS = 10;
const ROUNDS = 3;
/** A request cheaper than this in the first round is not measured again. */
const FIRST_REPETITIONS = 4;
const CLEARLY_CHEAP_MS = MAX_CPU_MS / 4;
const MAX_PRINTED = 15;

const pattern = new RegExp(process.argv[2] ?? '');

/** A text again and again, up to that size. */
const repeated = (unit, bytes = BODY_BYTES) => unit.repeat(Math.floor(bytes / unit.length));
const listed = (unit) => `[${repeated(`${unit},`, BODY_BYTES - unit.length)}${unit}]`;
const members = (value) => Array.from({ length: 9000 }, (_, at) => `"p${at}":${value}`).join(',');
const nested = (open, close, depth) => open.repeat(depth) + close.repeat(depth);

/** The wire form of an SSH public key, in which each field follows its length. */
const sshKey = (type, ...fields) => {
  const parts = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(parts).toString('base64')} x`;
};
const odd = (bytes) => Buffer.concat([Buffer.from([0, 0x80]), randomBytes(bytes - 2), Buffer.from([1])]);
const EXPONENT = Buffer.from([1, 0, 1]);
/** A DER value: few lengths matter here, so all are in the long form. */
const der = (tag, ...contents) => {
  const content = Buffer.concat(contents);
  return Buffer.concat([
    Buffer.from([tag, 0x84, 0, ...[16, 8, 0].map((bits) => (content.length >> bits) & 255)]),
    content,
  ]);
};
const pem = (label, data) =>
  `-----BEGIN ${label}-----\n${data.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** JSON values that no field, or hardly any, accepts: text of a client in every way that may trip up a program. */
const VALUES = {
  '[{},…]': listed('{}'),
  '[[],…]': listed('[]'),
  '[1,…]': listed('1'),
  '["",…]': listed('""'),
  '[null,…]': listed('null'),
  '[1e999,…]': listed('1e999'),
  '9000 members': `{${members('1')}}`,
  '9000 members of {}': `{${members('{}')}}`,
  $value: JSON.stringify(repeated('$value')),
  '$value in a list': `[${JSON.stringify(repeated('$value'))}]`,
  '$& and $property': JSON.stringify(repeated('$&$`$property$target$constraint1')),
  'a long text': JSON.stringify(repeated('a')),
  'a text of 💾': JSON.stringify(repeated('💾', BODY_BYTES / 2)),
  'a text of U+202E': JSON.stringify(repeated('\u202e', BODY_BYTES / 3)),
  'a text of escapes': `"${repeated('\\u0001')}"`,
  'a text of quotes': JSON.stringify(repeated(`'"`, BODY_BYTES / 2)),
  'a text of line ends': JSON.stringify(repeated('\r\n', BODY_BYTES / 2)),
  'a text of blanks': JSON.stringify(repeated(' ')),
  'a long number': repeated('7'),
  'objects in objects': `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`,
  'lists in lists': nested('[', ']', BODY_BYTES / 2),
  'lists 60 deep': `[${repeated(`${nested('[', ']', 56)},`, BODY_BYTES - 200)}0]`,
};

/** Texts that pass for a key, or begin like one. */
const KEYS = {
  'an RSA key of 40,000 bytes': sshKey('ssh-rsa', EXPONENT, odd(40_000)),
  'an RSA key of 2048 bits': sshKey('ssh-rsa', EXPONENT, odd(257)),
  'an RSA key of 16,384 bits': sshKey('ssh-rsa', EXPONENT, odd(2049)),
  'an RSA key with a long exponent': sshKey('ssh-rsa', odd(40_000), odd(2049)),
  'a DSA key': sshKey('ssh-dss', odd(20_000), odd(20_000), odd(20_000), odd(20_000)),
  'a key of lines': repeated('ssh-rsa AAAA\n'),
  'a certificate of zeros': pem('CERTIFICATE', Buffer.alloc(80_000)),
  'a certificate of noise': pem('CERTIFICATE', randomBytes(80_000)),
  'a certificate of long names': pem(
    'CERTIFICATE',
    der(0x30, der(0x30, der(2, odd(60_000)), Buffer.alloc(15_000, 0x30))),
  ),
  'a certificate of sequences': pem(
    'CERTIFICATE',
    Array.from({ length: 10_000 }).reduce(
      (inner) => (inner.length < 75_000 ? der(0x30, inner) : inner),
      Buffer.from([5, 0]),
    ),
  ),
  'many certificates': repeated('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'),
  'a beginning alone': repeated('-----BEGIN CERTIFICATE-----\n'),
  'private keys': repeated('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n'),
  'an RFC 4716 key': `---- BEGIN SSH2 PUBLIC KEY ----\n${repeated('Comment: "x\\\n')}---- END SSH2 PUBLIC KEY ----`,
};

/** Bodies for a route whose description names `envelope` and, within it, `properties`. A generator, since together they take much memory. */
function* bodies(envelope, properties) {
  for (const [what, value] of Object.entries(VALUES)) {
    yield [what, value];
    yield [`members after "${envelope}": ${what}`, `{"${envelope}":{},"x":${value}}`];
    yield [`"${envelope}": ${what}`, `{"${envelope}":${value}}`];
    for (const name of properties) yield [`"${name}": ${what}`, `{"${envelope}":{"${name}":${value}}}`];
  }
  yield [
    'members of long names',
    `{"${envelope}":{${Array.from({ length: 100 }, (_, at) => `"${at}${'n'.repeat(1100)}":1`).join(',')}}}`,
  ];
  yield ['no JSON', repeated('{"a":')];
  yield ['no UTF-8', Buffer.alloc(BODY_BYTES, 0xff)];
  if (properties.includes('public_key')) {
    for (const [what, key] of Object.entries(KEYS)) {
      yield [`"public_key": ${what}`, JSON.stringify({ [envelope]: { name: 'x', public_key: key } })];
      yield [
        `"public_key", x509: ${what}`,
        JSON.stringify({ [envelope]: { name: 'x', type: 'x509', public_key: key } }),
      ];
    }
  }
}

/** Log-ins with odd parts. None has a wrong password: that costs a hash, which is expensive on purpose. */
function* logIns() {
  const around = (identity, scope) => `{"auth":{"identity":${identity}${scope ? `,"scope":${scope}` : ''}}}`;
  for (const [what, value] of Object.entries(VALUES)) {
    yield [`methods: ${what}`, around(`{"methods":${value}}`)];
    yield [`identity: ${what}`, around(value)];
    yield [`user: ${what}`, around(`{"methods":["password"],"password":{"user":${value}}}`)];
    yield [
      `domain: ${what}`,
      around(`{"methods":["password"],"password":{"user":{"name":"x","domain":${value},"password":"x"}}}`),
    ];
    yield [`token: ${what}`, around(`{"methods":["token"],"token":{"id":${value}}}`)];
    yield [`scope: ${what}`, around('{"methods":["token"],"token":{"id":"x"}}', value)];
  }
}

/** Query strings, headers and names in paths; Node limits the size of a head. */
function* heads() {
  for (const size of HEAD_BYTES) {
    yield { how: `a query of ${size} of a`, query: `a=${'a'.repeat(size)}` };
    yield { how: `a query of ${size} of &`, query: repeated('a&', size) };
    yield {
      how: `a query of ${size} of parameters`,
      query: Array.from({ length: size / 8 }, (_, at) => `p${at}=1`)
        .join('&')
        .slice(0, size),
    };
    yield { how: `a query of ${size} of limits`, query: repeated('limit=x&', size) };
    yield { how: `a query of ${size} of markers`, query: repeated('marker=%24value&', size) };
    yield { how: `a query of ${size} of user_ids`, query: `user_id=${repeated('%F0%9F%92%BE', size)}` };
    yield { how: `a query of ${size} of escapes`, query: repeated('%00', size) };
    yield { how: `a header of ${size}`, headers: { 'X-Long': 'a'.repeat(size) } };
    yield { how: `a token of ${size}`, headers: { 'X-Auth-Token': 'a.'.repeat(size / 2) } };
    yield { how: `a microversion of ${size}`, headers: { 'OpenStack-API-Version': repeated('compute 2.92,', size) } };
    yield {
      how: `a microversion of ${size} digits`,
      headers: { 'OpenStack-API-Version': `compute 2.${'9'.repeat(size)}` },
    };
    yield { how: `a path of ${size} more`, path: `/${'a'.repeat(size)}` };
    yield { how: `a path of ${size} of slashes`, path: '/'.repeat(size) };
    yield { how: `a path of ${size} of escapes`, path: `/${repeated('%2f', size)}` };
    yield { how: `a path of ${size} of %24`, path: `/${repeated('%24value', size)}` };
  }
  yield {
    how: 'a thousand headers',
    headers: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`X-${at}`, '1'])),
  };
}

/** Every route of the documents, once for each set of body properties that it has. */
function routes() {
  const found = new Map();
  for (const file of readdirSync('docs/openapi')) {
    const document = JSON.parse(readFileSync(join('docs/openapi', file), 'utf8'));
    const version = /^2\.\d+/.exec(file)?.[0];
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(operations)) {
        const { envelope, properties } = fieldsOf(requestBody, document);
        const url = (document.servers[0].url + path).replace(/^\/\//, '/');
        const key = `${method} ${url} ${envelope} ${properties.join()}`;
        if (!found.has(key)) found.set(key, { method: method.toUpperCase(), url, version, envelope, properties });
      }
    }
  }
  return [...found.values()];
}

function fieldsOf(requestBody, { components }) {
  const resolved = (schema) => (schema?.$ref ? components.schemas[schema.$ref.split('/').at(-1)] : schema);
  const schema = resolved(requestBody?.content['application/json']?.schema);
  const [[envelope, inner]] = Object.entries(schema?.properties ?? { x: undefined });
  return { envelope, properties: Object.keys(resolved(inner)?.properties ?? {}) };
}

/** Names that paths may have for `{id}`: ids that do not exist, and long ones. */
const NAMES = ['x', 'a'.repeat(14_000), repeated('%24value', 14_000), repeated('%F0%9F%92%BE', 14_000)];

function* headRequests(base, what, at) {
  for (const name of at('') === at('x') ? [] : NAMES) {
    yield { ...base, what: `${what}, {} is ${name.length} of ${name.slice(0, 8)}`, path: at(name) };
  }
  for (const { how, query, path = '', headers } of heads()) {
    const target = at('x') + path + (query ? `?${query}` : '');
    yield { ...base, what: `${what}, ${how}`, path: target, headers: { ...base.headers, ...headers } };
  }
}

function* requests(service) {
  const headers = { 'X-Auth-Token': service.token, 'Content-Type': 'application/json' };
  const seen = new Set();
  for (const { method, url, version, envelope, properties } of routes()) {
    const base = {
      host: service.api,
      method,
      headers: { ...headers, ...(version && { 'OpenStack-API-Version': `compute ${version}` }) },
    };
    const what = `${method} ${url}${version ? ` ${version}` : ''}`;
    const at = (name) => url.replace(/\{\w+\}/, name);
    // A head costs the same at every microversion.
    if (!seen.has(method + url)) yield* headRequests(base, what, at);
    seen.add(method + url);
    if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') continue;
    for (const [how, body] of bodies(envelope, properties))
      yield { ...base, what: `${what}, ${how}`, path: at(service.guest), body };
    yield {
      ...base,
      what: `${what}, a long media type`,
      path: at('x'),
      headers: { ...base.headers, 'Content-Type': repeated('a/b;', 14_000) },
      body: '{}',
    };
    if (!url.endsWith('/auth/tokens')) continue;
    for (const [how, body] of logIns()) yield { ...base, what: `${what}, ${how}`, path: at('x'), body };
  }
  for (const tree of [
    '/',
    '/openstack/latest',
    '/openstack/latest/meta_data.json',
    '/openstack/latest/password',
    '/latest/meta-data',
    '/latest/api/token',
  ]) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const base = { host: service.metadata, method };
      yield* headRequests(base, `metadata ${method} ${tree}`, () => tree);
      if (method === 'GET') continue;
      for (const [how, body] of Object.entries(VALUES))
        yield { ...base, what: `metadata ${method} ${tree}, ${how}`, path: tree, body };
    }
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Status and bytes of the answer; status 0 where the connection was closed without one. */
function answerTo({ host, method, path, headers, body }) {
  return new Promise((resolve) => {
    let status = 0;
    let bytes = 0;
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const { hostname, port } = new URL(host);
    const done = () => resolve({ status, bytes });
    const asking = send({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (answer) => {
      status = answer.statusCode;
      answer.on('data', (data) => (bytes += data.length)).on('close', done);
    });
    // A request whose head is too long is answered and cut off while it is still being sent.
    asking.on('error', done).end(body);
  });
}

async function round(pid, request, times) {
  const before = cpuSeconds(pid);
  let last;
  for (let sent = 0; sent < times; sent += 1) last = await answerTo(request);
  return { ...last, cpuMs: ((cpuSeconds(pid) - before) * 1000) / times };
}

async function measure(pid, request) {
  const first = await round(pid, request, FIRST_REPETITIONS);
  if (first.cpuMs < CLEARLY_CHEAP_MS) return first;
  const times = [];
  while (times.length < ROUNDS) times.push((await round(pid, request, REPETITIONS)).cpuMs);
  return { ...first, cpuMs: times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] };
}

const directory = mkdtempSync(join(tmpdir(), 'latchkey-refusals-'));
const service = await startService(directory, {});
const measured = [];
let accepted = 0;
try {
  const headers = { 'X-Auth-Token': service.token };
  const guest = { id: '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a', name: 'web', addresses: ['127.0.0.1'] };
  await ask(`${service.api}/v1/guests`, 'POST', headers, { guest });
  service.guest = guest.id;
  for (const request of requests(service)) {
    if (!pattern.test(request.what)) continue;
    const { status, bytes, cpuMs } = await measure(service.pid, request);
    if (service.child.exitCode !== null || service.child.signalCode !== null)
      throw new Error(`the service ended at: ${request.what}`);
    if (status >= 200 && status < 400) accepted += 1;
    else measured.push({ what: request.what, status, bytes, cpuMs });
  }
} finally {
  agent.destroy();
  await stop(service);
  rmSync(directory, { recursive: true, force: true });
}

const line = ({ what, status, bytes, cpuMs }) =>
  `${cpuMs.toFixed(1).padStart(7)} ms  ${String(bytes).padStart(6)} bytes  ${status}  ${what}`;
const offenders = measured.filter(
  ({ bytes, cpuMs, status }) => bytes > MAX_ANSWER_BYTES || cpuMs > MAX_CPU_MS || status >= 500,
);
console.log(`${measured.length} refused requests, ${accepted} that were accepted and do not count. The dearest:`);
for (const each of measured.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, MAX_PRINTED)) console.log(line(each));
console.log(`The longest answer: ${Math.max(...measured.map(({ bytes }) => bytes))} bytes.`);
if (offenders.length > 0) {
  console.error(
    `\n${offenders.length} answers above ${MAX_ANSWER_BYTES} bytes, requests above ${MAX_CPU_MS} ms, or errors of the service:`,
  );
  for (const each of offenders) console.error(line(each));
  process.exitCode = 1;
}
