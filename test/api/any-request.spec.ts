import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type StartedApp, startApp } from '../support/start-app.js';

/** Enough to include the odd ones, and still quick. `npm run tool -- fuzz` runs more. */
const REQUESTS = 1500;

let service: StartedApp;

beforeAll(async () => {
  service = await startApp({ RSA_KEY_BITS: '2048', KEYPAIR_QUOTA: '20' });
});

afterAll(async () => service?.stop());

const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE');
const piece = fc.oneof(
  fc.constantFrom(
    'v2',
    'v2.1',
    'os-keypairs',
    'alice',
    'a11ce',
    '..',
    '.',
    '%2F',
    '%00',
    '%FF',
    '%',
    '%zz',
    ';',
    '@',
    '',
  ),
  fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '?'))),
);
const path = fc.oneof(
  fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join('/')}`),
  piece.map((name) => `/v2.1/os-keypairs/${name}`),
  fc.constant('/v2.1/os-keypairs'),
);
/** Texts that templates, formats, replacements and property look-ups would interpret. */
const token = fc
  .tuple(
    fc.constantFrom('', '"', "'", 'a/'),
    fc.constantFrom(
      ...'$value $property $target $constraint1 $& $1 %s %o {0} ${x} __proto__ constructor toString'.split(' '),
    ),
    fc.constantFrom(1, 2, 300),
  )
  .map(([before, text, times]) => before + text.repeat(times));
const query = fc.array(
  fc.tuple(
    fc.constantFrom('limit', 'marker', 'user_id', 'foo', ''),
    fc.oneof(piece, token.map(encodeURIComponent), fc.nat().map(String)),
  ),
  { maxLength: 4 },
);
const header = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 20,
});
const version = fc.oneof(fc.constantFrom('2.1', '2.2', '2.10', '2.35', '2.75', '2.92', 'latest'), header);
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const keypair = fc.record(
  {
    name: fc.oneof(fc.constantFrom('a', 'b', 'c.d', ' '), anyText, token, fc.anything()),
    // Always present, or half of the requests would wait while a key is generated.
    public_key: fc.oneof(
      anyText,
      token,
      anyText.map((text) => `ssh-rsa ${text}`),
      fc.jsonValue(),
    ),
    type: fc.oneof(fc.constantFrom('ssh', 'x509'), token, fc.jsonValue()),
    user_id: fc.oneof(fc.constantFrom('alice', ''), token, anyText),
    __proto__: fc.jsonValue(),
    constructor: fc.jsonValue(),
  },
  { requiredKeys: ['public_key'] },
);
const body = fc.oneof(
  keypair.map((inside) => JSON.stringify({ keypair: inside })),
  fc.jsonValue().map((value) => JSON.stringify({ keypair: value })),
  fc.json(),
  anyText,
);

describe('whatever is sent', () => {
  it('is answered, and never with a 5xx', async () => {
    const request = fc.record({
      method,
      path,
      query,
      version,
      type: fc.oneof(fc.constant('application/json'), header),
      body,
    });
    await fc.assert(
      fc.asyncProperty(request, async (each) => {
        const caller = service.as('alice', 'a11ce').at(each.version.trim());
        const search = each.query.map(([name, value]) => `${name}=${value}`).join('&');
        const reply = await caller.send({
          method: each.method,
          target: search === '' ? each.path : `${each.path}?${search}`,
          headers: { 'Content-Type': each.type.trim() },
          ...(each.method !== 'GET' && each.method !== 'HEAD' && { body: each.body }),
        });
        expect(reply.status).toBeGreaterThanOrEqual(200);
        expect(reply.status).toBeLessThan(500);
        // A message shows a name or a value at most twice, 256 characters each, escaped; links repeat the path.
        expect(reply.status < 400 ? 0 : reply.text.length).toBeLessThan(8192);
      }),
      { numRuns: REQUESTS },
    );
  }, 120_000);
});
