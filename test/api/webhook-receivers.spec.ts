import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from '../../src/webhooks/signature.js';

/** The receivers that docs/events.md shows, verbatim. */
const SERVERS = [
  ['Node.js', process.execPath, 'examples/webhooks/receiver.mjs'],
  ['Python', 'python3', 'examples/webhooks/receiver.py'],
] as const;
const VERIFIER = 'examples/webhooks/verify.sh';

const key = randomBytes(32);
const WEBHOOK_SECRET = `whsec_${key.toString('base64')}`;
const BODY = JSON.stringify({ type: 'keypair.created', timestamp: '', data: { name: 'köln 🔑' } });
const now = (): number => Math.floor(Date.now() / 1000);

type Headers = Readonly<Record<string, string>>;
const signed = (secrets = [key], seconds = now(), id = 'one'): Headers => signatureHeaders(id, seconds, BODY, secrets);

/** Requests that are no current delivery of the service. */
const FORGED: readonly (readonly [string, () => Headers, string])[] = [
  ['another body', signed, BODY.replace('created', 'deleted')],
  ['another secret', () => signed([randomBytes(32)]), BODY],
  ['another id', () => ({ ...signed(), 'webhook-id': 'two' }), BODY],
  ['an old time', () => signed([key], now() - 600), BODY],
  ['a time to come', () => signed([key], now() + 600), BODY],
  [
    'another version',
    () => ({ ...signed(), 'webhook-signature': signed()['webhook-signature'].replace('v1', 'v2') }),
    BODY,
  ],
  ['half a signature', () => ({ ...signed(), 'webhook-signature': signed()['webhook-signature'].slice(0, 20) }), BODY],
  ['no signature', () => ({ ...signed(), 'webhook-signature': '' }), BODY],
];

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child?.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
});

describe.each(SERVERS)('the receiver in %s', (_, program, file) => {
  it('prints each event of the service once, and refuses all others', async () => {
    child = spawn(program, [file, '0'], {
      env: { ...process.env, WEBHOOK_SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const [, port] = /^port (\d+)$/.exec(await next()) ?? [];
    const send = async (headers: Headers, body = BODY): Promise<number> => {
      const reply = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      });
      return reply.status;
    };
    for (const [what, headers, body] of FORGED) expect([what, await send(headers(), body)]).toEqual([what, 401]);
    expect(await send(signed())).toBe(204);
    expect(await send(signed())).toBe(204);
    expect(await send(signed([randomBytes(32), key], now(), 'three'))).toBe(204);
    for (const _event of [1, 2]) expect(await next()).toBe('keypair.created köln 🔑');
  });
});

describe('the verifier for a shell', () => {
  const verify = (headers: Headers, body = BODY): [number | null, string] => {
    const { status, stdout } = spawnSync(VERIFIER, {
      input: body,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        WEBHOOK_SECRET,
        HTTP_WEBHOOK_ID: headers['webhook-id'],
        HTTP_WEBHOOK_TIMESTAMP: headers['webhook-timestamp'],
        HTTP_WEBHOOK_SIGNATURE: headers['webhook-signature'],
      },
    });
    return [status, stdout];
  };

  it('prints the body of a delivery of the service', () => {
    expect(verify(signed())).toEqual([0, BODY]);
    expect(verify(signed([randomBytes(32), key]))).toEqual([0, BODY]);
  });

  it.each(FORGED)('refuses %s', (_, headers, body) => {
    expect(verify(headers(), body)).toEqual([1, '']);
  });
});

it('the library of Standard Webhooks agrees about all of these', () => {
  const library = new Webhook(WEBHOOK_SECRET);
  expect(library.verify(BODY, signed())).toEqual(JSON.parse(BODY));
  for (const [, headers, body] of FORGED) expect(() => library.verify(body, headers())).toThrow();
});
