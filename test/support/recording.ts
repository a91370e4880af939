import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Client, Reply, WireRequest } from './client.js';

/** The recordings of a real Nova, in the format that `test/samples/nova/README.md` describes. */

export interface Topic {
  readonly topic: string;
  readonly scenarios: readonly Scenario[];
}

export interface Scenario {
  readonly name: string;
  readonly about?: string;
  readonly tags?: readonly string[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly actor: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly body?: unknown;
    readonly raw?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly text?: string;
  };
  readonly repeat?: { readonly from: number; readonly to: number; readonly width: number };
  readonly pick?: { readonly list: string; readonly key: string; readonly values: readonly string[] };
}

const AS_WRITTEN = 'number, as written: ';

/** `of`: the service that was recorded. */
export function recording(topic: string, of: 'nova' | 'keystone' = 'nova'): Topic {
  const text = readFileSync(`test/samples/${of}/${topic}.json`, 'utf8')
    // Without a log-in the service responses under loopback names only.
    .replaceAll('api.example.org', 'api.example.localhost');
  // JavaScript reads 1000.0 as 1000, but Nova's message shows which of them was sent.
  return JSON.parse(text.replace(/^(\s*"[a-z_]+": )(-?\d+\.0)(,?)$/gm, `$1"${AS_WRITTEN}$2"$3`)) as Topic;
}

/** The headers that were recorded; those that a recorded answer lacks must not be sent. */
const WATCHED = [
  'content-type',
  'openstack-api-version',
  'x-openstack-nova-api-version',
  'vary',
  'x-openstack-request-id',
  'x-compute-request-id',
  'location',
  'www-authenticate',
  'x-subject-token',
  'openstack-auth-receipt',
];

const PATTERNS: Record<string, RegExp> = {
  int: /^\d+$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'rsa-private-key-pem': /^-----BEGIN RSA PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+\n-----END RSA PRIVATE KEY-----\n$/,
  'ssh-rsa-public-key': /^ssh-rsa [A-Za-z0-9+/=]+ Generated-by-Nova$/,
  'fingerprint-md5': /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/,
  'pkcs12-base64': /^[A-Za-z0-9+/]+={0,2}$/,
  'x509-certificate-pem': /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n$/,
  hex32: /^[0-9a-f]{32}$/,
  secret: /^[\w-]{43,86}$/,
  token: /^[\w.=-]{100,}$/,
  receipt: /^[\w.=-]{100,}$/,
  'audit-id': /^[\w-]{22}$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  'fingerprint-sha1': /^[0-9a-f]{2}(:[0-9a-f]{2}){19}$/,
};

/** What stands for each placeholder. */
type Ids = Readonly<Record<string, string>>;

/** Sends the steps of one scenario and compares the responses with the recorded ones. */
export class Replay {
  /** The actual generated values: `<fingerprint-md5#1>` is the same throughout a scenario, in its requests too. */
  private readonly generated: Record<string, string> = {};

  constructor(
    private readonly clients: Readonly<Record<string, Client>>,
    private readonly ids: Ids,
  ) {}

  /** The responses to a step, one for each repetition, with the expected ones. */
  async send(step: Step): Promise<{ reply: Reply; expected: Step['response'] }[]> {
    const { from, to, width } = step.repeat ?? { from: 0, to: 0, width: 0 };
    const responses = [];
    for (let index = from; index <= to; index += 1) {
      const ids = { ...this.ids, ...this.generated, index: String(index).padStart(width, '0') };
      const client = this.clients[step.actor];
      const known = {
        ...ids,
        host: step.request.headers?.Host === undefined ? client.host : String(step.request.headers.Host),
      };
      const reply = await client.send(wireRequest(step, known));
      responses.push({ reply, expected: filledIn(step.response, known) as Step['response'] });
    }
    return responses;
  }

