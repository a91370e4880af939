// Mutations of good requests. Some leave them valid HTTP, and reach what is behind its parser; others do not.
import { junk, query, segment, value } from './values.mjs';

/** Each takes a random source and a request, and changes the request. */
const TAME = [
  (random, request) =>
    (request.method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'])),
  (random, request) => (request.query = query(random)),
  changedSegment,
  changedSegment,
  (random, request) =>
    (request.path += random.pick(['/', '//', '/.', '/..', '/x', `/${segment(random)}`, '%20', '?', '#x'])),
  (random, request) => (request.path = `/${'a/'.repeat(random.below(400))}${request.path}`),
  (random, request) =>
    (request.path = random.pick([`//x${request.path}`, `/../..${request.path}`, '*', `http://x${request.path}`])),
  (random, request) => request.headers.push(oddHeader(random)),
  (random, request) => request.headers.push(oddHeader(random)),
  (random, request) => request.headers.push(random.pick(request.headers)),
  (random, request) => (request.headers = request.headers.filter(([name]) => name === 'Host' || random.below(2) === 0)),
  // Many headers; Node drops those past 2000.
  (random, request) => request.headers.push(...Array.from({ length: random.below(1500) }, (_, n) => [`X-${n}`, 'x'])),
  changedBody,
  changedBody,
  changedBody,
  (random, request) =>
    (request.body = random.pick([value(random), [value(random)], { keypair: value(random) }, { auth: value(random) }])),
  (random, request) =>
    (request.body = Buffer.alloc(random.below(200_000), random.pick(['a', '{', '[', '"', '\0', '\xff']), 'latin1')),
  (random, request) => (request.body = `${'{"a":'.repeat(random.below(3000))}1`),
  (random, request) => (request.body = junk(random, random.below(300))),
  (random, request) => (request.cut = random.next()),
  (random, request) => (request.isChunked = true),
  (random, request) => request.headers.push(['Expect', random.pick(['100-continue', '200-ok'])]),
  (random, request) =>
    request.headers.push(['Connection', 'Upgrade'], ['Upgrade', random.pick(['websocket', 'h2c', 'TLS/1.0'])]),
  (random, request) => (request.version = 'HTTP/1.0'),
];

const WILD = [
  (random, request) =>
    (request.version = random.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'HTTP/1.1 ', 'http/1.1', '', junk(random, 8)])),
  (random, request) =>
    (request.method = random.pick(['TRACE', 'CONNECT', 'get', '', 'G E T', 'QUERY', 'PRI', junk(random, 8)])),
  (random, request) =>
    (request.path = random.pick(['latchkey:443', 'x', '', ' ', `http://a b/`, 'https://', `/${junk(random, 30)}`])),
  (random, request) => (request.isRaw = true),
  (random, request) =>
    request.headers.unshift(['Host', random.pick(['x', '', 'a b', 'x:99999', '[::1', junk(random, 20)])]),
  (random, request) => (request.headers = request.headers.filter(([name]) => name !== 'Host')),
  (random, request) => request.headers.push([random.pick([junk(random, 8), ' X', '', 'X Y', 'X\0']), junk(random, 30)]),
  (random, request) => request.headers.push(['X-Long', 'x'.repeat(random.below(40_000))]),
  (random, request) => (request.lineEnd = random.pick(['\n', '\r', '\r\r\n', '\r\n '])),
  // Smuggling: the two headers for the length of a body, each twice or misspelt.
  (random, request) =>
    request.headers.push([
      'Transfer-Encoding',
      random.pick(['chunked', 'gzip, chunked', 'xchunked', 'chunked\t', ' chunked']),
    ]),
  (random, request) => Object.assign(request, { isChunked: true, length: random.pick(['0', '5', '4']) }),
  (random, request) =>
    (request.length = random.pick(['-1', '1e3', '9'.repeat(20), '', '0x10', '+3', '3, 3', '3\r\nContent-Length: 4'])),
  (random, request) =>
    (request.headers = [...request.headers, ['Transfer-Encoding', 'chunked'], ['Transfer-Encoding', 'identity']]),
  (random, request) => Object.assign(request, { isChunked: true, isBadlyChunked: true }),
  (random, request) => (request.flips = 1 + random.below(8)),
];

/** Changes a good request a little; with `isWild`, so much that it may be no HTTP at all. */
export function mutate(random, request, isWild) {
  for (let i = random.below(4); i > 0; i -= 1) random.pick(TAME)(random, request);
  if (isWild) for (let i = 1 + random.below(2); i > 0; i -= 1) random.pick(WILD)(random, request);
}

function changedSegment(random, request) {
  const segments = request.path.split('/');
  segments[random.below(segments.length)] = segment(random);
  request.path = segments.join('/');
}

/** Puts another value somewhere into the body, adds a property, or removes one. */
function changedBody(random, request) {
  if (typeof request.body !== 'object' || request.body === null || Buffer.isBuffer(request.body)) return;
  let at = request.body;
  for (;;) {
    const names = Object.keys(at);
    const name =
      random.below(6) === 0 ? random.pick(['user_id', 'key_type', '__proto__', junk(random, 5)]) : random.pick(names);
    if (name === undefined) return;
    const inner = at[name];
    if (typeof inner === 'object' && inner !== null && random.below(4) > 0) {
      at = inner;
      continue;
    }
    if (random.below(5) === 0) delete at[name];
    else
      Object.defineProperty(at, name, { value: value(random), enumerable: true, configurable: true, writable: true });
    return;
  }
}

function oddHeader(random) {
  const headers = [
    ['X-Auth-Token', ['', 'x', 'x'.repeat(random.below(7000)), '\xff\xfe']],
    ['X-Subject-Token', ['', 'x', 'x'.repeat(random.below(3000))]],
    ['X-OpenStack-Nova-API-Version', ['2.99999', '-1', '', '2.1, 2.92', '2.01', 'two', '٢.١']],
    ['OpenStack-API-Version', ['identity 3', 'compute', 'compute 2.10, compute 2.2', 'compute  2.1', ',']],
    ['Content-Type', ['text/html', 'application/json; charset=utf-16', 'application/xml', '', ';', 'APPLICATION/JSON']],
    ['Accept', ['*/*', 'text/html', 'text/html;q=x', ',,,', 'application/x-tar', 'application/json;q=0', '\xff']],
    ['Content-Encoding', ['gzip', 'identity', 'br']],
    ['X-Forwarded-For', ['1.2.3.4', ',,,', 'x'.repeat(random.below(1000)), '::1, ::2']],
    ['X-Forwarded-Proto', ['https', 'javascript']],
    ['X-Forwarded-Host', ['a b', 'evil.example', '@']],
    ['X-Instance-ID', ['', 'x', '00000000-0000-4000-8000-000000000000', 'a'.repeat(300)]],
    ['X-Instance-ID-Signature', ['', '0'.repeat(64), 'z'.repeat(64), 'a, b']],
    ['Range', ['bytes=0-1', 'bytes=5-2', 'x']],
    ['If-None-Match', ['*', '"x"']],
    ['Cookie', ['a=b; a=c', '=', '\xff']],
    ['Authorization', ['Basic Og==', 'Basic ====', 'Bearer x', `Basic ${'A'.repeat(random.below(5000))}`]],
    ['Origin', ['null', 'https://evil.example']],
    ['Access-Control-Request-Method', ['POST']],
  ];
  const [name, values] = random.pick(headers);
  return [name, random.pick(values)];
}
