import { CliError, EXIT } from '../cli-error.js';
import { type HttpAnswer, HttpClient, type HttpRequest, NoAnswer } from '../../http/client/http-client.js';
import { traceAnswer, traceRequest } from './trace.js';

/** How servers are verified, and the trace of requests. */
export interface HttpOptions {
  /** Certificates of authorities in PEM, instead of the usual ones. */
  readonly ca?: string;
  readonly insecure: boolean;
  /** Gets a line for each request and answer, secrets masked. */
  readonly trace?: (line: string) => void;
}

/** No connection was established, so the server has not received the request. */
export class Unreachable extends CliError {}

/** The request was sent and not answered: it is unknown whether the server acted on it. */
export class Unanswered extends CliError {}

const SILENCE_MS = 60_000;
const MAX_REDIRECTS = 5;

/** Sends requests to a cloud. */
export class Http {
  private readonly client: HttpClient;

  constructor(private readonly options: HttpOptions) {
    this.client = new HttpClient({ ...options, silenceMs: SILENCE_MS, userAgent: 'latchkey' });
  }

  /** The answer, whatever its status. Throws {@link Unreachable} or {@link Unanswered}. */
  async send(request: HttpRequest, redirects = 0): Promise<HttpAnswer> {
    const { trace } = this.options;
    if (trace) traceRequest(request, trace);
    const answer = await this.exchange(request);
    if (trace) traceAnswer(answer, trace);
    const next = request.method === 'GET' ? redirectOf(request.url, answer) : undefined;
    if (next === undefined || redirects >= MAX_REDIRECTS) return answer;
    // A token is for the server it was issued for.
    const headers = next.origin === request.url.origin ? request.headers : undefined;
    return this.send({ method: 'GET', url: next, headers }, redirects + 1);
  }

  close(): void {
    this.client.close();
  }

  private async exchange(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.client.send(request);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw error.wasSent ? toUnanswered(request.url, error.cause) : unreachable(request.url, error.cause);
    }
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

function toUnanswered(url: URL, cause: Error): Unanswered {
  return new Unanswered(`${url.origin} took the request and did not answer: ${cause.message}.`, EXIT.unreachable, {
    cause,
  });
}