  /** Fails if an answer is not the recorded one. Only the beginnings of messages about keys are compared. */
  expectRecorded(step: Step, reply: Reply, expected: Step['response']): void {
    const headers = Object.fromEntries(
      WATCHED.filter((name) => name in reply.headers).map((name) => [name, reply.headers[name]]),
    );
    expect({ status: reply.status, headers: comparable(headers) }).toEqual({
      status: expected.status,
      headers: this.matched(comparable(expected.headers), comparable(headers)),
    });
    if (expected.body === undefined) {
      expect(reply.text).toBe(expected.text ?? '');
      return;
    }
    const body = step.pick ? picked(reply.body, step.pick) : (reply.body as unknown);
    const recorded = this.matched(expected.body, body);
    expect(withoutReason(body)).toEqual(withoutReason(recorded));
  }

  /** The recorded value with every placeholder that fits replaced by the actual value, so that the two can be compared. */
  private matched(expected: unknown, actual: unknown): unknown {
    if (typeof expected === 'string') return this.matchedText(expected, actual);
    if (Array.isArray(expected)) {
      const others = Array.isArray(actual) ? actual : [];
      return expected.map((each, at) => this.matched(each, others[at]));
    }
    if (typeof expected === 'object' && expected !== null) {
      const others = (actual ?? {}) as Record<string, unknown>;
      return Object.fromEntries(
        Object.entries(expected).map(([name, each]) => [name, this.matched(each, others[name])]),
      );
    }
    return expected;
  }

  private matchedText(expected: string, actual: unknown): unknown {
    const known = filledIn(expected, this.generated) as string;
    const placeholder = /^(req-)?<(([a-z0-9-]+)(#\d+)?)>$/.exec(known);
    const pattern = placeholder && PATTERNS[placeholder[3]];
    if (!pattern) return known;
    const value = String(actual).slice(placeholder[1]?.length ?? 0);
    if (!pattern.test(value)) return known;
    if (placeholder[4] !== undefined) this.generated[placeholder[2]] = value;
    return actual;
  }
}

function wireRequest({ request }: Step, known: Ids): WireRequest {
  const { method, path, query, headers, body, raw } = filledIn(request, known) as Step['request'];
  const text =
    raw ??
    (body === undefined ? undefined : JSON.stringify(body).replace(new RegExp(`"${AS_WRITTEN}([^"]*)"`, 'g'), '$1'));
  return {
    method,
    target: path + (query === undefined ? '' : `?${query}`),
    ...(headers && { headers }),
    ...(text !== undefined && { body: text }),
  };
}

/** The value with the placeholders that are known beforehand replaced in every text. */
function filledIn(value: unknown, known: Ids): unknown {
  if (typeof value === 'string') {
    return value
      .replace(/<repeat:(.):(\d+)>/gs, (_, text: string, times: string) => text.repeat(Number(times)))
      .replace(/<([a-z_0-9:#-]+)>/g, (whole, name: string) => known[name] ?? whole);
  }
  if (Array.isArray(value)) return value.map((each) => filledIn(each, known));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledIn(each, known)]));
  }
  return value;
}

/** Headers with a canonical Vary, since its order has no meaning. */
function comparable(headers: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const { vary, ...others } = headers;
  return vary === undefined ? others : { ...others, vary: vary.split(/,\s*/).toSorted().join(', ') };
}

function picked(body: unknown, { list, key, values }: NonNullable<Step['pick']>): unknown {
  const whole = body as Record<string, Record<string, string>[]>;
  return { ...whole, [list]: whole[list]?.filter((entry) => values.includes(entry[key])) };
}

/** Nova's messages about keys end with the words of its libraries, ours with what is wrong with the key. */
function withoutReason(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/^(Keypair data is invalid: failed to generate (?:X509 )?fingerprint).*$/s, '$1');
  }
  if (Array.isArray(value)) return value.map(withoutReason);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutReason(each)]));
  }
  return value;
}
