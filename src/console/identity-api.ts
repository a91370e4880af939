import type { FastifyInstance } from 'fastify';
import type { KeystoneClient } from '../identity/keystone/keystone-client.js';

export interface IdentityRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v3`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface IdentityAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
}

/** The Identity API that a session logs in to. */
export interface IdentityApi {
  /** `address` is that of the browser. Throws KeystoneUnavailable. */
  send(request: IdentityRequest, address: string): Promise<IdentityAnswer>;
}

/** The built-in identity, through its own routes: their throttle, audit lines and refusals are those of every other client. */
export class BuiltinIdentityApi implements IdentityApi {
  constructor(private readonly listener: () => FastifyInstance) {}

  async send({ method, path, headers, body }: IdentityRequest, address: string): Promise<IdentityAnswer> {
    const answer = await this.listener().inject({
      method,
      url: `/identity/v3${path}`,
      remoteAddress: address,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, json: asJson(answer.payload) };
  }
}

/** A Keystone, which browsers cannot ask themselves: it permits no other origin. */
export class KeystoneIdentityApi implements IdentityApi {
  constructor(private readonly client: KeystoneClient) {}

  send(request: IdentityRequest): Promise<IdentityAnswer> {
    return this.client.relay(request);
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
