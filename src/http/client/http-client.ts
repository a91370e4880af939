import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** The path as it is sent, if no URL can hold it: one that ends in a name that is `.` or `..`. */
  readonly rawPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** JSON that is sent as it is, in place of `body`. */
  readonly json?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
}

export interface HttpClientOptions {
  /** Certificates of authorities in PEM, instead of those of Node. */
  readonly ca?: string | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean;
  /** Connections that are open at once; more requests wait for one. */
  readonly maxSockets?: number;
  /** The longest body that is read; unlimited unless given. */
  readonly maxBytes?: number;
  /** Silence after which the request fails. */
  readonly silenceMs?: number;
  readonly userAgent?: string;
  /** Finds the addresses of hosts in place of the resolver of the system. */
  readonly lookup?: LookupFunction;
  /** Answers without their bodies, which are not read. */
  readonly statusOnly?: boolean;
}

/** There is no complete response. `cause` is the error of the connection. */
export class NoAnswer extends Error {
  constructor(
    /** Whether the whole request went out, so that the server may have acted on it. */
    readonly wasSent: boolean,
    /** Whether a kept connection turned out to be closed, which does not mean that the server is down (node:http, reusedSocket). */
    readonly wasStale: boolean,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(cause.message, { cause });
    this.name = 'NoAnswer';
  }
}

/** Sends requests, on connections that are kept for the next one. Redirects are answers like others. */
export class HttpClient {
  private readonly plain: HttpAgent;
  private readonly secure: HttpsAgent;

  constructor(private readonly options: HttpClientOptions) {
    const kept = { keepAlive: true, ...(options.maxSockets !== undefined && { maxSockets: options.maxSockets }) };
    this.plain = new HttpAgent(kept);
    this.secure = new HttpsAgent({ ...kept, rejectUnauthorized: !options.insecure, ca: options.ca });
  }

  /** The answer, whatever its status. Throws {@link NoAnswer}, also when the signal aborts. */
  send({ method, url, rawPath, headers, body, json }: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { maxBytes = Infinity, silenceMs, userAgent, lookup, statusOnly = false } = this.options;
    const text = json ?? (body === undefined ? undefined : JSON.stringify(body));
    const isSecure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      let wasSent = false;
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method,
        ...(rawPath !== undefined && { path: rawPath + url.search }),
        agent: isSecure ? this.secure : this.plain,
        ...(silenceMs !== undefined && { timeout: silenceMs }),
        ...(signal && { signal }),
        ...(lookup && { lookup }),
        headers: {
          Accept: 'application/json',
          ...(userAgent !== undefined && { 'User-Agent': userAgent }),
          ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
          ...headers,
        },
      });
      const fail = (cause: NodeJS.ErrnoException): void => {
        const wasStale = request.reusedSocket && cause.code === 'ECONNRESET';
        reject(new NoAnswer(wasSent, wasStale, cause));
      };
      request.on('finish', () => (wasSent = true));
      request.on('timeout', () => request.destroy(new Error(`no answer within ${silenceMs! / 1000} s`)));
      request.on('error', fail);
      request.on('response', (answer) => void (statusOnly ? skip(answer) : read(answer, maxBytes)).then(resolve, fail));
      request.end(text);
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

/** A body that is short has arrived by now, and the connection is kept; that of another one is closed. */
function skip(message: IncomingMessage): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = message;
  if (Number(headers['content-length']) <= MAX_SKIPPED_BYTES) message.on('error', () => undefined).resume();
  else message.destroy();
  return Promise.resolve({ status, headers, bytes: Buffer.alloc(0), json: undefined });
}
const MAX_SKIPPED_BYTES = 4096;

async function read(message: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new Error('the answer is too long');
  }
  const bytes = Buffer.concat(chunks);
  return { status: message.statusCode ?? 0, headers: message.headers, bytes, json: asJson(bytes) };
}

function asJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
