import { request as httpRequest } from 'node:http';
import { undocumented } from './documented.js';

/** A request as it is sent: nothing is added but Host and the length of the body. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, not encoded any further. */
  readonly target: string;
  /** A list is sent as several lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  /** Lower-case names; the values of repeated headers joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly body: never;
}

/** Sends requests to one server. */
export class Client {
  constructor(
    readonly host: string,
    private readonly headers: Readonly<Record<string, string>> = {},
    /** Whether this is the API, and not another listener. */
    private readonly isApi = true,
  ) {}

  /** The same client with additional headers on every request. */
  with(headers: Readonly<Record<string, string>>): Client {
    return new Client(this.host, { ...this.headers, ...headers }, this.isApi);
  }

  /** The same client at a compute microversion. */
  at(microversion: string): Client {
    return this.with({ 'X-OpenStack-Nova-API-Version': microversion });
  }

  get(target: string): Promise<Reply> {
    return this.send({ method: 'GET', target });
  }

  delete(target: string): Promise<Reply> {
    return this.send({ method: 'DELETE', target });
  }

  post(target: string, body: unknown): Promise<Reply> {
    return this.send({ method: 'POST', target, body: JSON.stringify(body), headers: JSON_BODY });
  }

  put(target: string, body: unknown): Promise<Reply> {
    return this.send({ method: 'PUT', target, body: JSON.stringify(body), headers: JSON_BODY });
  }

  /** The answer. Throws if it violates its OpenAPI document. */
  async send(wire: WireRequest): Promise<Reply> {
    const answer = await this.exchange(wire);
    const problems = this.isApi ? undocumented(wire, answer) : [];
    if (problems.length > 0) throw new Error(`The answer is not as documented.\n${problems.join('\n')}`);
    return answer;
  }

  private exchange(wire: WireRequest): Promise<Reply> {
    const [hostname, port] = this.host.split(':');
    const body = wire.body === undefined ? undefined : Buffer.from(wire.body);
    const headers = { ...this.headers, ...wire.headers } as Record<string, string | string[]>;
    if (body) headers['Content-Length'] = String(body.length);
    return new Promise((resolve, reject) => {
      const options = { method: wire.method, hostname, port, path: wire.target, headers };
      const sent = httpRequest(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve(reply(answer.statusCode!, answer.headersDistinct, Buffer.concat(chunks))));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

const JSON_BODY = { 'Content-Type': 'application/json' };

function reply(status: number, lines: NodeJS.Dict<string[]>, bytes: Buffer): Reply {
  const text = bytes.toString();
  const headers = Object.fromEntries(Object.entries(lines).map(([name, values]) => [name, values!.join(', ')]));
  return { status, headers, text, body: asJson(text) as never };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
