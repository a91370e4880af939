import { type IncomingMessage, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';
import { traceAnswer, traceRequest } from './trace.js';

/** How servers are trusted, and who is told of requests. */
export interface HttpOptions {
  /** Certificates of authorities in PEM, instead of the usual ones. */
  readonly ca?: string;
  readonly insecure: boolean;
  /** Gets a line for each request and answer, secrets masked. */
  readonly trace?: (line: string) => void;
}

/** No connection came about, so the server knows nothing of the request. */
export class Unreachable extends CliError {}

/** The request went out and no answer came: whether the server acted on it is not known. */
export class Unanswered extends CliError {}

/** Milliseconds of silence after which a server counts as gone. */
const TIMEOUT = 60_000;
const MOST_REDIRECTS = 5;

/** Sends requests, on connections that are kept for the next one. */
export class Http {
  private readonly plain = new HttpAgent({ keepAlive: true });
  private readonly secure: HttpsAgent;

  constructor(private readonly options: HttpOptions) {
    this.secure = new HttpsAgent({ keepAlive: true, rejectUnauthorized: !options.insecure, ca: options.ca });
  }

  /** The answer, whatever its status. Throws {@link Unreachable} or {@link Unanswered}. */
  async send(request: HttpRequest, redirects = 0): Promise<HttpAnswer> {
    const { trace } = this.options;
    if (trace) traceRequest(request, trace);
    const answer = await this.exchange(request);
    if (trace) traceAnswer(answer, trace);
    const next = request.method === 'GET' ? redirectOf(request.url, answer) : undefined;
    if (next === undefined || redirects >= MOST_REDIRECTS) return answer;
    // A token is for the server that it was meant for.
    const headers = next.origin === request.url.origin ? request.headers : undefined;
    return this.send({ method: 'GET', url: next, ...(headers && { headers }) }, redirects + 1);
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private exchange({ method, url, rawPath, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      let sentAll = false;
      const sent = (secure ? httpsRequest : httpRequest)(url, {
        method,
        ...(rawPath !== undefined && { path: rawPath + url.search }),
        agent: secure ? this.secure : this.plain,
        timeout: TIMEOUT,
        headers: {
          Accept: 'application/json',
          'User-Agent': 'latchkey',
          ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
          ...headers,
        },
      });
      sent.on('finish', () => (sentAll = true));
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)));
      sent.on('error', (cause) => reject(sentAll ? unanswered(url, cause) : unreachable(url, cause)));
      sent.on('response', (answer) => {
        read(answer).then(resolve, (cause: Error) => reject(unanswered(url, cause)));
      });
      sent.end(text);
    });
  }
}

async function read(message: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
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

function redirectOf(url: URL, { status, headers }: HttpAnswer): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined;
  const next = URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : undefined;
  return next?.protocol === 'http:' || next?.protocol === 'https:' ? next : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; see that the service runs and that the URL is right',
  ENOTFOUND: 'the host is not known; see that the URL is right',
  EAI_AGAIN: 'the host cannot be looked up at the moment',
  ETIMEDOUT: 'it does not answer; see that the network leads there',
  EPROTO: 'it does not speak TLS; see whether the URL should begin with http://',
};

const CERTIFICATE_PROBLEM = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

function unreachable(url: URL, cause: Error): Unreachable {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const reason = CERTIFICATE_PROBLEM.test(code)
    ? `its certificate is not trusted (${code}); name the authority with --os-cacert FILE, or try --insecure`
    : (REASONS[code] ?? cause.message);
  return new Unreachable(`Cannot reach ${url.origin}: ${reason}.`, EXIT.unreachable, { cause });
}

function unanswered(url: URL, cause: Error): Unanswered {
  return new Unanswered(`${url.origin} took the request and did not answer: ${cause.message}.`, EXIT.unreachable, {
    cause,
  });
}
