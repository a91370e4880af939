import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** The path as it is sent, if no URL can hold it: one that ends in a name that is `.` or `..`. */
  readonly rawPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
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
  send({ method, url, rawPath, headers, body }: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { maxBytes = Infinity, silenceMs, userAgent } = this.options;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const isSecure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      let wasSent = false;
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method,
        ...(rawPath !== undefined && { path: rawPath + url.search }),
        agent: isSecure ? this.secure : this.plain,
        ...(silenceMs !== undefined && { timeout: silenceMs }),
        ...(signal && { signal }),
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
      request.on('response', (answer) => void read(answer, maxBytes).then(resolve, fail));
      request.end(text);
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

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
